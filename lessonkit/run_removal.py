"""Runs deleted: by a learner, for room, or as what a killed process left."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable
from typing import NamedTuple

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.json_files import Watched, read_json
from lessonkit.runs import Run, all_runs, going_on_from, queueing
from lessonkit.storage import file_size, write_json

SWEPT, MOST_SWEPT = "swept.json", 200  # in the home: runs that were deleted for room


def tidy() -> None:
    """Delete what killed processes left in the folder of runs."""
    with queueing():
        for run in all_runs():
            run.tidy()
        for half in config.runs_folder().glob(".*"):  # runs that were being queued, which happens under this lock alone
            shutil.rmtree(half, ignore_errors=True)


def remove(run_id: str) -> int:
    """Delete a run that has ended and that none goes on from; returns its bytes, 0 where it is not to be deleted (any more).

    It is moved aside first, so that nobody meets half of it; what a killed process leaves there, `tidy` deletes.
    """
    run = Run(run_id)
    with queueing():
        try:
            if not run.exists() or not run.status().ended or going_on_from(run):
                return 0
        except LessonError:
            return 0  # one that cannot be read is its owner's to look at
        size = folder_size(run)
        gone = config.runs_folder() / f".{run_id}.{uuid.uuid4().hex[:8]}"
        os.rename(run.folder, gone)
        shutil.rmtree(gone, ignore_errors=True)
        return size


class Swept(NamedTuple):
    """A run that was deleted for room: its id, the dataset that it was trained on, and when, seconds since 1970."""

    run: str
    dataset: str
    at: float


def note_swept(gone: Iterable[Swept]) -> None:
    """Note that these runs were deleted, besides the last ones noted before."""
    write_json(config.home() / SWEPT, [*swept(), *gone][-MOST_SWEPT:])


def swept() -> list[Swept]:
    """The last runs that were deleted for room, in the order in which they were."""
    return next(iter(_swept.read_all([config.home() / SWEPT]).found.values()), [])


_swept = Watched(lambda path: [Swept(*one) for one in read_json(path, list[tuple[str, str, float]])])


def folder_size(run: Run) -> int:
    """Bytes of all that a run's folder holds."""
    return sum(file_size(path) for path in run.folder.rglob("*") if not path.is_symlink() and path.is_file())
