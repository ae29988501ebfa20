"""The files that a command is asked to write."""

from __future__ import annotations

from pathlib import Path

from lessonkit import storage
from lessonkit.errors import LessonError


def write(file: Path, data: bytes, what: str) -> None:
    """Write a file that was asked for, and say so. Raises LessonError where it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(file, data)
    except OSError as error:
        raise LessonError(f"{file} could not be written ({error.strerror}).", "Choose another place.") from None
    print(f"{file}: {what}, {_size(len(data))}")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"
