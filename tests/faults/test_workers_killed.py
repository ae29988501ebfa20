"""Workers that die in the middle of a run: it goes on, it is finished from its checkpoint, or it says why not.

Real processes and real Dask; what a run does is a stand-in (`standin/`), so that each test takes seconds. TESTS_KILLS, a
number, is how many of many runs kill their worker.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from lessonkit import runs
from lessonkit.engine import record
from lessonkit.engine.client import Engine
from tests.engines import DEADLINE, until
from tests.faults.standins import spec, trained, wait_end, worker_of

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("TESTS_KILLS", "1"))


@pytest.mark.parametrize("how", ["crash once", "saved crash once"])
def test_a_run_whose_worker_died_goes_on(engine: Engine, served: Path, how: str):
    run = engine.submit(spec(how, 1))
    status = wait_end(run)
    where = "It went on from epoch 2 of 4." if "saved" in how else "No epoch of it was saved by then: it began again."
    assert (status.state, status.resumes) == (runs.DONE, 1)
    assert status.went_on == f"The worker that trained this run ended suddenly. {where}"
    assert trained(served) == [run.id, run.id]


def test_of_many_runs_every_fifth_kills_its_worker_and_all_finish(engine: Engine, served: Path):
    kills = [n % 5 == 2 for n in range(5 * KILLS)]
    asked = [engine.submit(spec("saved crash once" if kill else "quick", n)) for n, kill in enumerate(kills)]
    ended = [wait_end(run) for run in asked]
    assert [(status.state, status.resumes) for status in ended] == [(runs.DONE, int(kill)) for kill in kills]
    assert sorted(trained(served)) == sorted(
        [r.id for r in asked] + [r.id for r, kill in zip(asked, kills, strict=True) if kill]
    )


@pytest.mark.parametrize(("how", "state"), [("saved crash", runs.STOPPED), ("saved crash twice", runs.FAILED)])
def test_a_run_whose_workers_die_is_finished_from_its_checkpoint_once(engine, served: Path, how: str, state: str):
    run = engine.submit(spec(how, 1))
    status = wait_end(run)
    assert status.state == state
    assert "ended suddenly" in status.sentence
    assert status.way_out
    assert status.resumes == 2
    assert trained(served) == [run.id] * 4


def test_a_run_trained_again_by_a_worker_that_dies_has_its_result_of_before(engine: Engine, served: Path):
    run = runs.create(spec("crash", 1))
    run.path(runs.MODEL).write_bytes(b"learned before")
    run.path("history.csv").write_text(",".join(runs.HISTORY_COLUMNS) + "\n0,1,1,1,1\n")
    run.end(runs.STOPPED, "Stopped, as was asked.")
    engine.submit(spec("crash", 1), again=True)
    until(lambda: trained(served) == [run.id], "it is trained again")
    status = wait_end(run)
    assert (status.state, run.path(runs.MODEL).read_bytes()) == (runs.STOPPED, b"learned before")
    assert "ended suddenly" in status.sentence
    assert run.history()[0]["train_loss"] == 1


@pytest.mark.parametrize("how", ["killed", "asked to end"])
def test_a_run_whose_engine_ended_goes_on_in_the_next(engine: Engine, served: Path, how: str):
    run = engine.submit(spec("saved wait", 1))
    until(lambda: run.path(runs.CHECKPOINT).exists(), "it has a checkpoint")
    old = psutil.Process(record.read().pid)
    family = old.children(recursive=True)
    old.kill() if how == "killed" else old.terminate()
    psutil.wait_procs([old, *family], timeout=DEADLINE)
    (served / "go").touch()
    engine.submit(spec("quick", 2))
    status = wait_end(run)
    assert (status.state, status.resumes) == (runs.DONE, 1 if how == "killed" else 0)
    assert status.went_on.endswith("It went on from epoch 2 of 4.")
    assert trained(served).count(run.id) == 2


def test_a_run_that_was_asked_to_stop_stays_stopped_when_its_worker_dies(engine: Engine, served: Path):
    saved, unsaved = (engine.submit(spec(how, 1)) for how in ("saved wait", "wait"))
    for run, state in ((saved, runs.STOPPED), (unsaved, runs.INTERRUPTED)):
        until(lambda run=run: run.history() and (run.has_checkpoint() or run is unsaved), "it trains")
        worker = worker_of(served, run)
        worker.suspend()  # in the midst of a batch
        engine.stop(run.id)
        worker.kill()
        assert wait_end(run).state == state
    assert trained(served) == [saved.id, saved.id, unsaved.id]


def test_a_killed_worker_takes_its_own_run_alone(engine: Engine, served: Path):
    taken = engine.submit(spec("wait", 1))
    others = [engine.submit(spec("quick", n)) for n in (2, 3)]
    until(lambda: taken.history(), "the first epoch is written")
    worker_of(served, taken).kill()
    until(lambda: trained(served).count(taken.id) == 2, "it is trained again")
    (served / "go").touch()
    assert [wait_end(r).state for r in (taken, *others)] == [runs.DONE] * 3
    assert "ended suddenly" in taken.status().went_on
    assert [r.status().resumes for r in (taken, *others)] == [1, 0, 0]


def test_runs_that_crash_their_worker_leave_all_others_done(engine: Engine):
    queued = [engine.submit(spec("crash" if n == 1 else "quick", n)) for n in range(4)]
    states = [wait_end(r).state for r in queued]
    assert states == [runs.FAILED if n == 1 else runs.DONE for n in range(4)]
    status = queued[1].status()
    assert ("most often the memory did not suffice" in status.sentence, status.resumes) == (True, 2)
    assert status.way_out
