"""Engines that train with a stand-in: one of a test's own on an empty home, and one that tests share."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lessonkit import jobs, runs
from lessonkit.engine import asking
from lessonkit.engine.client import Engine
from lessonkit.errors import EngineError
from tests.engines import STANDIN, end_engine, until
from tests.faults import standins
from tests.faults.silent_mirror import SilentMirror

ENGINES_OWN = "engine."  # how the names of its files begin
TESTS = itertools.count(1)


def _use(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(STANDIN))
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "120")
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", "2")


@pytest.fixture
def standin(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home whose engine, whoever starts it, trains with the stand-in; ended after the test."""
    home.mkdir()
    _use(home, monkeypatch)
    yield home
    end_engine(home)


@pytest.fixture
def own_engine(standin: Path) -> Iterator[Engine]:
    """The engine of an empty home that no other test has."""
    found = Engine()
    found.connect()
    yield found
    found.close()


@pytest.fixture(scope="package")
def _silent_mirror() -> Iterator[SilentMirror]:
    mirror = SilentMirror()
    yield mirror
    mirror.close()


@pytest.fixture
def mirror(_silent_mirror: SilentMirror) -> Iterator[SilentMirror]:
    """Where `engine` looks for archives; it says nothing until it is told to, or the test has ended."""
    _silent_mirror.begin()
    yield _silent_mirror
    _silent_mirror.go.set()


@pytest.fixture(scope="package")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Engine]]:
    home = tmp_path_factory.mktemp("shared") / "home"
    home.mkdir()
    engine = Engine()
    yield home, engine
    engine.close()
    end_engine(home)


@pytest.fixture
def served(
    home: Path, _shared: tuple[Path, Engine], _silent_mirror: SilentMirror, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The home of `engine`, which tests share: to start one takes seconds. It holds nothing of the tests before.

    A test may kill the engine or its workers; the next test has them started again. One that needs other settings as
    the engine starts, or photos, takes `standin` or `own_engine`. The runs of `standins.spec` differ from test to test,
    so what the engine still remembers of a run concerns no other test.
    """
    shared, engine = _shared
    _use(shared, monkeypatch)
    monkeypatch.setenv("LESSONKIT_MIRROR", _silent_mirror.address)
    monkeypatch.setattr(standins, "split_seed", next(TESTS))
    engine.connect()
    _end_all(shared)
    until(lambda: _has_workers(engine), "its workers are there")
    for path in shared.iterdir():
        if path.name == "engine.log":
            os.truncate(path, 0)
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)  # a worker may still delete its own file there
        elif not path.name.startswith(ENGINES_OWN):
            path.unlink()
    return shared


@pytest.fixture
def engine(_shared: tuple[Path, Engine], served: Path) -> Engine:
    return _shared[1]


def _end_all(home: Path) -> None:
    """Have all end that a test left running or waiting."""
    (home / "go").touch()
    for run_id, status in runs.statuses().items():
        if not status.ended:
            runs.stop(run_id)
    for job in jobs.all_jobs():
        if not job.ended:
            jobs.stop(job.kind, job.key)
    until(
        lambda: all(s.ended for s in runs.statuses().values()) and all(j.ended for j in jobs.all_jobs()),
        "all that a test before began has ended",
    )


def _has_workers(engine: Engine) -> bool:
    """Whether the engine answers and has its workers. A connection that breaks just now is made again at the next look."""
    try:
        engine.connect()
        return {"train-0", "preview"} <= set(asking.names(asking.workers(engine.connection.client)).values())
    except EngineError:
        return False
