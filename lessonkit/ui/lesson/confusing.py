"""Which two breeds a model confuses most: guessed before the matrix is read, and then seen."""

from __future__ import annotations

from lessonkit.analysis import predictions
from lessonkit.lesson import expectations, guessing
from lessonkit.runs import Run
from lessonkit.ui.core import cached, formatting
from lessonkit.ui.lesson import asking


def guess(run: Run) -> None:
    """Ask it, of four pairs of look-alikes; beside the guess, how often the model confused each."""
    counts = cached.made_of(predictions.confused_either_way, run)
    pairs = guessing.pairs(run.vocab(), counts, run.id)
    if len(pairs) < 2:
        return
    words, choices = expectations.confusion_question([(formatting.breed(a), formatting.breed(b)) for a, b in pairs])
    said = asking.expects(f"confusion|{run.id}", (words, choices))
    named = {choice: counts.get(pair, 0) for choice, pair in zip(choices, pairs, strict=True)}
    asking.resolved(expectations.confusion_words(said, named))
