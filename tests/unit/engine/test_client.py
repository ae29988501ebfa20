"""The connection to the engine, without one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from lessonkit.engine import starting
from lessonkit.engine.client import Engine
from lessonkit.engine.record import Record


def _record(pid: int) -> Record:
    return Record("tls://127.0.0.1:1", pid, "here", "1", 1.0, f"Scheduler-{pid}", True, "code")


def test_a_connection_that_was_lost_leaves_the_engine_its_starters(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`bake` ends the engine that it started, also where it had to connect to it twice."""
    answers = [None, _record(11), _record(11), _record(12)]

    def answering() -> tuple[Record, SimpleNamespace] | None:
        found = answers.pop(0)
        return found and (found, SimpleNamespace(status="closed", close=lambda timeout: None))

    monkeypatch.setattr(starting, "answering", answering)
    monkeypatch.setattr(starting, "start", lambda deadline, before: True)
    engine = Engine()
    started = []
    for _ in range(3):
        engine.connect()
        started.append(engine.started_it)
    assert started == [True, True, False], "the third answer is another engine's"
