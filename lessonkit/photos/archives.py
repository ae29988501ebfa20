"""A dataset's archive: from a mirror or from its home, and checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lessonkit import config
from lessonkit.errors import DownloadError
from lessonkit.language import tr
from lessonkit.photos import download
from lessonkit.photos.from_server import Broken, asked
from lessonkit.photos.progress import Report, quiet, throttled
from lessonkit.storage import MIB, file_size, room_for


def archive(name: str, url: str, size: int, check: str, report: Report = quiet) -> Path:
    """The archive as a file: from `LESSONKIT_MIRROR` if that is set, else from its home.

    From its home it must have `size` bytes and its first MiB the md5 `check`, as fastai demands; a mirror may
    hold a smaller archive of the same name, checked by the `SHA256SUMS` beside it if there is one. That the
    rest of it is whole shows when it is unpacked.

    Args:
        report: told ("download", bytes so far, bytes in all).

    Raises:
        DownloadError: it cannot be had, or is not what it should be.
        SettingError: `LESSONKIT_MIRROR` cannot be used.
    """
    mirror = config.mirror()
    if mirror is None:
        path = download.fetch(url, part_folder() / name, size=size, report=report, room=room_for)
        with path.open("rb") as f:
            wrong = hashlib.md5(f.read(MIB), usedforsecurity=False).hexdigest() != check
        if wrong or path.stat().st_size != size:
            download.discard(path)
            raise DownloadError(
                tr("What came as {archive} is not that archive: its checksum is wrong.", archive=name),
                tr("Try again; if it happens again, the network changes what it passes on: use another one."),
            )
        return path
    if isinstance(mirror, Path):
        path = mirror / name
        if not path.is_file():
            raise DownloadError(
                tr("The mirror folder {folder} holds no {archive}.", folder=str(mirror), archive=name),
                tr("Put the archive there, or unset LESSONKIT_MIRROR."),
            )
        sums = mirror / "SHA256SUMS"
        _check_sha256(path, sums.read_text(errors="replace") if sums.is_file() else "", report)
        return path
    path = download.fetch(f"{mirror}/{name}", part_folder() / name, report=report, room=room_for)
    sums = _small_text(f"{mirror}/SHA256SUMS")  # that it does not come is no fault of the archive's
    try:
        _check_sha256(path, sums, report)
    except DownloadError:
        download.discard(path)
        raise
    return path


def part_folder() -> Path:
    """Where archives lie while they are fetched and unpacked."""
    return config.datasets_folder() / ".downloads"


def forget(name: str) -> None:
    """Delete what is kept of an archive's download."""
    download.discard(part_folder() / name)


def _small_text(url: str) -> str:
    """A small text file beside the archive; "" where there is none."""
    try:
        with asked(url, 0, "", download.PATIENCE) as answer:
            return answer.raw.read(MIB).decode(errors="replace") if answer.status_code == 200 else ""
    except Broken as broken:
        raise DownloadError(broken.sentence, broken.way_out) from broken


def _check_sha256(path: Path, sums: str, report: Report) -> None:
    """Raises DownloadError where `sums` (as sha256sum writes it) has another checksum for the file."""
    wanted = ""
    for line in sums.splitlines():
        digest, _, name = line.strip().partition(" ")
        if name.strip().lstrip("*") == path.name and len(digest) == 64:
            wanted = digest.lower()
    if not wanted:
        return
    total, done, digest = file_size(path), 0, hashlib.sha256()
    report = throttled(report)
    with path.open("rb") as f:
        while chunk := f.read(MIB):
            digest.update(chunk)
            done += len(chunk)
            report("checksum", done, total)
    if digest.hexdigest() != wanted:
        raise DownloadError(
            tr("{file} is not what its mirror says it is: its checksum is wrong.", file=path.name),
            tr("Try again; if it happens again, tell whoever runs the mirror."),
        )
