"""Which two breeds a model confuses most: guessed before the matrix is read, then said, with the photos."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.language import tr
from lessonkit.lesson import expectations, guessing
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import cached, formatting
from lessonkit.ui.explore import top_losses
from lessonkit.ui.lesson import asking

SHOWN = 3  # photos of the two breeds


def guess(run: Run) -> bool:
    """Ask it, of four pairs of look-alikes; beside the guess, how often the model confused each.

    Returns:
        Whether nothing is left to guess: the learner said one, or there are not two pairs to choose from.
    """
    counts = cached.made_of(predictions.confused_either_way, run)
    pairs = guessing.pairs(run.vocab(), counts, run.id)
    if len(pairs) < 2:
        return True
    words, choices = expectations.confusion_question([(formatting.breed(a), formatting.breed(b)) for a, b in pairs])
    said = asking.expects(f"confusion|{run.id}", (words, choices))
    named = {choice: counts.get(pair, 0) for choice, pair in zip(choices, pairs, strict=True)}
    asking.resolved(expectations.confusion_words(said, named))
    return bool(said)


def most(dataset: Dataset, run: Run) -> None:
    """The two breeds that were confused most, one way or the other, and their photos of the highest loss; nothing without mistakes."""
    counts = cached.made_of(predictions.confused_either_way, run)
    if not counts:
        return
    a, b = max(counts, key=lambda pair: counts[pair])
    st.markdown(
        tr(
            "No two breeds were confused more often than **{one}** and **{other}**: {photos}, one way or the other.",
            one=formatting.breed(a),
            other=formatting.breed(b),
            photos=formatting.photos(counts[a, b]),
        )  # fmt: skip
    )
    top_losses.cards(dataset, cached.made_of(_highest_losses, run, more=(a, b)), "most_")


def _highest_losses(frame: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """The photos of two breeds that were taken for each other, the highest losses first: SHOWN at most."""
    both = pd.concat([predictions.in_cell(frame, a, b), predictions.in_cell(frame, b, a)])
    return both.sort_values("loss", ascending=False).head(SHOWN)
