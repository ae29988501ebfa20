"""All runs and datasets as they are at the beginning of a page: looked up once, and the same for everything on it."""

from __future__ import annotations

import functools

import streamlit as st

from lessonkit import recipe_names, runs
from lessonkit.analysis.recipes import Recipe, recipe_of
from lessonkit.analysis.recipes import recipes as grouped
from lessonkit.json_files import damaged
from lessonkit.language import ENGLISH, speaking, tr
from lessonkit.photos import catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run, Seen, Snapshot
from lessonkit.ui.core import who

_RUNS, _RECIPES, _DATASETS, _NAMES = "all_runs", "all_recipes", "all_datasets", "all_names"


def take() -> None:
    """Look at all runs and datasets now: once each time that a page is run from its top.

    A run that has ended with a model, but whose epochs somebody took away, is one that cannot be read: pages show them.

    Raises:
        LessonError: the folder of the datasets cannot be read.
    """
    aside = frozenset(who.controls_now().aside)  # runs of an earlier class in this room
    st.session_state[_RUNS], st.session_state[_RECIPES] = _readable(runs.snapshot(), aside)
    st.session_state[_NAMES] = recipe_names.names()
    st.session_state[_DATASETS] = catalog.all_datasets()


@functools.lru_cache(maxsize=1)  # as long as no run changes, all learners have the same
def _readable(found: Snapshot, aside: frozenset[str]) -> tuple[Snapshot, dict[str, Recipe]]:
    lost = {run.id: run for run in found.runs if run.status().finished and not run.history()}
    with speaking(ENGLISH):  # the next who reads of it may speak another language
        why = {run_id: damaged(run.path(runs.HISTORY), tr("it holds no epoch")) for run_id, run in lost.items()}
    kept = Snapshot(tuple(r for r in found.runs if r.id not in lost and r.id not in aside), {**found.unreadable, **why})
    return kept, grouped(kept.runs)


def now() -> Snapshot:
    """All runs as they were when this page began."""
    if _RUNS not in st.session_state:
        take()
    return st.session_state[_RUNS]


def changed() -> bool:
    """Whether a run came, went, or turned to another state since this page began."""
    seen, _ = _readable(runs.snapshot(), frozenset(who.controls_now().aside))
    return _states(seen) != _states(now())


def _states(found: Snapshot) -> dict[str, str]:
    return {run.id: run.status().state for run in found.runs}


def find(run_id: str) -> Seen | None:
    """The run of that id, which may come from a URL; None where there is none, or it cannot be read."""
    return now().find(run_id)


def recipes() -> dict[str, Recipe]:
    """All recipes by their ids, as they were when this page began; the newest asked for first."""
    if _RECIPES not in st.session_state:
        take()
    return st.session_state[_RECIPES]


def recipe_now(run_id: str) -> Recipe:
    """The recipe of a run as it is at this moment, of the runs that pages show. Raises LessonError as `recipes.recipe_of`.

    With the others, those of an earlier class among them, what is compared with the page's own would differ for ever.
    """
    seen, found = _readable(runs.snapshot(), frozenset(who.controls_now().aside))
    run = seen.find(run_id)
    return found[run.spec().recipe] if run else recipe_of(run_id)


def names() -> dict[str, str]:
    """What people called recipes, by their ids, as it was when this page began."""
    if _NAMES not in st.session_state:
        take()
    return st.session_state[_NAMES]


def recipe(run: Run) -> Recipe:
    """The recipe of a run that is here."""
    return recipes()[run.spec().recipe]


def datasets() -> dict[str, Dataset]:
    """All datasets by name, as they were when this page began."""
    if _DATASETS not in st.session_state:
        take()
    return st.session_state[_DATASETS]


def dataset_of(run: Run) -> Dataset:
    """The dataset that a run was trained on, as it was when this page began. Raises LessonError where it is gone."""
    name = run.spec().dataset
    return datasets().get(name) or catalog.resolve(name)
