"""How long work tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable

Report = Callable[[str, int, int], None]
"""report(stage, done, total): a short word, and how far it is in units of that stage; total 0 if unknown."""


def quiet(stage: str, done: int, total: int) -> None:
    """A Report that tells nobody."""


def throttled(report: Report, per_second: float = 10.0) -> Report:
    """`report`, called at most `per_second` times a second, but always for a new stage and for its end."""
    last_stage, last_time = "", 0.0

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal last_stage, last_time
        now = time.monotonic()
        if stage != last_stage or (total and done >= total) or now - last_time >= 1 / per_second:
            last_stage, last_time = stage, now
            report(stage, done, total)

    return tell
