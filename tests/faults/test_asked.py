"""What the engine is asked beside runs: questions, jobs, control; none holds up another, and a full disk ends one alone.

Real processes and real Dask; what a run does is a stand-in (`standin/`), so that each test takes seconds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from lessonkit import corrections, jobs, runs
from lessonkit.engine import record, server, turns
from lessonkit.engine.client import Engine
from lessonkit.errors import EngineError, PhotoError
from lessonkit.photos import catalog, manifest
from lessonkit.spec import RunSpec
from tests.engines import DEADLINE, until
from tests.faults.silent_mirror import SilentMirror
from tests.faults.standins import spec, wait_end, worker_of

ROOT = Path(__file__).parents[2]


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


def test_a_call_that_kills_its_worker_says_so_and_the_next_is_answered(engine: Engine, served: Path):
    training = engine.submit(spec("wait", 1))
    until(lambda: training.history(), "a run trains beside it")
    with pytest.raises(EngineError, match="ended before it answered"):
        engine.call("predict", "crash", [])
    assert (served / "crashes.txt").read_text() == "xx", "asked once more, then no longer"
    assert engine.call("predict", "any", [])[0] != worker_of(served, training).pid
    (served / "go").touch()
    assert wait_end(training).state == runs.DONE, "the run noticed nothing"


def test_a_call_under_which_the_engine_dies_is_asked_again(engine: Engine, served: Path):
    old = psutil.Process(record.read().pid)
    pid = engine.call("predict", "any", [])[0]
    old.kill()
    old.wait(timeout=DEADLINE)
    assert engine.call("predict", "any", [])[0] != pid


def test_train_stop_and_marks_wait_for_nothing_that_runs(own_engine: Engine, standin: Path):
    some_photos()
    training = own_engine.submit(spec("wait", 1))
    until(lambda: training.history(), "a run trains")
    with ThreadPoolExecutor(server.PREVIEW_THREADS) as learners:
        held = [learners.submit(own_engine.call, "predict", "hold", []) for _ in range(server.PREVIEW_THREADS)]
        try:
            full = "x" * server.PREVIEW_THREADS
            until(
                lambda: (standin / "held.txt").exists() and (standin / "held.txt").read_text() == full, "all are held"
            )
            queued = own_engine.submit(spec("wait", 2))
            job = own_engine.find_rate(spec("quick", 3))
            own_engine.write(corrections.mark, catalog.resolve("drawn"), "Bengal_1.jpg", "Abyssinian")
            own_engine.stop(queued.id)
            own_engine.stop(training.id)
            assert (queued.spec().seed, job.state, training.stop_asked()) == (2, jobs.QUEUED, True)
            assert list(corrections.read("drawn")) == ["Bengal_1.jpg"]
            assert wait_end(training).state == runs.STOPPED
            assert not any(one.done() for one in held)
        finally:
            (standin / "go").touch()


def test_one_learners_photos_that_take_long_leave_the_others_their_previews(
    engine: Engine, served: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(turns, "OF_UPLOADS", ("predict",))  # the stand-in's, which can be held
    who = threading.local()
    monkeypatch.setattr(engine, "_learner", lambda: who.name)
    answers: list[str] = []

    def ask(name: str, task: str, *args: object) -> None:
        who.name = name
        engine.call(task, *args)
        answers.append(name)

    with ThreadPoolExecutor(12) as learners:
        held = [learners.submit(ask, f"tab {n % 6}", "predict", "hold", []) for n in range(8)]
        held_by = served / "held.txt"
        try:
            full = "x" * turns.OF_UPLOADS_AT_ONCE
            until(lambda: held_by.exists() and held_by.read_text() == full, "as many are held as may be")
            for n in range(3):
                learners.submit(ask, f"learner {n}", "recheck", "drawn").result(DEADLINE)
            assert sorted(answers) == [f"learner {n}" for n in range(3)]
            assert held_by.read_text() == full
        finally:
            (served / "go").touch()
        for one in held:
            one.result(DEADLINE)


def test_a_run_is_named_by_the_photos_as_they_are(own_engine: Engine):
    photos = some_photos()
    before = catalog.resolve("drawn").fingerprint
    (photos / "Bengal_1.jpg").write_bytes(b"another")
    run = own_engine.submit(RunSpec("drawn", pattern="quick", fingerprint=before))
    assert run.spec().fingerprint == catalog.resolve("drawn").fingerprint != before
    assert wait_end(run).state == runs.DONE


def test_a_download_leaves_the_previews_free(engine: Engine, mirror: SilentMirror):
    job = engine.obtain("imagewoof")
    assert mirror.asked.wait(DEADLINE)
    assert job.now().state == jobs.RUNNING
    assert engine.obtain("imagewoof").queued_at == job.queued_at, "asked twice it is one download"
    assert engine.call("predict", "any", [])
    assert not job.now().ended
    mirror.go.set()
    until(lambda: job.now().ended, "the download failed")
    assert job.now().state == jobs.FAILED
    assert job.now().sentence


def test_a_dataset_is_drawn_and_its_photos_decoded(engine: Engine):
    job = engine.obtain("drawn")
    until(lambda: job.now().ended, "it is drawn")
    assert (job.now().state, job.now().sentence) == (jobs.DONE, "")
    assert all(entry["stage"] and entry["done"] <= entry["total"] for entry in job.now().log if entry["total"])
    cached = engine.build_cache("drawn", 64)
    until(lambda: cached.now().ended, "they are decoded")
    assert cached.now().result == {"photos": 24, "bad": {}}


def test_a_job_whose_worker_dies_says_so_and_can_be_asked_for_again(engine: Engine, mirror: SilentMirror):
    pid = engine.call("predict", "any", [])[0]
    job = engine.obtain("imagewoof")
    assert mirror.asked.wait(DEADLINE)
    psutil.Process(pid).kill()
    until(lambda: job.now().ended, "the job says so")
    assert "ended suddenly" in job.now().sentence
    mirror.asked.clear()
    engine.obtain("imagewoof")
    assert mirror.asked.wait(DEADLINE), "it is fetched again"


def test_a_job_stops_when_it_is_asked_to_though_its_server_says_nothing(engine: Engine, mirror: SilentMirror):
    job = engine.obtain("imagewoof")
    assert mirror.asked.wait(DEADLINE)
    engine.stop_job("obtain", "imagewoof")
    until(lambda: job.now().ended, "it stopped")
    assert (job.now().state, job.now().sentence) == (jobs.STOPPED, jobs.ASKED)
    mirror.asked.clear()
    assert engine.obtain("imagewoof").state == jobs.QUEUED
    assert mirror.asked.wait(DEADLINE), "it is fetched again when somebody asks"


def test_a_job_that_is_stopped_leaves_its_training_worker_to_a_run(engine: Engine, served: Path):
    searching, waiting = engine.find_rate(spec("wait", 1)), engine.find_rate(spec("wait", 2))
    until(lambda: searching.now().stage, "it searches")
    run = engine.submit(spec("quick", 3))
    engine.stop_job("find_rate", waiting.key)
    assert waiting.now().state == jobs.STOPPED, "one that waits has stopped at once"
    assert run.status().state == runs.QUEUED
    engine.stop_job("find_rate", searching.key)
    assert wait_end(run).state == runs.DONE
    assert searching.now().state == jobs.STOPPED
    assert not (served / "go").exists()


def test_a_search_for_a_rate_waits_for_a_training_worker(engine: Engine, served: Path):
    run = engine.submit(spec("wait", 1))
    until(lambda: run.history(), "a run trains")
    job = engine.find_rate(spec("quick", 2))
    assert job.state == jobs.QUEUED
    (served / "go").touch()
    until(lambda: job.now().ended, "the search is done")
    assert job.now().result == {"lrs": [1e-5, 1e-4], "losses": [2.0, None], "suggestion": 1e-5}
    json.dumps(job.now().result, allow_nan=False)


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="resource limits of other processes are Linux's")
def test_a_full_disk_ends_a_job_but_not_the_engine(engine: Engine, served: Path):
    training = engine.submit(spec("wait", 1))
    until(lambda: training.history(), "a run trains beside it")
    process = psutil.Process(record.read().pid)
    with files_of_at_most(1 << 20, [process, *process.children(recursive=True)]):
        job = jobs.create("features", "large", "x" * (2 << 20))  # by this test, which has no limit
        until(lambda: "cannot be written down yet" in record.log_path().read_text(), "the engine says so in its log")
        (served / "go").touch()
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
