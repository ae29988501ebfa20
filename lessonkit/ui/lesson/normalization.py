"""Normalization, seen on a photo: histograms, figures, and what a pretrained network makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lessonkit.analysis import previews
from lessonkit.architectures import ARCHITECTURES, IMAGENET_MEAN, IMAGENET_STD
from lessonkit.figures import channels, probabilities
from lessonkit.lesson import defaults, expectations
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import (
    cached,
    elements,
    formatting,
    job_progress,
    repeats,
    run_choices,
    run_progress,
    snapshot,
    state,
    who,
)
from lessonkit.ui.core.cached import dataset_stats, shown_array
from lessonkit.ui.core.connection import engine
from lessonkit.ui.lesson import asking

SIZE = 160  # pixels, as the CPU's default trains at


def normalization(dataset: Dataset, name: str) -> None:
    """A photo before and after, the figures of all concerned, and what the network says with and without."""
    st.subheader("Normalization", anchor=False)
    st.markdown(
        "Pixels are numbers from 0 to 255. The network learned with each channel shifted and stretched: "
        "**minus the mean, divided by the deviation**. It must be given the same scale again."
    )
    names = list(ARCHITECTURES)
    chosen = st.segmented_control(
        "The network's figures",
        names,
        default="efficientnet_lite0",
        required=True,
        format_func=lambda n: ARCHITECTURES[n].title,
        key="scale_of",
        persist_state="session",
    )
    architecture = ARCHITECTURES[chosen]
    made_of = (dataset.name, dataset.fingerprint, name, chosen)
    before, after = _own(dataset, *made_of[1:])
    elements.chart(
        lambda: channels.channel_histograms(*map(previews.histograms, _scaled(dataset, name, chosen))),
        key="histograms",
        alt="Histograms of red, green and blue, before and after normalization; their means stand in the table below.",
        made_of=made_of,
    )
    own_mean, own_std = dataset_stats(dataset, SIZE) or ((), ())
    st.table(
        {
            "": ["this photo, before", "this photo, after", "ImageNet", f"these photos ({dataset.name})", architecture.title],
            "mean (red, green, blue)": [before["mean"], after["mean"], _three(IMAGENET_MEAN), _three(own_mean), _three(architecture.mean)],
            "deviation": [before["std"], after["std"], _three(IMAGENET_STD), _three(own_std), _three(architecture.std)],
        },
        alt="Means and deviations of each channel, pixels from 0 to 1.",
    )  # fmt: skip
    st.caption(
        "Pixels counted from 0 to 1. The figures differ: a network wants those it was trained with, not those of your photos."
    )
    st.markdown(
        f"**What {architecture.title} says of this photo**, before any training on pets, among ImageNet's 1,000 classes:"
    )
    with elements.errors_here():
        if not job_progress.weights_ready(chosen):
            return
        with st.spinner("Asking the pretrained network …"):
            said = _says(dataset.name, dataset.fingerprint, name, chosen)
        left, right = st.columns(2)
        left.markdown("with its normalization")
        with left:
            _top(said["normalized"], "says_with", "with normalization", made_of)
        right.markdown("without")
        with right:
            _top(said["raw"], "says_without", "without normalization", made_of)
        st.markdown(_worth(said))


def _worth(said: dict[str, Any]) -> str:
    """What normalization changed on one photo, and where to see what it changes on all."""
    (with_it, sure), (without, less) = said["normalized"][0], said["raw"][0]
    if with_it == without:
        words = f"Here it says **{with_it}** both times, {formatting.percent(sure)} sure with and {formatting.percent(less)} without."
    else:
        words = f"Here it says **{with_it}** with and **{without}** without: on the wrong scale it sees something else."
    return f"{words} One photo proves little: below it is tried on all photos."


def on_all_photos(dataset: Dataset) -> None:
    """What normalization is worth on all photos held out: the default recipe with it and without, each trained several times."""
    usual = run_choices.default(dataset)
    specs = {"with normalization": usual, "without": usual.but(normalize="none")}
    st.subheader("On all photos", anchor=False)
    st.markdown(
        "One photo is one photo. So train two recipes that differ in nothing but normalization, several times each: how often "
        "are they wrong on the photos that they never saw?"
    )
    known = {name: snapshot.recipes().get(spec.recipe) for name, spec in specs.items()}
    missing = [spec for name, spec in specs.items() if not ((of := known[name]) and (of.done or of.under_way))]
    said = asking.expects(f"normalization|{usual.recipe}", expectations.NORMALIZATION, knows=not missing)
    if missing and st.button("Train both and compare", key="train_both", icon=":material/play_arrow:"):
        with elements.errors_here():
            for spec in missing:
                run_choices.train(spec, defaults.repeats(spec), usual)
            st.rerun()
    if who.held_back():
        st.info(
            "The results wait until your teacher opens them. The training goes on.",
            icon=":material/visibility_off:",
        )
        return
    there = {name: recipe for name, recipe in known.items() if recipe}
    for recipe in there.values():
        if recipe.done:
            repeats.follow(recipe)
        else:  # the first is under way, or it was stopped or failed
            first = next(iter(recipe.under_way), recipe.runs[0])
            st.caption(run_choices.name(first))
            run_progress.follow(first, narrow=True)
    done = {name: recipe for name, recipe in there.items() if recipe.done}
    if len(done) == len(specs):
        with elements.folded_until(state.results_open(), "What came of both when they were trained here before"):
            repeats.chart(done, "normalization_worth")
            (before, with_it), (after, without) = done.items()
            if not repeats.awaited(with_it.done[0], without.done[0]):
                found = cached.compared(with_it.done[0], without.done[0])
                asking.resolved(expectations.normalization_words(said, found))
            st.markdown(repeats.compared(before, after, with_it.done[0], without.done[0]))


def _top(likeliest: list[list[Any]], key: str, how: str, made_of: tuple[str, ...]) -> None:
    words = ", ".join(f"{breed} {formatting.percent(chance)}" for breed, chance in likeliest)
    elements.chart(lambda: probabilities.top_breeds(likeliest), key, f"Top five {how}: {words}.", made_of)


@st.cache_data(show_spinner=False, max_entries=128)
def _says(dataset: str, fingerprint: str, name: str, architecture: str) -> dict[str, Any]:
    return engine().call("pretrained_says", dataset, name, architecture, timeout=60)


def _scaled(dataset: Dataset, name: str, architecture: str) -> tuple[np.ndarray, np.ndarray]:
    """A photo's middle before normalization and after."""
    square, scale = previews.squares(shown_array(dataset, name), SIZE)["crop"], ARCHITECTURES[architecture]
    return square, previews.normalize(square, scale.mean, scale.std)


@st.cache_resource(show_spinner=False, max_entries=256)
def _own(_dataset: Dataset, fingerprint: str, name: str, architecture: str) -> list[dict[str, str]]:
    """The photo's own mean and deviation a channel, in words, before normalization and after."""
    found = map(previews.channel_stats, _scaled(_dataset, name, architecture))
    return [
        {figure: _three(channel[figure] for channel in one.values()) for figure in ("mean", "std")} for one in found
    ]


def _three(values) -> str:
    return ", ".join(f"{v:.3f}" for v in values) or "known once they are decoded"
