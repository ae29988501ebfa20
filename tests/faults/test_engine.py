"""The engine under what happens to it: killed workers, killed engines, two apps at once, nobody there.

Real processes and real Dask; what a run does is a stand-in (`standin/`), so that each test takes seconds.
"""

from __future__ import annotations

import errno
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from distributed import Client

from lessonkit import corrections, jobs, runs
from lessonkit.engine import certificate, priority, record, server, starting
from lessonkit.engine.client import Engine
from lessonkit.engine.dispatcher import Dispatcher
from lessonkit.errors import EngineError, LessonError, PhotoError
from lessonkit.photos import catalog, manifest
from lessonkit.spec import RunSpec
from lessonkit.storage import write_bytes
from tests.engines import DEADLINE, STANDIN, until
from tests.faults.standin.standin import save as standin_save
from tests.faults.standins import spec, trained, wait_end, worker_of

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


# runs


def test_a_run_is_trained_once_however_often_it_is_asked_for(engine: Engine, standin: Path):
    first = engine.submit(spec("quick", 1))
    assert wait_end(first).state == runs.DONE
    again = engine.submit(spec("quick", 1))
    other = engine.submit(spec("quick", 2))
    wait_end(other)
    assert again.id == first.id
    assert trained(standin) == [first.id, other.id]
    status = first.status()
    assert 0 < status.queued_at <= status.started_at <= status.ended_at


def test_a_training_worker_has_one_run_at_a_time_and_the_oldest_first(engine: Engine, standin: Path):
    queued = [engine.submit(spec("wait", n)) for n in range(4)]
    until(lambda: queued[0].status().state == runs.RUNNING, "the first trains")
    extra = engine.submit(spec("wait", 9))
    assert [r.status().state for r in queued] == [runs.RUNNING, *[runs.QUEUED] * 3]
    state = until(lambda: (s := engine.state())["running"] and s, "the sidebar knows")
    assert state["running"] == [queued[0].id]
    (standin / "go").touch()
    wait_end(extra)
    assert trained(standin) == [r.id for r in [*queued, extra]]


@pytest.mark.parametrize("how", ["crash once", "saved crash once"])
def test_a_run_whose_worker_died_goes_on(engine: Engine, standin: Path, how: str):
    run = engine.submit(spec(how, 1))
    status = wait_end(run)
    where = "It went on from epoch 2 of 4." if "saved" in how else "No epoch of it was saved by then: it began again."
    assert (status.state, status.resumes) == (runs.DONE, 1)
    assert status.went_on == f"The worker that trained this run ended suddenly. {where}"
    assert trained(standin) == [run.id, run.id]


@pytest.mark.parametrize(("how", "state"), [("saved crash", runs.STOPPED), ("saved crash twice", runs.FAILED)])
def test_a_run_whose_workers_die_is_finished_from_its_checkpoint_once(engine, standin: Path, how: str, state: str):
    run = engine.submit(spec(how, 1))
    status = wait_end(run)
    assert status.state == state
    assert "ended suddenly" in status.sentence
    assert status.way_out
    assert status.resumes == 2
    assert trained(standin) == [run.id] * 4


def test_a_run_that_waits_to_go_on_can_be_stopped_and_goes_on_another_time(engine: Engine, standin: Path):
    first = engine.submit(spec("wait", 1))
    until(lambda: first.history(), "a run trains")
    waits = runs.create(spec("saved", 2))
    write_bytes(waits.path(runs.HISTORY), b"epoch\n0,1.5,1.25,0.5,2.0\n")
    standin_save(waits)
    engine.stop(waits.id)
    assert (waits.status().state, waits.has_checkpoint()) == (runs.INTERRUPTED, True)
    (standin / "go").touch()
    engine.submit(spec("saved", 2))
    status = wait_end(waits)
    assert status.state == runs.DONE
    assert status.went_on == f"{runs.STILL_SAVED[0]} It went on from epoch 2 of 4."


