"""The engine itself: two apps at once, one that was killed or left nothing but a file, one that cannot start, nobody there.

Real processes and real Dask; what a run does is a stand-in (`standin/`), so that each test takes seconds.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from distributed import Client

from lessonkit import jobs, runs
from lessonkit.engine import certificate, record, starting
from lessonkit.engine.client import Engine
from lessonkit.engine.dispatcher import Dispatcher
from lessonkit.errors import EngineError, LessonError
from lessonkit.photos import catalog, manifest
from tests.engines import DEADLINE, STANDIN, until
from tests.faults.standins import spec, wait_end, worker_of

ROOT = Path(__file__).parents[2]


def engines_of(home: Path) -> list[int]:
    """Engine processes that serve this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cmdline()[-3:] == ["-m", "lessonkit", "engine"] and process.cwd() == str(home):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def test_a_killed_engine_is_started_again_and_says_what_it_left(engine: Engine, served: Path):
    running, waiting = engine.submit(spec("wait", 1)), engine.submit(spec("quick", 2))
    until(lambda: running.history(), "the first epoch is written")
    old = record.read()
    assert old is not None
    family = psutil.Process(old.pid).children(recursive=True)
    psutil.Process(old.pid).kill()
    psutil.wait_procs(family, timeout=DEADLINE)
    assert not any(p.is_running() for p in family), "its workers ended with it"
    (served / "go").touch()
    new = engine.submit(spec("quick", 3))  # the same client, as every page has it
    assert [wait_end(r).state for r in (running, waiting, new)] == [runs.DONE] * 3
    assert running.status().went_on.startswith("The engine ended while this run was training.")
    assert (running.status().resumes, len(running.history())) == (1, 1)
    assert record.read().pid != old.pid


def test_no_page_waits_for_an_engine_that_is_being_started(home: Path):
    engine = Engine()
    page = threading.Thread(target=engine.prewarm, daemon=True)
    with engine.connection.lock:  # as whoever starts one holds it, for seconds
        page.start()
        page.join(DEADLINE)
        assert not page.is_alive()


def test_apps_that_start_at_once_start_one_engine(standin: Path):
    code = (
        "from lessonkit.engine.client import Engine; from lessonkit.engine import record; "
        "Engine().connect(); print(record.read().address)"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{STANDIN}"}
    apps = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(3)
    ]
    told = {app.communicate(timeout=DEADLINE)[0].strip() for app in apps}
    assert told == {record.read().address}
    until(lambda: engines_of(standin) == [record.read().pid], "one engine is left")
    assert "another engine serves" not in record.log_path().read_text(), "no process was started for nothing"


@pytest.mark.parametrize("left", ["dead process", "silent address", "garbage"])
def test_an_engine_json_that_leads_nowhere_is_replaced(standin: Path, left: str, request: pytest.FixtureRequest):
    engine = Engine()
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait(timeout=DEADLINE)
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)  # alive, and no engine
    request.addfinalizer(other.kill)
    pid = gone.pid if left == "dead process" else other.pid
    word = record.Record("tcp://127.0.0.1:9", pid, socket.gethostname(), "0.1.0", time.time(), "none", True)
    record.write(word)
    if left == "garbage":
        record.path().write_text("{")
    engine.connect()
    assert record.read().address != word.address
    assert record.read().pid in engines_of(standin)


def test_an_engine_that_starts_takes_note_of_photos_changed_by_hand(standin: Path):
    engine = Engine()
    top = catalog.resolve("drawn").photos_folder
    top.mkdir(parents=True)
    (top / "Abyssinian_1.jpg").write_bytes(b"a photo")
    manifest.seal(
        catalog.resolve("drawn").folder, manifest.find_photos(top), catalog.resolve("drawn").description.inside
    )
    before = catalog.resolve("drawn").fingerprint
    (top / "Abyssinian_1.jpg").write_bytes(b"another")
    engine.connect()
    until(lambda: catalog.resolve("drawn").fingerprint != before, "the engine reads the photos again")


def test_an_engine_whose_word_is_taken_away_ends(engine: Engine, served: Path):
    process = psutil.Process(record.read().pid)
    record.path().unlink()
    process.wait(timeout=DEADLINE)
    assert record.read() is None


def test_an_engine_that_nobody_needs_ends_by_itself(standin: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "0.5")
    engine = Engine()
    engine.connect()
    run = engine.submit(spec("wait", 1))
    process = psutil.Process(record.read().pid)
    engine.close()
    until(lambda: run.history(), "it trains on with nobody connected")
    (standin / "go").touch()
    process.wait(timeout=DEADLINE)
    assert run.status().state == runs.DONE
    assert record.read() is None


