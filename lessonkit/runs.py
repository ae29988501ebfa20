"""All runs of this home, and the queue in which they wait: list them, ask for one, take one to train it, stop it."""

from __future__ import annotations

import itertools
import logging
import os
import re
import shutil
import time
import uuid
from contextlib import AbstractContextManager
from dataclasses import replace

from lessonkit import config
from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.language import joined, tr
from lessonkit.run_folder import CHECKPOINT as CHECKPOINT
from lessonkit.run_folder import HISTORY as HISTORY
from lessonkit.run_folder import HISTORY_COLUMNS as HISTORY_COLUMNS
from lessonkit.run_folder import MODEL as MODEL
from lessonkit.run_folder import REPEATS as REPEATS
from lessonkit.run_folder import SPEC, STATUS, STAYS
from lessonkit.run_folder import STILL_SAVED as STILL_SAVED
from lessonkit.run_folder import Run as Run
from lessonkit.run_folder import Saved as Saved
from lessonkit.run_list import Seen as Seen
from lessonkit.run_list import Snapshot as Snapshot
from lessonkit.run_list import snapshot as snapshot
from lessonkit.run_list import specs as specs
from lessonkit.run_list import statuses as statuses
from lessonkit.run_list import under_way as under_way
from lessonkit.spec import RunSpec
from lessonkit.status import DONE as DONE
from lessonkit.status import ENDED as ENDED
from lessonkit.status import FAILED as FAILED
from lessonkit.status import FINISHED as FINISHED
from lessonkit.status import INTERRUPTED as INTERRUPTED
from lessonkit.status import QUEUED as QUEUED
from lessonkit.status import RUNNING as RUNNING
from lessonkit.status import STATES as STATES
from lessonkit.status import STOPPED as STOPPED
from lessonkit.status import Status as Status
from lessonkit.storage import locked, write_json

log = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{12}")  # as `RunSpec.id` gives it


def find(run_id: str) -> Seen | None:
    """The run of that id, which may come from a URL; None where there is none that this version can read."""
    if not _ID.fullmatch(run_id):
        return None
    run = Run(run_id)
    try:
        return Seen(run_id, run.spec(), run.status(), run.history())
    except FileNotFoundError:
        return None
    except LessonError as problem:
        log.warning("run %s cannot be read: %s", run_id, problem)
        return None


def all_runs() -> list[Seen]:
    """Every run on this machine that can be read, the newest asked for first."""
    return list(snapshot().runs)


def create(spec: RunSpec, repeats: int = 1) -> Run:
    """The run of this spec, queued now if it is new; one that ended without a model is queued again.

    A run that is queued, running or finished is returned as it is: the same choice is the same run, whoever asks, and
    in the same moment too.

    Args:
        repeats: so many runs of this recipe, of this seed and those after it, there are to be. The others are queued once
            this one is done, so that it is seen first, and so that what fails, fails once.
    """
    with queueing():
        return _create(spec, repeats)


def _create(spec: RunSpec, repeats: int = 1) -> Run:
    run = Run(spec.id)
    if run.exists() and not (run.status().ended and not run.status().finished):
        status = run.status()
        if repeats > 1 and status.state == DONE:
            _queue_repeats(spec, repeats)
        elif repeats > 1 and not status.ended:
            run.want_repeats(max(repeats, run.repeats_wanted()))
        return run
    return _queue(spec, repeats=repeats)


def create_another(spec: RunSpec, repeats: int = 1, share: bool = False) -> Run:
    """A run of this recipe that nobody asked for yet: its seed is the lowest that has no run with a model.

    So whoever trains a recipe that was trained before sees it trained again, with other luck, and not an old result.

    Args:
        repeats: see `create`; where none of the recipe was trained to the end yet, nor is under way.
        share: one that is under way is returned instead, to be watched by all: for what takes long.
    """
    with queueing():
        of_recipe = {run_id for run_id, one in specs().items() if one.recipe == spec.recipe}
        known = {run_id: status for run_id, status in statuses().items() if run_id in of_recipe}
        waits = [run_id for run_id, status in known.items() if not status.ended]
        if share and waits:
            return Run(min(waits, key=lambda run_id: known[run_id].turn))
        if waits or any(status.state == DONE for status in known.values()):
            repeats = 1
        for seed in itertools.count():
            one = spec.but(seed=seed)
            status = known.get(one.id)
            if one.id not in of_recipe or (status and status.ended and not status.finished):
                return _create(one, repeats)
    raise AssertionError("unreachable")


def queue_repeats(run: Run) -> None:
    """Queue the repeats that were asked for with this run, if it is done. Those that wait, train or have a model stay so."""
    with queueing():  # before the wish is looked for: who asks for repeats of a run that ends just now writes it first
        try:
            if run.status().state != DONE or not run.path(REPEATS).exists():
                return
            _queue_repeats(run.spec(), run.repeats_wanted())
        except LessonError as problem:
            log.warning("no repeats follow %s: %s", run.id, problem)
        run.want_repeats(0)


def drop_repeats(run: Run) -> None:
    """Have no repeats follow this run that are not queued yet."""
    with queueing():
        run.want_repeats(0)


def _queue_repeats(spec: RunSpec, repeats: int) -> None:
    """Queue those that are missing of so many runs of the recipe, this one and those of the seeds after it."""
    for seed in range(spec.seed, spec.seed + repeats):
        one = spec.but(seed=seed)
        run = Run(one.id)
        try:
            if not run.exists() or (run.status().ended and not run.status().finished):
                _queue(one, repeat_of=spec.id)
        except LessonError as problem:
            log.warning("the repeat %s is not queued: %s", run.id, problem)


