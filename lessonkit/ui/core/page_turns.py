"""A few pages are run at a time; the others wait for their turn, in the order in which they were asked for.

Python runs one thread at a time. Of a hundred that would run, each gets its part so seldom that all pages are late, and
the server's event loop, which sends them, is late too: a page took twice the processor's time. `bench/untidy.py` measures it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from lessonkit.classroom.places import one_look

AT_A_TIME = 2
STUCK = 0.25  # seconds after which a page that has its turn no longer counts: it most likely waits for something


class PageTurns:
    """Turns for threads: AT_A_TIME of them run, the others wait, first come, first served.

    Nobody waits for ever: a turn that is held for longer than `stuck` seconds does not count, and another is let in.
    """

    def __init__(self, at_a_time: int = AT_A_TIME, stuck: float = STUCK):
        self.at_a_time, self.stuck = at_a_time, stuck
        self._lock = threading.Lock()
        self._held: dict[int, float] = {}  # thread -> since when
        self._waiting: deque[tuple[int, threading.Event]] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append((threading.get_ident(), mine))
            self._let_in()
        while not mine.wait(self.stuck):
            with self._lock:
                self._let_in()
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let another run while this thread waits for something. Then it goes on at once: it may hold what they wait for."""
        had = self._give()
        try:
            yield
        finally:
            if had:
                with self._lock:
                    self._held[threading.get_ident()] = time.monotonic()

    def _give(self) -> bool:
        """Give this thread's turn back; whether it had one."""
        with self._lock:
            had = self._held.pop(threading.get_ident(), None) is not None
            self._let_in()
        return had

    def _let_in(self) -> None:
        now = time.monotonic()
        free = self.at_a_time - sum(now - since < self.stuck for since in self._held.values())
        for _ in range(min(free, len(self._waiting))):
            thread, its = self._waiting.popleft()
            self._held[thread] = now
            its.set()


turns = PageTurns()


def take_turns() -> None:
    """Have each run of a page or of a part of it wait for its turn, and look at the class's files once: before anybody is here."""
    run = ScriptRunner._run_script

    def in_turn(self: ScriptRunner, *args: object) -> None:
        with turns.turn(), one_look():
            run(self, *args)  # type: ignore[arg-type]

    ScriptRunner._run_script = in_turn  # type: ignore[method-assign]
