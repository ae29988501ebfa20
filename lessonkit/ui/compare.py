"""Runs as the words compare them."""

from __future__ import annotations

from lessonkit.lesson.outcomes import Outcome, Pairs, paired
from lessonkit.runs import Run
from lessonkit.ui import data


def outcome(run: Run, name: str) -> Outcome:
    """How a finished run ended; seconds are the mean of its epochs."""
    history = run.history()
    last = history[-1]
    seconds = sum(row["seconds"] for row in history) / len(history)
    return Outcome(name, last["error_rate"], last["valid_loss"], seconds, len(data.predictions(run)))


def turned(before: Run, after: Run) -> Pairs:
    """What the same photos say of two runs: how many turned right and wrong, and each one's change of loss."""
    return paired(data.predictions(before), data.predictions(after))
