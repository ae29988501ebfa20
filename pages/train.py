"""Choose how to train, find a learning rate, train, watch."""

import pandas as pd
import streamlit as st

from lessonkit.errors import LessonError
from lessonkit.lesson import code, questions
from lessonkit.photos import labels
from lessonkit.ui.core import elements, run_choices, run_progress, state
from lessonkit.ui.core.connection import engine
from lessonkit.ui.lesson import ten_photos, train


def _tried() -> None:
    run_choices.unreadable()
    tried = run_choices.all_of(lambda s: s.dataset == state.dataset().name)
    if not tried:
        return
    st.subheader("What was tried", anchor=False)
    st.dataframe(
        pd.DataFrame(map(run_choices.row, tried)),
        hide_index=True,
        alt="All runs on these photos and what came of them.",
    )
    kept = {run.id: run_choices.name(run) for run in tried if run_choices.is_stage(run)}
    stage = state.stage()
    if len(kept) > 1 and stage:
        st.session_state["stage_picker"] = stage.id  # a run that has ended since becomes the stage without the box
        st.selectbox(
            "The run that the next pages go on from",
            list(kept),
            format_func=kept.__getitem__,
            key="stage_picker",
            on_change=lambda: state.put(run=st.session_state["stage_picker"]),
        )


elements.opening("train")
train.take_choices()
dataset = state.dataset()
if not dataset.present:
    elements.missing("There are no photos on this machine yet.", "data")
else:
    try:
        labels.require_trainable(labels.label_dataset(dataset, state.pattern()))
        split = train.held_out(dataset, run_choices.default(dataset).split_seed)
        st.subheader("Choose", anchor=False)
        train.architectures(run_choices.default(dataset))
        spec = train.choose(run_choices.default(dataset).but(split=split))
        train.find_rate(spec)
        if st.button("Train", type="primary", icon=":material/play_arrow:", key="train"):
            state.put(run=engine().submit(spec).id)
            st.rerun()
    except LessonError as problem:
        elements.error(problem)
        spec = None
    with elements.errors_here():
        run = run_choices.followed(dataset)
        if run:
            st.subheader(run_choices.name(run), anchor=False)
            if run_progress.follow(run):
                run_choices.result(run)
                ten_photos.beside(run)
    if spec:
        elements.code(code.train(spec, run_choices.default(dataset)), note=code.training_note(spec))
    _tried()
    elements.questions(questions.TRAINING)
elements.onward("train")
