"""Old runs are deleted when all runs together take more than they may (`LESSONKIT_RUNS`), the oldest first."""

from __future__ import annotations

import logging
import time

from lessonkit import config, recipe_names, run_removal, runs
from lessonkit.classroom import controls, learners
from lessonkit.errors import LessonError
from lessonkit.run_removal import Swept
from lessonkit.runs import Run, Seen

A_DAY = 24 * 3600.0  # seconds since it ended, or was asked for, in which a run is not deleted: somebody is at it

log = logging.getLogger(__name__)


def sweep() -> list[Swept]:
    """Delete old runs until the others take no more than they may; returns those that were deleted.

    All those stay that are under way, younger than a day, of the class that sits here now, looked at by somebody, given a
    name, or gone on from by one that stays. Of a recipe, the training that is kept goes after the others.

    Raises:
        SettingError: `LESSONKIT_RUNS` cannot be used.
    """
    most, found = config.runs_kept(), runs.all_runs()
    sizes = {run.id: run_removal.folder_size(run) for run in found}
    total = sum(sizes.values())
    if total <= most:
        return []
    gone = []
    for run in _in_turn(found, time.time()):
        if total <= most:
            break
        if run_removal.remove(run.id):
            total -= sizes[run.id]
            gone.append(Swept(run.id, run.spec().dataset, time.time()))
            log.info("run %s deleted: all runs took more than LESSONKIT_RUNS", run.id)
    if gone:
        run_removal.note_swept(gone)
    else:
        log.warning("the runs take %d MB, and none of them may be deleted", total >> 20)
    return gone


def _in_turn(found: list[Seen], now: float) -> list[Seen]:
    """The runs that may be deleted, in the order in which they are; one after those that go on from it."""
    from lessonkit.analysis import recipes  # and pandas, which the engine's process has no other need for

    named, of_class, seen = recipe_names.names(), _of_the_class(), _looked_at()
    kept = {recipe.kept.id for recipe in recipes.recipes(found).values() if recipe.kept}
    may = [
        run
        for run in found
        if run.status().ended
        and now - max(run.status().ended_at, run.status().queued_at) > A_DAY
        and run.spec().recipe not in named
        and run.id not in of_class | seen
    ]
    depth = {run.id: len(runs.going_on_from(run)) for run in may}
    return sorted(may, key=lambda run: (run.id in kept, depth[run.id] > 0, depth[run.id], run.status().ended_at))


def _of_the_class() -> set[str]:
    """The runs that learners of the class asked for that sits here now."""
    aside = set(controls.read().aside)
    return {run.id for run in runs.all_runs() if run.id not in aside and _asked(run)}


def _asked(run: Run) -> bool:
    try:
        return bool(runs.asked_by(run))
    except LessonError:
        return True  # it may be


def _looked_at() -> set[str]:
    return {one.run for one in learners.here(controls.read().period).values() if one.run}
