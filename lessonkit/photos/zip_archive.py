"""Look into a zip of photos without trusting it: what is in it is known, or refused, before anything is unpacked."""

from __future__ import annotations

import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lessonkit.errors import LessonError, PhotoError
from lessonkit.photos.manifest import PHOTO_SUFFIXES
from lessonkit.storage import MIB

MOST_MEMBERS = 50_000  # files in a zip
MOST_BYTES = 2 << 30  # of all its photos, unpacked
MOST_RATIO, RATIO_FREE = (
    20,
    64 * MIB,
)  # unpacked, at most 20 times what the zip packs and 64 MiB: photos do not compress
LARGEST_PHOTO = 64 * MIB  # a file larger is left out
LONGEST_NAME, LONGEST_PART = 400, 200  # characters; bytes of a folder's or file's name: thumbnails add an ending
_LARGEST_DIRECTORY = 32 * MIB  # 50,000 names take a third of it
_ENCRYPTED = 0x1 | 0x40
_UTF8 = 0x800
_JUNK = ("thumbs.db", "desktop.ini", "__macosx")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # Windows' devices
_OTHER_ARCHIVES = ((b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x1f\x8b", "gzip (.tgz)"), (b"BZh", "bzip2"))

LeftOut = list[tuple[str, str]]
"""(file, why it was left out, in a sentence)"""


@dataclass(frozen=True)
class Contents:
    """The photos in a zip, by their names and the zip's directory alone.

    Attributes:
        photos: photo -> its entry, sorted. Names are relative posix paths that any disk takes, without the folders
            that all of them lie in.
        left_out: what is not taken, and why.
        bytes: of all photos, unpacked.
        folder: the innermost of the folders that all photos lie in, which their names are without; "" for none.
    """

    photos: dict[str, zipfile.ZipInfo]
    left_out: LeftOut
    bytes: int
    folder: str = ""


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[zipfile.ZipFile]:
    """A zip, opened to be read. Its directory is looked at before an object is made of each entry.

    Raises:
        LessonError: it is no zip, is cut off, or has too many files.
    """
    with ExitStack() as closing:
        try:
            by_name = isinstance(source, str | os.PathLike)
            file = closing.enter_context(Path(source).open("rb")) if by_name else source
        except FileNotFoundError:
            raise LessonError("The zip is not there any more.", "Choose it again.") from None
        _look_at_directory(file)
        try:
            archive = closing.enter_context(zipfile.ZipFile(file))
        except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError) as problem:
            raise LessonError(f"The zip is damaged ({problem}).", "Make it again, or copy it again.") from problem
        yield archive


def photos_in(archive: zipfile.ZipFile) -> Contents:
    """What of a zip is taken. Nothing is unpacked.

    Photos are told by their names' endings. Hidden files and what a Mac or Windows adds are passed over in silence;
    anything else that is not taken is in `left_out`.

    Raises:
        LessonError: a name leads out of the zip, an entry is a link or encrypted, or the photos unpack to too much.
    """
    left_out: LeftOut = []
    found: list[tuple[list[str], zipfile.ZipInfo]] = []
    for info in archive.infolist():
        parts = _parts(info)
        # `info.is_dir()` trips over a name that begins with NUL, where zipfile cuts it off.
        if (
            not parts
            or info.orig_filename.endswith(("/", "\\"))
            or any(p.startswith(".") or p.lower() in _JUNK for p in parts)
        ):
            continue
        reason = _not_taken(parts, info)
        if reason:
            left_out.append(("/".join(parts), reason))
        else:
            _refuse_packing(info, parts)
            _refuse_bomb(info.file_size, LARGEST_PHOTO)
            found.append((parts, info))
    folder = ""
    while found and all(len(parts) > 1 and parts[0] == found[0][0][0] for parts, _ in found):
        folder = found[0][0][0]
        for parts, _ in found:
            del parts[0]
    while found and all(len(parts) > 2 and parts[-2] == found[0][0][-2] for parts, _ in found):
        for parts, _ in found:  # Bengal/photos/1.jpg, beagle/photos/2.jpg: a folder of one name tells nothing apart
            del parts[-2]
    photos = _without_doubles(found, left_out)
    total = sum(info.file_size for info in photos.values())
    # By what the photos themselves are packed in: other files in the zip are no excuse for a bomb. Entries may lie over
    # each other, so that the sum is more than there is.
    packed = min(archive.start_dir, sum(info.compress_size for info in photos.values()))
    _refuse_bomb(total, min(MOST_BYTES, MOST_RATIO * packed + RATIO_FREE))
    return Contents(dict(sorted(photos.items())), left_out, total, folder)


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file's bytes, at most as many as the zip's directory says. Safe to call from several threads.

    Raises:
        PhotoError: the zip is damaged there.
    """
    try:
        with archive.open(info) as packed:
            # No more than the directory promised: that is what was looked at.
            return packed.read(info.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as problem:
        raise PhotoError("The zip is damaged where this file lies.", "Make the zip again.") from problem


def _refuse_bomb(unpacked: int, cap: int) -> None:
    if unpacked > cap:
        raise LessonError(
            f"The photos in this zip unpack to {unpacked / MIB:,.0f} MB: more than the {cap / MIB:,.0f} MB that photos "
            "packed so small are let to.",
            "Zip fewer photos, or smaller ones.",
        )


def _look_at_directory(file: BinaryIO) -> None:
    """Find the directory's size in its end record (PKWARE's APPNOTE 4.3.14 to 4.3.16), and count its entries."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(4)
    back = min(size, 22 + 0xFFFF + 76)
    file.seek(size - back)
    tail = file.read(back)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        _no_zip(start, size)
    length = struct.unpack_from("<L", tail, at + 12)[0]
    behind = size - back + at
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07" and tail[at - 76 : at - 72] == b"PK\x06\x06":
        length, behind = struct.unpack_from("<Q", tail, at - 76 + 40)[0], behind - 76
    if length > behind:
        raise LessonError("The zip is damaged: its beginning is missing.", "Make it again, or copy it again.")
    entries = MOST_MEMBERS + 1
    if length <= _LARGEST_DIRECTORY:
        file.seek(behind - length)
        entries = file.read(length).count(b"PK\x01\x02")
    if entries > MOST_MEMBERS:
        raise LessonError(
            f"There are more than {MOST_MEMBERS:,} files in this zip.", "Zip fewer photos: some 50 of a breed will do."
        )


