"""Who is here, where they are, what they answered and trained: a file each, `class/periods/<period>/<key>.json`.

A file is written by its learner's own pages alone, so thirty who answer at once do not wait for each other.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pydantic import NonNegativeFloat, NonNegativeInt

from lessonkit.classroom import controls
from lessonkit.classroom.places import KEY, changing, folder, printable, seen_lately
from lessonkit.json_files import Watched, read_json
from lessonkit.language import tr
from lessonkit.storage import locked, write_json

ALONE = "alone"
"""The period of who is no learner of a class: somebody alone on their machine, in each of their browsers, and a teacher."""
LONGEST_NICKNAME = 20
LONGEST_SHOWS = 4000  # characters of an address's query
SEEN_AGAIN = 30.0  # seconds after which a learner who does nothing is noted to be here still
GONE = 100.0  # seconds after which a learner of whom nothing was seen is not here
MOST = 500  # learners in a period, and answers of one: no more are kept
_PERIOD = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Answer:
    """What a learner said to a question: before its result was known to them, and after.

    Attributes:
        before, after: a choice each; "" for none.
        at: when it was said last, seconds since 1970.
    """

    before: str = ""
    after: str = ""
    at: NonNegativeFloat = 0.0

    @property
    def now(self) -> str:
        """What holds now."""
        return self.after or self.before


@dataclass(frozen=True)
class Learner:
    """One learner of a period.

    Attributes:
        number: from 1, in the order in which they came: what they are called where there is no nickname.
        nickname: as given by themselves; "" for none.
        step: the page that they are on; "" for the first.
        run: the run that they follow; "" for none.
        shows: what their page shows, as the query of its address has it.
        seen_at: when a page of theirs last responded, seconds since 1970.
        answers: by question.
        began: when they began, seconds since 1970; 0 where an earlier version of the lesson did not note it.
        trained: the ids of the runs that they asked for, the last one at the end.
        guesses: what they said of the ten photos, as `ui.core.quiz` writes it.
    """

    number: NonNegativeInt = 0
    nickname: str = ""
    step: str = ""
    run: str = ""
    shows: str = ""
    seen_at: NonNegativeFloat = 0.0
    answers: dict[str, Answer] = field(default_factory=dict)
    began: NonNegativeFloat = 0.0
    trained: list[str] = field(default_factory=list)
    guesses: str = ""

    @property
    def name(self) -> str:
        return self.nickname or tr("Learner {number}", number=self.number)

    def here(self, now: float) -> bool:
        """Whether a page of theirs responded lately."""
        return now - self.seen_at < GONE


def everyone(period: str) -> dict[str, Learner]:
    """The learners of a period by their keys, in the order in which they came. Files that are damaged are left out."""
    place = _folder(period)
    try:
        files = [place / entry.name for entry in os.scandir(place) if KEY.fullmatch(entry.name.removesuffix(".json"))]
    except FileNotFoundError:
        return {}
    held = _watched.read_all(files, keep=True)
    return dict(sorted(((p.stem, one) for p, one in held.found.items()), key=lambda item: item[1].number))


def here(period: str) -> dict[str, Learner]:
    """Those of `everyone` who are here now."""
    now = time.time()
    return {key: one for key, one in everyone(period).items() if one.here(now)}


def find(period: str, key: str) -> Learner | None:
    """The learner of this key; None for one who was not here in this period."""
    path = _folder(period) / f"{key}.json"
    return seen_lately(
        _name(period, key), path, lambda: next(iter(_watched.read_all([path], keep=True).found.values()), None)
    )


def seen(period: str, key: str, step: str, run: str = "", shows: str = "") -> None:
    """Note that a learner is on a page, and what it shows, where that is not written there already."""
    shows = shows if len(shows) <= LONGEST_SHOWS else ""
    if is_seen(period, key, step, run, shows):
        return
    _change(period, key, lambda one: replace(one, step=step, run=run, shows=shows))


def is_seen(period: str, key: str, step: str, run: str = "", shows: str = "") -> bool:
    """Whether `seen` would have nothing to write: all of it stands there, from a moment ago."""
    known, shows = find(period, key), shows if len(shows) <= LONGEST_SHOWS else ""
    same = known and (known.step, known.run, known.shows) == (step, run, shows)
    return bool(known and same and time.time() - known.seen_at < SEEN_AGAIN)


def gone(period: str, key: str) -> None:
    """Note that somebody is no learner here (any more): they opened the teacher's panel."""
    if find(period, key):
        with changing(_name(period, key)) as path:
            write_json(path, asdict(replace(read_json(path, Learner), seen_at=0.0)))


