"""Workers of somebody else's Dask cluster: they outlive the engine, and have one run at a time all the same."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lessonkit import runs
from lessonkit.cli.main import main
from lessonkit.engine import at_work, health, record
from lessonkit.engine.client import Engine
from lessonkit.errors import NoWorkersError
from lessonkit.language import speaking
from lessonkit.storage import write_json
from tests.engines import DEADLINE, STANDIN, until
from tests.faults.standins import spec, trained, wait_end, worker_of

ROOT = Path(__file__).parents[2]


Started = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def scheduler(standin: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Started]:
    """A scheduler of Dask's own command, which LESSONKIT_SCHEDULER names.

    `scheduler(name, **environment)` starts a worker for it.
    """
    word = tmp_path / "scheduler.json"
    started = []

    def begin(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        usual = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{STANDIN}"}
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(word)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, env=usual | environment, cwd=tmp_path, **quiet))
        return started[-1]

    def worker(name: str, **environment: str) -> subprocess.Popen[bytes]:
        return begin("worker", "--name", name, "--no-dashboard", "--nthreads", "1", **environment)

    begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
    try:
        until(lambda: word.exists() and word.read_text().rstrip().endswith("}"), "the scheduler serves")
        monkeypatch.setenv("LESSONKIT_SCHEDULER", json.loads(word.read_text())["address"])
        yield worker
    finally:
        for process in started:
            family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            for one in [process, *family]:
                one.kill()
            process.wait(timeout=20)


@pytest.fixture
def cluster(scheduler: Started) -> None:
    """That scheduler with two workers."""
    scheduler("train-a")
    scheduler("train-b")


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
    standin: Path, scheduler: Started, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    scheduler("train-strayed", LESSONKIT_HOME=str(tmp_path / "another"))
    engine = Engine()
    engine.connect()
    run = engine.submit(spec("quick", 1))
    until(lambda: "another folder" in str(engine.state()["problem"]), "the engine says why it waits")
    assert isinstance(why := engine.state()["problem"], NoWorkersError)
    assert str(why).startswith(
        "No run can be trained just now. The worker train-strayed has another folder for photos and runs than the app. "
    )
    with speaking("de"):
        assert str(why).startswith("Zurzeit kann nicht trainiert werden. Der Worker train-strayed hat einen anderen")
    with pytest.raises(NoWorkersError, match="train-strayed"):
        engine.warm()  # else it would tell the device of a machine that never trains
    assert main(["runs"]) == 0
    assert str(why) in capsys.readouterr().err
    assert health.look().problems
    assert run.status().state == runs.QUEUED
    scheduler("train-a")
    assert wait_end(run).state == runs.DONE
    until(lambda: engine.state()["problem"] is None, "nothing is in the way any more")
    assert health.look().problems == []
    engine.warm()
    engine.close()


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
