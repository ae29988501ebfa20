"""What `/health` says is so: of an engine that was stopped or killed, of a disk that is full, of what waits."""

from __future__ import annotations

import shutil
import time
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from lessonkit import config, runs
from lessonkit.engine import health, record
from lessonkit.engine.client import Engine
from tests.engines import DEADLINE, until
from tests.faults.standins import spec


def test_an_engine_is_said_to_answer_only_while_it_does(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "ANSWER_SECONDS", 0.5)
    run = engine.submit(spec("wait", 1))
    until(lambda: run.history(), "a run trains")
    engine.submit(spec("wait", 2))
    found = health.look()
    assert (found.engine, found.problems) == ("answers", [])
    assert found.runs == {"waiting": 1, "running": 1}
    process = psutil.Process(record.read().pid)
    process.suspend()
    try:
        found = health.look()
        assert (found.engine, len(found.problems)) == ("silent", 1)
    finally:
        process.resume()
    until(lambda: health.look().engine == "answers", "it answers again")
    family = [process, *process.children(recursive=True)]
    for one in family:
        one.kill()
    psutil.wait_procs(family, timeout=DEADLINE)
    found = health.look()
    assert found.engine == "none"
    assert "in the middle" in found.problems[0]


def test_what_waits_for_no_engine_is_said_once_one_should_have_come(home: Path, monkeypatch: pytest.MonkeyPatch):
    assert health.look().problems == []
    run = runs.create(spec("quick", 1))
    assert health.look().problems == [], "one may be starting"
    now = time.time()
    monkeypatch.setattr(health.time, "time", lambda: now + 600)
    assert "no engine" in health.look().problems[0]
    runs.stop(run.id)
    assert health.look().problems == []


def test_a_disk_that_is_full_or_shut_is_said_without_its_name(home: Path, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 100, 0))
    found = health.look()
    assert (found.disk_free, found.problems) == (0, ["The disk is full."])
    home.write_text("a file")
    found = health.look()
    assert found.disk_free is None
    assert str(config.home()) not in str(found)
    monkeypatch.setenv("LESSONKIT_HOME", "~nobody-has-this-name/x")
    assert health.look().problems
