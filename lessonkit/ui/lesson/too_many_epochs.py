"""What a run that was trained on shows: the curve, the verdict, the tries side by side."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from lessonkit import language, wording
from lessonkit.analysis import predictions
from lessonkit.figures import losses
from lessonkit.language import tr
from lessonkit.lesson import expectations, overfitting, trainings
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import cached, elements, formatting, repeats, run_choices, snapshot
from lessonkit.ui.lesson import asking, from_stage


def trains_on(spec: RunSpec) -> bool:
    """Whether a run from the stage is one that this page shows."""
    return spec.frozen


def guess(stage: Run) -> str:
    """Ask which way the validation loss will go; what the learner said, "" for nothing."""
    return from_stage.guess("epochs", stage, expectations.LOSS, trains_on)


def verdict(stage: Run, run: Run, guessed: str = "") -> None:
    """The learning curve with its best epoch, whether the run overfits, and how it ended beside the stage.

    Args:
        guessed: of `guess`.
    """
    curve, verdict = cached.curve(run)
    before = len(curve) - len(run.history())
    several = len(snapshot.recipe(run).done) > 1
    which = [tr("The chart is of the training that is kept.")] if several else []
    read = tr(
        "Epochs count from 1 through both runs: epochs 1 to {before} are the frozen model's, and this run goes on with "
        "{following}. fastai would count from 0 again. The train loss is a running average that begins again with each run, "
        "so its line breaks there. Near the peak of the learning rate, where the grey ends, both losses may jump up: that alone "
        "is not overfitting. So the lowest valid loss is compared with that at the end, when the rate is almost 0.",
        before=before, following=before + 1,
    )  # fmt: skip
    st.caption(" ".join([*which, read]))
    elements.chart(
        lambda: losses.loss_curves(curve, verdict.best_epoch if verdict else None, predictions.starts(curve)),
        key="overfitting",
        alt=tr(
            "Training and validation loss and error rate, epoch by epoch; the lowest loss and the rise stand below."
        ),
        made_of=(run.id, run.status().ended_at),
    )
    if verdict is None:
        return
    left, right = st.columns([1, 2], gap="medium")
    with left, elements.figures(2):
        st.metric(
            tr("Lowest valid loss: epoch"), verdict.best_epoch + 1, border=True,
            help=tr("The star in the chart. The end of the run is compared with it."),
        )  # fmt: skip
        st.metric(
            tr("Valid loss at the end"),
            wording.loss(verdict.last_valid_loss),
            delta=_signed(verdict.rise) if math.isfinite(verdict.rise) else None,
            delta_color="inverse",
            border=True,
        )
    photos = run.status().facts.get("valid_photos", 0)
    with right:
        asking.resolved(expectations.loss_words(guessed, stage.history()[-1]["valid_loss"], verdict, before))
        done = run.status().finished and not repeats.awaited(stage, run)
        asked = tr("**Does this run overfit?**")
        judged = overfitting.judged_words(verdict, photos, cached.compared(stage, run) if done else None)
        st.markdown(f"{asked} {judged}")
    if run.status().finished:
        words = repeats.compared(tr("the frozen model"), tr("trained on"), stage, run)
        asked = tr("**Is it worse than the frozen model?**")
        st.markdown(f"{asked} {words}")


def _signed(value: float) -> str:
    """A number with its sign, three digits after the point; a hyphen as the minus, by which Streamlit tells a fall."""
    return f"{'-' if f'{value:+.3f}'.startswith('-') else '+'}{language.decimal(abs(value), 3)}"


def others(stage: Run, shown: Run) -> None:
    """The tries side by side: what a share of the photos or augmentation changes."""
    from_here = (
        r for r in snapshot.recipes().values() if (of := r.runs[0].spec()).starts_from == stage.id and of.frozen
    )
    recipes = [(recipe, recipe.kept or recipe.runs[0]) for recipe in from_here]
    tries = [(recipe, run) for recipe, run in recipes if run.history()]
    if len(tries) < 2:
        st.caption(
            tr("Try it with fewer photos, or with augmentation the other way: the tries will stand here side by side.")
        )
        return
    rows = []
    for recipe, run in tries:
        _, found = cached.curve(run)
        if found:
            rows.append(
                {
                    "": "▸" if run.id == shown.id else "",
                    tr("what"): run_choices.name(run),
                    tr("augmentation"): tr("on") if run.spec().augment else tr("off"),
                    tr("lowest valid loss: epoch"): found.best_epoch + 1,
                    tr("valid loss then"): wording.loss(found.best_valid_loss),
                    tr("and at the end"): wording.loss(found.last_valid_loss),
                    tr("error at the end"): formatting.percent(found.error_last),
                    tr("all trainings"): trainings.spread_words(recipe.summary),
                }
            )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=tr("The tries of training on, side by side."))
