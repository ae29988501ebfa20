"""Progress bars for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

IN_BYTES = ("download", "check", "unpack", "weights")  # stages counted in bytes


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A `Report` that draws a progress bar a stage on stderr; the bar is closed when the block ends."""
    bar: tqdm | None = None
    shown = ""

    def report(stage: str, done: int, total: int) -> None:
        nonlocal bar, shown
        if bar is None or stage != shown:
            if bar is not None:
                bar.close()
            every = 0.1 if sys.stderr.isatty() else 10.0
            unit = {"unit": "B", "unit_scale": True} if stage in IN_BYTES else {"unit": ""}
            bar, shown = tqdm(desc=stage, total=total or None, initial=done, mininterval=every, **unit), stage
        if total and bar.total != total:
            bar.total = total
        bar.update(done - bar.n)

    try:
        yield report
    finally:
        if bar is not None:
            bar.close()
