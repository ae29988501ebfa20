"""Who gets which run, and what becomes of what a worker leaves: the dispatcher alone, a look at a time, without Dask."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lessonkit import jobs, runs
from lessonkit.engine.dispatcher import JOBS_AT_ONCE, Dispatcher
from lessonkit.run_folder import Run
from lessonkit.runs import Status
from lessonkit.spec import RunSpec


class Handed:
    """What a worker was given: as Dask's future of it."""

    def __init__(self, what: str, worker: str):
        self.what, self.worker, self.status, self.error = what, worker, "pending", None

    def done(self) -> bool:
        return self.status != "pending"

    async def exception(self) -> BaseException | None:
        return self.error

    async def cancel(self, force: bool = False) -> None:
        self.status = "cancelled"


class Workers:
    """As Dask's client: notes what is handed out, and does none of it."""

    def __init__(self, **named: str):
        self.named, self.handed = named, list[Handed]()
        self.scheduler = SimpleNamespace(identity=self._identity)

    async def _identity(self) -> dict[str, Any]:
        return {"id": "one", "workers": {address: {"name": name} for address, name in self.named.items()}}

    def submit(self, task: Any, *of: str, workers: list[str], **_: Any) -> Handed:
        self.handed.append(Handed(of[0], workers[0]))
        return self.handed[-1]

    @property
    def whats(self) -> list[tuple[str, str]]:
        return [(one.what, one.worker) for one in self.handed]


@pytest.fixture
def workers(home: Path) -> Workers:
    home.mkdir()
    return Workers(t0="train-0", p0="preview")


@pytest.fixture
def dispatcher(workers: Workers) -> Dispatcher:
    return Dispatcher(workers, own=True)  # type: ignore[arg-type]


def step(of: Dispatcher) -> None:
    asyncio.run(of.step())


def queued(seed: int, at: float, **changes: Any) -> Run:
    run = runs.create(RunSpec("drawn", seed=seed, **changes))
    run.write_status(Status(queued_at=at))
    return run


def end(of: Handed, state: str = runs.DONE) -> None:
    """As `tasks.train` ends a run."""
    Run(of.what).write_status(Status(state=state))  # type: ignore[arg-type]
    of.status = "finished"


def test_a_worker_has_one_run_and_the_oldest_is_next(dispatcher: Dispatcher, workers: Workers):
    late, early = queued(1, 20.0), queued(2, 10.0)
    step(dispatcher)
    step(dispatcher)
    assert workers.whats == [(early.id, "t0")]
    assert (dispatcher.busy, dispatcher.holds) == (True, True)
    end(workers.handed[0])
    step(dispatcher)
    assert workers.whats == [(early.id, "t0"), (late.id, "t0")]
    end(workers.handed[1])
    step(dispatcher)
    assert (dispatcher.busy, dispatcher.holds) == (False, False)


def test_no_run_is_given_to_the_worker_of_the_previews(dispatcher: Dispatcher, workers: Workers):
    queued(1, 10.0)
    del workers.named["t0"]
    step(dispatcher)
    assert workers.handed == []
    assert dispatcher.busy, "it waits"


def test_two_workers_have_two_runs(dispatcher: Dispatcher, workers: Workers):
    workers.named["t1"] = "train-1"
    ids = [queued(n, float(n)).id for n in (1, 2, 3)]
    step(dispatcher)
    assert workers.whats == [(ids[0], "t0"), (ids[1], "t1")]


def test_a_run_that_is_to_stop_before_it_began_is_handed_to_nobody_and_the_next_is(
    dispatcher: Dispatcher, workers: Workers
):
    first, second = queued(1, 10.0), queued(2, 20.0)
    first.ask_to_stop()
    step(dispatcher)
    assert workers.whats == [(second.id, "t0")]
    assert first.status().state == runs.INTERRUPTED


def test_a_run_waits_for_the_one_that_it_goes_on_from_and_keeps_no_other_from_training(
    dispatcher: Dispatcher, workers: Workers
):
    workers.named["t1"] = "train-1"
    first = queued(1, 10.0)
    after, other = queued(1, 20.0, starts_from=first.id), queued(2, 30.0)
    step(dispatcher)
    assert workers.whats == [(first.id, "t0"), (other.id, "t1")]
    end(workers.handed[0])
    step(dispatcher)
    assert workers.whats[2:] == [(after.id, "t0")]


@pytest.mark.parametrize(("state", "said"), [(runs.FAILED, "did not finish"), (None, "is not on this machine")])
def test_a_run_that_goes_on_from_none_fails_and_says_why(dispatcher: Dispatcher, workers: Workers, state, said: str):
    first = RunSpec("drawn", seed=1)
    if state:
        runs.create(first).write_status(Status(state=state))
    after = queued(1, 20.0, starts_from=first.id)
    step(dispatcher)
    assert workers.handed == []
    assert after.status().state == runs.FAILED
    assert said in after.status().sentence


