"""Who gets which run, and when: each training worker one, the oldest first; what is stopped or fails.

Real processes and real Dask; what a run does is a stand-in (`standin/`), so that each test takes seconds.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from lessonkit import runs
from lessonkit.engine import priority, record
from lessonkit.engine.client import Engine
from lessonkit.errors import QueueFullError
from lessonkit.run_folder import Run
from lessonkit.storage import write_bytes
from tests.engines import until
from tests.faults.standin.standin import save as standin_save
from tests.faults.standins import spec, trained, wait_end

ROOT = Path(__file__).parents[2]


def test_a_run_is_trained_once_however_often_it_is_asked_for(engine: Engine, served: Path):
    first = engine.submit(spec("quick", 1))
    assert wait_end(first).state == runs.DONE
    again = engine.submit(spec("quick", 1))
    other = engine.submit(spec("quick", 2))
    wait_end(other)
    assert again.id == first.id
    assert trained(served) == [first.id, other.id]
    status = first.status()
    assert 0 < status.queued_at <= status.started_at <= status.ended_at


def test_thirty_learners_press_train_at_once_with_twelve_choices(
    engine: Engine, served: Path, monkeypatch: pytest.MonkeyPatch
):
    here = threading.local()
    monkeypatch.setattr(engine, "_learner", lambda: here.key)

    def press(learner: int, choice: int) -> Run:
        here.key = f"{learner:016x}"
        return engine.submit(spec("wait", choice))

    with ThreadPoolExecutor(30) as class_:
        pressed = list(class_.map(press, range(30), [n % 12 for n in range(30)]))
    until(lambda: any(run.status().state == runs.RUNNING for run in pressed), "one of them trains")
    greedy = 40
    more = [press(greedy, choice) for choice in (20, 21)]
    with pytest.raises(QueueFullError, match="each learner may have 2 waiting"):
        press(greedy, 22)
    (served / "go").touch()
    assert {wait_end(run).state for run in (*pressed, *more)} == {runs.DONE}
    assert len({run.id for run in pressed}) == 12
    assert sorted(trained(served)) == sorted({run.id for run in (*pressed, *more)})


def test_a_training_worker_has_one_run_at_a_time_and_the_oldest_first(engine: Engine, served: Path):
    queued = [engine.submit(spec("wait", n)) for n in range(4)]
    until(lambda: queued[0].status().state == runs.RUNNING, "the first trains")
    extra = engine.submit(spec("wait", 9))
    assert [r.status().state for r in queued] == [runs.RUNNING, *[runs.QUEUED] * 3]
    state = until(lambda: (s := engine.state())["running"] and s, "the sidebar knows")
    assert state["running"] == [queued[0].id]
    (served / "go").touch()
    wait_end(extra)
    assert trained(served) == [r.id for r in [*queued, extra]]


def test_a_run_that_waits_to_go_on_can_be_stopped_and_goes_on_another_time(engine: Engine, served: Path):
    first = engine.submit(spec("wait", 1))
    until(lambda: first.history(), "a run trains")
    waits = runs.create(spec("saved", 2))
    write_bytes(waits.path(runs.HISTORY), b"epoch\n0,1.5,1.25,0.5,2.0\n")
    standin_save(waits)
    engine.stop(waits.id)
    assert (waits.status().state, waits.has_checkpoint()) == (runs.INTERRUPTED, True)
    (served / "go").touch()
    engine.submit(spec("saved", 2))
    status = wait_end(waits)
    assert status.state == runs.DONE
    assert status.went_on == f"{runs.STILL_SAVED[0]} It went on from epoch 2 of 4."


def test_a_run_whose_parent_is_queued_again_in_that_moment_waits_for_it(engine: Engine, served: Path):
    """The engine may have handed out the second in the moment when the first is queued again."""
    parent = engine.submit(spec("wait", 1))
    until(lambda: parent.history(), "the first trains")
    engine.stop(parent.id)
    assert wait_end(parent).state == runs.STOPPED
    child = spec("quick", 2, starts_from=parent.id)
    with runs.queueing():  # the worker that has been given the child stands here
        waiting = runs._queue(child)
        until(lambda: f"{child.id} ->" in record.log_path().read_text(), "the child is handed out")
        runs._queue(parent.spec())
    until(lambda: trained(served).count(parent.id) == 2, "the first is trained again")
    assert waiting.status().state == runs.QUEUED
    (served / "go").touch()
    assert [wait_end(r).state for r in (parent, waiting)] == [runs.DONE, runs.DONE]
    assert trained(served)[-1] == child.id


@pytest.mark.skipif(os.name == "nt", reason="priorities are other numbers there")
def test_training_lets_the_pages_go_first(engine: Engine, served: Path):
    wait_end(engine.submit(spec("quick", 1)))
    assert int((served / "nice.txt").read_text()) == priority.NICE
    assert psutil.Process(record.read().pid).nice() == 0


def test_what_a_run_raises_becomes_its_sentence(engine: Engine):
    lesson, bug = engine.submit(spec("lesson", 1)), engine.submit(spec("bug", 2))
    assert (wait_end(lesson).state, lesson.status().sentence) == (runs.FAILED, "The weights are not here.")
    assert lesson.status().way_out == "Fetch them."
    assert wait_end(bug).state == runs.FAILED
    assert "private detail" not in bug.status().sentence + bug.status().way_out
    assert "a private detail" in record.log_path().read_text()


def test_a_failed_run_is_trained_again_when_asked_for_again(engine: Engine, served: Path):
    run = engine.submit(spec("lesson", 1))
    wait_end(run)
    engine.submit(spec("lesson", 1))
    until(lambda: trained(served) == [run.id, run.id], "it was trained again")


def test_stop_keeps_the_epochs_of_a_run_that_trains_and_a_queued_run_never_starts(engine: Engine, served: Path):
    training, waiting = engine.submit(spec("wait", 1)), engine.submit(spec("wait", 2))
    until(lambda: training.history(), "the first epoch is written")
    engine.stop(waiting.id)
    status = wait_end(waiting)
    assert status.state == runs.INTERRUPTED
    assert "stopped before it began" in status.sentence
    engine.stop(training.id)
    assert wait_end(training).state == runs.STOPPED
    assert len(training.history()) == 1
    assert trained(served) == [training.id]


def test_a_run_waits_for_the_run_that_it_goes_on_from(engine: Engine, served: Path):
    parent = spec("wait", 1)
    first = engine.submit(spec("quick", 2))
    wait_end(first)
    queued_parent = engine.submit(parent)
    child = engine.submit(spec("quick", 3, starts_from=parent.id))
    free = engine.submit(spec("quick", 4))
    until(lambda: queued_parent.status().state == runs.RUNNING, "the parent trains")
    assert child.status().state == runs.QUEUED
    (served / "go").touch()
    assert [wait_end(r).state for r in (child, free)] == [runs.DONE, runs.DONE]
    assert trained(served) == [first.id, parent.id, child.id, free.id]


@pytest.mark.parametrize("missing", [True, False])
def test_a_run_whose_parent_never_finishes_says_so(engine: Engine, missing: bool):
    parent = spec("lesson", 1)
    if not missing:
        engine.submit(parent)
    child = engine.submit(spec("quick", 2, starts_from=parent.id))
    status = wait_end(child)
    assert status.state == runs.FAILED
    assert parent.id in status.sentence
    assert ("not on this machine" in status.sentence) is missing
