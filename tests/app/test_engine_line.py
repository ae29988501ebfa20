"""What the sidebar says of an engine that does not start, and the way out."""

from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lessonkit.engine import record
from lessonkit.engine.client import Engine
from lessonkit.ui.core import connection
from tests.clusters import Scheduler
from tests.engines import DEADLINE, STANDIN, end_engine, until


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """A page with that line alone, of an app that has just been started; its engine trains with the stand-in."""
    monkeypatch.setenv("PYTHONPATH", str(STANDIN))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr(connection, "AFTER_THE_FIRST_PAGE", 0.0)
    st.cache_resource.clear()

    def page() -> None:
        from lessonkit.ui.core.engine_line import engine_line

        engine_line()

    yield AppTest.from_function(page, default_timeout=DEADLINE)
    connection.engine().close()
    end_engine(home)
    st.cache_resource.clear()


def said(app: AppTest) -> str:
    return " ".join(e.value for e in (*app.caption, *app.error))


def test_a_process_that_cannot_be_started_is_said_and_can_be_tried_again(app: AppTest, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/no/such/python")  # as after an update that replaced it
        app.run()
        until(connection.trouble, "the app knows that no engine starts")
        assert "could not be started" in said(app.run())
        assert "/no/such/python" in said(app)
        connection.revive()
        assert connection.trouble(), "it is not tried again at each look: the reason stays to be read"
    app.button(key="start_engine").click().run()
    assert connection.trouble() is None
    until(lambda: connection.engine().state()["device"], "an engine was started")
    assert "memory" in said(app.run())
    assert not app.error


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)), "temporarily unavailable"),
        (MemoryError(), "memory did not suffice"),
        (RuntimeError("can't start new thread"), "did not foresee (RuntimeError)"),
    ],
)
def test_whatever_a_start_fails_with_is_said(app: AppTest, monkeypatch, problem: Exception, words: str) -> None:
    def failing(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(subprocess, "Popen", failing)
    app.run()
    until(connection.trouble, "the app knows that no engine starts")
    assert words in said(app.run())
    assert [b.label for b in app.button] == ["Start the engine again"]


def test_an_engine_that_cannot_train_says_so_instead_of_warming_up_for_ever(app: AppTest, monkeypatch) -> None:
    monkeypatch.setenv("STANDIN_NO_TORCH", "1")
    app.run()
    until(lambda: connection.engine().state()["problem"], "the training worker has said why")
    assert "did not foresee (ModuleNotFoundError)" in said(app.run())
    assert app.button(key="start_engine")


def test_a_cluster_without_a_worker_that_may_train_says_so_until_there_is_one(
    app: AppTest, tmp_path: Path, monkeypatch
) -> None:
    cluster = Scheduler(tmp_path)
    monkeypatch.setenv("LESSONKIT_SCHEDULER", cluster.address)
    try:
        app.run()
        until(lambda: "no worker is connected to the scheduler" in said(app.run()), "the sidebar says it")
        assert not app.button, "there is nothing to start again here"
        cluster.dask_worker("train-a")
        until(lambda: ":material/memory:" in said(app.run()) and connection.engine().state()["device"], "it trains")
        assert not app.error
    finally:
        cluster.close()


def test_an_engine_that_ended_while_nobody_trains_is_started_again_by_a_page(app: AppTest) -> None:
    app.run()
    until(
        lambda: connection.engine().state()["alive"] and not connection._waking.locked(),
        "an engine serves, and its start is over",
    )
    first = psutil.Process(record.read().pid)
    family = [first, *first.children(recursive=True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, timeout=DEADLINE)
    app.run()
    until(lambda: (now := record.read()) and now.pid != first.pid, "another was started")
    until(lambda: connection.engine().state()["alive"], "the app knows of it")
    assert record.read().pid != first.pid


def test_what_sessions_hold_is_not_frozen_when_an_engine_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's garbage collector never looks again at what is frozen."""
    monkeypatch.setattr(Engine, "warm", lambda _: None)
    before = gc.get_freeze_count()
    connection._wake(Engine())
    assert gc.get_freeze_count() == before