def test_a_run_whose_worker_left_goes_on_with_another(dispatcher: Dispatcher, workers: Workers):
    run = queued(1, 10.0)
    step(dispatcher)
    run.write_status(Status(state=runs.RUNNING, queued_at=10.0))
    del workers.named["t0"]
    workers.named["t1"] = "train-0"
    step(dispatcher)
    assert workers.whats == [(run.id, "t0"), (run.id, "t1")]
    assert workers.handed[0].status == "cancelled"
    assert run.status().resumes == 1


def test_a_run_that_ended_before_its_worker_left_stays_as_it_ended(dispatcher: Dispatcher, workers: Workers):
    run = queued(1, 10.0)
    step(dispatcher)
    run.write_status(Status(state=runs.STOPPED))
    del workers.named["t0"]
    step(dispatcher)
    assert run.status().state == runs.STOPPED


def test_a_full_disk_that_a_worker_met_is_said_and_any_other_end_lets_the_run_go_on(
    dispatcher: Dispatcher, workers: Workers
):
    workers.named["t1"] = "train-1"
    full, died = queued(1, 10.0), queued(2, 20.0)
    step(dispatcher)
    for run, handed, error in zip(
        (full, died), list(workers.handed), (OSError(errno.ENOSPC, "full"), RuntimeError("?")), strict=True
    ):
        run.write_status(Status(state=runs.RUNNING))
        handed.status, handed.error = "error", error
    step(dispatcher)
    assert full.status().state == runs.FAILED
    assert "There is no space on the disk" in full.status().sentence
    assert (died.status().state, died.status().resumes) == (runs.QUEUED, 1)


def test_how_a_run_ended_is_written_once_the_disk_lets_it_and_until_then_it_is_nobodys(
    dispatcher: Dispatcher, workers: Workers, monkeypatch: pytest.MonkeyPatch
):
    run = queued(1, 10.0)
    step(dispatcher)
    del workers.named["t0"]

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(Run, "write_status", full)
        step(dispatcher)
        workers.named["t1"] = "train-0"
        step(dispatcher)
        assert len(workers.handed) == 1
        assert dispatcher.holds
    step(dispatcher)
    assert run.status().resumes == 1
    assert workers.whats[1:] == [(run.id, "t1")]


def test_who_leaves_hands_out_nothing_and_takes_back_what_ended(dispatcher: Dispatcher, workers: Workers):
    queued(1, 10.0)
    queued(2, 20.0)
    step(dispatcher)
    dispatcher.leaving = True
    end(workers.handed[0])
    step(dispatcher)
    assert len(workers.handed) == 1
    assert not dispatcher.holds


@pytest.mark.parametrize(
    ("own", "said"), [(True, "The engine ended"), (False, "The worker that trained this run ended")]
)
def test_what_runs_in_no_worker_goes_on_and_says_what_ended(workers: Workers, own: bool, said: str):
    run = queued(1, 10.0)
    run.write_status(Status(state=runs.RUNNING))
    job = jobs.create("obtain", "pets")
    job.state = jobs.RUNNING
    job.write()
    Dispatcher(workers, own)._lose_the_dead(engine_died=own)  # type: ignore[arg-type]
    assert (run.status().state, run.status().resumes) == (runs.QUEUED, 1)
    assert said in run.status().sentence
    assert job.now().state == jobs.FAILED
    assert ("the engine ended" in job.now().sentence) == own


def test_what_an_engine_that_ends_has_in_hand_goes_on_in_the_next(dispatcher: Dispatcher, workers: Workers):
    run, job = queued(1, 10.0), jobs.create("obtain", "pets")
    step(dispatcher)
    run.write_status(Status(state=runs.RUNNING))
    asyncio.run(dispatcher.abandon())
    assert (run.status().state, run.status().resumes) == (runs.QUEUED, 0), "it was asked to end: that is no death"
    assert "The engine was stopped" in run.status().sentence
    assert (job.now().state, "The engine was stopped" in job.now().sentence) == (jobs.FAILED, True)


def test_jobs_share_the_worker_of_the_previews_and_a_search_for_a_rate_has_a_training_worker_for_itself(
    dispatcher: Dispatcher, workers: Workers
):
    for number in range(JOBS_AT_ONCE + 1):
        jobs.create("cache", f"drawn-{number}", f"drawn-{number}")
    jobs.create("find_rate", "a", "a")
    run = queued(1, 10.0)
    step(dispatcher)
    assert sorted(one.worker for one in workers.handed) == ["p0"] * JOBS_AT_ONCE + ["t0"]
    assert ("find_rate", "t0") in workers.whats, "the run waits for it"
    search = next(one for one in workers.handed if one.what == "find_rate")
    jobs.Reporter(jobs.Job("find_rate", "a")).end(jobs.DONE)
    search.status = "finished"
    step(dispatcher)
    assert workers.whats[-1] == (run.id, "t0")


def test_the_repeats_follow_the_run_that_is_done_and_give_way_to_what_somebody_waits_for(
    dispatcher: Dispatcher, workers: Workers
):
    first = runs.create(RunSpec("drawn", seed=0), repeats=3)
    step(dispatcher)
    end(workers.handed[0])
    somebodys = runs.create(RunSpec("drawn", seed=0, epochs=7))
    step(dispatcher)
    assert len(runs.statuses()) == 4
    assert workers.whats == [(first.id, "t0"), (somebodys.id, "t0")]
