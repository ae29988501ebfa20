"""From one saved stage, side by side: frozen, unfrozen the naive way, unfrozen the right way."""

import pandas as pd
import streamlit as st

from lessonkit import interpretation
from lessonkit.figures import compare
from lessonkit.lesson import code, questions, verdicts
from lessonkit.runs import Run
from lessonkit.training.spec import RunSpec
from lessonkit.ui import choices, data, live, photos, say, state
from lessonkit.ui.compare import outcome, turned
from lessonkit.ui.engine import engine

NAMES = {choices.NAIVE: "unfrozen, one rate", choices.RIGHT: "unfrozen, a slice of rates"}


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
        st.markdown(f"**{NAMES[name].capitalize()}**")
        st.caption(f"`learn.unfreeze(); learn.fit_one_cycle({spec.epochs}, {code.rate(spec.learning_rate)})`")
        run = Run(spec.id)
        if not run.exists():
            if st.button("Train it", key=f"train_{name}", type="primary", icon=":material/play_arrow:"):
                engine().submit(spec)
                st.rerun()
            return None
        return run if live.follow(run) else None


def _side_by_side(stage: Run, found: dict[str, Run]) -> None:
    outcomes = [outcome(stage, "frozen"), *(outcome(run, NAMES[name]) for name, run in found.items())]
    frame = pd.DataFrame([vars(o) for o in outcomes])
    say.chart(
        compare.runs_side_by_side(frame), key="side_by_side", alt="Error rate, loss and seconds an epoch of each run."
    )
    facts = [run.status().facts for run in (stage, *found.values())]
    st.table(
        {
            "": [o.name for o in outcomes],
            "parameters that train": [f"{f['trainable']:,} of {f['parameters']:,}" for f in facts],
            "batch norm's statistics": [f["batch_norm"] for f in facts],
            "seconds an epoch": [f"{o.seconds_an_epoch:.1f}" for o in outcomes],
        },
        alt="Parameters that train, and seconds an epoch.",
    )
    if stage.spec().precompute:
        st.caption(
            "The frozen run's epochs are this short because the body's activations were computed once, before them."
        )


def _words(stage: Run, found: dict[str, Run]) -> None:
    frozen = outcome(stage, "frozen")
    if len(found) == 2:
        naive, right = found[choices.NAIVE], found[choices.RIGHT]
        text = verdicts.unfreezing_words(
            frozen,
            outcome(naive, NAMES[choices.NAIVE]),
            outcome(right, NAMES[choices.RIGHT]),
            turned(stage, naive),
            turned(stage, right),
        )
        st.markdown(f"**What happened.** {text}")
    else:
        for name, run in found.items():
            st.markdown(verdicts.comparison_words(frozen, outcome(run, NAMES[name]), turned(stage, run)))
    st.caption(verdicts.noise_words(frozen))


def _batch_norm(found: dict[str, Run]) -> None:
    """The same run with batch norm the other way, once the learner has tried both."""
    for name, run in found.items():
        spec = run.spec()
        other = Run(spec.but(batch_norm="trained" if spec.batch_norm == "fixed" else "fixed").id)
        if other.exists() and other.status().finished:
            fixed, trained = (run, other) if spec.batch_norm == "fixed" else (other, run)
            words = verdicts.batch_norm_words(
                outcome(fixed, "fixed"), outcome(trained, "trained"), turned(fixed, trained)
            )
            st.markdown(f"*{NAMES[name].capitalize()}.* {words}")


def _changed(stage: Run, found: dict[str, Run]) -> None:
    st.subheader("Photos that changed sides", anchor=False)
    name = st.segmented_control(
        "Between frozen and", list(found), default=list(found)[-1], required=True, format_func=NAMES.get, key="sides"
    )
    changed = interpretation.changed_sides(data.predictions(stage), data.predictions(found[name]))
    for side in ("right", "wrong"):
        rows = changed[changed["turned"] == side]
        st.markdown(f"**Turned {side}: {len(rows)}**")
        shown = rows.head(6)
        captions = [
            f"{say.breed(r.actual)}: {say.breed(r.predicted_before)} → {say.breed(r.predicted_after)}"
            for r in shown.itertuples()
        ]
        photos.grid(stage.spec().dataset, list(shown["photo"]), captions)


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
            _side_by_side(stage, done)
            _words(stage, done)
            _batch_norm(done)
            _changed(stage, done)
        say.code(code.unfreeze(specs[choices.NAIVE], specs[choices.RIGHT]))
    say.questions(questions.UNFREEZING)
say.onward("unfreezing")
