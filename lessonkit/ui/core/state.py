"""What a learner has chosen, kept over pages in the session and over reloads in the URL.

The URL holds it so that a page can be reloaded, bookmarked, or sent to somebody: "look at this one".
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessonkit.lesson import defaults
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import snapshot

IN_URL = (
    "dataset", "pattern", "run", "model", "guesses", "photo", "actual", "predicted", "run_a", "run_b", "group",
)  # fmt: skip


def load() -> None:
    """Take from the URL what this session does not know yet; what it knows goes before."""
    for key in IN_URL:
        if key in st.query_params and f"my_{key}" not in st.session_state:
            st.session_state[f"my_{key}"] = st.query_params[key]


def save() -> None:
    """Put into the URL what a reload must find again. Navigation clears the URL, so each run of a page does it."""
    for key in IN_URL:
        value = st.session_state.get(f"my_{key}")
        if value:
            if st.query_params.get(key) != value:
                st.query_params[key] = value
        elif key in st.query_params:
            del st.query_params[key]


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


def dataset() -> Dataset:
    """The dataset chosen; else the first that is on this machine; else the drawn one."""
    known = snapshot.datasets()
    return known.get(get("dataset")) or next((d for d in known.values() if d.present), known["drawn"])


def pattern() -> str:
    """The labelling pattern in force: the learner's, else the dataset's own; "" where folders label."""
    here = dataset()
    return "" if here.labelled_by == "folder" else get("pattern") or here.pattern


def stage() -> Run | None:
    """The frozen run that the lesson goes on from: the one chosen, else that of the default choices, else the newest.

    Only one that is finished, on this dataset. The default's goes before the newest, which may be anybody's try.
    """
    chosen, here = snapshot.find(get("run")), dataset()
    if chosen and chosen.spec().dataset == here.name and chosen.status().finished:
        return chosen
    for kind in ("cpu", "cuda") if here.present else ():
        usual = snapshot.find(defaults.default_specs(here, kind)[defaults.FRESH].but(pattern=pattern()).id)
        if usual and usual.status().finished:
            return usual
    for run in snapshot.now().runs:
        spec = run.spec()
        if spec.dataset == here.name and spec.frozen and not spec.starts_from and run.status().finished:
            return run
    return None


def turned_to(page: str) -> None:
    """Note which page the learner is on: what another one had kept is dropped."""
    if st.session_state.get(_PAGE) != page:
        st.session_state.pop(_OF_PAGE, None)
        st.session_state[_PAGE] = page


def of_this_page() -> dict[Any, Any]:
    """What this page keeps in the learner's session until they turn to another one, or are gone."""
    return st.session_state.setdefault(_OF_PAGE, {})


_PAGE, _OF_PAGE = "page_turned_to", "kept_of_page"
