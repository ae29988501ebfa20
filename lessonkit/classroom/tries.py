"""Wrong numbers that were typed within the last minute, and from where: whoever guesses is soon made to wait."""

from __future__ import annotations

import contextlib
import ipaddress
import time
from pathlib import Path
from typing import Literal, NamedTuple

from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.json_files import read_json
from lessonkit.language import tr, translatable
from lessonkit.storage import write_json

MINUTE = 60.0  # seconds


A_SCHOOL_DAY = 12 * 3600.0  # seconds
BROWSERS = 4  # as many tries as so many browsers have, one address may have: a browser can say that it is another
_SEEN_FROM = "\t"
_TOO_OFTEN = {
    "PIN": translatable("A wrong PIN was given too often."),
    "code": translatable("A wrong code was given too often."),
}


def whence(address: str, browser: str) -> str:
    """Where a number is typed: at an address, which all of a school may have in common, in a browser there."""
    with contextlib.suppress(ValueError):
        number = ipaddress.ip_address(address)
        if number.version == 6 and not number.is_loopback:  # one machine has as many as it likes of its network's
            address = str(ipaddress.ip_network((number, 64), strict=False))
    return f"{address}{_SEEN_FROM}{browser}"


class Try(NamedTuple):
    """A wrong number: when it was typed, seconds since 1970, and where, as `whence` says it."""

    at: float
    whence: str


def lately(path: Path, whence: str, each: int, of_all: int, what: Literal["PIN", "code"]) -> list[Try]:
    """The wrong numbers of the last minute. Ask while nobody else changes the file (`places.changing`).

    A browser that gave the right one within A_SCHOOL_DAY is held to its own tries alone, and this machine to those at its
    own address: nobody else's guesses keep the teacher out.

    Args:
        each, of_all: so many a minute may be tried in one browser, and in all. what: was given.

    Raises:
        LessonError: too many were tried.
    """
    now = time.time()
    try:
        found = [t for t in map(Try._make, read_json(path, list[tuple[float, str]])) if 0 <= now - t.at < MINUTE]
    except FileNotFoundError:
        found = []
    address = _address(whence)
    too_often = sum(t.whence == whence for t in found) >= each
    if not now - _right(path).get(whence, -A_SCHOOL_DAY) < A_SCHOOL_DAY:
        too_often |= sum(_address(t.whence) == address for t in found) >= BROWSERS * each
        too_often |= len(found) >= of_all and not _is_here(address)
    if too_often:
        raise LessonError(tr(_TOO_OFTEN[what]), tr("Wait a minute, then try again."))
    return found


def note_right(path: Path, whence: str) -> None:
    """Note that the right number was given here."""
    now = time.time()
    known = {one: at for one, at in _right(path).items() if now - at < A_SCHOOL_DAY}
    write_json(_of_right(path), {**known, whence: now}, private=True)


def _right(path: Path) -> dict[str, float]:
    try:
        return read_json(_of_right(path), dict[str, float])
    except (FileNotFoundError, DamagedFileError):
        return {}


def _of_right(path: Path) -> Path:
    return path.with_name(f"right_{path.name}")


def _address(whence: str) -> str:
    return whence.partition(_SEEN_FROM)[0]


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def note(path: Path, before: list[Try], whence: str) -> None:
    """Note another wrong number, besides those before it."""
    write_json(path, [*before, Try(time.time(), whence)], private=True)
