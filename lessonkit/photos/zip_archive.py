"""Look into a zip of photos without trusting it: what is in it is known, or refused, before anything is unpacked."""

from __future__ import annotations

import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Container, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from lessonkit import config
from lessonkit.errors import LessonError, PhotoError
from lessonkit.language import decimal, tr, translatable
from lessonkit.photos import zip_names
from lessonkit.photos.manifest import is_photo, is_text
from lessonkit.storage import MIB, takes_signs

RATIO_FREE = 64 * MIB  # that it may unpack to besides `config.zip_ratio` times what it packs
LARGEST_PHOTO = 64 * MIB  # a file larger is left out
LONGEST_NAME, LONGEST_PART = 400, 200  # characters; bytes of a folder's or file's name: thumbnails add an ending
_LARGEST_DIRECTORY = 32 * MIB  # 50,000 names take a third of it
AGAIN = translatable("Make it again, or copy it again.")
_SIGNS = re.compile(r'[<>:"|?*]')
_ENCRYPTED = 0x1 | 0x40
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # Windows' devices
_OTHER_ARCHIVES = ((b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x1f\x8b", "gzip (.tgz)"), (b"BZh", "bzip2"))


@dataclass(frozen=True)
class Contents:
    """The files in a zip, by their names and the zip's directory alone.

    Attributes:
        files: path -> its entry, in the zip's order. Paths are relative posix paths that any disk takes, no two alike.
        left_out: what cannot be taken, and why: path -> a sentence.
        guessed: the encoding that the names were read in, where the zip does not say one; else "".
    """

    files: dict[str, zipfile.ZipInfo]
    left_out: dict[str, str]
    guessed: str = ""


@contextmanager
def opened(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """A zip, opened to be read. Its directory is looked at before an object is made of each entry.

    Raises:
        LessonError: it is no zip, is cut off, or has too many files.
    """
    with ExitStack() as closing:
        try:
            by_name = isinstance(source, str | os.PathLike)
            file = closing.enter_context(Path(source).open("rb")) if by_name else source
        except FileNotFoundError:
            raise LessonError(tr("The zip is not there any more."), tr("Choose it again.")) from None
        _look_at_directory(file)
        try:
            archive = closing.enter_context(zipfile.ZipFile(file))
        except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError) as problem:
            raise LessonError(tr("The zip is damaged ({why}).", why=str(problem)), tr(AGAIN)) from problem
        yield archive


def contents(archive: zipfile.ZipFile) -> Contents:
    """What is in a zip. Nothing is unpacked.

    Raises:
        LessonError: a name leads out of the zip, an entry is a link or encrypted, or the photos unpack to too much.
    """
    entries = archive.infolist()
    names, guessed = zip_names.names(entries)
    files: dict[str, zipfile.ZipInfo] = {}
    left_out: dict[str, str] = {}
    for info, name in zip(entries, names, strict=True):
        parts = _parts(info, name)
        # `info.is_dir()` trips over a name that begins with NUL, where zipfile cuts it off.
        if not parts or name.endswith(("/", "\\")):
            continue
        path = free_name("/".join(parts), files)
        if is_photo(parts[-1]) and not any(part.startswith(".") or part == "__MACOSX" for part in parts):
            if reason := _not_taken(parts, info):
                left_out[path] = reason
                continue
            _refuse_packing(info, parts)
            refuse_bomb(info.file_size, LARGEST_PHOTO)
        files[path] = info
    photos = [info for path, info in files.items() if is_photo(path)]
    # By what the photos themselves are packed in: other files in the zip are no excuse for a bomb. Entries may lie over
    # each other, so that the sum is more than there is.
    packed = min(archive.start_dir, sum(info.compress_size for info in photos))
    refuse_bomb(
        sum(info.file_size for info in photos), min(config.zip_unpacked(), config.zip_ratio() * packed + RATIO_FREE)
    )
    return Contents(files, left_out, guessed)


def free_name(path: str, taken: Container[str]) -> str:
    """The path, or where it is taken one with a number that is not: “dog/x.jpg”, “dog/x (2).jpg”.

    The number is looked for by halves, since a hostile zip may hold one name 50,000 times.
    """
    if path not in taken:
        return path
    stem, dot, ending = path.rpartition(".")

    def numbered(number: int) -> str:
        return f"{stem} ({number}){dot}{ending}" if dot else f"{path} ({number})"

    low, high = 1, 2
    while numbered(high) in taken:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if numbered(middle) in taken else (low, middle)
    return numbered(high)


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file's bytes, at most as many as the zip's directory says. Safe to call from several threads.

    Raises:
        PhotoError: the zip is damaged there.
    """
    with reading(), archive.open(info) as packed:
        # No more than the directory promised: that is what was looked at.
        return packed.read(info.file_size)


@contextmanager
def reading() -> Iterator[None]:
    """What goes wrong while an entry is read is a PhotoError: the zip is damaged there."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError) as problem:
        raise PhotoError(tr("The zip is damaged where this file lies."), tr("Make the zip again.")) from problem


def refuse_bomb(unpacked: int, cap: int) -> None:
    """Raises LessonError where photos unpack to more bytes than `cap`."""
    if unpacked > cap:
        raise LessonError(
            tr(
                "The photos in this zip unpack to {size} MB: more than the {most} MB that photos packed so small are let to.",
                size=decimal(unpacked / MIB),
                most=decimal(cap / MIB),
            ),
            tr("Zip fewer photos, or smaller ones."),
        )


def _look_at_directory(file: IO[bytes]) -> None:
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
        raise LessonError(tr("The zip is damaged: its beginning is missing."), tr(AGAIN))
    entries = config.zip_files() + 1
    if length <= _LARGEST_DIRECTORY:
        file.seek(behind - length)
        entries = file.read(length).count(b"PK\x01\x02")
    if entries > config.zip_files():
        refuse_count()


def refuse_count() -> NoReturn:
    """Raises LessonError: there are too many files."""
    raise LessonError(
        tr("There are more than {most} files in it.", most=decimal(config.zip_files())),
        tr("Take fewer photos: some 50 of a breed will do."),
    )


def _no_zip(start: bytes, size: int) -> None:
    if not size:
        raise LessonError(tr("The file is empty."), tr("Choose another, or copy it again."))
    if start == b"PK\x03\x04":
        raise LessonError(tr("The zip is cut off: its end is missing."), tr(AGAIN))
    kind = next((kind for magic, kind in _OTHER_ARCHIVES if start.startswith(magic)), "")
    raise LessonError(
        tr("This is a {kind} archive, not a zip.", kind=kind)
        if kind
        else tr("This is not a zip, whatever its name says."),
        tr("Put the photos into one folder and make a zip of it."),
    )


def _parts(info: zipfile.ZipInfo, name: str) -> list[str]:
    """The folders and the file of an entry's name, as any disk takes them. LessonError for one that leads out."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    shown = "".join(c if c.isprintable() else "_" for c in name)[:80]
    if name.startswith("/") or re.match("[A-Za-z]:/", name) or ".." in [part.strip() for part in name.split("/")]:
        raise LessonError(
            tr("This zip is not an honest one: the name “{name}” leads out of it. Nothing of it was kept.", name=shown),
            tr("Make a zip of the folder that your photos lie in."),
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise LessonError(
            tr("“{name}” in this zip is a link. Nothing of it was kept.", name=shown)
            if kind == stat.S_IFLNK
            else tr("“{name}” in this zip is neither a plain file nor a folder. Nothing of it was kept.", name=shown),
            tr("Put the photo itself there, and zip it again."),
        )
    return [safe(part) for part in name.split("/") if part not in ("", ".")]


def safe(part: str) -> str:
    """A folder's or a file's name without what the disk of `LESSONKIT_HOME` does not take.

    A breed has its folder's name, so signs are kept where they can be: Windows takes none of `<>:"|?*`, Linux and Macs do.
    """
    plain = "".join(c if is_text(c) else "_" for c in part).rstrip(" .") or "_"
    if _SIGNS.search(plain) and not takes_signs(config.home()):
        plain = _SIGNS.sub("_", plain)
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain


def _not_taken(parts: list[str], info: zipfile.ZipInfo) -> str:
    """Why a photo is left out by its name or size; "" for one that is taken."""
    if len("/".join(parts)) > LONGEST_NAME or any(len(part.encode()) > LONGEST_PART for part in parts):
        return translatable("Its name is too long.")
    # What is as large and packed tight is no photo but a bomb: `contents` refuses the zip.
    if LARGEST_PHOTO < info.file_size <= config.zip_ratio() * info.compress_size:
        return too_large()
    return ""


def too_large() -> str:
    """Why a photo is left out whose file is larger than LARGEST_PHOTO."""
    return tr("Photos of up to {most} MB are taken; it is larger.", most=LARGEST_PHOTO // MIB)


def _refuse_packing(info: zipfile.ZipInfo, parts: list[str]) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise LessonError(
            tr("This zip is encrypted: a password is needed to open it."), tr("Make one without a password.")
        )
    # The others would unpack a few megabytes to many gigabytes before they could be stopped.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise LessonError(
            tr("“{file}” in this zip is packed in a way that cannot be read here.", file=parts[-1]),
            tr("Make the zip with what came with your computer."),
        )
