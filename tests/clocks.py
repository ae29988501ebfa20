"""Time as a test sets it, for the modules that read it."""

from __future__ import annotations

import time
from types import ModuleType, SimpleNamespace

import pytest

from lessonkit import awake


class SetClock:
    """The clock of `awake`, and the `time` of the modules that are named."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *modules: ModuleType):
        self.now = 1_000_000.0

        def read() -> float:
            return self.now

        clock = SimpleNamespace(time=read, perf_counter=read, monotonic=read, sleep=time.sleep)
        for module in (awake, *modules):
            monkeypatch.setattr(module, "time", clock)
        looked_at = awake.Clock()
        looked_at._ticking = True  # the test looks at it instead
        monkeypatch.setattr(awake, "seconds", looked_at.seconds)

    def passes(self, seconds: float) -> None:
        """So many seconds pass, and the clock is looked at in each."""
        for _ in range(int(seconds)):
            self.now += 1.0
            awake.seconds()

    def sleeps(self, seconds: float) -> None:
        """The machine sleeps for so long."""
        self.now += seconds
        awake.seconds()
