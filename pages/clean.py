"""Correct labels and leave photos out, train again, and see what it was worth."""

import streamlit as st

from lessonkit import corrections
from lessonkit.runs import Run
from lessonkit.ui.core import base_choice, cached, elements, formatting, run_choices, state, who
from lessonkit.ui.explore import cleaning, inspector, marking, selection


def _model() -> Run | None:
    """The run that the marks are tried on: the one that the lesson goes on from, on the labels as they were; it is said which."""
    stage = run_choices.plain_stage()
    if stage is None:
        return None
    base, chosen = state.stage(), selection.model()
    words = f"These are the answers of {formatting.plain(run_choices.model_name(stage))} (`{stage.id}`)"
    if base is not None and base.id == stage.id:
        words += ", which this lesson goes on from."
    else:
        words += ": what marks are worth is measured beside a model that was trained on the labels as they were."
    if chosen is not None and chosen.id not in (stage.id, base.id if base else ""):
        words += (
            f" You chose {formatting.plain(run_choices.model_name(chosen))} (`{chosen.id}`) elsewhere; what marks are worth is "
            "measured on the model that the lesson goes on from."
        )
    st.caption(words)
    base_choice.pick()
    return stage


def _followed(run: Run) -> None:
    """The photo that was selected elsewhere, to be marked here."""
    name, frame = selection.any_photo(), cached.predictions(run)
    if not name:
        return
    with st.container(border=True), elements.errors_here():
        st.markdown("**The photo that you followed here**")
        if selection.photo(frame):
            row = frame[frame["photo"] == name].iloc[0]
            marking.one(
                run,
                name,
                row.actual,
                row.predicted,
                f"held out: the model called it **{formatting.breed(row.predicted)}**",
            )
        elif inspector.features_ready(run):
            cleaning.one_trained(run, name)


elements.opening("clean")
stage = _model()
if stage is None:
    elements.missing("There is no trained model on these photos yet.", "train")
else:
    with elements.errors_here():
        _followed(stage)
        chosen = selection.breeds()
        if chosen:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"Below are the photos of what is selected: {selection.words(chosen)}.", width="content")
                st.button("Select nothing", key="select_nothing", on_click=selection.drop, type="tertiary")
        parts = {
            "Photos held out": cleaning.held_out,
            "Photos it was trained on": cleaning.trained_on,
            "In both halves": cleaning.in_both,
        }
        for tab, show in zip(st.tabs(list(parts), key="part", bind="query-params"), parts.values(), strict=True):
            if tab.open:
                with tab, elements.errors_here():
                    show(stage, chosen)
        made = corrections.read(stage.spec().dataset, who.marks_of())
        cleaning.class_set(stage)
        if made:
            cleaning.list_of(stage, made)
        cleaning.again(stage, made)
