"""A recipe's trainings: a dot each, where they lie, how many are still to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pandas as pd
import streamlit as st

from lessonkit import runs
from lessonkit.analysis.recipes import Recipe
from lessonkit.figures import repeats
from lessonkit.language import tr, trn
from lessonkit.lesson import luck, trainings
from lessonkit.ui.core import allowed, cached, classroom, elements, run_progress, snapshot, state
from lessonkit.ui.core.connection import revive


def chart(named: Mapping[str, Recipe], key: str) -> None:
    """The error rate of each training, on a line for each recipe; the learner's own are marked.

    Args:
        named: recipes by what their lines are called.
    """
    mine = set(state.trained())
    rows = []
    for name, recipe in named.items():
        kept = recipe.kept
        for run in recipe.done:
            error = run.history()[-1]["error_rate"]
            rows.append((name, run.spec().seed, error, kept is not None and run.id == kept.id, run.id in mine))
    spreads = {name: trainings.spread_words(recipe.summary) for name, recipe in named.items()}
    words = "; ".join(f"{name}: {words}" if name else words for name, words in spreads.items())
    elements.chart(
        lambda: repeats.error_rates(pd.DataFrame(rows, columns=["recipe", "seed", "error_rate", "kept", "mine"])),
        key, tr("The error rate of each training. {spreads}.", spreads=words), made_of=tuple(rows),
    )  # fmt: skip


def to_come(recipe: Recipe) -> list[str]:
    """The ids of the repeats that decide which one is the median, and have not ended."""
    return [run.id for run in recipe.deciding]


def compared(before: str, after: str, of_before: runs.Run, of_after: runs.Run, ends: bool = True) -> str:
    """What all trainings of two recipes say, as `luck.repeats_words`; that it is too early, while some are still to come."""
    if awaited(of_before, of_after):
        return tr(luck.NOT_YET)
    return luck.repeats_words(before, after, cached.compared(of_before, of_after), ends)


def awaited(*of: runs.Run) -> bool:
    """Whether trainings of the recipes of these runs are still to come, that were asked for together with the first."""
    recipes = [snapshot.recipe(run) for run in of]
    return any(r.deciding or any(run.path(runs.REPEATS).exists() for run in r.done) for r in recipes)


States = tuple[frozenset[str], frozenset[str]]


def _states(recipe: Recipe) -> States:
    """Which of a recipe's runs are done, and which wait or train."""
    return frozenset(run.id for run in recipe.done), frozenset(run.id for run in recipe.under_way)


def _now(run_ids: Sequence[str]) -> tuple[Recipe, list[str]]:
    """The recipe of these runs as it is now, and those of them after which the engine is about to queue repeats.

    The wishes are looked for first: the engine takes one away once it has queued what was wished for, so that what is
    wished for no more is among the runs that are read after that.

    Raises:
        LessonError: the first of them cannot be read.
    """
    wishing = [run_id for run_id in run_ids if runs.Run(run_id).path(runs.REPEATS).exists()]
    recipe = snapshot.recipe_now(run_ids[0])
    done, _ = _states(recipe)
    return recipe, [run_id for run_id in wishing if run_id in done]


def follow(recipe: Recipe) -> bool:
    """How many repeats are done, live; True once none is to come. Runs the page again that began before some of it happened."""
    ids = tuple(run.id for run in recipe.runs)
    with elements.errors_here():
        now, wishing = _now(ids)
        if _states(now) != _states(recipe):
            st.rerun()
        if not (to_come(now) or wishing):
            return True
        every = max(run_progress.EVERY_RUNNING, classroom.joined() / run_progress.ALL_TOGETHER)
        st.fragment(_live, run_every=every)(ids, (to_come(now), wishing))
    return False


def _live(run_ids: tuple[str, ...], seen: tuple[list[str], list[str]]) -> None:
    revive()
    with elements.errors_here():
        _moving(run_ids, seen)


def _moving(run_ids: tuple[str, ...], seen: tuple[list[str], list[str]]) -> None:
    recipe, wishing = _now(run_ids)
    waiting = to_come(recipe)
    if (waiting, wishing) != seen:
        st.rerun()
    done = len(recipe.done)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"to_come_{run_ids[0]}"):
        st.progress(
            done / max(1, done + len(waiting)),
            text=tr(
                "The same recipe, trained again with other seeds: {done} of {all} trainings are done",
                done=done,
                all=done + len(waiting),
            ),
        )
        theirs = any(map(allowed.may_stop, (*waiting, *wishing)))
        if theirs and st.button(tr("Stop the rest"), key=f"stop_repeats_{run_ids[0]}", icon=":material/stop:"):
            with elements.errors_here():
                for run_id in filter(allowed.may_stop, wishing):
                    allowed.drop_repeats(run_id)
                for run_id in filter(
                    allowed.may_stop, to_come(snapshot.recipe_now(run_ids[0]))
                ):  # those too that were queued since
                    allowed.stop(run_id)
                st.rerun()


def folded(*of: Recipe, opened: bool) -> AbstractContextManager[Any]:
    """A place for what came of recipes: folded, so that nobody reads the answer before the guess, once there is a model.

    Args:
        opened: whether the learner may read it: they guessed, or trained one of these or chose it.
    """
    label = trn(
        "What was trained here before: one training",
        "What was trained here before: {n} trainings",
        sum(len(recipe.done) for recipe in of),
    )
    return elements.folded_until(opened or not any(recipe.kept for recipe in of), label)


def looked_at(recipe: Recipe) -> runs.Run | None:
    """The training of this recipe that the address names; else the one that the learner asked for last; else None."""
    known = {run.id: run for run in recipe.runs}
    return next((known[i] for i in (state.get("run"), *reversed(state.trained())) if i in known), None)
