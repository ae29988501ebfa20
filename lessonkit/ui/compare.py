"""Runs as the words compare them."""

from __future__ import annotations

from lessonkit import interpretation
from lessonkit.lesson.verdicts import Outcome
from lessonkit.runs import Run
from lessonkit.ui import data


def outcome(run: Run, name: str) -> Outcome:
    """How a finished run ended; seconds are the mean of its epochs."""
    history = run.history()
    last = history[-1]
    seconds = sum(row["seconds"] for row in history) / len(history)
    return Outcome(name, last["error_rate"], last["valid_loss"], seconds, len(data.predictions(run)))


def turned(before: Run, after: Run) -> tuple[int, int]:
    """How many photos turned right, and how many wrong, from one run to the other."""
    changed = interpretation.changed_sides(data.predictions(before), data.predictions(after))["turned"]
    return int((changed == "right").sum()), int((changed == "wrong").sum())