def create_again(spec: RunSpec, repeats: int = 1) -> Run:
    """The run of this spec, queued again if it was stopped, with all that go on from it: they began from its weights.

    What each had learned stays until it has learned that again (`Run.end`). Of `repeats`, see `create`.

    Raises:
        LessonError: a run that goes on from it is under way.
    """
    with queueing():
        run = Run(spec.id)
        if not run.exists() or run.status().state != STOPPED:
            return _create(spec, repeats)
        further = going_on_from(run)
        if any(r.status().state == RUNNING for r in further):
            raise LessonError(
                tr("A run that goes on from this one is under way."), tr("Wait for its end, or stop it first.")
            )
        now = time.time()
        # The last first: cut off in between, none is left that went on from weights which are there no more.
        for place, one in reversed(list(enumerate([run, *further]))):
            if one.status().state != QUEUED:
                _queue(one.spec(), now + place / 1000)
        if repeats > 1:
            run.want_repeats(repeats)
        return run


def begin(run: Run) -> bool:
    """Take a run out of the queue to train it; whether it is to be trained now.

    It is not where it was stopped or taken before, nor while the run that it goes on from is trained again: then it
    goes on waiting. That is found out under the lock of those who queue runs, so that nothing changes in between.
    """
    with queueing():
        status = run.status()
        if not run.exists() or status.state != QUEUED:
            return False
        if run.stop_asked():
            run.end_unbegun()
            return False
        parent = find(run.spec().starts_from)
        if parent and not parent.status().ended:
            return False
        run.put_aside()
        if not status.finishing:
            _go_on(run, status)
        status.state, status.started_at, status.ended_at = RUNNING, time.time(), 0.0
        run.write_status(status)
        return True


def _go_on(run: Run, status: Status) -> None:
    """Have a run's files as they were after the last saved epoch, and say so where it was trained before.

    That is done before anybody sees the run under way: who reads its batches reads on where he stopped.
    """
    begun, unreadable, saved = bool(status.sentence), False, None
    try:
        saved = run.saved()
    except DamagedFileError as problem:
        log.warning("run %s is trained from the beginning: %s", run.id, problem)
        run.path(CHECKPOINT).unlink()
        begun = unreadable = True
    run.keep_saved_epochs(saved)
    if begun:
        status.went_on = joined(status.sentence, _where_it_went_on(run.spec(), saved, unreadable))
        status.sentence = status.way_out = ""


def _where_it_went_on(spec: RunSpec, saved: Saved | None, unreadable: bool) -> str:
    if unreadable:
        return tr("What was saved of it cannot be read: it began again.")
    if saved is None:
        return tr("No epoch of it was saved by then: it began again.")
    if saved.over or saved.epochs >= spec.epochs:
        return tr("Its training was over by then, and what it learned was saved.")
    return tr("It went on from epoch {epoch} of {epochs}.", epoch=saved.epochs + 1, epochs=spec.epochs)


def stop(run_id: str) -> None:
    """Have a run stop: one that waits ends here and now, one that is under way is asked to; one that ended stays so."""
    run = Run(run_id)
    with queueing():
        if not run.exists() or run.status().ended:
            return
        run.ask_to_stop()
        if run.status().state == QUEUED:
            run.end_unbegun()


def asked_by(run: Run) -> list[str]:
    """In a class, the keys of the learners who asked for a run, or for the one whose repeat it is.

    Raises DamagedFileError.
    """
    parent = run.status().repeat_of
    first = Run(parent).asked_by() if parent and parent != run.id else []
    return list(dict.fromkeys([*run.asked_by(), *first]))


def note_asked(run_id: str, who: str, asks: bool = True) -> None:
    """Note that somebody asked for a run, or does so no more; nothing happens where there is no such run."""
    run = Run(run_id)
    with queueing():
        if not run.exists():
            return
        others = [one for one in asked_by(run) if one != who]
        run.write_asked_by([*others, who] if asks else others)


def going_on_from(run: Run) -> list[Run]:
    """The runs that began from this one's weights, directly or not, each after the one that it began from."""
    found, known = [run], specs()
    for earlier in found:
        found += [Run(i) for i, spec in known.items() if spec.starts_from == earlier.id]
    return found[1:]


def queueing() -> AbstractContextManager[None]:
    """Held while it is looked whether a run is there, and queued: two who ask at once would queue it twice."""
    config.home().mkdir(parents=True, exist_ok=True)
    return locked(config.home() / "queueing.lock")


def _queue(spec: RunSpec, at: float | None = None, repeats: int = 1, repeat_of: str = "") -> Run:
    """Queue a run that is new or has ended.

    Its folder stays, and its status is written last: a reader sees the old result until the run is queued.
    """
    run, status = Run(spec.id), Status(queued_at=at or time.time(), repeat_of=repeat_of)
    if not run.exists():
        waiting = config.runs_folder() / f".{spec.id}.{uuid.uuid4().hex[:8]}"
        waiting.mkdir(parents=True)
        write_json(waiting / SPEC, spec.to_dict())
        if repeats > 1:
            write_json(waiting / REPEATS, repeats)
        write_json(waiting / STATUS, replace(status, heartbeat=status.queued_at).as_json())
        shutil.rmtree(run.folder, ignore_errors=True)  # one without a spec: no run
        os.rename(waiting, run.folder)
        return run
    old = run.status()
    run.forget_stop()
    run.want_repeats(repeats if repeats > 1 else 0)
    if old.finished:
        run.keep_result()
    elif run.has_checkpoint():
        status.sentence, status.way_out = old.sentence, old.way_out  # said once more when it goes on
    else:
        for path in run.folder.iterdir():
            if path.name not in STAYS:
                path.unlink()
    run.write_status(status)
    return run
