"""Where somebody's photos lie before they are a dataset: a zip, zips in a zip, or a folder on this machine's disk."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from lessonkit import config
from lessonkit.errors import LessonError, PhotoError, PhotoNotReadError
from lessonkit.language import tr, translatable
from lessonkit.photos import zip_archive
from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.reading import Member
from lessonkit.photos.layouts.sidecars import beside_photos
from lessonkit.photos.layouts.table import Table
from lessonkit.photos.layouts.table_files import LARGEST, is_table, read_table
from lessonkit.photos.manifest import is_photo
from lessonkit.storage import MIB, need_space

MOST_NESTED = 500 * MIB  # bytes of all zips in a zip, as they lie in it
MOST_INNER = 200  # zips in a zip
MOST_TABLES = 64 * MIB  # bytes of all tables that are read
_OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".tgz", ".tar.gz", ".gz", ".bz2", ".xz")
TOO_DEEP = translatable("A zip in a zip in this zip: unpack it first.")
NO_ZIP = translatable("It is called a zip, but cannot be opened as one.")
OTHER_ARCHIVE = translatable("An archive that is no zip: unpack it, and zip what is in it.")
A_LINK = translatable("A link to a file: put the file itself there.")
NO_TEXT = translatable("Its name is no text.")
GUESSED = translatable(
    "This zip does not say in which alphabet its names are written; they were read as {encoding}. If they look garbled, make "
    "the zip again with another program (7-Zip, or what comes with a Mac or with Windows 11)."
)
UNPACKED = translatable(
    "“{name}” in this zip is a zip itself: its photos are read too, as those of a folder “{folder}”."
)


@dataclass
class Files:
    """Somebody's files.

    Attributes:
        members: every file, by name and size.
        left_out: what cannot be taken, and why, known before anything is read: path -> a sentence.
        notes: what the learner should know of them, a sentence each.
        name: of the zip or the folder, without its ending.
    """

    members: list[Member] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    name: str = ""
    _readers: dict[str, Callable[[], bytes]] = field(default_factory=dict)

    def add(self, member: Member, reader: Callable[[], bytes]) -> None:
        self.members.append(member)
        self._readers[member.path] = reader

    def read(self, path: str) -> bytes:
        """A file's bytes, at most as many as its size says. Safe to call from several threads.

        Raises:
            PhotoError: it cannot be read.
        """
        return self._readers[path]()

    def tables(self) -> list[Table]:
        """The small tables among the files, read; last what files beside each photo say."""
        found, room = [], MOST_TABLES
        stems = {member.stem for member in self.members if is_photo(member.name)}
        for member in self.members:
            if member.name.lower().endswith((".txt", ".json")) and member.stem in stems:
                continue  # one a photo (`sidecars.beside_photos`)
            if is_table(member.path, member.size) and member.size <= room and not any(map(words.junk, member.folders)):
                room -= member.size
                try:
                    table = read_table(member.path, self.read(member.path))
                except PhotoNotReadError:
                    raise
                except PhotoError:
                    self.left_out[member.path] = translatable("It cannot be read.")
                    continue
                if table is not None:
                    found.append(table)
        return [*found, *beside_photos(self.members, self._text)]

    def _text(self, path: str) -> bytes:
        try:
            return self.read(path)
        except PhotoError:
            return b""


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[Files]:
    """The files of a zip, or of a folder on this machine's disk, ready to be read.

    Raises:
        LessonError: there is nothing there, it is neither, or it is a hostile zip.
    """
    by_name = isinstance(source, str | os.PathLike)
    with ExitStack() as closing:
        if by_name and Path(source).is_dir():
            yield _of_folder(Path(source), closing)
            return
        files = Files(name=Path(source).stem if by_name else "")
        archive = closing.enter_context(zip_archive.opened(source))
        inner = _add_zip(files, archive, "")
        room = MOST_NESTED
        for number, (path, info) in enumerate(inner.items()):
            room -= info.file_size if number < MOST_INNER else MOST_NESTED
            _add_inner(files, archive, path, info, room, closing)
        yield files


def too_many() -> str:
    """Why a zip in a zip is left out where there are more, or larger ones, than are read."""
    return tr(
        "Up to {most} zips in a zip are read, of {size} MB together: unpack it first.",
        most=MOST_INNER,
        size=MOST_NESTED // MIB,
    )


def table_of(path: Path) -> Table:
    """A table that lies somewhere on this machine's disk.

    Raises:
        LessonError: it is not there, too large, or no table.
    """
    try:
        size = path.stat().st_size
        table = read_table(path.name, path.read_bytes()) if size <= LARGEST else None
    except OSError as problem:
        raise LessonError(
            tr("The table {file} cannot be read ({why}).", file=str(path), why=problem.strerror),
            tr("Look at its name."),
        ) from None
    if table is None:
        raise LessonError(
            tr("{file} is no table with a line for each photo.", file=path.name),
            tr("Give a CSV file with two columns: the photo, its breed."),
        )
    return table


def _add_zip(files: Files, archive: zipfile.ZipFile, folder: str) -> dict[str, zipfile.ZipInfo]:
    """Add a zip's files below `folder`; returns the zips among them: path -> entry."""
    found = zip_archive.contents(archive)
    prefix = f"{folder}/" if folder else ""
    files.left_out |= {prefix + path: why for path, why in found.left_out.items()}
    if found.guessed and found.guessed not in ("cp437", "cp850"):
        files.notes.append(tr(GUESSED, encoding=found.guessed))
    if len(files.members) + len(found.files) > config.zip_files():
        zip_archive.refuse_count()
    inner = {}
    for path, info in found.files.items():
        where = prefix + path
        if path.lower().endswith(".zip") and not _of_a_system(path):
            inner[where] = info
        elif path.lower().endswith(_OTHER_ARCHIVES) and not _of_a_system(path):
            files.left_out[where] = OTHER_ARCHIVE
        else:
            # Bound now: `info` is another entry when the function is called.
            reader = _reader(archive, info)
            files.add(Member(where, info.file_size, f"{info.CRC:08x}-{info.file_size}"), reader)
    return inner


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    return lambda: zip_archive.read(archive, info)


