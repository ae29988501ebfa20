"""The lines of the benchmark's tables."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Row:
    """Two sides of one run, as a ratio.

    Attributes:
        seconds: side -> what each repeat took. errors: side -> error rate of each repeat.
        over, under: the ratio is seconds[over] / seconds[under].
        reach: what the ratio should be at least; None for a row that only explains another.
    """

    what: str
    over: str
    under: str
    reach: float | None
    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, list[float]] = field(default_factory=dict)

    def add(self, side: str, seconds: float, error: float | None = None) -> None:
        self.seconds.setdefault(side, []).append(seconds)
        if error is not None:
            self.errors.setdefault(side, []).append(error)

    def ratio(self) -> tuple[float, float, float]:
        """(of the medians, lowest, highest)."""
        above, below = self.seconds[self.over], self.seconds[self.under]
        return statistics.median(above) / statistics.median(below), min(above) / max(below), max(above) / min(below)

    def as_dict(self) -> dict[str, Any]:
        middle, low, high = self.ratio()
        return {
            "what": self.what, "ratio": middle, "lowest": low, "highest": high, "of": f"{self.over} / {self.under}",
            "reach": self.reach, "seconds": self.seconds, "error_rates": self.errors,
        }  # fmt: skip

    def line(self) -> str:
        """Of a Markdown table."""
        middle, low, high = self.ratio()
        seconds = ", ".join(f"{side} {statistics.median(s):.2f}" for side, s in self.seconds.items())
        errors = ", ".join(f"{side} {statistics.mean(e):.1%}" for side, e in self.errors.items())
        reach = "" if self.reach is None else f"{self.reach:g}"
        return (
            f"| {self.what}: {self.over} / {self.under} | **{middle:.2f}** | {low:.2f} to {high:.2f} | {reach} | "
            f"{seconds} | {errors} |"
        )


@dataclass
class Limit:
    """One figure, and what it should be at most; None where nothing is asked of it.

    Attributes:
        unit: "s" or "MB".
        measured: a figure a repeat.
        note: what else is to be said.
    """

    what: str
    unit: str
    at_most: float | None
    measured: list[float] = field(default_factory=list)
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "median": statistics.median(self.measured)}

    def line(self) -> str:
        """Of a Markdown table."""
        digits = 2 if self.unit == "s" else 0
        middle, low, high = (f"{f(self.measured):.{digits}f}" for f in (statistics.median, min, max))
        note = f" ({self.note})" if self.note else ""
        most = "" if self.at_most is None else f"{self.at_most:g} {self.unit}"
        return f"| {self.what}{note} | **{middle} {self.unit}** | {low} to {high} | {most} |"
