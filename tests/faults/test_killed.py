"""Workers and engines killed at random moments of real trainings: each run ends as if nobody had killed anything.

TESTS_KILLS, a number, is how many kills each kind of run gets; TESTS_SEED draws other moments.
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lessonkit import runs
from lessonkit.engine import at_work, lost, record
from lessonkit.engine.client import Engine
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from tests.engines import DEADLINE, end_engine, until
from tests.faults.standins import wait_end
from tests.resumed import outcome

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("TESTS_KILLS", "1"))
SAVING = Path(__file__).parent / "saving"
KINDS = {
    "activations": {"epochs": 60},
    "unfrozen": {"epochs": 6, "frozen": False, "precompute": False, "learning_rate": (1e-5, 1e-3)},
}


@pytest.fixture(scope="module")
def engine(drawn_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that trains for real, on small drawings, and saves each epoch; these tests leave it no run to do."""
    home = tmp_path_factory.mktemp("killed") / "home"
    shutil.copytree(drawn_home / "datasets", home / "datasets")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOME": str(home), "DEVICE": "cpu", "ENGINE_IDLE": "120"}.items():
            patch.setenv(f"LESSONKIT_{name}", value)
        patch.setenv("PYTHONPATH", str(SAVING))
        found = Engine()
        found.connect()
        yield found
        found.close()
    end_engine(home)


@pytest.fixture(scope="module")
def undisturbed(engine: Engine) -> Callable[[str], tuple[Any, int]]:
    """`undisturbed(kind)`: what a run of this kind comes to where nobody kills anything, and how many batches it has."""

    @functools.cache
    def trained(kind: str) -> tuple[Any, int]:
        run = engine.submit(spec_of(**KINDS[kind]))
        assert wait_end(run).state == runs.DONE
        found = outcome(run), len(run.events()[0])
        shutil.rmtree(run.folder)
        return found

    return trained


def spec_of(**changes: object) -> RunSpec:
    pattern = catalog.resolve("drawn").pattern
    return RunSpec("drawn", pattern=pattern, size=32, batch_size=16, seed=91).but(**changes)


def wait_trained(run: Run, batches: int) -> bool:
    """Wait until a run has trained so many batches in all; False where it has ended before.

    One that goes on trains by then: Dask may forget a worker that is killed as it starts, and half a minute is lost
    until the engine begins again.
    """
    until(lambda: run.status().ended or run.status().stage or not run.status().resumes, "it goes on")
    return until(lambda: run.status().ended or len(run.events()[0]) >= batches, "it trains") and not run.status().ended


def kill_worker(run: Run) -> bool:
    """Kill the process that trains a run; whether there is one."""
    work = at_work.read(at_work.path_of(run.id))
    if work is None or run.status().state != runs.RUNNING:
        return False
    psutil.Process(work.pid).kill()
    return True


def wait_noticed(run: Run, resumes: int) -> bool:
    """Wait until it is noticed that a run's worker died; False where the run had ended by then."""
    until(lambda: run.status().ended or run.status().finishing or run.status().resumes > resumes, "it is noticed")
    return run.status().resumes > resumes


def kill_engine() -> None:
    word = record.read()
    assert word is not None
    process = psutil.Process(word.pid)
    family = process.children(recursive=True)
    process.kill()
    psutil.wait_procs([process, *family], timeout=DEADLINE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_killed_at_random_moments_ends_as_it_would_have(engine: Engine, undisturbed, kind: str):
    spec, random_ = spec_of(**KINDS[kind]), random.Random(int(os.environ.get("TESTS_SEED", "0")))
    expected, batches = undisturbed(kind)
    killed = resumed = 0
    while killed < KILLS:
        run = engine.submit(spec)
        for place in sorted(random_.randrange(batches) for _ in range(lost.RESUMES)):
            if killed == KILLS or not wait_trained(run, place):
                break
            time.sleep(random_.uniform(0, 0.02))  # somewhere within a batch, or what comes after the last
            resumes = run.status().resumes
            if not kill_worker(run):
                continue
            killed += wait_noticed(run, resumes)
        status = wait_end(run)
        assert (status.state, status.sentence) == (runs.DONE, "")
        assert outcome(run) == expected, status.went_on
        where = [(e["epoch"], e["batch"]) for e in run.events()[0]]
        assert where == [(e, b) for e in range(spec.epochs) for b in range(batches // spec.epochs)]
        resumed += "It went on from epoch" in status.went_on
        assert bool(status.went_on) == bool(status.resumes)
        shutil.rmtree(run.folder)
    print(f"{kind}: {killed} kills, {resumed} runs that went on from a later epoch")


def test_a_run_whose_engine_is_killed_ends_as_it_would_have(engine: Engine, undisturbed):
    expected, _ = undisturbed("unfrozen")
    run = engine.submit(spec_of(**KINDS["unfrozen"]))
    until(lambda: (saved := run.saved()) and saved.epochs >= 2, "two epochs are saved")
    kill_engine()
    assert run.status().state == runs.RUNNING
    engine.connect()
    status = wait_end(run)
    assert (status.state, status.resumes, outcome(run)) == (runs.DONE, 1, expected)
    assert status.went_on.startswith("The engine ended while this run was training. It went on from epoch")
    shutil.rmtree(run.folder)
