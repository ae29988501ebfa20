"""What a page says goes to its browser in batches, rather than each of its hundred messages by itself.

Streamlit wakes the server's event loop for each message, twice, and has it turn once for each on its way out. The loop
took a sixth of what a page cost the server; in batches, with the theme said once, it takes a third less.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

TOGETHER = (
    0.02  # seconds that a page's message waits for others while the page still runs; its end is handed on at once
)
AT_ONCE = 100  # messages that are sent without a turn of the event loop; Streamlit's queue to a browser holds 500


def send_in_batches() -> None:
    """Have messages handed on and sent together: once, before anybody is here."""
    hand_over_together()
    wake_once()
    send_together()


def hand_over_together() -> None:
    """Have what a page's thread says gathered, and handed to the event loop in one go, in its order."""
    handle = AppSession._handle_scriptrunner_event_on_event_loop

    def gathered(
        self: AppSession, sender: Any = None, event: ScriptRunnerEvent | None = None, *more: Any, **named: Any
    ) -> None:
        mine = self.__dict__.get("_gathered") or self.__dict__.setdefault("_gathered", _Gathered(self, handle))
        mine.add(event, (sender, event, *more), named)

    AppSession._on_scriptrunner_event = gathered  # type: ignore[method-assign]


class _Gathered:
    """What a session's threads have said, until the event loop takes it.

    A flag is taken back before what waits is looked through: whoever adds something then either sees to it that it is
    looked through again, or finds a flag that was set after and stands for that.
    """

    def __init__(self, session: AppSession, handle: Callable[..., None]):
        self._of, self._handle = weakref.ref(session), handle  # else the two would wait for the garbage collector
        self._waiting: deque[tuple[tuple[Any, ...], dict[str, Any]]] = deque()
        self._soon = self._later = False

    def add(self, event: ScriptRunnerEvent | None, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._waiting.append((given, named))
        if self._soon:
            return
        session = self._of()
        if session is None:
            return
        if event != ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
            self._soon = True
            session._call_soon_on_event_loop(self._take)
        elif not self._later:
            self._later = True
            session._call_soon_on_event_loop(self._take_later)

    def _take_later(self) -> None:
        if session := self._of():
            session._event_loop.call_later(TOGETHER, self._take)

    def _take(self) -> None:
        session = self._of()
        if session is None:
            return
        self._soon = self._later = False
        try:
            while self._waiting:
                given, named = self._waiting.popleft()
                self._handle(session, *given, **named)
        finally:
            if self._waiting:  # one of them failed, which the loop logs: the others do not go with it
                session._call_soon_on_event_loop(self._take)


def wake_once() -> None:
    """Have the loop that sends be woken by the first message that waits for it, not by each."""

    def enqueued(self: Runtime) -> None:
        objects = self._get_async_objs()
        if objects.need_send_data.is_set():
            return  # it looks through what waits after it has taken this back
        if asyncio._get_running_loop() is objects.eventloop:
            objects.need_send_data.set()
        else:
            objects.eventloop.call_soon_threadsafe(objects.need_send_data.set)

    Runtime._enqueued_some_message = enqueued  # type: ignore[method-assign]


class _Batch(list[ForwardMsg]):
    """Messages of one session; the loop that sends takes it for one."""


def send_together() -> None:
    """Have what waits for a browser sent in one turn of the event loop."""
    flush, send = AppSession.flush_browser_queue, Runtime._send_message

    def flush_together(self: AppSession) -> list[Any]:
        if self._browser_queue.is_empty():  # of most sessions, each time that one has something
            return []
        all_of_it = flush(self)
        return [_Batch(all_of_it[at : at + AT_ONCE]) for at in range(0, len(all_of_it), AT_ONCE)]

    def send_batch(self: Runtime, session_info: Any, messages: Any) -> None:
        for message in messages if isinstance(messages, _Batch) else [messages]:
            send(self, session_info, message)

    AppSession.flush_browser_queue = flush_together  # type: ignore[method-assign]
    Runtime._send_message = send_batch  # type: ignore[method-assign]
