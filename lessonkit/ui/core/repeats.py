"""A recipe's trainings: a dot each, where they lie, how many are still to come."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lessonkit import runs
from lessonkit.analysis.recipes import REPEATS, Recipe, recipe_of
from lessonkit.figures import repeats
from lessonkit.lesson import trainings
from lessonkit.ui.core import allowed, classroom, elements, run_progress, state
from lessonkit.ui.core.connection import revive


def chart(named: Mapping[str, Recipe], key: str) -> None:
    """The error rate of each training, on a line for each recipe; the learner's own is marked.

    Args:
        named: recipes by what their lines are called.
    """
    mine = state.get("run")
    rows = []
    for name, recipe in named.items():
        kept = recipe.kept
        for run in recipe.done:
            error = run.history()[-1]["error_rate"]
            rows.append((name, run.spec().seed, error, kept is not None and run.id == kept.id, run.id == mine))
    frame = pd.DataFrame(rows, columns=["recipe", "seed", "error_rate", "kept", "mine"])
    words = "; ".join(f"{name}: {trainings.spread_words(recipe.summary)}" for name, recipe in named.items())
    elements.chart(
        lambda: repeats.error_rates(frame), key, f"The error rate of each training. {words}.", (frame.to_json(), mine)
    )


def to_come(recipe: Recipe) -> list[str]:
    """The ids of the repeats that decide which one is kept, and have not ended."""
    return [run.id for run in recipe.under_way if run.spec().seed < REPEATS]


def _still(recipe: Recipe) -> tuple[int, bool]:
    """How many repeats wait or train, and whether more were asked for that the engine is about to queue."""
    about = any(run.status().state == runs.DONE and run.path(runs.REPEATS).exists() for run in recipe.runs)
    return len(to_come(recipe)), about


def follow(recipe: Recipe) -> bool:
    """How many repeats are done, live; True once none is to come."""
    still = _still(recipe)
    if still == (0, False):
        return True
    every = max(run_progress.EVERY_RUNNING, classroom.joined() / run_progress.ALL_TOGETHER)
    st.fragment(_live, run_every=every)(recipe.runs[0].id, still)
    return False


def _live(run_id: str, seen: tuple[int, bool]) -> None:
    revive()
    recipe = recipe_of(run_id)
    waiting = to_come(recipe)
    if _still(recipe) != seen:
        st.rerun()
    done = len(recipe.done)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"to_come_{run_id}"):
        st.progress(
            done / max(1, done + len(waiting)),
            text=f"The same recipe, trained again with other seeds: {done} of {done + len(waiting)} trainings are done",
        )
        if allowed.may_stop(waiting[0] if waiting else run_id) and st.button(
            "Stop the rest", key=f"stop_repeats_{run_id}", icon=":material/stop:"
        ):
            with elements.errors_here():
                for waits in waiting:
                    allowed.stop(waits)
                st.rerun()


def mine(recipe: Recipe) -> runs.Run | None:
    """The training of this recipe that the learner asked for last, in this session or by the address."""
    return next((run for run in recipe.runs if run.id == state.get("run")), None)
