"""Correct labels and leave photos out, train again, and see what it was worth."""

import streamlit as st

from lessonkit import corrections
from lessonkit.language import tr, translatable
from lessonkit.runs import Run
from lessonkit.ui.core import base_choice, cached, elements, formatting, run_choices, state, who
from lessonkit.ui.explore import inspector, marking, marks, selection, to_mark, trained_again


def _model() -> Run | None:
    """The run that the marks are tried on: the one that the lesson goes on from, on the labels as they were; it is said which."""
    stage = run_choices.plain_stage()
    if stage is None:
        return None
    base, chosen = state.stage(), selection.model()
    of = {"model": formatting.plain(run_choices.model_name(stage)), "run": stage.id}
    if base is not None and base.id == stage.id:
        words: str = tr("These are the answers of {model} (`{run}`), which this lesson goes on from.", **of)
    else:
        words = tr(
            "These are the answers of {model} (`{run}`): what marks are worth is measured beside a model that was trained on "
            "the labels as they were.",
            **of,
        )
    if chosen is not None and chosen.id not in (stage.id, base.id if base else ""):
        elsewhere = tr(
            "You chose {model} (`{run}`) elsewhere; what marks are worth is measured on the model that the lesson goes on from.",
            model=formatting.plain(run_choices.model_name(chosen)), run=chosen.id,
        )  # fmt: skip
        words = f"{words} {elsewhere}"
    st.caption(words)
    base_choice.pick()
    return stage


def _followed(run: Run) -> None:
    """The photo that was selected elsewhere, to be marked here."""
    name, frame = selection.any_photo(), cached.predictions(run)
    if not name:
        return
    with st.container(border=True), elements.errors_here():
        st.markdown(tr("**The photo that you followed here**"))
        if selection.photo(frame):
            row = frame[frame["photo"] == name].iloc[0]
            marking.one(
                run,
                name,
                row.actual,
                row.predicted,
                tr("held out: the model called it **{breed}**", breed=formatting.breed(row.predicted)),
            )
        elif inspector.features_ready(run):
            to_mark.one_trained(run, name)


elements.opening("clean")
stage = _model()
if stage is None:
    elements.missing(tr("There is no trained model on these photos yet."), "train")
else:
    with elements.errors_here():
        _followed(stage)
        chosen = selection.breeds()
        if chosen:  # on another page: here all photos stand until somebody asks for these alone
            only = tr("Only what is selected: {selected}", selected=selection.words(chosen))
            chosen = chosen if st.toggle(only, key="clean_selected") else None
        parts = {
            translatable("Photos held out"): to_mark.held_out,
            translatable("Photos it was trained on"): to_mark.trained_on,
            translatable("In both halves"): to_mark.in_both,
        }
        for tab, show in zip(elements.tabs(list(parts), "part"), parts.values(), strict=True):
            if tab.open:
                with tab, elements.errors_here():
                    show(stage, chosen)
        made = corrections.read(stage.spec().dataset, who.marks_of())
        marks.class_set(stage)
        if made:
            marks.list_of(stage, made)
        trained_again.again(stage, made)
