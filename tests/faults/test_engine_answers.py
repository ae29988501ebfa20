"""An engine that does not answer: nothing waits for it for ever, and what is known of it is not lost."""

from __future__ import annotations

import threading

import psutil
import pytest

from lessonkit.engine import asking, client, record, starting
from lessonkit.engine.client import Engine
from lessonkit.errors import EngineError
from tests.engines import DEADLINE, until


def in_time(function, *args):
    """What the function returns or raises; fails where it goes on for longer than DEADLINE."""
    found = []

    def run() -> None:
        try:
            found.append(function(*args))
        except EngineError as problem:
            found.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(DEADLINE)
    assert found, "it waits for ever"
    return found[0]


def test_a_page_does_not_wait_for_an_engine_that_is_stopped(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    engine.device()
    until(lambda: engine.state()["device"], "its device is known")
    process = psutil.Process(record.read().pid)
    monkeypatch.setattr(client, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 2.0)
    monkeypatch.setattr(starting, "START_SECONDS", 1.0)
    process.suspend()
    try:
        state = until(lambda: (s := in_time(engine.state)) and not s["answers"] and s, "the page is told")
        assert state["alive"]
        assert state["device"], "what was known is known still"
        in_time(engine.prewarm)
        assert isinstance(in_time(engine.stop_if_alone), EngineError)
        assert "did not answer" in str(in_time(engine.call, "predict", "any", []))
    finally:
        process.resume()
    state = until(lambda: (s := engine.state())["answers"] and s, "it answers again")
    assert {w["name"] for w in state["workers"]} == {"train-0", "preview"}


def test_workers_are_seen_whenever_dask_refreshes_what_it_knows(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    """Its refresh asks for no workers, and puts that in the place of an answer that was just asked for."""
    dask = engine.connection.client
    update = dask._update_scheduler_info

    async def refreshed_at_once(n_workers: int = 0) -> None:
        await update(n_workers)
        await update()

    monkeypatch.setattr(dask, "_update_scheduler_info", refreshed_at_once)
    assert {w["name"] for w in engine.state()["workers"]} == {"train-0", "preview"}
    monkeypatch.setattr(starting, "START_SECONDS", 1.0)
    assert engine.call("predict", "any", [])
