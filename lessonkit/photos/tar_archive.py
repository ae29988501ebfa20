"""Unpack an archive without trusting it."""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lessonkit.errors import DownloadError
from lessonkit.language import decimal, tr, translatable
from lessonkit.photos.progress import Report, quiet, throttled
from lessonkit.storage import MIB, disk_problem, file_size, need_space, room_for

MOST_MEMBERS = 200_000
LARGEST_HEADER = 1 * MIB  # tarfile reads a member's extra header into memory in one go


def unpack(archive: Path, folder: Path, report: Report = quiet, keep: str = "") -> None:
    """Unpack a .tgz into a new folder, trusting nothing in it.

    Plain files and folders are taken, anything else (a link, a device) refuses the archive, and so does a name
    that leads out of it; `tarfile`'s "data" filter alone was bypassed by a chain of links. Photos do not compress, so
    an archive that unpacks to more than four times its size and 64 MiB is refused before the disk fills. The gzip
    checksum and the tar's end mark are read, so a byte flipped or missing anywhere is found. A single folder
    at the archive's top is left out of the paths.

    Args:
        archive: the file.
        folder: made here; the caller deletes it when this fails.
        report: told ("unpack", bytes of the archive read, its bytes).
        keep: a folder that stays in the paths, also where it alone is at the top.

    Raises:
        DownloadError: the archive is damaged or hostile.
        DiskError: the disk is full or shut: nothing is wrong with the archive.
    """
    size = file_size(archive)
    cap = 4 * size + 64 * MIB
    need_space(folder.parent, room_for(size), translatable("unpack"))
    folder.mkdir(parents=True)
    report = throttled(report)
    try:
        with archive.open("rb") as packed, gzip.GzipFile(fileobj=packed) as unpacked:
            stream = _Capped(unpacked, cap)
            with tarfile.open(fileobj=stream, mode="r:") as tar:  # pyrefly: ignore[no-matching-overload]
                for member in _plain_members(tar, cap):
                    tar.extract(member, folder, set_attrs=False, filter="data")
                    report("unpack", min(packed.tell(), size), size)
            _read_to_the_end(stream)
        report("unpack", size, size)
    except (tarfile.FilterError, _Refused) as problem:
        raise DownloadError(
            tr(
                "The archive {archive} is not an honest one ({why}); nothing of it was kept.",
                archive=archive.name,
                why=_why(problem),
            ),
            tr("If it came from a mirror, tell whoever runs it."),
        ) from problem
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise DownloadError(
            tr("The archive {archive} is damaged ({why}).", archive=archive.name, why=_why(problem)),
            tr("Get it again; if it lies in a mirror folder, copy it there again."),
        ) from problem
    except OSError as problem:
        raise disk_problem(problem, folder.parent) from problem
    _lift_single_folder(folder, keep)


class _Refused(Exception):
    """The archive holds what an archive of photos has no use for. Its argument says what."""


def _why(problem: Exception) -> str:
    """What an error says; our own with its values, so that it can be said again."""
    said = problem.args[0] if problem.args else ""
    return said if isinstance(said, str) and str(problem) == said else str(problem)


class _Capped:
    """A gzip stream that gives out `cap` bytes at most, and no more than a tar header's worth at once."""

    def __init__(self, stream: gzip.GzipFile, cap: int):
        self.stream, self.cap, self.last = stream, cap, b""

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > LARGEST_HEADER:
            raise _Refused(tr("it has a header of many megabytes"))
        if self.stream.tell() + size > self.cap:
            raise _unpacks_to_more(self.cap)
        self.last = self.stream.read(size)
        return self.last

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and position > self.cap:
            raise _unpacks_to_more(self.cap)
        return self.stream.seek(position, whence)

    def tell(self) -> int:
        return self.stream.tell()


def _unpacks_to_more(cap: int) -> _Refused:
    return _Refused(tr("it unpacks to more than {size} MB", size=decimal(cap / MIB)))


def _plain_members(tar: tarfile.TarFile, cap: int) -> Iterator[tarfile.TarInfo]:
    total = count = 0
    while (member := tar.next()) is not None:
        count += 1
        if not (member.isreg() or member.isdir()) or member.issparse():
            raise _Refused(
                tr("“{file}” is a link", file=member.name[:80])
                if member.issym() or member.islnk()
                else tr("“{file}” is neither a plain file nor a folder", file=member.name[:80])
            )
        total += member.size
        if total > cap:
            raise _unpacks_to_more(cap)
        if count > MOST_MEMBERS:
            raise _Refused(tr("it holds more than {most} files", most=decimal(MOST_MEMBERS)))
        yield member
        tar.members.clear()  # pyrefly: ignore[missing-attribute]  # else tarfile keeps every member it has seen


def _read_to_the_end(stream: _Capped) -> None:
    """See that the tar ended with its end mark, and the gzip with a checksum that is right.

    tarfile takes a damaged header, and the file's end, for the archive's end without a word.
    """
    if len(stream.last) != tarfile.BLOCKSIZE or stream.last.strip(b"\0"):
        raise tarfile.ReadError(tr("its end is missing"))
    while rest := stream.read(LARGEST_HEADER):
        if rest.strip(b"\0"):
            raise tarfile.ReadError(tr("something stands after its end"))


def _lift_single_folder(folder: Path, keep: str) -> None:
    """Make the archive's only top folder the folder itself. Hidden files beside it, as a Mac adds, do not count."""
    top = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if len(top) != 1 or not top[0].is_dir() or top[0].name == keep:
        return
    aside = folder.with_name(f"{folder.name}.top")
    os.rename(top[0], aside)
    shutil.rmtree(folder)
    os.rename(aside, folder)
