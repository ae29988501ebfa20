"""Workers of somebody else's Dask cluster: they outlive the engine, and have one run at a time all the same."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from distributed import Client

from lessonkit import runs
from lessonkit.cli.main import main
from lessonkit.engine import asking, at_work, health, record
from lessonkit.engine.client import Engine
from lessonkit.errors import NoWorkersError
from lessonkit.language import speaking
from lessonkit.storage import write_json
from tests.clusters import Scheduler
from tests.engines import DEADLINE, until
from tests.faults.standins import spec, trained, wait_end, worker_of


@pytest.fixture
def scheduler(standin: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Scheduler]:
    """A scheduler without workers, which LESSONKIT_SCHEDULER names."""
    found = Scheduler(tmp_path)
    monkeypatch.setenv("LESSONKIT_SCHEDULER", found.address)
    yield found
    found.close()


@pytest.fixture
def cluster(scheduler: Scheduler) -> None:
    """That scheduler with two workers."""
    scheduler.dask_worker("train-a")
    scheduler.dask_worker("train-b")


def test_each_worker_has_one_run(standin: Path, cluster: None):
    engine = Engine()
    engine.connect()
    queued = [engine.submit(spec("wait", n)) for n in range(3)]
    until(lambda: len(trained(standin)) == 2, "each worker has one")
    assert queued[2].status().state == runs.QUEUED
    worker_of(standin, queued[0]).kill()
    until(lambda: trained(standin).count(queued[0].id) == 2, "it goes on")
    (standin / "go").touch()
    assert [wait_end(r).state for r in queued] == [runs.DONE] * 3
    engine.close()


@pytest.mark.parametrize("how", ["killed", "asked to end"])
def test_they_go_on_while_the_engine_is_another_and_get_no_second_run(standin: Path, cluster: None, how: str):
    engine = Engine()
    engine.connect()
    first, second = (engine.submit(spec("wait", n)) for n in (1, 2))
    until(lambda: len(trained(standin)) == 2, "each worker has one")
    old = psutil.Process(record.read().pid)
    old.kill() if how == "killed" else old.terminate()
    old.wait(timeout=DEADLINE)
    engine.connect()
    assert record.read().pid != old.pid
    third = engine.submit(spec("wait", 3))
    job = engine.build_cache("drawn", 64)  # of photos that are not here
    until(lambda: job.now().ended, "the engine has handed out what it can")
    assert [run.status().state for run in (first, second, third)] == [runs.RUNNING, runs.RUNNING, runs.QUEUED]
    assert len(trained(standin)) == 2
    worker_of(standin, first).kill()
    until(lambda: len(trained(standin)) == 3, "the worker that took its place has it")
    assert first.status().went_on.startswith("The worker that trained this run ended suddenly.")
    (standin / "go").touch()
    assert [wait_end(run).state for run in (first, second, third)] == [runs.DONE] * 3
    assert sorted(trained(standin)) == sorted(run.id for run in (first, first, second, third))
    until(lambda: not list(at_work.folder().iterdir()), "nobody is at work on anything")
    engine.close()


def test_where_no_worker_may_train_each_who_waits_is_told_why_until_one_may(
    standin: Path, scheduler: Scheduler, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    scheduler.dask_worker("train-strayed", LESSONKIT_HOME=str(tmp_path / "another"))
    engine = Engine()
    engine.connect()
    run = engine.submit(spec("quick", 1))
    until(lambda: "another folder" in str(engine.state()["problem"]), "the engine says why it waits")
    assert isinstance(why := engine.state()["problem"], NoWorkersError)
    assert str(why).startswith(
        "No run can be trained just now. The worker train-strayed has another folder for photos and runs than the app. "
    )
    with speaking("de"):
        assert str(why).startswith("Gerade kann nicht trainiert werden. Der Worker train-strayed hat einen anderen")
    with pytest.raises(NoWorkersError, match="train-strayed"):
        engine.warm()  # else it would tell the device of a machine that never trains
    assert main(["runs"]) == 0
    assert str(why) in capsys.readouterr().err
    assert health.look().problems
    assert run.status().state == runs.QUEUED
    scheduler.dask_worker("train-a")
    assert wait_end(run).state == runs.DONE
    until(lambda: engine.state()["problem"] is None, "nothing is in the way any more")
    assert health.look().problems == []
    engine.warm()
    engine.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("of", ["lesson_worker", "dask_worker"])
def test_what_a_worker_trains_that_is_asked_to_end_goes_on_with_another(
    standin: Path, scheduler: Scheduler, of: str, how: signal.Signals
):
    begin = {"lesson_worker": scheduler.lesson_worker, "dask_worker": partial(scheduler.dask_worker, "train-1")}[of]
    asked = begin()
    engine = Engine()
    engine.connect()
    run = engine.submit(spec("saved wait", 1))
    until(lambda: run.has_checkpoint(), "an epoch is saved")
    family = psutil.Process(asked.pid).children(recursive=True)
    assert worker_of(standin, run) in family
    if how == signal.SIGINT:
        os.killpg(asked.pid, how)  # a terminal sends it to all of the group
    else:
        asked.send_signal(how)
    code = asked.wait(timeout=DEADLINE)
    psutil.wait_procs(family, timeout=DEADLINE)
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)
    assert of == "dask_worker" or code == 0
    scheduler.dask_worker("train-2")
    until(lambda: len(trained(standin)) == 2, "the other worker has it")
    (standin / "go").touch()
    status = wait_end(run)
    assert (status.state, status.resumes) == (runs.DONE, 1)
    assert status.went_on.endswith("It went on from epoch 2 of 4.")
    engine.close()


def test_each_gpu_has_a_worker_that_sees_no_other(standin: Path, scheduler: Scheduler):
    begun = scheduler.lesson_worker("--each-gpu", CUDA_VISIBLE_DEVICES="3,GPU-5e1")
    until(lambda: len(scheduler.names()) == 2, "two workers are there")
    with Client(scheduler.address, set_as_default=False) as client:
        seen = client.run(os.getenv, "CUDA_VISIBLE_DEVICES")
        names = asking.names(asking.workers(client))
    host = f"train-{socket.gethostname()}-{begun.pid}-gpu"
    assert {names[worker]: gpu for worker, gpu in seen.items()} == {f"{host}3": "3", f"{host}GPU-5e1": "GPU-5e1"}
    engine = Engine()
    engine.connect()
    queued = [engine.submit(spec("wait", n)) for n in range(3)]
    until(lambda: len(trained(standin)) == 2, "each has one run")
    assert worker_of(standin, queued[0]) != worker_of(standin, queued[1])
    (standin / "go").touch()
    assert [wait_end(run).state for run in queued] == [runs.DONE] * 3
    engine.close()


def test_a_worker_for_each_gpu_where_there_is_none_says_so(scheduler: Scheduler):
    assert scheduler.lesson_worker("--each-gpu", LESSONKIT_DEVICE="cpu").wait(timeout=DEADLINE) == 2
    assert scheduler.names() == set()


# workers on other machines, of which only files are seen


def claim(key: str, host: str, pid: int = 1, born: float = 0.0) -> at_work.Work:
    work = at_work.Work(key, "tcp://10.0.0.2:1", host, pid, born, "token")
    at_work.folder().mkdir(parents=True, exist_ok=True)
    write_json(at_work.path_of(key), vars(work))
    return work


def test_a_worker_on_another_machine_lives_as_long_as_it_touches_its_file(home: Path, monkeypatch: pytest.MonkeyPatch):
    now = time.monotonic()
    monkeypatch.setattr(at_work.time, "monotonic", lambda: now)
    work = claim("aaaaaaaaaaaa", "elsewhere")
    judge = at_work.Judge()

    def lives_after(seconds: float, looks: int, touched: bool = False) -> bool:
        nonlocal now
        if touched:
            os.utime(at_work.path_of(work.key), ns=(int(now * 1e9), int(now * 1e9)))  # by another machine's clock
        for _ in range(looks):
            now += seconds / looks
            living = judge.living()
        return work.key in living

    assert lives_after(59, looks=100)
    assert lives_after(50, looks=100, touched=True)
    assert lives_after(400, looks=1), "the looking machine was asleep, perhaps the other one too"
    assert not lives_after(10, looks=10)
    assert lives_after(1, looks=1, touched=True), "it was not heard of for a while"


def test_a_worker_on_this_machine_lives_as_long_as_its_process(home: Path):
    me = psutil.Process()
    claim("aaaaaaaaaaaa", socket.gethostname(), me.pid, me.create_time())
    claim("bbbbbbbbbbbb", socket.gethostname(), me.pid, me.create_time() - 100)  # the number was another process's
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    claim("cccccccccccc", socket.gethostname(), gone.pid, psutil.Process(gone.pid).create_time())
    gone.wait(timeout=DEADLINE)
    claim("dddddddddddd", "elsewhere", gone.pid)
    at_work.leave()
    assert {path.stem for path in at_work.folder().iterdir()} == {"aaaaaaaaaaaa", "dddddddddddd"}, (
        "the dead of this machine"
    )
    at_work.forget("dddddddddddd")
    living = at_work.Judge().living()
    assert set(living) == {"aaaaaaaaaaaa"}
    at_work.tidy(living)
    assert [path.stem for path in at_work.folder().iterdir()] == ["aaaaaaaaaaaa"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "a"}'])
def test_a_file_that_says_nothing_is_nobodys(home: Path, text: str):
    at_work.folder().mkdir(parents=True)
    at_work.path_of("aaaaaaaaaaaa").write_text(text)
    assert at_work.Judge().living() == {}


def test_a_worker_that_was_taken_for_dead_ends_its_work(home: Path):
    with at_work.on("aaaaaaaaaaaa") as mine:
        assert mine.held()
        at_work.forget(mine.key)
        assert not mine.held()
        other = claim("aaaaaaaaaaaa", "elsewhere")
    assert other.held(), "what another worker wrote stays"