def call(period: str, key: str, nickname: str) -> None:
    """Take a nickname; "" for none. Raises LessonError for one that is too long, or cannot be shown."""
    plain = printable(nickname, LONGEST_NICKNAME, "nickname")
    _change(period, key, lambda one: replace(one, nickname=plain))


def answer(period: str, key: str, question: str, choice: str, after: bool = False, began: float = 0.0) -> None:
    """Keep what a learner says to a question; what they said before is forgotten.

    Args:
        after: whether they know the result: then what they said before they knew it stays beside it.
        began: when they began, where nothing of them is kept yet; 0 for now.
    """

    def said(one: Learner) -> Learner:
        known = one.answers.get(question, Answer())
        now = replace(known, at=time.time(), **{"after" if after else "before": choice})
        return replace(one, answers=dict([*({**one.answers, question: now}).items()][-MOST:]))

    _change(period, key, said, began)


def trained(period: str, key: str, run_id: str, began: float = 0.0) -> None:
    """Note that a learner asked for a run. Of `began`, see `answer`."""
    _change(
        period,
        key,
        lambda one: replace(one, trained=[*(i for i in one.trained if i != run_id), run_id][-MOST:]),
        began,
    )


def guess(period: str, key: str, guesses: str, began: float = 0.0) -> None:
    """Keep what a learner said of the ten photos. Of `began`, see `answer`."""
    _change(period, key, lambda one: replace(one, guesses=guesses), began)


def numbered(period: str, number: int) -> str:
    """The key of the learner of this number; "" where there is none."""
    return next((key for key, one in everyone(period).items() if one.number == number), "")


def answers(learners: Mapping[str, Learner]) -> dict[str, dict[str, Answer]]:
    """By question, what each learner said, by key; the question that was answered last comes first."""
    found: dict[str, dict[str, Answer]] = {}
    for key, one in learners.items():
        for question, said in one.answers.items():
            found.setdefault(question, {})[key] = said
    return dict(sorted(found.items(), key=lambda item: -max(said.at for said in item[1].values())))


def periods() -> list[str]:
    """The periods that somebody was in, the newest first; the one that sits here now is among them once somebody came."""
    try:
        found = [e.name for e in os.scandir(folder() / "periods") if _PERIOD.fullmatch(e.name) and e.name != ALONE]
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda name: (name != controls.FIRST_PERIOD, name), reverse=True)


def _folder(period: str) -> Path:
    assert _PERIOD.fullmatch(period), period
    return folder() / "periods" / period


def _name(period: str, key: str) -> str:
    return f"periods/{period}/{key}.json"


def _change(period: str, key: str, how: Callable[[Learner], Learner], began: float = 0.0) -> None:
    assert KEY.fullmatch(key), key
    with changing(_name(period, key)) as path:
        try:
            before = read_json(path, Learner)
        except FileNotFoundError:
            number = _next_number(path.parent)
            if number > MOST:
                return
            before = Learner(number, began=began or time.time())
        write_json(path, asdict(replace(how(before), seen_at=time.time())))


def _next_number(place: Path) -> int:
    with locked(place / ".numbers.lock"):
        counter = place / "count.json"
        try:
            last = read_json(counter, int)
        except FileNotFoundError:
            last = 0
        write_json(counter, last + 1)
        return last + 1


_watched = Watched(lambda path: read_json(path, Learner))
