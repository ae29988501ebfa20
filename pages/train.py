"""Choose how to train, find a learning rate, train, watch."""

import pandas as pd
import streamlit as st

from lessonkit import runs
from lessonkit.errors import LessonError
from lessonkit.lesson import code, questions
from lessonkit.photos import catalog, labels
from lessonkit.ui import choices, live, say, state, trainer
from lessonkit.ui.data import labelled
from lessonkit.ui.engine import engine


def _tried() -> None:
    rows = [choices.row(run) for run in runs.all_runs() if run.spec().dataset == state.dataset()]
    if not rows:
        return
    st.subheader("What was tried", anchor=False)
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="All runs on these photos and what came of them.")
    kept = [run for run in runs.all_runs() if run.spec().dataset == state.dataset() and choices.is_stage(run)]
    stage = state.stage()
    if len(kept) > 1 and stage:
        st.session_state["stage_picker"] = stage.id  # a run that has ended since becomes the stage without the box
        st.selectbox(
            "The run that the next pages go on from",
            [run.id for run in kept],
            format_func=lambda i: choices.name(runs.Run(i)),
            key="stage_picker",
            on_change=lambda: state.put(run=st.session_state["stage_picker"]),
        )


say.opening("train")
dataset = state.dataset()
if not catalog.present(dataset):
    say.missing("There are no photos on this machine yet.", "data")
else:
    try:
        labels.require_trainable(labelled(dataset, state.pattern()))
        trainer.held_out(dataset, choices.default(dataset).seed)
        st.subheader("Choose", anchor=False)
        trainer.architectures(choices.default(dataset))
        spec = trainer.choose(choices.default(dataset))
        trainer.find_rate(spec)
        if st.button("Train", type="primary", icon=":material/play_arrow:", key="train"):
            state.put(run=engine().submit(spec).id)
            st.rerun()
    except LessonError as problem:
        say.error(problem)
        spec = None
    with say.errors_here():
        run = choices.followed(dataset)
        if run:
            st.subheader(choices.name(run), anchor=False)
            if live.follow(run):
                choices.result(run)
    if spec:
        say.code(code.train(spec, choices.default(dataset)), note=code.training_note(spec))
    _tried()
    say.questions(questions.TRAINING)
say.onward("train")