def test_a_run_whose_parent_is_queued_again_in_that_moment_waits_for_it(engine: Engine, standin: Path):
    """The engine may have handed out the second in the moment when the first is queued again."""
    parent = engine.submit(spec("wait", 1))
    until(lambda: parent.history(), "the first trains")
    engine.stop(parent.id)
    assert wait_end(parent).state == runs.STOPPED
    child = spec("quick", 2, starts_from=parent.id)
    with runs._queueing():  # the worker that has been given the child stands here
        waiting = runs._queue(child)
        until(lambda: f"{child.id} ->" in record.log_path().read_text(), "the child is handed out")
        runs._queue(parent.spec())
    until(lambda: trained(standin).count(parent.id) == 2, "the first is trained again")
    assert waiting.status().state == runs.QUEUED
    (standin / "go").touch()
    assert [wait_end(r).state for r in (parent, waiting)] == [runs.DONE, runs.DONE]
    assert trained(standin)[-1] == child.id


def test_a_run_trained_again_by_a_worker_that_dies_has_its_result_of_before(engine: Engine, standin: Path):
    run = runs.create(spec("crash", 1))
    run.path(runs.MODEL).write_bytes(b"learned before")
    run.path("history.csv").write_text(",".join(runs.HISTORY_COLUMNS) + "\n0,1,1,1,1\n")
    run.end(runs.STOPPED, "Stopped, as was asked.")
    engine.submit(spec("crash", 1), again=True)
    until(lambda: trained(standin) == [run.id], "it is trained again")
    status = wait_end(run)
    assert (status.state, run.path(runs.MODEL).read_bytes()) == (runs.STOPPED, b"learned before")
    assert "ended suddenly" in status.sentence
    assert run.history()[0]["train_loss"] == 1


@pytest.mark.parametrize("how", ["killed", "asked to end"])
def test_a_run_whose_engine_ended_goes_on_in_the_next(engine: Engine, standin: Path, how: str):
    run = engine.submit(spec("saved wait", 1))
    until(lambda: run.path(runs.CHECKPOINT).exists(), "it has a checkpoint")
    old = psutil.Process(record.read().pid)
    family = old.children(recursive=True)
    old.kill() if how == "killed" else old.terminate()
    psutil.wait_procs([old, *family], timeout=DEADLINE)
    (standin / "go").touch()
    engine.submit(spec("quick", 2))
    status = wait_end(run)
    assert (status.state, status.resumes) == (runs.DONE, 1 if how == "killed" else 0)
    assert status.went_on.endswith("It went on from epoch 2 of 4.")
    assert trained(standin).count(run.id) == 2


def test_a_run_that_was_asked_to_stop_stays_stopped_when_its_worker_dies(engine: Engine, standin: Path):
    saved, unsaved = (engine.submit(spec(how, 1)) for how in ("saved wait", "wait"))
    for run, state in ((saved, runs.STOPPED), (unsaved, runs.INTERRUPTED)):
        until(lambda run=run: run.history() and (run.has_checkpoint() or run is unsaved), "it trains")
        worker = worker_of(standin, run)
        worker.suspend()  # in the midst of a batch
        engine.stop(run.id)
        worker.kill()
        assert wait_end(run).state == state
    assert trained(standin) == [saved.id, saved.id, unsaved.id]


@pytest.mark.skipif(os.name == "nt", reason="priorities are other numbers there")
def test_training_lets_the_pages_go_first(engine: Engine, standin: Path):
    wait_end(engine.submit(spec("quick", 1)))
    assert int((standin / "nice.txt").read_text()) == priority.NICE
    assert psutil.Process(record.read().pid).nice() == 0


def test_a_killed_worker_takes_its_own_run_alone(engine: Engine, standin: Path):
    taken = engine.submit(spec("wait", 1))
    others = [engine.submit(spec("quick", n)) for n in (2, 3)]
    until(lambda: taken.history(), "the first epoch is written")
    worker_of(standin, taken).kill()
    until(lambda: trained(standin).count(taken.id) == 2, "it is trained again")
    (standin / "go").touch()
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


def test_what_a_run_raises_becomes_its_sentence(engine: Engine):
    lesson, bug = engine.submit(spec("lesson", 1)), engine.submit(spec("bug", 2))
    assert (wait_end(lesson).state, lesson.status().sentence) == (runs.FAILED, "The weights are not here.")
    assert lesson.status().way_out == "Fetch them."
    assert wait_end(bug).state == runs.FAILED
    assert "private detail" not in bug.status().sentence + bug.status().way_out
    assert "a private detail" in record.log_path().read_text()


def test_a_failed_run_is_trained_again_when_asked_for_again(engine: Engine, standin: Path):
    run = engine.submit(spec("lesson", 1))
    wait_end(run)
    engine.submit(spec("lesson", 1))
    until(lambda: trained(standin) == [run.id, run.id], "it was trained again")


