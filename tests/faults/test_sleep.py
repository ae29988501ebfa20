"""A laptop sleeps while something runs: it goes on afterwards, and what is said of its time leaves the sleep out."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from lessonkit import awake, jobs, runs
from lessonkit.engine import record, silence, tasks
from lessonkit.engine.client import Engine
from lessonkit.engine.silence import MISSING_SECONDS, SILENT_SECONDS, Missing, Silence
from tests.clocks import SetClock
from tests.engines import until
from tests.faults.standins import spec, trained, wait_end, worker_of

ASLEEP = 8.0  # seconds; Dask takes a worker for lost after 5 where its `worker-ttl` is as small as it can be


def test_a_run_goes_on_after_a_sleep_longer_than_dasks_patience(standin: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "1s")
    engine = Engine()
    engine.connect()
    run = engine.submit(spec("wait", 1))
    until(lambda: run.history(), "it trains")
    worker = worker_of(standin, run)
    old = psutil.Process(record.read().pid)
    family = [old, *old.children(recursive=True)]
    for process in family:
        process.suspend()
    time.sleep(ASLEEP)
    for process in reversed(family):
        process.resume()
    job = engine.build_cache("drawn", 64)  # of photos that are not here
    until(lambda: job.now().ended, "the engine does what it is asked again")
    assert engine.call("predict", "any", [])
    assert run.status().state == runs.RUNNING
    assert worker.is_running()
    (standin / "go").touch()
    assert wait_end(run).state == runs.DONE
    assert trained(standin) == [run.id]
    assert record.read().pid == old.pid
    engine.close()


@pytest.mark.parametrize("asleep", [40.0, 400.0])
def test_a_clock_that_leaves_the_sleep_out(monkeypatch: pytest.MonkeyPatch, asleep: float):
    at = SetClock(monkeypatch)
    begun = awake.seconds()
    at.passes(30.0)
    at.sleeps(asleep)
    assert awake.seconds() - begun == pytest.approx(31.0, abs=1.0)
    at.now += 5.0
    assert awake.seconds() - begun == pytest.approx(36.0, abs=1.0), "a busy machine is not asleep"


def test_the_clock_looks_by_itself():
    clock = awake.Clock()
    begun = clock.seconds()
    looked = clock._last
    until(lambda: clock._last > looked, "it looked")
    assert clock.seconds() > begun


def test_a_downloads_rate_and_time_left_leave_the_sleep_out(home: Path, monkeypatch: pytest.MonkeyPatch):
    at = SetClock(monkeypatch)
    job = jobs.create("obtain", "pets", "pets")
    report = jobs.Reporter(job)
    report("download", 0, 1000)
    for done in range(100, 600, 100):
        at.passes(1.0)
        report("download", done, 1000)
    at.sleeps(400.0)
    report("download", 600, 1000)
    assert job.rate == pytest.approx(100.0, rel=0.01)
    assert job.seconds_left == pytest.approx(4.0, rel=0.01)
    report("unpack", 0, 10)
    assert job.log[-1]["seconds"] == pytest.approx(6.0, abs=0.01)


def test_a_runs_time_leaves_the_sleep_out(home: Path, monkeypatch: pytest.MonkeyPatch):
    at = SetClock(monkeypatch, tasks)
    run = runs.create(spec("quick", 1))
    report = tasks.StatusReport(run)
    begun = at.now
    for done in range(10):
        at.passes(2.0)
        report("training", done, 10)
    assert run.status().slept == 0
    at.sleeps(400.0)
    report("training", 10, 10)
    status = run.status()
    status.started_at, status.ended_at = begun, at.now
    assert status.seconds == pytest.approx(21.0, abs=1.0)


def test_a_worker_is_silent_by_the_time_that_the_machine_was_awake(monkeypatch: pytest.MonkeyPatch):
    at = SetClock(monkeypatch, silence)
    watch = Silence()

    def look(seconds: float, looks: int, **last_seen: float) -> list[str]:
        for _ in range(looks):
            at.now += seconds / looks
            found = watch.look({address: {"last_seen": seen} for address, seen in last_seen.items()})
        return found

    assert look(SILENT_SECONDS, 300, one=1.0, other=1.0) == []
    assert look(400.0, 1, one=1.0, other=2.0) == ["one"], "a moment more, by the clock of a machine that slept"
    assert look(SILENT_SECONDS + 1, 300, one=3.0, other=2.0) == ["other"]
    assert look(1.0, 1, other=3.0) == []


def test_a_worker_is_missing_by_the_time_that_the_machine_was_awake(monkeypatch: pytest.MonkeyPatch):
    at = SetClock(monkeypatch, silence)
    watch = Missing()

    def look(seconds: float, looks: int, *names: str) -> list[str]:
        for _ in range(looks):
            at.now += seconds / looks
            found = watch.look(names)
        return found

    assert look(2 * MISSING_SECONDS, 100, "one", "other") == []
    assert look(400.0, 1, "one") == [], "the machine slept"
    assert look(MISSING_SECONDS - 10, 100, "one") == []
    assert look(1.0, 1, "one", "other") == [], "it is there again"
    assert look(MISSING_SECONDS + 1, 100, "one") == ["other"]
