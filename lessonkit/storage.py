"""Files on a disk: written whole or not at all, locked, and what a full or shut disk means for the learner."""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from filelock import FileLock, Timeout

from lessonkit import config
from lessonkit.errors import DiskError
from lessonkit.language import decimal, tr, translatable

MIB = 1 << 20
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # Windows knows no quota
_SHUT = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EFBIG, errno.EIO)


def is_disk_problem(error: BaseException) -> TypeGuard[OSError]:
    """Whether an error is one of the disk: full, shut or broken. A connection that broke is an OSError too."""
    return isinstance(error, OSError) and error.errno in (*_FULL, *_SHUT)


def disk_problem(problem: OSError, where: Path) -> DiskError:
    """What an error of the disk means for the learner."""
    if problem.errno in _FULL:
        return _no_space(where, None, translatable("go on"))
    return DiskError(
        tr("Files cannot be written in {folder} ({why}).", folder=str(where), why=problem.strerror or str(problem)),
        tr("Make that folder writable, or set LESSONKIT_HOME to another."),
    )


def need_space(where: Path, needed: int, to: str) -> None:
    """Raises DiskError where the disk that holds `where` has no room for `needed` bytes more.

    Args:
        to: what they are needed for, to follow “There is no space on the disk to”, as `translatable`.
    """
    if needed > shutil.disk_usage(where).free - config.disk_free():
        raise _no_space(where, needed, to)


def room_for(archive: int) -> int:
    """Bytes that an archive of photos of that many bytes takes unpacked, about: photos do not compress."""
    return archive + archive // 4


def _no_space(where: Path, needed: int | None, to: str) -> DiskError:
    if needed:
        said = tr(
            "There is no space on the disk to {what}: {needed} MB are needed, {free} MB are free.",
            what=tr(to), needed=decimal(needed / MIB), free=decimal(shutil.disk_usage(where).free / MIB),
        )  # fmt: skip
    else:
        said = tr("There is no space on the disk to {what}.", what=tr(to))
    return DiskError(said, tr("Delete something, or set LESSONKIT_HOME to another disk."))


def file_size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def reserve(path: Path, size: int) -> None:
    """Make a file `size` bytes long that the disk has room for: what it holds stays, the rest is zeros.

    A file is else as long as it is said to be without taking any disk, and writing into it later may fail.

    Raises:
        OSError: there is no room; the file is as it was.
    """
    before = path.stat().st_size if path.exists() else None
    try:
        with path.open("ab"):
            pass  # made where there is none
        with path.open("r+b") as file:
            if before is not None and before > size:
                file.truncate(size)
            if not _allocated(file.fileno(), size):
                _fill(file, size)
            file.flush()
    except OSError:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            os.truncate(path, min(before, size))
        raise


def _allocated(number: int, size: int) -> bool:
    """Have the system set the room aside; False where it cannot."""
    if not hasattr(os, "posix_fallocate"):
        return False
    try:
        os.posix_fallocate(number, 0, size)
    except OSError as problem:
        if problem.errno in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
            return False
        raise
    return True


def _fill(file: BinaryIO, size: int) -> None:
    """Write all of a file: what it holds once more, since that may take no disk yet, then zeros."""
    for at in range(0, size, MIB):
        wanted = min(MIB, size - at)
        file.seek(at)
        held = file.read(wanted)
        file.seek(at)
        file.write(held.ljust(wanted, b"\0"))


STALE_TRIES = 5


def read_bytes(path: Path) -> bytes:
    """What a file holds that another process may put a new one in the place of meanwhile.

    On NFS a file that another machine replaces is gone under whoever reads it (ESTALE): the new one is read then.
    """
    for _ in range(STALE_TRIES - 1):
        try:
            return path.read_bytes()
        except OSError as problem:
            if problem.errno != getattr(errno, "ESTALE", None):  # Windows has none
                raise
    return path.read_bytes()


REPLACE_PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16) if os.name == "nt" else ()  # seconds


def write_bytes(path: Path, data: bytes | memoryview, private: bool = False) -> None:
    """Write a file so that a reader sees the old one or the new one, whole, also after a power cut.

    Args:
        private: its owner alone may read it, from the first moment on. (Windows: as the folder says.)
    """
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with open(beside, "wb", opener=_privately if private else None) as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        _replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):  # a full disk must not be filled with halves
            beside.unlink(missing_ok=True)
        raise


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _replace(new: Path, old: Path) -> None:
    """Put a file in another's place; on Windows that is refused while someone reads the other, which takes no time."""
    for pause in REPLACE_PAUSES:
        try:
            os.replace(new, old)
            return
        except PermissionError:
            time.sleep(pause)
    os.replace(new, old)


LOCK_SECONDS = 0.5  # between two looks at a lock that somebody else holds


@contextmanager
def locked(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock file `path`, which one thread of one process has at a time.

    The operating system frees it if that process dies. The file itself stays.

    Args:
        waiting: called at once and then every LOCK_SECONDS while somebody else holds the lock. What it raises ends the
            wait, so that whoever waits can be stopped.
    """
    lock, seconds = FileLock(path), 0.0
    while True:
        try:
            lock.acquire(timeout=seconds)
            break
        except Timeout:
            waiting()
            seconds = LOCK_SECONDS
    try:
        yield
    finally:
        lock.release()


@functools.cache
def takes_signs(folder: Path) -> bool:
    """Whether names in a folder, or in the nearest one above that is there, may hold `<>:"|?*`: tried once.

    Windows takes none of them, and neither do disks in its formats on other systems.
    """
    above = next((path for path in (folder, *folder.parents) if path.is_dir()), folder)
    tried = above / f'.lessonkit-{os.getpid()} <>:"|?*'
    if os.name == "nt":  # there a colon parts a file's name from a stream's
        return False
    try:
        tried.mkdir()
        tried.rmdir()
    except OSError:
        return False
    return True


def write_json(path: Path, value: Any, private: bool = False) -> None:
    write_bytes(path, json.dumps(value, allow_nan=False).encode(), private)


def shut_to_others(folder: Path) -> bool:
    """Take from all but its owner what they may do in a folder; whether that could be done, and meant anything.

    Windows keeps a user's data folder from others by itself.
    """
    if os.name == "nt":
        return True
    try:
        mode = folder.stat().st_mode & 0o777
        if mode & 0o077:
            folder.chmod(mode & 0o700)
    except OSError:  # another user's folder, or a disk that knows no such rights
        return False
    return True