def _no_zip(start: bytes, size: int) -> None:
    if not size:
        raise LessonError("The file is empty.", "Choose another, or copy it again.")
    if start == b"PK\x03\x04":
        raise LessonError("The zip is cut off: its end is missing.", "Make it again, or copy it again.")
    kind = next((kind for magic, kind in _OTHER_ARCHIVES if start.startswith(magic)), "")
    what = f"This is a {kind} archive, not a zip." if kind else "This is not a zip, whatever its name says."
    raise LessonError(what, "Put the photos into one folder and make a zip of it.")


def _parts(info: zipfile.ZipInfo) -> list[str]:
    """The folders and the file of an entry's name, as any disk takes them. LessonError for one that leads out."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        # Without the flag it should be code page 437, which zipfile took it for; Macs write UTF-8 all the same.
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            name = info.orig_filename
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    shown = "".join(c if c.isprintable() else "_" for c in name)[:80]
    if name.startswith("/") or re.match("[A-Za-z]:/", name) or ".." in [part.strip() for part in name.split("/")]:
        raise LessonError(
            f"This zip is not an honest one: the name “{shown}” leads out of it. Nothing of it was kept.",
            "Make a zip of the folder that your photos lie in.",
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "a link" if kind == stat.S_IFLNK else "neither a plain file nor a folder"
        raise LessonError(
            f"“{shown}” in this zip is {what}. Nothing of it was kept.", "Put the photo itself there, and zip it again."
        )
    return [_safe(part) for part in name.split("/") if part not in ("", ".")]


def _safe(part: str) -> str:
    """A folder's or a file's name without what some disk does not take."""
    plain = "".join("_" if c in '<>:"|?*' or not c.isprintable() else c for c in part).rstrip(" .") or "_"
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain


def _not_taken(parts: list[str], info: zipfile.ZipInfo) -> str:
    """Why a file is left out by its name or size; "" for one that is taken."""
    ending = parts[-1].lower()
    if not ending.endswith(PHOTO_SUFFIXES):
        return "By its name this is no photo."
    if len("/".join(parts)) > LONGEST_NAME or any(len(part.encode()) > LONGEST_PART for part in parts):
        return "Its name is too long."
    # What is as large and packed tight is no photo but a bomb: photos_in refuses the zip.
    if LARGEST_PHOTO < info.file_size <= MOST_RATIO * info.compress_size:
        return f"It takes {info.file_size / MIB:,.0f} MB; photos of up to {LARGEST_PHOTO // MIB} MB are taken."
    return ""


def _refuse_packing(info: zipfile.ZipInfo, parts: list[str]) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise LessonError("This zip is encrypted: a password is needed to open it.", "Make one without a password.")
    # The others would unpack a few megabytes to many gigabytes before they could be stopped.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise LessonError(
            f"“{parts[-1]}” in this zip is packed in a way that cannot be read here.",
            "Make the zip with what came with your computer.",
        )


def _without_doubles(found: list[tuple[list[str], zipfile.ZipInfo]], left_out: LeftOut) -> dict[str, zipfile.ZipInfo]:
    """Photos by name. Of names that some disk would take for the same, the first is kept."""
    photos: dict[str, zipfile.ZipInfo] = {}
    files: set[str] = set()
    folders: dict[str, str] = {"": ""}
    for parts, info in found:
        above = ""
        for part in parts[:-1]:  # the first spelling of a folder stands for the others: Beagle and beagle are one
            above = folders.setdefault(f"{above}/{part}".casefold().lstrip("/"), f"{above}/{part}".lstrip("/"))
        photo = f"{above}/{parts[-1]}".lstrip("/")
        if photo.casefold() in files:
            left_out.append((photo, "Another photo in this zip has the same name; the first is kept."))
        else:
            files.add(photo.casefold())
            photos[photo] = info
    for photo in [p for p in photos if p.casefold() in folders]:  # a folder called x.jpg, and a file
        del photos[photo]
        left_out.append((photo, "A folder in this zip has the same name."))
    return photos
