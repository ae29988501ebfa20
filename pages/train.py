"""Choose how to train, find a learning rate, train, watch."""

import streamlit as st

from lessonkit.errors import LessonError
from lessonkit.language import tr, trn
from lessonkit.lesson import code, questions
from lessonkit.photos import labels
from lessonkit.ui.core import base_choice, elements, run_choices, snapshot, state, who
from lessonkit.ui.lesson import asking, ideas, train, train_choices


def _tried() -> None:
    run_choices.unreadable()
    run_choices.swept()
    name = state.dataset().name
    tried = [recipe for recipe in snapshot.recipes().values() if recipe.runs[0].spec().dataset == name]
    if not tried or who.held_back():
        return
    rows = [run_choices.row(recipe) for recipe in tried]
    st.subheader(tr("What was tried"), anchor=False)
    # Folded until the learner has trained: nobody is to read the answer first.
    with st.expander(
        trn("{n} recipe, and what came of it", "{n} recipes, and what came of them", len(tried)),
        expanded=state.results_open(),
    ):
        st.dataframe(
            elements.arrow({tr(name): [row[name] for row in rows] for name in rows[0]}),
            hide_index=True,
            alt=tr("All recipes that were trained on these photos, and what came of them."),
        )
        base_choice.pick()


elements.opening("train")
train_choices.take_choices()
dataset = state.dataset()
if not dataset.present:
    elements.missing(tr("There are no photos on this machine yet."), "data")
else:
    try:
        labels.require_trainable(labels.label_dataset(dataset, state.pattern()))
        split = train_choices.held_out(dataset, run_choices.default(dataset).split_seed)
        st.subheader(tr("Choose"), anchor=False)
        elements.new_words("train", "choose")
        passing = st.container()  # what an epoch is comes before the choice of how many
        train_choices.architectures(run_choices.default(dataset))
        spec = train_choices.choose(run_choices.default(dataset).but(split=split))
        with passing:
            ideas.epoch(dataset, spec, train_choices.learned(dataset, spec))
        ideas.layers(spec, "train")
        train_choices.find_rate(spec)
        elements.new_words("train", "trainings")
        repeats = train.repeats(spec)
        train.guess(spec, repeats)
        if st.button(tr("Train"), type="primary", icon=":material/play_arrow:", key="train"):
            state.put(run=run_choices.train(spec, repeats).id)
            st.rerun()
        train.trained_before(spec)
    except LessonError as problem:
        elements.error(problem)
        spec = None
    with elements.errors_here():
        recipe = run_choices.followed(dataset)
        if recipe:
            train.results(recipe)
    if spec:
        elements.code(code.train(spec, run_choices.default(dataset)), note=code.training_note(spec))
    _tried()
    elements.questions(questions.TRAINING)
asking.again("train")
elements.onward("train")
