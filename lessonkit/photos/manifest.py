"""A folder of photos, sealed: which photos it holds, known by their content, and by their names, sizes and times for a cheap check."""

from __future__ import annotations

import hashlib
import os
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from lessonkit.machine import cores
from lessonkit.photos.progress import Report, quiet, threads, throttled
from lessonkit.storage import write_bytes, write_json

PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif",
)  # fmt: skip


MARKER, NAMES = "complete.json", "photos.txt"


def is_photo(name: str) -> bool:
    """Whether a file is a photo by its name's ending."""
    return name.lower().endswith(PHOTO_SUFFIXES)


def find_photos(top: Path) -> list[str]:
    """Photos below a folder by their names' endings, as sorted relative posix paths.

    Left out: hidden files (a Mac's archives hold `._x.jpg` beside each `x.jpg`), links, and names that are no
    text (`is_text`).
    """

    def walk(path: Path, prefix: str) -> Iterator[str]:
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") or not is_text(name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from walk(Path(entry.path), f"{prefix}{name}/")
                elif entry.is_file(follow_symlinks=False) and is_photo(name):
                    yield prefix + name

    return sorted(walk(top, "")) if top.is_dir() else []


def is_text(name: str) -> bool:
    """Whether a file's name can be written in a line: it holds no control character, half of a pair, or line separator.

    Blanks of all kinds and marks that nobody sees are text: a Mac's screenshots have a narrow blank (U+202F) before AM and
    PM, an emoji is joined by U+200D, a right-to-left name may hold U+200F.
    """
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name)


def seal(made: Path, names: list[str], inside: str, report: Report = quiet) -> None:
    """Write `photos.txt`, and last the marker that says the dataset in `made` is whole."""
    total, whole, listing = 0, hashlib.sha256(), listing_hash(made / inside)

    def hashed(photo: str) -> tuple[int, bytes]:
        data = (made / inside / photo).read_bytes()
        return len(data), line_of(photo, data)

    report = throttled(report)
    with threads(min(4, cores())) as pool:
        for done, (size, line) in enumerate(pool.map(hashed, names), 1):
            whole.update(line)
            total += size
            report("check", done, len(names))
    write_bytes(made / NAMES, "".join(f"{n}\n" for n in names).encode())
    marker = {
        "photos": len(names),
        "bytes": total,
        "fingerprint": whole.hexdigest(),
        "look": listing,
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    write_json(made / MARKER, marker)


def line_of(photo: str, data: bytes) -> bytes:
    """What one photo adds to a dataset's fingerprint, which is the SHA-256 over these lines of its sorted photos."""
    return f"{photo}\n{len(data)}\n{hashlib.sha256(data).hexdigest()}\n".encode()


def listing_hash(top: Path) -> str:
    """A hash of a folder's photos as they are listed: names, sizes, times of the last change."""
    whole = hashlib.sha256()
    for photo in find_photos(top):
        try:
            found = os.stat(top / photo)
        except FileNotFoundError:  # taken away since it was listed
            continue
        whole.update(f"{photo}\n{found.st_size}\n{found.st_mtime_ns}\n".encode())
    return whole.hexdigest()
