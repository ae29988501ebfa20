"""What the teacher decides for all: where the class is, what is open, what is said. One file, `class/controls.json`."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import NonNegativeInt

from lessonkit.classroom.places import changing, folder, printable, seen_lately
from lessonkit.errors import LessonError
from lessonkit.json_files import Watched, read_json
from lessonkit.language import tr, trn
from lessonkit.spec import MOST_EPOCHS, RunSpec
from lessonkit.storage import write_json

FIRST_PERIOD = "first"
LONGEST_MESSAGE = 200


@dataclass(frozen=True)
class Controls:
    """How the class stands.

    Attributes:
        period: the folder of the class that sits here now.
        step: the page that all are to be on; "" where each goes as they like.
        paused: whether nobody is to do anything but look up.
        datasets: the names of those that are open; [] for all.
        hidden: whether results and explanations wait for the teacher.
        released: questions whose answers the teacher has shown.
        message: to all; "" for none.
        epochs: that a learner's run may have; 0 for no other limit than the lesson's.
        once: whether learners may only train what takes a moment: with the body frozen, run once a photo.
        waiting: runs that one learner may have waiting; 0 for what the setting says.
        aside: runs of earlier periods, that no list shows.
        question: that the panel shows; "" for the one that most answer now.
        code: that learners type to enter this class (`entrance`); "" where none was made yet.
        asks_code: whether they have to.
    """

    period: str = FIRST_PERIOD
    step: str = ""
    paused: bool = False
    datasets: list[str] = field(default_factory=list)
    hidden: bool = False
    released: list[str] = field(default_factory=list)
    message: str = ""
    epochs: NonNegativeInt = 0
    once: bool = False
    waiting: NonNegativeInt = 0
    aside: list[str] = field(default_factory=list)
    question: str = ""
    code: str = ""
    asks_code: bool = True

    def opens(self, dataset: str) -> bool:
        """Whether learners may use the dataset of that name."""
        return not self.datasets or dataset in self.datasets


def read() -> Controls:
    """How the class stands now. Raises DamagedFileError where the file holds something else."""
    path = _path()
    return seen_lately(path.name, path, lambda: _look(path))


def _look(path: Path) -> Controls:
    held = _watched.read_all([path])
    if path in held.unreadable:
        raise held.unreadable[path].with_traceback(None)
    return held.found.get(path, Controls())


def change(**what: Any) -> Controls:
    """Change fields of `Controls`; returns how the class stands then.

    Raises:
        LessonError: a message is too long, or has signs that cannot be shown.
    """
    if "message" in what:
        what["message"] = printable(what["message"], LONGEST_MESSAGE, "message")
    with changing(_path().name) as path:
        before = _read(path)
        after = replace(before, **what)
        if after != before:
            write_json(path, asdict(after))
    return after


def new_period(runs: Collection[str], code: str = "") -> str:
    """Begin another class: answers, and these runs, are put aside, and nobody is held anywhere. Returns its folder's name.

    Which photos are open, and the limits, stay.

    Args:
        code: of the new class; "" for none.
    """
    with changing(_path().name) as path:
        before = _read(path)
        period = time.strftime("%Y%m%d-%H%M%S")
        fresh = Controls(
            period if period != before.period else f"{period}-2", datasets=before.datasets, epochs=before.epochs,
            once=before.once, waiting=before.waiting, aside=sorted({*before.aside, *runs}), code=code,
            asks_code=before.asks_code,
        )  # fmt: skip
        write_json(path, asdict(fresh))
    return fresh.period


def bring_back(run: str) -> None:
    """Have a run in the lists again that was put aside: somebody of this class asked for it too."""
    if run in read().aside:
        with changing(_path().name) as path:
            before = _read(path)
            write_json(path, asdict(replace(before, aside=[one for one in before.aside if one != run])))


def check(spec: RunSpec, now: Controls) -> None:
    """See that a learner may train this now.

    Raises:
        LessonError: it is over the class's limits, or its dataset is not open.
    """
    if not now.opens(spec.dataset):
        raise LessonError(
            tr("Your teacher has closed these photos for now."), tr("Choose others on the page “Get the data”.")
        )
    most = now.epochs or MOST_EPOCHS
    if spec.epochs > most:
        raise LessonError(
            trn(
                "In this class a run may have {n} epoch, and this one has {epochs}.",
                "In this class a run may have {n} epochs, and this one has {epochs}.",
                most,
                epochs=spec.epochs,
            ),
            tr("Choose fewer epochs."),
        )
    if now.once and not spec.precompute:
        raise LessonError(
            tr(
                "In this class only runs that take a moment are open just now: the body frozen, and run once per photo."
            ),
            tr("Switch on “Run the frozen body once per photo”, or ask your teacher."),
        )


def check_search(spec: RunSpec, now: Controls) -> None:
    """See that a learner may search a rate for this now: it takes as long as the body takes for a hundred batches.

    Raises:
        LessonError: it takes more than a moment where only that is open, or its dataset is closed.
    """
    check(spec.but(epochs=1), now)


def check_measure(now: Controls) -> None:
    """See that a learner may measure an epoch now. Raises LessonError where only what takes a moment is open."""
    if now.once:
        raise LessonError(
            tr("In this class only runs that take a moment are open just now, and measuring takes a minute."),
            tr("Ask your teacher, who can measure for all."),
        )


def _read(path: Path) -> Controls:
    try:
        return read_json(path, Controls)
    except FileNotFoundError:
        return Controls()


def _path() -> Path:
    return folder() / "controls.json"


_watched = Watched(lambda path: read_json(path, Controls))
