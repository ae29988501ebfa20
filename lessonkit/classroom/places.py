"""Where the class's files lie in the home, and the lock under which they are changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.language import tr, translatable
from lessonkit.storage import disk_problem, is_disk_problem, locked

KEY = re.compile(r"[0-9a-f]{16}")
"""What a learner is known by in files: see `key_of`."""


def folder() -> Path:
    """`class/` in the home."""
    return config.home() / "class"


def key_of(learner: str) -> str:
    """Sixteen hexadecimal digits for a learner's id: whoever reads the files cannot be that learner with it."""
    return hashlib.sha256(learner.encode()).hexdigest()[:16]


_TOO_LONG = {
    "answer": translatable("This answer has {characters} characters."),
    "label": translatable("This label has {characters} characters."),
    "message": translatable("This message has {characters} characters."),
    "nickname": translatable("This nickname has {characters} characters."),
    "question": translatable("This question has {characters} characters."),
    "title": translatable("This title has {characters} characters."),
}
_HIDDEN = {
    "answer": translatable("This answer has signs that cannot be shown."),
    "label": translatable("This label has signs that cannot be shown."),
    "message": translatable("This message has signs that cannot be shown."),
    "nickname": translatable("This nickname has signs that cannot be shown."),
    "question": translatable("This question has signs that cannot be shown."),
    "title": translatable("This title has signs that cannot be shown."),
}


def printable(
    text: str, longest: int, what: Literal["answer", "label", "message", "nickname", "question", "title"]
) -> str:
    """A text for others to read, its blanks made single ones.

    Raises:
        LessonError: it is longer than `longest` characters, or has signs that cannot be shown.
    """
    plain = " ".join(text.split())
    if len(plain) > longest:
        raise LessonError(
            tr(_TOO_LONG[what], characters=len(plain)), tr("Take {longest} at the most.", longest=longest)
        )
    if not plain.isprintable():
        raise LessonError(tr(_HIDDEN[what]), tr("Type it with letters and numbers."))
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
