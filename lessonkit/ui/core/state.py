"""What a learner has chosen, kept over pages in the session and over reloads in the URL.

The URL holds it so that a page can be reloaded, bookmarked, or sent to somebody: "look at this one". What only the learner
did, such as guesses and trainings, is not in it but kept for the browser (`who.notes`).
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from lessonkit.analysis.recipes import Recipe
from lessonkit.lesson import defaults
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import snapshot, upload_budget, who

IN_URL = (
    "dataset", "pattern", "base", "run", "model", "photo", "actual", "predicted", "run_a", "run_b", "group", "language", "large",
)  # fmt: skip


def load() -> None:
    """Take from the URL what this session does not know yet; what it knows takes precedence."""
    for key in IN_URL:
        if key in st.query_params and f"my_{key}" not in st.session_state:
            st.session_state[f"my_{key}"] = st.query_params[key]
    if _BEGAN not in st.session_state:
        st.session_state[_BEGAN] = who.notes().began or time.time()
    if "my_guesses" not in st.session_state:
        st.session_state["my_guesses"] = who.notes().guesses


def save() -> None:
    """Put into the URL what a reload must find again. Navigation clears the URL, so each run of a page does it."""
    for key in IN_URL:
        value = st.session_state.get(f"my_{key}")
        if value:
            if st.query_params.get(key) != value:
                st.query_params[key] = value
        elif key in st.query_params:
            del st.query_params[key]


def query() -> str:
    """What this page shows, as the query of an address that shows the same."""
    return urlencode({key: value for key in IN_URL if (value := get(key))})


def get(key: str) -> str:
    """A choice as text; "" when none was made."""
    return st.session_state.get(f"my_{key}") or ""


def put(**choices: str) -> None:
    """Make choices; they stand in the URL at once."""
    for key, value in choices.items():
        st.session_state[f"my_{key}"] = value
    save()


def settle() -> None:
    """Choose for a learner who has not: what another brings to this machine later moves nobody in mid-lesson."""
    if not get("dataset"):
        put(dataset=dataset().name)


def began() -> float:
    """When the learner began, in seconds since 1970."""
    return st.session_state.get(_BEGAN) or time.time()


def trained() -> list[str]:
    """The ids of the runs that this browser's learner asked for, on any photos, the last one at the end."""
    return who.notes().trained


def choose_dataset(name: str) -> None:
    """Choose another dataset, "" for the usual one: what was chosen of the photos and the models of the last one is dropped."""
    of_photos = ("pattern", "base", "run", "model", "photo", "actual", "predicted", "run_a", "run_b", "group")
    put(dataset=name, **dict.fromkeys(of_photos, ""))


def dataset() -> Dataset:
    """The dataset chosen; else the first that is on this machine; else the drawn one. Of those that are open."""
    known = open_datasets()
    here = known.get(get("dataset")) or next((d for d in known.values() if d.present), None)
    return here or known.get("drawn") or next(iter(known.values()))


def open_datasets() -> dict[str, Dataset]:
    """The datasets by name that this person may use: in a class the teacher may close some to learners."""
    known, now = snapshot.datasets(), who.controls_now()
    if not now.datasets or who.me().rules:
        return known
    return {name: found for name, found in known.items() if now.opens(name)} or known


def pattern() -> str:
    """The labelling pattern in force: the learner's, else the dataset's own; "" where folders label."""
    here = dataset()
    return "" if here.labelled_by == "folder" else get("pattern") or here.pattern


def base() -> Recipe | None:
    """The frozen recipe that the lesson goes on from: the one chosen, else that of the default choices, else the first.

    Only one that has a model, on this dataset. What is trained later changes it for nobody: a learner chooses another.
    """
    here, known = dataset(), snapshot.recipes()
    chosen = known.get(get("base"))
    if chosen and chosen.kept and is_base(chosen.kept.spec()) and chosen.kept.spec().dataset == here.name:
        return chosen
    for kind in ("cpu", "cuda") if here.present else ():
        usual = known.get(defaults.default_specs(here, kind)[defaults.FRESH].but(pattern=pattern()).recipe)
        if usual and usual.kept:
            return usual
    return next(reversed(bases()), None)


def bases() -> list[Recipe]:
    """The recipes on the chosen dataset that the lesson can go on from, the newest first."""
    name = dataset().name
    kept = ((recipe, recipe.kept) for recipe in snapshot.recipes().values())
    return [recipe for recipe, run in kept if run and is_base(run.spec()) and run.spec().dataset == name]


def is_base(spec: RunSpec) -> bool:
    """Whether the lesson can go on from such a run: a head was trained on a frozen body, from nothing."""
    return spec.frozen and not spec.starts_from


def stage() -> Run | None:
    """The run that the lesson goes on from: the one that is kept of `base`."""
    recipe = base()
    return recipe.kept if recipe else None


BEFORE_RESULTS = ("", "data", "one_size", "train")
"""The pages, by their addresses, on which nobody is shown a result that was there before they trained."""


def results_open() -> bool:
    """Whether the learner has trained, chosen a base, or come to a page that shows results: until then they stay folded."""
    if get("run") or get("base") or st.session_state.get(_PAGE, "") not in BEFORE_RESULTS:
        return True
    name = dataset().name
    return any((run := snapshot.find(run_id)) and run.spec().dataset == name for run_id in trained())


def settle_base(spec: RunSpec) -> None:
    """Choose the base for a learner who has not, once something is being trained: where there is none yet, this recipe."""
    if not get("base") and is_base(spec):
        recipe = base()
        put(base=recipe.id if recipe else spec.recipe)


def turned_to(page: str) -> None:
    """Note which page the learner is on: what another one had kept is dropped, and what was uploaded there."""
    if st.session_state.get(_PAGE) != page:
        if _PAGE in st.session_state:
            upload_budget.drop_mine()
        st.session_state.pop(_OF_PAGE, None)
        st.session_state[_PAGE] = page


def page() -> str:
    """The page that the learner is on, by its address: "" for the first one."""
    return st.session_state.get(_PAGE, "")


def of_this_page() -> dict[Any, Any]:
    """What this page keeps in the learner's session until they turn to another one, or are gone."""
    return st.session_state.setdefault(_OF_PAGE, {})


_PAGE, _OF_PAGE, _BEGAN = "page_turned_to", "kept_of_page", "learner_began"