def test_stop_keeps_the_epochs_of_a_run_that_trains_and_a_queued_run_never_starts(engine: Engine, standin: Path):
    training, waiting = engine.submit(spec("wait", 1)), engine.submit(spec("wait", 2))
    until(lambda: training.history(), "the first epoch is written")
    engine.stop(waiting.id)
    status = wait_end(waiting)
    assert status.state == runs.INTERRUPTED
    assert "stopped before it began" in status.sentence
    engine.stop(training.id)
    assert wait_end(training).state == runs.STOPPED
    assert len(training.history()) == 1
    assert trained(standin) == [training.id]


def test_a_run_waits_for_the_run_that_it_goes_on_from(engine: Engine, standin: Path):
    parent = spec("wait", 1)
    first = engine.submit(spec("quick", 2))
    wait_end(first)
    queued_parent = engine.submit(parent)
    child = engine.submit(spec("quick", 3, starts_from=parent.id))
    free = engine.submit(spec("quick", 4))
    until(lambda: queued_parent.status().state == runs.RUNNING, "the parent trains")
    assert child.status().state == runs.QUEUED
    (standin / "go").touch()
    assert [wait_end(r).state for r in (child, free)] == [runs.DONE, runs.DONE]
    assert trained(standin) == [first.id, parent.id, child.id, free.id]


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


# the engine itself


def test_a_killed_engine_is_started_again_and_says_what_it_left(engine: Engine, standin: Path):
    running, waiting = engine.submit(spec("wait", 1)), engine.submit(spec("quick", 2))
    until(lambda: running.history(), "the first epoch is written")
    old = record.read()
    assert old is not None
    family = psutil.Process(old.pid).children(recursive=True)
    psutil.Process(old.pid).kill()
    psutil.wait_procs(family, timeout=DEADLINE)
    assert not any(p.is_running() for p in family), "its workers ended with it"
    (standin / "go").touch()
    new = engine.submit(spec("quick", 3))  # the same client, as every page has it
    assert [wait_end(r).state for r in (running, waiting, new)] == [runs.DONE] * 3
    assert running.status().went_on.startswith("The engine ended while this run was training.")
    assert (running.status().resumes, len(running.history())) == (1, 1)
    assert record.read().pid != old.pid


def test_no_page_waits_for_an_engine_that_is_being_started(home: Path):
    engine = Engine()
    page = threading.Thread(target=engine.prewarm, daemon=True)
    with engine._lock:  # as whoever starts one holds it, for seconds
        page.start()
        page.join(DEADLINE)
        assert not page.is_alive()


def test_two_apps_that_start_at_once_share_one_engine(standin: Path):
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


def test_an_engine_whose_word_is_taken_away_ends(engine: Engine, standin: Path):
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


def test_thirty_learners_ask_at_once(engine: Engine):
    with ThreadPoolExecutor(30) as learners:
        queued = list(learners.map(lambda n: engine.submit(spec("quick", n % 3)), range(30)))
    assert len({r.id for r in queued}) == 3
    assert [wait_end(r).state for r in queued] == [runs.DONE] * 30


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
def test_an_engine_whose_worker_does_not_come_back_begins_again(engine: Engine, standin: Path):
    """Dask forgets now and then to start a worker again that was killed in its first second."""
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


# what cannot be


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


# calls


def test_an_error_comes_back_as_the_class_it_was(engine: Engine):
    with pytest.raises(PhotoError) as caught:
        engine.call("predict", "not-a-photo", [])
    assert (caught.value.sentence, caught.value.way_out) == ("This is no photo.", "Choose another.")
    with pytest.raises(EngineError) as caught:
        engine.call("predict", "bug", [])
    assert "private detail" not in str(caught.value)
    assert "a private detail" in record.log_path().read_text()
    with pytest.raises(EngineError, match="no task"):
        engine.call("no such task")


def test_a_call_that_kills_its_worker_says_so_and_the_next_is_answered(engine: Engine, standin: Path):
    training = engine.submit(spec("wait", 1))
    until(lambda: training.history(), "a run trains beside it")
    with pytest.raises(EngineError, match="ended before it answered"):
        engine.call("predict", "crash", [])
    assert (standin / "crashes.txt").read_text() == "xx", "asked once more, then no longer"
    assert engine.call("predict", "any", [])[0] != worker_of(standin, training).pid
    (standin / "go").touch()
    assert wait_end(training).state == runs.DONE, "the run noticed nothing"


