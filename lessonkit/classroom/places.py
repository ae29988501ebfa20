"""Where the class's files lie in the home, and the lock under which they are changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.storage import disk_problem, is_disk_problem, locked

KEY = re.compile(r"[0-9a-f]{16}")
"""What a learner is known by in files: see `key_of`."""


def folder() -> Path:
    """`class/` in the home."""
    return config.home() / "class"


def key_of(learner: str) -> str:
    """Sixteen hexadecimal digits for a learner's id: whoever reads the files cannot be that learner with it."""
    return hashlib.sha256(learner.encode()).hexdigest()[:16]


def printable(text: str, longest: int, what: str) -> str:
    """A text for others to read, its blanks made single ones.

    Raises:
        LessonError: it is longer than `longest` characters, or has signs that cannot be shown.
    """
    plain = " ".join(text.split())
    if len(plain) > longest:
        raise LessonError(f"This {what} has {len(plain)} characters.", f"Take {longest} at the most.")
    if not plain.isprintable():
        raise LessonError(f"This {what} has signs that cannot be shown.", "Type it with letters and numbers.")
    return plain


@contextmanager
def changing(name: str) -> Iterator[Path]:
    """The file of that name below `folder()`, that nobody else changes meanwhile; its folder is there.

    Raises:
        DiskError: the disk is full or shut.
    """
    path = folder() / name
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(path.with_name(f".{path.name}.lock")):
            yield path
    except OSError as problem:
        if not is_disk_problem(problem):
            raise
        raise disk_problem(problem, path.parent) from problem
