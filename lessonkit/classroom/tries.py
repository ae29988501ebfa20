"""Wrong numbers that were typed within the last minute, and from where: whoever guesses is soon made to wait."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from lessonkit.errors import LessonError
from lessonkit.json_files import read_json
from lessonkit.storage import write_json

MINUTE = 60.0  # seconds


class Try(NamedTuple):
    """A wrong number: when it was typed, seconds since 1970, and at which address."""

    at: float
    whence: str


def lately(path: Path, whence: str, each: int, of_all: int, what: str) -> list[Try]:
    """The wrong numbers of the last minute. Ask while nobody else changes the file (`places.changing`).

    Args:
        each, of_all: so many a minute may be tried from one address, and from all. what: was given, "PIN".

    Raises:
        LessonError: too many were tried.
    """
    now = time.time()
    try:
        found = [t for t in map(Try._make, read_json(path, list[tuple[float, str]])) if 0 <= now - t.at < MINUTE]
    except FileNotFoundError:
        found = []
    if sum(t.whence == whence for t in found) >= each or len(found) >= of_all:
        raise LessonError(f"A wrong {what} was given too often.", "Wait a minute, then try again.")
    return found


def note(path: Path, before: list[Try], whence: str) -> None:
    """Note another wrong number, besides those before it."""
    write_json(path, [*before, Try(time.time(), whence)], private=True)