def test_a_call_under_which_the_engine_dies_is_asked_again(engine: Engine, standin: Path):
    old = psutil.Process(record.read().pid)
    pid = engine.call("predict", "any", [])[0]
    old.kill()
    old.wait(timeout=DEADLINE)
    assert engine.call("predict", "any", [])[0] != pid


# control


def some_photos() -> Path:
    """A dataset of four files that are no photos; returns their folder."""
    photos = catalog.resolve("drawn").photos_folder
    photos.mkdir(parents=True)
    for name in ("Abyssinian_1.jpg", "Abyssinian_2.jpg", "Bengal_1.jpg", "Bengal_2.jpg"):
        (photos / name).write_bytes(name.encode())
    manifest.seal(
        catalog.resolve("drawn").folder, manifest.find_photos(photos), catalog.resolve("drawn").description.inside
    )
    return photos


def test_train_stop_and_marks_wait_for_nothing_that_runs(engine: Engine, standin: Path):
    some_photos()
    training = engine.submit(spec("wait", 1))
    until(lambda: training.history(), "a run trains")
    with ThreadPoolExecutor(server.PREVIEW_THREADS) as learners:
        held = [learners.submit(engine.call, "predict", "hold", []) for _ in range(server.PREVIEW_THREADS)]
        try:
            full = "x" * server.PREVIEW_THREADS
            until(
                lambda: (standin / "held.txt").exists() and (standin / "held.txt").read_text() == full, "all are held"
            )
            queued = engine.submit(spec("wait", 2))
            job = engine.find_rate(spec("quick", 3))
            engine.write(corrections.mark, catalog.resolve("drawn"), "Bengal_1.jpg", "Abyssinian")
            engine.stop(queued.id)
            engine.stop(training.id)
            assert (queued.spec().seed, job.state, training.stop_asked()) == (2, jobs.QUEUED, True)
            assert list(corrections.read("drawn")) == ["Bengal_1.jpg"]
            assert wait_end(training).state == runs.STOPPED
            assert not any(one.done() for one in held)
        finally:
            (standin / "go").touch()


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


def test_a_run_is_named_by_the_photos_as_they_are(engine: Engine):
    photos = some_photos()
    before = catalog.resolve("drawn").fingerprint
    (photos / "Bengal_1.jpg").write_bytes(b"another")
    run = engine.submit(RunSpec("drawn", pattern="quick", fingerprint=before))
    assert run.spec().fingerprint == catalog.resolve("drawn").fingerprint != before
    assert wait_end(run).state == runs.DONE


# jobs


@contextmanager
def slow_mirror(go: threading.Event) -> Iterator[tuple[str, threading.Event]]:
    """A mirror that answers when `go` is set, with a page instead of an archive; and an event: it was asked."""
    asked = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            go.wait(DEADLINE)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        go.set()
        server.shutdown()
        server.server_close()


def test_a_download_leaves_the_previews_free(standin: Path, monkeypatch: pytest.MonkeyPatch):
    go = threading.Event()
    with slow_mirror(go) as (mirror, asked):
        monkeypatch.setenv("LESSONKIT_MIRROR", mirror)
        engine = Engine()
        job = engine.obtain("imagewoof")
        assert asked.wait(DEADLINE)
        assert job.now().state == jobs.RUNNING
        assert engine.obtain("imagewoof").queued_at == job.queued_at, "asked twice it is one download"
        assert engine.call("predict", "any", [])
        assert not job.now().ended
        go.set()
        until(lambda: job.now().ended, "the download failed")
        assert job.now().state == jobs.FAILED
        assert job.now().sentence
        engine.close()


