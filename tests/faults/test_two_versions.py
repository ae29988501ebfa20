"""Two versions of the lesson on one home, as after `git pull` beside an open app: nobody's run or engine is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lessonkit import runs, version
from lessonkit.engine import record
from lessonkit.runs import Run
from tests.engines import STANDIN, until
from tests.faults.standins import wait_end

# An app, as far as the engine is concerned: it does what stands on its standard input, a line each, and says what came.
APP = """
import json, sys
from lessonkit import version
from lessonkit.engine import record
from lessonkit.engine.client import Engine
from lessonkit.errors import LessonError
from lessonkit.spec import RunSpec
engine = Engine()
for line in sys.stdin:
    what, *args = json.loads(line)
    try:
        if what == "submit":
            said = engine.submit(RunSpec(dataset="drawn", pattern=args[0], seed=args[1])).id
        else:
            said = getattr(engine, what)(*args)
    except LessonError as problem:
        said = type(problem).__name__ + ": " + str(problem)
    print(json.dumps([said, version.VERSION]), flush=True)
"""


class App:
    """A process that has imported one installation of the lesson."""

    def __init__(self, installed: Path):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(installed), str(STANDIN)))}
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP],
            env=environment,
            cwd=installed,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = ""

    def do(self, what: str, *args: object) -> object:
        """What came of it; a LessonError as "Class: its sentence"."""
        print(json.dumps([what, *args]), file=self.process.stdin, flush=True)
        said, self.version = json.loads(self.process.stdout.readline())
        return said

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package, to be updated."""
    top = tmp_path / "installed"
    shutil.copytree(version.PACKAGE, top / "lessonkit", ignore=shutil.ignore_patterns("__pycache__"))
    return top


@pytest.fixture
def app(standin: Path) -> Iterator[Callable[[Path], App]]:
    apps = []

    def opened(where: Path) -> App:
        apps.append(App(where))
        return apps[-1]

    yield opened
    for one in apps:
        one.close()


def ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE  # the app that started it still runs


def update(installed: Path) -> None:
    with (installed / "lessonkit" / "jobs.py").open("a") as file:
        file.write("\n# another version\n")


def test_an_update_beside_an_open_app_costs_no_run(standin: Path, installed: Path, app):
    before = app(installed)
    training = Run(before.do("submit", "wait", 1))
    until(lambda: training.status().state == runs.RUNNING and training.history(), "it trains")
    waiting = Run(before.do("submit", "quick", 2))
    first = psutil.Process(record.read().pid)
    update(installed)
    after = app(installed)
    assert "LeavingError" in after.do("connect"), "it is told at once, and does not wait for the run"
    assert before.version != after.version
    assert first.is_running()
    assert before.do("connect") is None, "whoever is connected stays so until the run has ended"
    assert waiting.status().state == runs.QUEUED
    (standin / "go").touch()
    assert wait_end(training).state == runs.DONE
    until(lambda: ended(first), "the engine from before ends by itself")
    assert after.do("connect") is None
    assert record.read().version == after.version
    assert wait_end(waiting).state == runs.DONE
    second = record.read()
    assert "UpdatedError" in before.do("connect")
    assert "updated while it was open" in before.do("call", "predict", "any", [])
    assert record.read() == second, "the older one leaves the newer one's engine alone"
    assert after.do("call", "predict", "any", [])


def test_an_engine_that_does_nothing_makes_room_at_once(standin: Path, installed: Path, app):
    before = app(installed)
    assert before.do("connect") is None
    first = record.read()
    update(installed)
    after = app(installed)
    assert after.do("connect") is None
    assert record.read().version != first.version
    assert "UpdatedError" in before.do("connect")


def test_an_older_app_whose_engine_ended_starts_none_of_the_newer_version(standin: Path, installed: Path, app):
    before = app(installed)
    assert before.do("connect") is None
    first = psutil.Process(record.read().pid)
    update(installed)
    first.terminate()
    until(lambda: ended(first), "it ended")
    assert "UpdatedError" in before.do("connect")
    assert record.read() is None


def test_two_installations_take_turns_and_end_nothing_of_each_other(
    standin: Path, installed: Path, tmp_path: Path, app
):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(installed, elsewhere)
    update(elsewhere)
    one, other = app(installed), app(elsewhere)
    assert one.do("connect") is None
    first = record.read()
    refused = other.do("connect")
    assert str(installed) in refused
    assert "LESSONKIT_HOME" in refused
    assert record.read() == first
    one.close()
    until(lambda: other.do("connect") is None, "the other one's turn, once nobody is connected")
    assert record.read().version != first.version


@pytest.mark.parametrize("touched", [False, True])
def test_only_other_content_is_another_version(tmp_path: Path, touched: bool):
    file = tmp_path / "code.py"
    file.write_text("a = 1\n")
    code = version.Code(lambda: sorted(tmp_path.glob("*.py")))
    if touched:
        os.utime(file, ns=(1, 1))
        assert not code.changed(at_most_every=0)
    else:
        file.write_text("a = 2\n")
        assert code.changed(at_most_every=0)
        file.write_text("a = 1\n")
        assert not code.changed(at_most_every=0), "undone"
        (tmp_path / "new.py").write_text("")
        assert code.changed(at_most_every=0), "a file more"
