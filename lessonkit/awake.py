"""A clock that stands still while the machine sleeps, so that no time or rate that is shown counts the sleep.

`time.perf_counter` leaves a sleep out on Linux and macOS, not on Windows; and where processes are stopped and continued,
as in a suspended container, it goes on everywhere.
"""

from __future__ import annotations

import threading
import time

TICK = 1.0  # seconds between two looks at the clock
GAP = 10.0  # a longer pause between two looks was a sleep; a busy machine may keep a thread waiting for some seconds


class Clock:
    """Counts the seconds in which it was looked at now and then: by a thread of its own, and by whoever asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = time.perf_counter()
        self._asleep = 0.0
        self._ticking = False

    def seconds(self) -> float:
        """Seconds since some moment, without those in which the process did not run."""
        with self._lock:
            if not self._ticking:
                self._ticking = True
                self._last = time.perf_counter()
                threading.Thread(target=self._tick, name="awake", daemon=True).start()
            return self._look()

    def _look(self) -> float:
        now = time.perf_counter()
        pause, self._last = now - self._last, now
        if pause > GAP:
            self._asleep += pause - TICK
        return now - self._asleep

    def _tick(self) -> None:
        while True:
            time.sleep(TICK)
            with self._lock:
                self._look()


_clock = Clock()
seconds = _clock.seconds
