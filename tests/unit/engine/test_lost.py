"""What becomes of a run that nobody trains any more: by its files alone, nothing is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonkit import runs
from lessonkit.engine import lost
from lessonkit.errors import LessonError
from lessonkit.run_folder import ASKED, TOO_EARLY, Run
from lessonkit.runs import Status
from lessonkit.spec import RunSpec


def training(saved: bool = False, **status: object) -> Run:
    """A run that a worker trains; `saved`: some of its epochs."""
    run = runs.create(RunSpec("drawn"))
    run.write_status(Status(**{"state": runs.RUNNING, **status}))  # type: ignore[arg-type]
    if saved:
        run.path(runs.CHECKPOINT).write_bytes(b"saved")
    return run


@pytest.mark.parametrize("how", [lost.WORKER_DIED, lost.ENGINE_DIED])
@pytest.mark.parametrize("saved", [False, True])
def test_it_goes_on_twice_and_then_it_ends_or_what_is_saved_is_made_its_result(
    home: Path, how: lost.Death, saved: bool
):
    run = training(saved)
    for times in (1, 2):
        lost.died(run, how)
        assert (run.status().state, run.status().resumes, run.status().finishing) == (runs.QUEUED, times, False)
        assert run.status().sentence == how.said
        run.write_status(Status(state=runs.RUNNING, resumes=times))
    lost.died(run, how)
    found = run.status()
    assert (found.sentence, found.way_out) == (how.sentence, how.way_out)
    assert (found.state, found.finishing) == ((runs.QUEUED, True) if saved else (how.state, False))
    if saved:  # and that killed its worker too
        lost.died(run, how)
        assert (run.status().state, run.status().sentence) == (how.state, how.sentence)
        assert run.has_checkpoint(), "it can still be gone on from"


@pytest.mark.parametrize("again", [lost.put_back, lambda run: lost.died(run, lost.WORKER_DIED)])
def test_one_that_was_asked_to_stop_is_not_trained_on_and_keeps_what_is_saved(home: Path, again):
    for saved in (True, False):
        run = training(saved)
        run.ask_to_stop()
        again(run)
        found = run.status()
        if saved:
            assert (found.state, found.finishing, found.sentence) == (runs.QUEUED, True, ASKED)
            run.path(runs.CHECKPOINT).unlink()
        else:
            assert (found.state, found.sentence, found.way_out) == (runs.INTERRUPTED, *TOO_EARLY)
        assert not run.stop_asked(), "else it would be stopped while what it learned is kept"


def test_an_engine_that_is_asked_to_end_costs_a_run_none_of_its_tries(home: Path):
    run = training(resumes=2, stage="train", done=3, total=9)
    lost.put_back(run)
    found = run.status()
    assert (found.state, found.resumes, found.sentence) == (runs.QUEUED, 2, lost.ENGINE_STOPPED)
    assert (found.stage, found.done, found.total) == ("", 0, 0)
    lost.put_back(training(state=runs.QUEUED, sentence="It waits."))
    assert run.status().sentence == "It waits.", "no worker had begun it"
    lost.put_back(training(finishing=True, sentence="Why.", way_out="What to do."))
    found = run.status()
    assert (found.state, found.finishing) == (runs.QUEUED, True)
    assert (found.sentence, found.way_out) == ("Why.", "What to do.")


def test_what_cannot_be_trained_on_is_finished_from_what_is_saved_once(home: Path):
    assert lost.failed(training(), runs.FAILED, "Why.", "What to do.") == runs.FAILED
    run = training(saved=True)
    assert lost.failed(run, runs.FAILED, "Why.", "What to do.") == runs.QUEUED
    assert run.status().finishing
    assert lost.failed(run, runs.FAILED, "And now.", "Go.") == runs.FAILED
    assert (run.status().sentence, run.status().way_out, run.status().finishing) == ("And now.", "Go.", False)


def test_one_whose_checkpoint_is_of_no_use_begins_again_or_ends_where_only_that_was_left(home: Path):
    problem = LessonError("The photos are others.", "Train it again.")
    run = training(saved=True)
    assert lost.begin_again(run, problem) == runs.QUEUED
    assert not run.has_checkpoint()
    assert run.status().sentence == problem.sentence
    run = training(saved=True, finishing=True)
    assert lost.begin_again(run, problem) == runs.FAILED
    assert (run.status().sentence, run.status().way_out) == (problem.sentence, problem.way_out)