def test_a_dataset_is_drawn_and_its_photos_decoded(standin: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", "2")
    engine = Engine()
    job = engine.obtain("drawn")
    until(lambda: job.now().ended, "it is drawn")
    assert (job.now().state, job.now().sentence) == (jobs.DONE, "")
    assert all(entry["stage"] and entry["done"] <= entry["total"] for entry in job.now().log if entry["total"])
    cached = engine.build_cache("drawn", 64)
    until(lambda: cached.now().ended, "they are decoded")
    assert cached.now().result == {"photos": 24, "bad": {}}
    engine.close()


def test_a_job_whose_worker_dies_says_so_and_can_be_asked_for_again(standin: Path, monkeypatch: pytest.MonkeyPatch):
    with slow_mirror(threading.Event()) as (mirror, asked):
        monkeypatch.setenv("LESSONKIT_MIRROR", mirror)
        engine = Engine()
        pid = engine.call("predict", "any", [])[0]
        job = engine.obtain("imagewoof")
        assert asked.wait(DEADLINE)
        psutil.Process(pid).kill()
        until(lambda: job.now().ended, "the job says so")
        assert "ended suddenly" in job.now().sentence
        asked.clear()
        engine.obtain("imagewoof")
        assert asked.wait(DEADLINE), "it is fetched again"
        engine.close()


def test_a_job_stops_when_it_is_asked_to_though_its_server_says_nothing(standin: Path, monkeypatch: pytest.MonkeyPatch):
    with slow_mirror(threading.Event()) as (mirror, asked):
        monkeypatch.setenv("LESSONKIT_MIRROR", mirror)
        engine = Engine()
        job = engine.obtain("imagewoof")
        assert asked.wait(DEADLINE)
        engine.stop_job("obtain", "imagewoof")
        until(lambda: job.now().ended, "it stopped")
        assert (job.now().state, job.now().sentence) == (jobs.STOPPED, jobs.ASKED)
        asked.clear()
        assert engine.obtain("imagewoof").state == jobs.QUEUED
        assert asked.wait(DEADLINE), "it is fetched again when somebody asks"
        engine.close()


def test_a_job_that_is_stopped_leaves_its_training_worker_to_a_run(engine: Engine, standin: Path):
    searching, waiting = engine.find_rate(spec("wait", 1)), engine.find_rate(spec("wait", 2))
    until(lambda: searching.now().stage, "it searches")
    run = engine.submit(spec("quick", 3))
    engine.stop_job("find_rate", waiting.key)
    assert waiting.now().state == jobs.STOPPED, "one that waits has stopped at once"
    assert run.status().state == runs.QUEUED
    engine.stop_job("find_rate", searching.key)
    assert wait_end(run).state == runs.DONE
    assert searching.now().state == jobs.STOPPED
    assert not (standin / "go").exists()


def test_a_search_for_a_rate_waits_for_a_training_worker(engine: Engine, standin: Path):
    run = engine.submit(spec("wait", 1))
    until(lambda: run.history(), "a run trains")
    job = engine.find_rate(spec("quick", 2))
    assert job.state == jobs.QUEUED
    (standin / "go").touch()
    until(lambda: job.now().ended, "the search is done")
    assert job.now().result == {"lrs": [1e-5, 1e-4], "losses": [2.0, None], "suggestion": 1e-5}
    json.dumps(job.now().result, allow_nan=False)


# a disk that is full


@contextmanager
def files_of_at_most(size: int, family: list[psutil.Process]) -> Iterator[None]:
    """The processes cannot write a file longer than this, in bytes, meanwhile: each such write fails."""
    before = [process.rlimit(psutil.RLIMIT_FSIZE) for process in family]
    for process, (_, hard) in zip(family, before, strict=True):
        process.rlimit(psutil.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for process, limit in zip(family, before, strict=True):
            with suppress(psutil.NoSuchProcess):
                process.rlimit(psutil.RLIMIT_FSIZE, limit)


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="resource limits of other processes are Linux's")
def test_a_full_disk_ends_a_job_but_not_the_engine(engine: Engine, standin: Path):
    training = engine.submit(spec("wait", 1))
    until(lambda: training.history(), "a run trains beside it")
    process = psutil.Process(record.read().pid)
    with files_of_at_most(1 << 20, [process, *process.children(recursive=True)]):
        job = jobs.create("features", "large", "x" * (2 << 20))  # by this test, which has no limit
        until(lambda: "cannot be written down yet" in record.log_path().read_text(), "the engine says so in its log")
        (standin / "go").touch()
        assert wait_end(training).state == runs.DONE
        assert not job.now().ended
    until(lambda: job.now().ended, "it is written down once there is room")
    assert (job.now().state, job.now().started_at) == (jobs.FAILED, 0), "it was handed out once"
    assert "cannot be written" in job.now().sentence
    assert "LESSONKIT_HOME" in job.now().way_out
    assert process.is_running()
    assert process.pid == record.read().pid
    assert [p for p in jobs.folder().iterdir() if p.name.startswith(".")] == [], "no halves are left"
    text = record.log_path().read_text()
    assert text.count("features-large ->") == 1


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
