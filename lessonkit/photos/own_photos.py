"""A dataset of somebody's own photos, as it was made: its halves, its giver, what was left out; and deleted."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass, field

from lessonkit import runs
from lessonkit.errors import LessonError
from lessonkit.json_files import Said, Watched, read_json
from lessonkit.language import tr
from lessonkit.photos import catalog, labels, leftovers
from lessonkit.photos.dataset import Dataset
from lessonkit.storage import disk_problem

OF_A_CLASS = "class"  # who gave a dataset that a class collected: no learner is called so
LeftOut = list[tuple[str, str]]
"""(file, why it was left out, in a sentence)"""
READING, LEFT_OUT = "reading.json", "left_out.json"


def left_out(dataset: Dataset) -> LeftOut:
    """What of the zip was not taken, (file, why) each, sorted by file. Raises DamagedFileError."""
    held = _left_out.read_all([path := dataset.folder / LEFT_OUT], keep=True)
    if path in held.unreadable:
        raise held.unreadable[path].with_traceback(None)
    return list(held.found.get(path, []))


def given_halves(dataset: Dataset) -> dict[str, str]:
    """photo -> "train", "valid" or "test", of the photos that came in such folders; {} for a dataset without."""
    return dict(_reading(dataset).splits)


def maker(dataset: Dataset) -> str:
    """In a class, the key of the learner who gave a dataset's photos; "" where nobody knows."""
    return _reading(dataset).maker if dataset.description.own else ""


def of_a_class(dataset: Dataset) -> bool:
    """Whether a class collected these photos: those of one giver lie in one half, and are tested and trained on so."""
    return maker(dataset) == OF_A_CLASS


def _reading(dataset: Dataset) -> _ReadingFacts:
    held = _readings.read_all([path := dataset.folder / READING], keep=True)
    if path in held.unreadable:
        raise held.unreadable[path].with_traceback(None)
    return held.found.get(path, _ReadingFacts())


def check_removable(dataset: Dataset) -> None:
    """See that a dataset may be deleted. Raises LessonError as `remove` does."""
    if not dataset.description.own:
        raise LessonError(
            tr("The lesson's own datasets stay."), tr("Only those made of your own photos can be deleted.")
        )
    if any(spec.dataset == dataset.name for spec in runs.under_way().values()):
        raise LessonError(
            tr("A run on these photos is under way, or waits."), tr("Wait for its end, or stop it first.")
        )


def can_be_given(dataset: Dataset) -> bool:
    """Whether a dataset's photos came in two halves, one to train on and one to test with."""
    came = set(given_halves(dataset).values())
    return "train" in came and bool(came & set(labels.HELD_OUT))


def remove(dataset: Dataset) -> None:
    """Delete one of the learners' own datasets, and what was made of its photos. Its runs stay.

    Raises:
        LessonError: it is one of the lesson's; a run on its photos is under way.
    """
    check_removable(dataset)
    folder = dataset.folder
    gone = folder.with_name(f".own-removing-{uuid.uuid4().hex[:8]}")
    try:
        os.rename(folder, gone)  # at once: a page sees it whole or not at all
    except OSError as problem:
        raise disk_problem(problem, folder.parent) from problem
    shutil.rmtree(gone, ignore_errors=True)
    if dataset.present:
        leftovers.delete_small_photos(dataset.name, dataset.fingerprint)
    catalog.delete_unused()


@dataclass(frozen=True)
class _ReadingFacts:
    """What READING holds, of what is read again."""

    splits: dict[str, str] = field(default_factory=dict)
    maker: str = ""


_left_out = Watched(lambda path: read_json(path, list[tuple[str, Said]]))
_readings = Watched(lambda path: read_json(path, _ReadingFacts))
