"""A page's messages reach the loop and the browser together: all of them, in their order, and what ends a page at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from lessonkit.ui.core import message_batches, streamlit_mends

SAYS, ENDS = ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's own methods are back after each test."""
    for of, name in (
        (AppSession, "_on_scriptrunner_event"),
        (AppSession, "_handle_scriptrunner_event_on_event_loop"),
        (AppSession, "flush_browser_queue"),
        (Runtime, "_enqueued_some_message"),
        (Runtime, "_send_message"),
        (app_session, "_populate_theme_msg"),
    ):
        monkeypatch.setattr(of, name, getattr(of, name))


class Loop:
    """An event loop that is turned by hand."""

    def __init__(self) -> None:
        self.woken: list[Callable[[], None]] = []
        self.later: list[Callable[[], None]] = []

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        self.woken.append(callback)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        assert 0 < seconds < 0.1
        self.later.append(callback)

    def is_closed(self) -> bool:
        return False

    def turn(self) -> None:
        now, self.woken = self.woken, []
        for callback in now:
            callback()


def session(handled: Callable[..., None]) -> tuple[Any, Loop]:
    AppSession._handle_scriptrunner_event_on_event_loop = handled  # type: ignore[method-assign]
    message_batches.hand_over_together()
    one, loop = AppSession.__new__(AppSession), Loop()
    one.shutdown = lambda: None  # type: ignore[method-assign]  # asked for when it is deleted
    one._event_loop = loop  # type: ignore[assignment]
    return one, loop


def test_a_page_wakes_the_loop_once_for_all_that_it_says_and_once_for_its_end() -> None:
    handled: list[Any] = []
    one, loop = session(lambda self, sender, event, **named: handled.append((event, named.get("forward_msg"))))
    for number in range(40):
        one._on_scriptrunner_event(None, event=SAYS, forward_msg=number)
    assert len(loop.woken) == 1
    loop.turn()
    assert not handled, "more may come"
    one._on_scriptrunner_event(None, event=SAYS, forward_msg=40)
    one._on_scriptrunner_event(None, event=ENDS)
    one._on_scriptrunner_event(None, event=ENDS)
    assert len(loop.woken) == 1
    loop.turn()
    assert handled == [*((SAYS, number) for number in range(41)), (ENDS, None), (ENDS, None)]


def test_what_a_page_says_is_not_held_until_its_end() -> None:
    handled: list[Any] = []
    one, loop = session(lambda self, sender, event, **named: handled.append(event))
    for _ in range(2):  # the second time as the first: the page waits for something, and then says more
        one._on_scriptrunner_event(None, event=SAYS, forward_msg=1)
        loop.turn()
        loop.later.pop()()
    assert handled == [SAYS, SAYS]


def test_one_that_cannot_be_handled_takes_none_with_it() -> None:
    handled: list[Any] = []

    def fails_first(self: Any, sender: Any, event: Any, forward_msg: int) -> None:
        handled.append(forward_msg)
        if forward_msg == 0:
            raise RuntimeError

    one, loop = session(fails_first)
    for number in range(3):
        one._on_scriptrunner_event(None, event=SAYS, forward_msg=number)
    loop.turn()
    with pytest.raises(RuntimeError):
        loop.later.pop()()
    loop.turn()
    assert handled == [0, 1, 2]


def test_threads_that_speak_while_the_loop_listens_lose_nothing() -> None:
    handled: list[int] = []

    async def listen() -> None:
        one, _ = session(lambda self, sender, event, forward_msg: handled.append(forward_msg))
        one._event_loop = asyncio.get_running_loop()

        def say(first: int) -> None:
            for number in range(first, first + 2000):
                one._on_scriptrunner_event(None, event=SAYS if number % 7 else ENDS, forward_msg=number)

        speakers = [threading.Thread(target=say, args=(10_000 * k,)) for k in range(3)]
        for speaker in speakers:
            speaker.start()
        async with asyncio.timeout(60):
            while len(handled) < 6000:
                await asyncio.sleep(0)
        for speaker in speakers:
            speaker.join()

    asyncio.run(listen())
    for k in range(3):
        assert [number for number in handled if number // 10_000 == k] == [10_000 * k + n for n in range(2000)]


def test_the_loop_that_sends_is_woken_by_the_first_message_alone() -> None:
    async def woken() -> tuple[int, bool]:
        message_batches.wake_once()
        loop, calls = asyncio.get_running_loop(), []
        need = asyncio.Event()
        runtime: Any = Runtime.__new__(Runtime)
        runtime._async_objs = SimpleNamespace(
            need_send_data=need,
            eventloop=SimpleNamespace(call_soon_threadsafe=lambda callback: (calls.append(1), callback())),
        )
        await loop.run_in_executor(None, lambda: [runtime._enqueued_some_message() for _ in range(5)])
        first = len(calls)
        need.clear()  # it sends; what comes now needs it again
        runtime._async_objs.eventloop = loop
        runtime._enqueued_some_message()
        return first, need.is_set()

    assert asyncio.run(woken()) == (1, True)


def test_what_waits_for_a_browser_is_sent_in_one_turn_but_never_more_than_its_queue_takes() -> None:
    sent: list[ForwardMsg] = []
    Runtime._send_message = lambda self, info, message: sent.append(message)  # type: ignore[method-assign]
    message_batches.send_together()
    one: Any = AppSession.__new__(AppSession)
    one.shutdown = lambda: None
    one._browser_queue = ForwardMsgQueue()
    assert one.flush_browser_queue() == []
    runtime: Any = Runtime.__new__(Runtime)
    messages = [ForwardMsg(script_finished=0, hash=str(number)) for number in range(2 * message_batches.AT_ONCE + 1)]
    for message in messages:
        one._browser_queue.enqueue(message)
    turns = one.flush_browser_queue()
    assert [len(turn) for turn in turns] == [message_batches.AT_ONCE, message_batches.AT_ONCE, 1]
    for turn in turns:
        runtime._send_message(None, turn)
    runtime._send_message(None, messages[0])  # another who sends one
    assert [message.hash for message in sent] == [message.hash for message in [*messages, messages[0]]]
    assert one.flush_browser_queue() == []


def test_the_theme_that_is_copied_is_streamlits_own() -> None:
    own = app_session._populate_theme_msg
    streamlit_mends.say_the_theme_once()
    sections = ["theme", *(f"theme.{category.value}" for category in config.CustomThemeCategories)]
    for section in sections * 2:
        theirs, ours = CustomThemeConfig(), CustomThemeConfig()
        own(theirs, section)
        app_session._populate_theme_msg(ours, section)
        assert ours == theirs
    whole = CustomThemeConfig()
    app_session._populate_theme_msg(whole.light.sidebar, "theme.no_such")
    assert not whole.HasField("light"), "a section without settings is not there"
