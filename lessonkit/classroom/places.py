"""Where the class's files lie in the home, and the lock under which they are changed."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.language import tr, translatable
from lessonkit.storage import disk_problem, is_disk_problem, locked

T = TypeVar("T")
LOOK_AGAIN = 0.1  # seconds for which one run of a page keeps what it saw in a file
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
            tr(_TOO_LONG[what], characters=len(plain)), tr("Use at most {longest} characters.", longest=longest)
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
            try:
                yield path
            finally:
                _changes[name] = _changes.get(name, 0) + 1
    except OSError as problem:
        if not is_disk_problem(problem):
            raise
        raise disk_problem(problem, path.parent) from problem


@contextmanager
def one_look() -> Iterator[None]:
    """Have this thread, within it, look at a file of the class once, where a page asks for it two dozen times.

    It looks again after LOOK_AGAIN, for what another process changed, and at once where this process changed the file.
    """
    _here.seen = {}
    try:
        yield
    finally:
        del _here.seen


def seen_lately(name: str, of: Hashable, look: Callable[[], T]) -> T:
    """What `look` makes of a file, made anew unless this thread has just seen it, within `one_look`.

    Args:
        name: the file's, as `changing` has it. of: the home that it is in, and what else `look` depends on.
    """
    seen: dict[Hashable, tuple[int, float, Any]] | None = getattr(_here, "seen", None)
    if seen is None:
        return look()
    # noted before the look: a change in the midst of it has the next one look again
    changes, now = _changes.get(name, 0), time.monotonic()
    known = seen.get((name, of))
    if known is not None and known[0] == changes and now - known[1] < LOOK_AGAIN:
        return known[2]
    found = look()
    seen[name, of] = (changes, now, found)
    return found


_here = threading.local()
_changes: dict[str, int] = {}  # by name, how often this process changed a file; under the file's lock
