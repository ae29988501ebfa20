"""A recipe as it is trained: its first run live, the further trainings that follow, then the one that is kept."""

from __future__ import annotations

import streamlit as st

from lessonkit.analysis.recipes import Recipe
from lessonkit.language import tr
from lessonkit.lesson import trainings
from lessonkit.runs import Run
from lessonkit.ui.core import repeats, run_progress


def follow(recipe: Recipe, key: str, narrow: bool = False) -> Run | None:
    """A recipe's run, live while it moves, and all its trainings; the run that is kept, once there is one.

    Args:
        key: of the chart. narrow: in half a page's width.
    """
    first = next((run for run in recipe.runs if not run.status().ended and not run.status().repeat_of), None)
    run = first or recipe.kept or recipe.runs[0]
    run_progress.follow(run, narrow)
    kept = recipe.kept
    if kept is None:
        return None
    repeats.follow(recipe)
    if len(recipe.done) > 1:
        spread = trainings.spread_words(recipe.summary)
        st.caption(
            tr(
                "The table is of the training that is kept, seed {seed}. All of them: error rate {spread}.",
                seed=kept.spec().seed,
                spread=spread,
            )
            if run.id == kept.id
            else tr("All trainings: error rate {spread}.", spread=spread)
        )
        repeats.chart({"": recipe}, f"repeats_{key}")
    return kept
