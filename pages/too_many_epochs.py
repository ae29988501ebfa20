"""Train on for as many epochs as asked, and see when it stops being a good idea."""

import streamlit as st

from lessonkit.lesson import code, questions
from lessonkit.runs import Run
from lessonkit.training.spec import MOST_EPOCHS, RunSpec
from lessonkit.ui import choices, live, overtraining, say, state
from lessonkit.ui.engine import engine


def _choose(stage: Run) -> RunSpec:
    default = choices.specs(stage.spec().dataset, stage.spec())[choices.MORE]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        extra = st.number_input(
            f"Extra epochs (1 to {MOST_EPOCHS})",
            value=default.epochs,
            step=1,
            key="extra_epochs",
            persist_state="session",
            width=200,
        )
        share = st.slider(
            "Share of the training photos",
            5,
            100,
            100,
            step=5,
            format="%d %%",
            key="share",
            persist_state="session",
            width=280,
        )
        augment = st.toggle("Augmentation", value=default.augment, key="more_augment", persist_state="session")
    return default.but(epochs=extra, share=share / 100, **choices.augmented(augment, default.precompute, default.views))


def _shown(stage: Run, spec: RunSpec) -> Run | None:
    """The run of these choices; else the newest that trained this stage on, frozen."""
    chosen = Run(spec.id)
    if chosen.exists():
        return chosen
    return choices.newest(lambda s: s.starts_from == stage.id and s.frozen)


say.opening("too_many_epochs")
stage = state.stage()
if stage is None:
    say.missing("There is no trained model on these photos yet.", "train")
else:
    st.markdown(
        f"It goes on from your frozen model: {choices.name(stage)}, error {say.percent(stage.history()[-1]['error_rate'])}."
    )
    with say.errors_here():
        spec = _choose(stage)
        if st.button("Train on", type="primary", icon=":material/play_arrow:", key="train_on"):
            engine().submit(spec)
            st.rerun()
        run = _shown(stage, spec)
        if run:
            if run.id != spec.id:
                st.caption(f"Shown below: {choices.name(run)}, not the choices above.")
            live.follow(run)
            if run.history() and run.status().ended:
                overtraining.verdict(run)
                overtraining.others(stage, run)
        say.code(code.more_epochs(spec))
    say.questions(questions.OVERFITTING)
say.onward("too_many_epochs")
