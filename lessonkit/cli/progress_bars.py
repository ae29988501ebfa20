"""Progress bars for a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from lessonkit import stages


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A `Report` that draws a progress bar a stage on stderr, closed when the block ends.

    Where stderr is no terminal (a log, a pipe), a line a stage instead, once the stage is over.
    """
    shown: _Bar | _Line | None = None

    def report(stage: str, done: int, total: int) -> None:
        nonlocal shown
        if shown is None or shown.stage != stage:
            if shown is not None:
                shown.close()
            shown = (_Bar if sys.stderr.isatty() else _Line)(stage, done, total)
        shown.show(done, total)

    try:
        yield report
    finally:
        if shown is not None:
            shown.close()


class _Bar:
    def __init__(self, stage: str, done: int, total: int):
        in_bytes = stages.stage(stage).unit == stages.BYTES
        self.stage = stage
        self._bar = tqdm(
            desc=stage, total=total or None, initial=done, unit="B" if in_bytes else "", unit_scale=in_bytes
        )

    def show(self, done: int, total: int) -> None:
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        self._bar.close()


class _Line:
    def __init__(self, stage: str, done: int, total: int):
        self.stage, self._begun = stage, time.monotonic()
        self.show(done, total)

    def show(self, done: int, total: int) -> None:
        self._done, self._total = done, total

    def close(self) -> None:
        of = f"{self._done:,} of {self._total:,}" if self._total else f"{self._done:,}"
        print(f"{self.stage}: {of}, {time.monotonic() - self._begun:.1f} s", file=sys.stderr, flush=True)
