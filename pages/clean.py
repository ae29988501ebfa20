"""Correct labels and leave photos out, train again, and see what it was worth."""

import streamlit as st

from lessonkit import marks
from lessonkit.runs import Run
from lessonkit.ui import choices, cleaning, closer, data, marking, say, selection


def _model() -> Run | None:
    """The frozen stage on the labels as they were that the marks are tried on; it is said which, and why."""
    chosen = selection.model()
    fits = chosen is not None and choices.is_stage(chosen) and not chosen.spec().marks
    stage = chosen if fits else choices.plain_stage()
    if stage is None:
        return None
    words = f"These are the answers of **{choices.name(stage)}** (`{stage.id}`)."
    if chosen is not None and not fits:
        words += (
            f" You chose {choices.name(chosen)} (`{chosen.id}`) elsewhere; what marks are worth is measured on a frozen "
            "model, trained on the labels as they were."
        )
    st.caption(words)
    return stage


def _followed(run: Run) -> None:
    """The photo that was selected elsewhere, to be marked here."""
    name, frame = selection.any_photo(), data.predictions(run)
    if not name:
        return
    with st.container(border=True), say.errors_here():
        st.markdown("**The photo that you followed here**")
        if selection.photo(frame):
            row = frame[frame["photo"] == name].iloc[0]
            marking.one(
                run, name, row.actual, row.predicted, f"held out: the model called it **{say.breed(row.predicted)}**"
            )
        elif closer.features_ready(run):
            cleaning.one_trained(run, name)


say.opening("clean")
stage = _model()
if stage is None:
    say.missing("There is no trained model on these photos yet.", "train")
else:
    with say.errors_here():
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
                with tab, say.errors_here():
                    show(stage, chosen)
        made = marks.read(stage.spec().dataset)
        if made:
            cleaning.list_of(stage, made)
        cleaning.again(stage, made)
