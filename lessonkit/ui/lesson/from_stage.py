"""Pages whose runs go on from one saved stage: how they begin, and which run they show."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import elements, formatting, run_choices, snapshot, state
from lessonkit.ui.core.connection import engine


def begin(page: str, goes_on: str, missing: str) -> Run | None:
    """A page's heading and the stage that it goes on from; where there is none, a sentence and a link, and None.

    Args:
        goes_on: a sentence's beginning, such as "It goes on from your frozen model".
        missing: what to say where there is no stage.
    """
    elements.opening(page)
    stage = state.stage()
    if stage is None:
        elements.missing(missing, "train")
        return None
    st.markdown(f"{goes_on}: {run_choices.name(stage)}, error {formatting.percent(stage.history()[-1]['error_rate'])}.")
    return stage


def shown(stage: Run, spec: RunSpec | None, wanted: Callable[[RunSpec], bool]) -> Run | None:
    """The run of these choices; else one of its kind from this stage: under way, else finished, else the newest.

    A page is read again by whoever reloads it or joins, and their boxes say the default choices.

    Args:
        spec: the choices; None where they are none that a run can be made from.
        wanted: whether a run that starts from the stage is of the kind that the page shows.
    """
    chosen = snapshot.find(spec.id) if spec else None
    if chosen:
        return chosen
    kin = run_choices.all_of(lambda s: s.starts_from == stage.id and wanted(s))
    states = [run.status() for run in kin]
    order = sorted(range(len(kin)), key=lambda i: (states[i].ended, not states[i].finished))
    return kin[order[0]] if order else None


def which(run: Run, spec: RunSpec | None) -> None:
    """Say so where the run shown is not that of the choices."""
    if spec is None or run.id != spec.id:
        st.caption(f"Shown below: {run_choices.name(run)}, not the choices above.")


def train_button(spec: RunSpec | None, label: str, key: str) -> None:
    """The button that trains the choices; none where they are no choices."""
    if spec is None:
        return
    with elements.errors_here():
        if st.button(label, type="primary", icon=":material/play_arrow:", key=key):
            engine().submit(spec)
            st.rerun()
