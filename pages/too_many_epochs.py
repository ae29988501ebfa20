"""Train on for as many epochs as asked, and see when it stops being a good idea."""

import pandas as pd
import streamlit as st

from lessonkit import interpretation
from lessonkit.figures import losses
from lessonkit.lesson import code, questions, verdicts
from lessonkit.runs import Run
from lessonkit.training.spec import MOST_EPOCHS, RunSpec
from lessonkit.ui import choices, live, say, state
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
    return default.but(epochs=extra, share=share / 100, augment=augment)


def _shown(stage: Run, spec: RunSpec) -> Run | None:
    """The run of these choices; else the newest that trained this stage on, frozen."""
    chosen = Run(spec.id)
    if chosen.exists():
        return chosen
    return choices.newest(lambda s: s.starts_from == stage.id and s.frozen)


def _verdict(run: Run) -> None:
    curve = interpretation.learning_curve(interpretation.chain(run))
    verdict = interpretation.overfitting(curve)
    figure = losses.loss_curves(curve, verdict.best_epoch if verdict else None, interpretation.starts(curve))
    say.chart(figure, key="overfitting", alt="Training and validation loss and error rate, epoch by epoch.")
    if verdict is None:
        return
    left, right = st.columns([1, 2], gap="medium")
    left.metric("Best epoch, by validation loss", verdict.best_epoch + 1, border=True)
    left.metric(
        "Validation loss since then",
        f"{verdict.last_valid_loss:.3f}",
        delta=f"{verdict.rise:+.3f}",
        delta_color="inverse",
        border=True,
    )
    with right:
        st.markdown(f"**Does this run overfit?** {verdicts.overfitting_words(verdict)}")


def _others(stage: Run, shown: Run) -> None:
    """The tries side by side: what a share of the photos or augmentation changes."""
    tries = [r for r in choices.all_of(lambda s: s.starts_from == stage.id and s.frozen) if r.history()]
    if len(tries) < 2:
        st.caption(
            "Try it with fewer photos, or with augmentation the other way: the tries will stand here side by side."
        )
        return
    rows = []
    for run in tries:
        found = interpretation.overfitting(interpretation.learning_curve(interpretation.chain(run)))
        if found:
            rows.append(
                {
                    "": "▸" if run.id == shown.id else "",
                    "what": choices.name(run),
                    "augmentation": "on" if run.spec().augment else "off",
                    "best epoch": found.best_epoch + 1,
                    "valid loss then": f"{found.best_valid_loss:.3f}",
                    "and at the end": f"{found.last_valid_loss:.3f}",
                    "error at the end": say.percent(found.error_last),
                }
            )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="The tries of training on, side by side.")


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
                _verdict(run)
                _others(stage, run)
        say.code(code.more_epochs(spec))
    say.questions(questions.OVERFITTING)
say.onward("too_many_epochs")
