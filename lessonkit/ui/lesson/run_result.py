"""What came of a frozen run, beside the learner's own score."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from lessonkit import wording
from lessonkit.analysis import predictions
from lessonkit.figures import losses
from lessonkit.language import again, decimal, tr, translatable
from lessonkit.lesson import error_rates, how_trained
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import cached, elements, formatting, quiz, snapshot

_WORK = (translatable("photos"), translatable("activations"), translatable("training"), translatable("predicting"))
"""What a run's time went to, by the names in its facts."""


def result(run: Run) -> None:
    """The error rate beside the learner's, what it and the loss mean, how the run was trained, its curves, its time."""
    status = run.status()
    known = ("train_photos", "valid_photos", "breeds", "parameters", "trainable", "weights_from", "seconds")
    facts = {name: status.fact(name) for name in known}
    last = run.history()[-1]
    _beside_the_learner(run, last, facts["valid_photos"])
    _in_words(run, last, facts["valid_photos"], facts["breeds"])
    sizes = tr(
        "{photos} photos to train on, {trainable} of the {parameters} parameters of body and head trained.",
        photos=decimal(facts["train_photos"]), trainable=decimal(facts["trainable"]),
        parameters=decimal(facts["parameters"]),
    )  # fmt: skip
    origin = tr("Weights: {origin}.", origin=again(facts["weights_from"]))
    st.caption(" ".join([_how_the_body_ran(run.spec()), sizes, origin]))
    _curves(run)
    took = ", ".join(f"{tr(what)} {formatting.duration(s)}" for what, s in facts["seconds"].items() if s >= 0.05)
    went = tr("Where the time went: {stages}.", stages=took)
    st.caption(
        f"{went}{how_trained.compiled_words(status.facts.get('compiled') or {})}{formatting.sentence(how_trained.rung_words(status.facts))}"
    )


def _beside_the_learner(run: Run, last: dict[str, float], photos: int) -> None:
    score = quiz.score()
    several = len(snapshot.recipe(run).done) > 1
    with elements.figures(3):
        st.metric(
            tr("The kept model's error rate") if several else tr("The model's error rate"),
            formatting.percent(last["error_rate"]),
            border=True,
        )
        st.metric(
            tr("Yours"),
            formatting.percent(score.error_rate, 0) if score else "–",
            border=True,
            help=quiz.words(score),
        )
        st.metric(tr("Photos held out"), decimal(photos), border=True)


def _in_words(run: Run, last: dict[str, float], photos: int, breeds: int) -> None:
    """What the error rate and the loss are, beside guessing and beside always naming the commonest breed."""
    wrongly = tr(
        "Of {photos} held out it names **{wrong} wrongly**; guessing among {breeds} breeds would name some {guessing} wrongly.",
        photos=formatting.photos(photos), wrong=decimal(round(last["error_rate"] * photos)), breeds=breeds,
        guessing=_some(photos * (1 - 1 / breeds)),
    )  # fmt: skip
    loss = tr(
        "The **loss** also counts how sure it was. For each photo it is −log of the probability that the model gave to the "
        "right breed: 0 for a probability of 1, more for a lower one. Its mean on the photos held out is {loss}; a model "
        "that gives each breed the same probability has {guessing}.",
        loss=wording.loss(last["valid_loss"]), guessing=wording.loss(math.log(breeds)),
    )  # fmt: skip
    st.markdown(f"{wrongly} {loss}")
    breed, always = cached.made_of(predictions.commonest, run)
    st.markdown(error_rates.baseline_words(last["error_rate"], formatting.breed(breed), always, photos))


def _how_the_body_ran(spec: RunSpec) -> str:
    if spec.precompute:
        return tr(
            "The frozen body ran **once** over each photo, and what it gave out, its activations, was kept. Its batch norm "
            "still uses the averages from ImageNet."
        )
    if spec.batch_norm == "trained":
        return tr(
            "The frozen body ran for **each batch**, as in the lesson; the averages of its batch norm were **trained**."
        )
    return tr(
        "The frozen body ran for **each batch**, as in the lesson; the averages of its batch norm were **fixed**."
    )


def _curves(run: Run) -> None:
    """Loss, and rate with momentum, batch by batch."""
    figures = (
        (losses.batch_losses, "losses", tr("Training loss, batch by batch.")),
        (losses.rates, "rates", tr("Learning rate and momentum, batch by batch.")),
    )
    made_of = (run.id, run.status().ended_at)
    for (draw, name, alt), column in zip(figures, st.columns(2), strict=True):
        with column, elements.errors_here():
            elements.chart(
                lambda draw=draw: draw(pd.DataFrame(run.events()[0])), f"result_{name}_{run.id}", alt, made_of
            )


def _some(photos: float) -> str:
    """A mean number of photos; of few, with a decimal: half a photo is not none."""
    return decimal(photos, 0 if photos >= 10 or f"{photos:.1f}".endswith(".0") else 1)
