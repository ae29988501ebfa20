"""From one saved stage, side by side: frozen, unfrozen the naive way, unfrozen the right way."""

import streamlit as st

from lessonkit.lesson import code, questions
from lessonkit.runs import Run
from lessonkit.training.spec import RunSpec
from lessonkit.ui import choices, live, say, sides, state
from lessonkit.ui.engine import engine


def _choose(stage: Run) -> dict[str, RunSpec]:
    specs = choices.specs(stage.spec().dataset, stage.spec())
    naive, right = specs[choices.NAIVE], specs[choices.RIGHT]
    norm = st.segmented_control(
        "Batch norm's statistics, in the unfrozen body",
        ["fixed", "trained"],
        default=naive.batch_norm,
        required=True,
        key="batch_norm",
        persist_state="session",
        help="Fixed: as pretrained. Trained: fastai's own default, good with thousands of photos.",
    )
    with st.expander("Other rates and epochs"):
        left, right_half = st.columns(2)
        rate = left.text_input("The one rate", f"{naive.learning_rate:g}", key="naive_rate", persist_state="session")
        epochs = left.number_input(
            "Its epochs", value=naive.epochs, step=1, key="naive_epochs", persist_state="session"
        )
        low = right_half.text_input(
            "The slice's low end", f"{right.learning_rate[0]:g}", key="low", persist_state="session"
        )
        high = right_half.text_input("Its high end", f"{right.learning_rate[1]:g}", key="high", persist_state="session")
        more = right_half.number_input(
            "Its epochs", value=right.epochs, step=1, key="right_epochs", persist_state="session"
        )
    return {
        choices.NAIVE: naive.but(learning_rate=rate, epochs=epochs, batch_norm=norm),
        choices.RIGHT: right.but(learning_rate=(low, high), epochs=more, batch_norm=norm),
    }


def _run(place, name: str, spec: RunSpec) -> Run | None:
    """One of the two unfrozen runs: what it does, its button, what happens. The run once it has a model."""
    with place.container(border=True):
        st.markdown(f"**{sides.NAMES[name].capitalize()}**")
        st.caption(f"`learn.unfreeze(); learn.fit_one_cycle({spec.epochs}, {code.rate(spec.learning_rate)})`")
        run = Run(spec.id)
        if not run.exists():
            if st.button("Train it", key=f"train_{name}", type="primary", icon=":material/play_arrow:"):
                engine().submit(spec)
                st.rerun()
            return None
        return run if live.follow(run) else None


say.opening("unfreezing")
stage = state.stage()
if stage is None:
    say.missing("There is no frozen model on these photos yet, and everything here starts from it.", "train")
else:
    st.markdown(
        f"Both start from the same saved stage: {choices.name(stage)}, error {say.percent(stage.history()[-1]['error_rate'])}."
    )
    with say.errors_here():
        specs = _choose(stage)
        places = dict(zip(specs, st.columns(2, gap="medium"), strict=True))
        runs = {name: _run(places[name], name, spec) for name, spec in specs.items()}
        done = {name: run for name, run in runs.items() if run}
        if done:
            sides.side_by_side(stage, done)
            sides.words(stage, done)
            sides.batch_norm(done)
            sides.changed(stage, done)
        say.code(code.unfreeze(specs[choices.NAIVE], specs[choices.RIGHT]))
    say.questions(questions.UNFREEZING)
say.onward("unfreezing")
