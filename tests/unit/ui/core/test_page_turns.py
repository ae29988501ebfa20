"""Pages take turns, and what of a page was not sent yet is sent before a part of it runs again."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import psutil
import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from lessonkit.ui.core import streamlit_mends
from lessonkit.ui.core.page_turns import PageTurns

SOON = 90.0


def begun(what: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=what, daemon=True)
    thread.start()
    return thread


def holder(turns: PageTurns) -> tuple[threading.Thread, threading.Event, threading.Event]:
    """A thread that takes a turn; the events that it has it, and that it is to give it back."""
    has, give = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn():
            has.set()
            assert give.wait(SOON)

    return begun(hold), has, give


def test_those_who_wait_are_let_in_one_by_one_in_the_order_in_which_they_came() -> None:
    turns, order = PageTurns(at_a_time=2, stuck=SOON), []
    held = [holder(turns) for _ in range(2)]
    assert all(has.wait(SOON) for _, has, _ in held)
    waiting = []
    for number in range(5):
        before = len(turns._waiting)

        def one(number: int = number) -> None:
            with turns.turn():
                order.append((number, len(turns._held)))

        waiting.append(begun(one))
        while len(turns._waiting) == before:
            waiting[-1].join(0.001)
    assert not order
    held[0][2].set()
    for thread in waiting:
        thread.join(SOON)
    assert order == [(number, 2) for number in range(5)]
    held[1][2].set()
    held[1][0].join(SOON)
    assert not turns._held


def test_where_those_who_run_do_not_move_another_is_let_in() -> None:
    turns = PageTurns(at_a_time=1, stuck=0.01)
    stuck = [holder(turns) for _ in range(3)]
    assert all(has.wait(SOON) for _, has, _ in stuck)
    for thread, _, give in stuck:
        give.set()
        thread.join(SOON)
    assert not turns._held


def test_whoever_waits_for_the_engine_holds_nobody_up_and_goes_on_at_once() -> None:
    turns = PageTurns(at_a_time=1, stuck=SOON)
    with turns.turn():
        with turns.aside(), turns.aside():  # the second has nothing to give
            other, has, give = holder(turns)
            assert has.wait(SOON)
        assert len(turns._held) == 2  # it went on although the other has its turn still
        give.set()
        other.join(SOON)
    with turns.aside():  # a thread without a turn, as a download's
        pass
    assert not turns._held


@pytest.mark.parametrize("state", [AppSessionState.APP_IS_RUNNING, AppSessionState.APP_NOT_RUNNING])
@pytest.mark.parametrize(("fragment", "ended", "waits"), [("f", True, True), ("f", False, False), ("", True, False)])
def test_a_page_that_has_run_is_sent_whole_before_a_part_of_it_runs_again(
    monkeypatch: pytest.MonkeyPatch, fragment: str, ended: bool, waits: bool, state: AppSessionState
) -> None:
    done: list[str] = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda self, state: done.append("part"))
    streamlit_mends.finish_pages()
    requests = ScriptRequests()
    if ended:
        requests.request_stop()
    loop: list[Callable[[], Any]] = [lambda: done.append("rest of the page")]
    session: Any = AppSession.__new__(AppSession)
    session.shutdown = lambda: None  # asked for when it is deleted
    session._scriptrunner, session._state = SimpleNamespace(_requests=requests), state
    session._event_loop = SimpleNamespace(call_soon_threadsafe=loop.append, is_closed=lambda: False)
    session.request_rerun(ClientState(fragment_id=fragment, is_auto_rerun=True))
    for callback in loop:
        callback()
    assert done == (["rest of the page", "part"] if waits else ["part", "rest of the page"])


def test_a_session_holds_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "__init__", AppSession.__init__)
    streamlit_mends.share_a_loop()

    async def sessions() -> None:
        first = _session()
        before = open_files()
        more = [_session() for _ in range(10)]
        assert open_files() == before
        for session in more:
            session.shutdown()
        assert not first._script_event_loop.is_closed()

    asyncio.run(sessions())


def _session() -> AppSession:
    about = ScriptData(str(Path(__file__)), False)
    return AppSession(about, MagicMock(), ScriptCache(), lambda: None, {})


def open_files() -> int:
    me = psutil.Process()
    return me.num_handles() if os.name == "nt" else me.num_fds()
