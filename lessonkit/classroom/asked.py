"""The teacher's own questions to all: a text and two to four answers. A file a period, `class/periods/<period>/asked.json`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from lessonkit.classroom.places import changing, folder, printable, seen_lately
from lessonkit.errors import LessonError
from lessonkit.json_files import Watched, read_json
from lessonkit.language import tr, trn
from lessonkit.storage import write_json

LONGEST_QUESTION, LONGEST_ANSWER = 200, 60
FEWEST, MOST = 2, 4  # answers to choose from
KIND = "asked"  # what the keys begin with under which answers are kept


@dataclass(frozen=True)
class Asked:
    """A question of the teacher's.

    Attributes:
        id: of it. text: the question. choices: what may be answered.
        right: which of the choices is right; "" where none is, as in a survey.
        open: whether learners see it now.
    """

    id: str
    text: str
    choices: list[str] = field(default_factory=list)
    right: str = ""
    open: bool = True

    @property
    def key(self) -> str:
        """As answers are kept under it."""
        return f"{KIND}|{self.id}"


def all_of(period: str) -> list[Asked]:
    """The questions of a period, in the order in which they were asked."""
    path = _path(period)
    return seen_lately(_name(period), path, lambda: next(iter(_watched.read_all([path], keep=True).found.values()), []))


def at_hand(period: str) -> Asked | None:
    """The question that learners see now; None for none."""
    return next((one for one in reversed(all_of(period)) if one.open), None)


def ask(period: str, text: str, choices: Sequence[str], right: int | None = None) -> Asked:
    """Ask everybody; the question before it is taken down.

    Args:
        choices: empty ones are left out. right: the place among these of the one that is right; None for none.

    Raises:
        LessonError: there is no question, there are too few answers or two alike, a text is too long or cannot be shown.
    """
    words = printable(text, LONGEST_QUESTION, "question")
    answers = [printable(choice, LONGEST_ANSWER, "answer") for choice in choices]
    given = [answer for answer in answers if answer]
    if not words:
        raise LessonError(tr("There is no question yet."), tr("Write one."))
    if not FEWEST <= len(given) <= MOST:
        raise LessonError(
            trn("There is {n} answer to choose from.", "There are {n} answers to choose from.", len(given)),
            tr("Write {fewest} to {most}.", fewest=FEWEST, most=MOST),
        )
    if len({answer.casefold() for answer in given}) < len(given):
        raise LessonError(tr("Two of the answers are the same."), tr("Write each once."))
    if right is not None and not answers[right]:
        raise LessonError(tr("The answer marked as right is empty."), tr("Choose another, or none."))
    made = Asked(secrets.token_hex(4), words, given, "" if right is None else answers[right])
    with changing(_name(period)) as path:
        write_json(path, [*(asdict(replace(one, open=False)) for one in _read(path)), asdict(made)])
    return made


def take_down(period: str) -> None:
    """Let learners see no question any more; what they answered stays."""
    with changing(_name(period)) as path:
        write_json(path, [asdict(replace(one, open=False)) for one in _read(path)])


def _read(path: Path) -> list[Asked]:
    try:
        return read_json(path, list[Asked])
    except FileNotFoundError:
        return []


def _name(period: str) -> str:
    return f"periods/{period}/asked.json"


def _path(period: str) -> Path:
    return folder() / _name(period)


_watched = Watched(lambda path: read_json(path, list[Asked]))