def test_stop_if_alone_leaves_an_engine_that_another_app_uses(engine: Engine):
    other = Engine()
    other.connect()
    assert not other.started_it
    assert engine.stop_if_alone() is False
    other.close()
    process = psutil.Process(record.read().pid)
    until(engine.stop_if_alone, "it ended the engine")
    process.wait(timeout=DEADLINE)


def test_state_starts_no_engine(standin: Path):
    assert Engine().state()["alive"] is False
    assert record.read() is None


def test_the_device_is_known_by_name(engine: Engine):
    device = engine.device()
    assert device["kind"] in ("cpu", "cuda", "mps")
    state = until(lambda: (s := engine.state())["device"] and s, "the sidebar knows")
    assert (state["device"], state["kind"]) == (device["name"], device["kind"])
    process = psutil.Process(record.read().pid)
    for worker in process.children(recursive=True):
        if worker.memory_info().rss > 300 * 2**20:
            worker.kill()  # the one that imported torch
    assert engine.device() == device
    assert engine.state()["device"] == device["name"]
    assert {w["name"] for w in state["workers"]} >= {"train-0", "preview"}


def test_an_idle_engine_gives_back_what_its_workers_hold(standin: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_ENGINE_LEAN", "0.5")
    engine = Engine()
    large = psutil.Process(engine.call("predict", "large", [])[0])
    until(lambda: not large.is_running(), "the worker was started again")
    assert engine.call("predict", "any", [])[0] != large.pid
    engine.close()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process cannot be put in another's place there")
def test_an_engine_whose_worker_does_not_come_back_begins_again(standin: Path, monkeypatch: pytest.MonkeyPatch):
    """Dask forgets now and then to start a worker again that was killed in its first second."""
    monkeypatch.setenv("STANDIN_MISSING_SECONDS", "3")
    engine = Engine()
    engine.connect()
    known = record.read()
    run, other = engine.submit(spec("saved wait", 1)), engine.submit(spec("quick", 2))
    until(run.has_checkpoint, "it trains")
    with Client(known.address, security=certificate.security(), set_as_default=False) as client:
        names = {worker["name"]: address for address, worker in client.scheduler_info(n_workers=-1)["workers"].items()}
        client.run(
            lambda dask_worker: setattr(dask_worker.process, "on_exit", None), workers=[names["train-0"]], nanny=True
        )
    worker_of(standin, run).kill()
    until(lambda: run.status().state == runs.QUEUED, "it is noticed")
    (standin / "go").touch()
    until(lambda: (now := record.read()) and now.started != known.started, "the engine begins again")
    assert record.read().pid == known.pid
    assert [wait_end(r).state for r in (run, other)] == [runs.DONE, runs.DONE]
    assert engine.call("predict", "any", [])
    engine.close()


def test_an_engine_that_cannot_start_is_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
):
    monkeypatch.setenv("PYTHONPATH", str(STANDIN))
    monkeypatch.setenv("STANDIN_REFUSES", "1")
    with pytest.raises(EngineError, match=r"ended as it started .*engine\.log"):
        Engine().connect()
    monkeypatch.delenv("STANDIN_REFUSES")
    monkeypatch.setenv("LESSONKIT_DEVICE", "abacus")
    with pytest.raises(LessonError, match="abacus"):
        Engine().connect()
    taken = tmp_path_factory.mktemp("taken") / "file"
    taken.write_text("")
    monkeypatch.setenv("LESSONKIT_HOME", str(taken))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    with pytest.raises(LessonError, match="LESSONKIT_HOME"):
        Engine().connect()


def test_submit_does_not_wait_for_the_engine_that_it_starts(standin: Path, monkeypatch: pytest.MonkeyPatch):
    may_start = threading.Event()
    spawn = starting.spawn
    monkeypatch.setattr(starting, "spawn", lambda: may_start.wait(DEADLINE) and spawn())
    engine = Engine()
    run = engine.submit(spec("quick", 1))
    assert run.status().state == runs.QUEUED
    may_start.set()
    assert wait_end(run).state == runs.DONE
    engine.close()


def test_what_the_last_engine_left_is_no_obstacle_to_the_next(standin: Path, monkeypatch: pytest.MonkeyPatch):
    job = jobs.create("cache", "drawn", "drawn", 64)
    job.state = jobs.RUNNING
    job.write()
    left = runs.create(spec("quick", 1))
    status = left.status()
    status.state = runs.RUNNING
    left.write_status(status)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    dispatcher = Dispatcher(None, own=True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(full))
        dispatcher.recover()
    assert left.status().state == runs.RUNNING
    dispatcher.recover()
    assert (left.status().state, left.status().resumes) == (runs.QUEUED, 1)
    assert job.now().state == jobs.FAILED