def _of_a_system(path: str) -> bool:
    return any(part.startswith("._") or words.junk(part) for part in path.split("/"))


def _add_inner(
    files: Files, archive: zipfile.ZipFile, path: str, info: zipfile.ZipInfo, room: int, closing: ExitStack
) -> None:
    """Add the files of a zip in a zip; what cannot be opened is left out."""
    if room < 0:
        files.left_out[path] = too_many()
        return
    zip_archive.refuse_bomb(info.file_size, config.zip_ratio() * info.compress_size + zip_archive.RATIO_FREE)
    try:
        copy = closing.enter_context(_unpacked(archive, info))
    except PhotoError:
        files.left_out[path] = NO_ZIP
        return
    _add_opened(files, copy, path, closing)


def _add_opened(files: Files, source: Path | IO[bytes], path: str, closing: ExitStack) -> None:
    """Add what is in the zip at `path` as files of a folder of its name."""
    folder = zip_archive.free_name(path[: -len(".zip")], {m.path for m in files.members})
    try:
        inside = closing.enter_context(zip_archive.opened(source))
    except LessonError:
        files.left_out[path] = NO_ZIP
        return
    for deeper in _add_zip(files, inside, folder):
        files.left_out[deeper] = TOO_DEEP
    files.notes.append(tr(UNPACKED, name=path, folder=folder))


@contextmanager
def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """A zip in a zip, copied to where it can be searched: in memory while it is small."""
    home = config.home()
    home.mkdir(parents=True, exist_ok=True)
    need_space(home, info.file_size, translatable("unpack a zip in the zip"))
    with tempfile.SpooledTemporaryFile(16 * MIB, dir=str(home)) as copy:
        with zip_archive.reading(), archive.open(info) as packed:
            shutil.copyfileobj(_Bounded(packed, info.file_size), copy, MIB)
        copy.seek(0)
        yield copy


class _Bounded:
    """A file of which no more is read than its zip's directory promised."""

    def __init__(self, file: IO[bytes], left: int):
        self._file, self._left = file, left

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(data)
        return data


def _of_folder(top: Path, closing: ExitStack) -> Files:
    files = Files(name=top.resolve().name)
    found: dict[str, tuple[Path, int]] = {}
    zips: dict[str, Path] = {}
    sizes: Counter[int] = Counter()
    for path, file in _walk(top, files, ""):
        size, path = file.stat().st_size, zip_archive.free_name(path, found)
        if path.lower().endswith(".zip") and not _of_a_system(path):
            zips[path] = file
        elif path.lower().endswith(_OTHER_ARCHIVES) and not _of_a_system(path):
            files.left_out[path] = OTHER_ARCHIVE
        elif is_photo(path) and size > zip_archive.LARGEST_PHOTO:
            files.left_out[path] = zip_archive.too_large()
        else:
            found[path] = file, size
            sizes[size] += is_photo(path)
        if len(found) > config.zip_files():
            zip_archive.refuse_count()
    for path, (file, size) in found.items():
        # Files of different sizes are different without being read.
        same = _digest(file) if sizes[size] > 1 and is_photo(path) else path
        files.add(Member(path, size, same), _file_reader(file, size))
    for number, (path, file) in enumerate(zips.items()):
        if number < MOST_INNER:
            _add_opened(files, file, path, closing)
        else:
            files.left_out[path] = too_many()
    return files


def _walk(folder: Path, files: Files, prefix: str) -> Iterable[tuple[str, Path]]:
    """(path as any disk takes it, the file) of all files below a folder, by name; links and unreadable names are left out."""
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError as problem:
        raise LessonError(
            tr("The folder {folder} cannot be read ({why}).", folder=str(folder), why=problem.strerror),
            tr("Make it readable."),
        ) from None
    for entry in entries:
        try:
            entry.name.encode()
        except UnicodeEncodeError:
            files.left_out[prefix + entry.name.encode(errors="replace").decode()] = NO_TEXT
            continue
        path = prefix + zip_archive.safe(entry.name)
        if entry.is_symlink():
            if is_photo(entry.name) or entry.is_dir():
                files.left_out[path] = A_LINK
        elif entry.is_dir():
            yield from _walk(Path(entry.path), files, f"{path}/")
        elif entry.is_file():
            yield path, Path(entry.path)


def _file_reader(file: Path, size: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with file.open("rb") as opened_file:
                return opened_file.read(size)
        except PermissionError as problem:
            raise PhotoError(
                tr("The file cannot be read ({why}).", why=problem.strerror), tr("Look at its rights.")
            ) from None
        except OSError as problem:
            raise PhotoNotReadError(
                tr("The file cannot be read now ({why}).", why=problem.strerror), tr("Try again.")
            ) from None

    return read


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened_file:
            return hashlib.file_digest(opened_file, "sha256").hexdigest()
    except OSError:
        return ""
