"""Normalization, seen on a photo: histograms, figures, and what a pretrained network makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from lessonkit import language
from lessonkit.analysis import previews
from lessonkit.architectures import ARCHITECTURES, IMAGENET_MEAN, IMAGENET_STD, Architecture
from lessonkit.figures import channels, probabilities
from lessonkit.language import tr, translatable
from lessonkit.lesson import defaults, expectations, steps
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import (
    allowed,
    cached,
    elements,
    formatting,
    job_progress,
    repeats,
    run_choices,
    run_progress,
    snapshot,
    state,
    thumbnails,
    who,
)
from lessonkit.ui.core.cached import dataset_stats, shown_array
from lessonkit.ui.core.connection import engine
from lessonkit.ui.lesson import asking, train

SIZE = 160  # pixels, as the CPU's default trains at


def normalization(dataset: Dataset, name: str) -> None:
    """A photo before and after, the figures of all concerned, and what the network says with and without."""
    st.subheader(tr("Normalization"), anchor=False)
    elements.new_words("one_size", "normalization")
    st.markdown(
        tr(
            "To a computer a photo is three grids of numbers from 0 to 255, its **channels**: how much red, how much green and how "
            "much blue each pixel has."
        )
    )
    with st.grid(columns=3, min_column_width=90, wrap=False, gap="small"):  # side by side on a phone too
        for channel, shown in _channels(dataset, dataset.fingerprint, name).items():
            alt = tr("The photo's {channel} alone.", channel=tr(channel))
            st.image(shown, caption=tr(channel), width="stretch", alt=alt)
    st.markdown(
        tr(
            "The network learned with each channel brought to one scale: **minus the mean, divided by the standard deviation**, "
            "which says how far the numbers usually lie from their mean. It must be given the same scale again. The chart shows "
            "how many pixels have each value, before and after: the higher the line, the more."
        )
    )
    names = list(ARCHITECTURES)
    chosen = st.segmented_control(
        tr("The scale of which network"),
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
        alt=tr(
            "Histograms of red, green and blue, before and after normalization; their means stand in the table below."
        ),
        made_of=made_of,
    )
    _figures(dataset, before, after, architecture)
    st.caption(
        tr(
            "Pixels counted from 0 to 1. The figures differ: a network wants those it was trained with, not those of your photos."
        )
    )
    _what_it_says(dataset, name, chosen)


def _figures(dataset: Dataset, before: dict[str, Any], after: dict[str, Any], architecture: Architecture) -> None:
    """The means and deviations of the photo before and after, of ImageNet, of these photos, and of the network."""
    own_mean, own_std = dataset_stats(dataset, SIZE) or ((), ())
    means = (before["mean"], after["mean"], IMAGENET_MEAN, own_mean, architecture.mean)
    deviations = (before["std"], after["std"], IMAGENET_STD, own_std, architecture.std)
    elements.table(
        {
            "": [
                tr("this photo, before"), tr("this photo, after"), "ImageNet", tr("these photos ({name})", name=dataset.name),
                architecture.title,
            ],
            tr("mean (red, green, blue)"): [_three(of) for of in means],
            tr("deviation"): [_three(of) for of in deviations],
        },
        key="figures", alt=tr("Means and deviations of each channel, pixels from 0 to 1."),
    )  # fmt: skip


def _what_it_says(dataset: Dataset, name: str, architecture: str) -> None:
    """What the pretrained network says of the photo, with its normalization and without."""
    st.markdown(
        tr(
            "**What {network} says of this photo**, before any training on pets, among ImageNet's 1,000 classes:",
            network=ARCHITECTURES[architecture].title,
        )
    )
    made_of = (dataset.name, dataset.fingerprint, name, architecture)
    with elements.errors_here():
        if not job_progress.weights_ready(architecture):
            return
        with st.spinner(tr("Asking the pretrained network …")):
            said = _says(dataset.name, dataset.fingerprint, name, architecture)
        left, right = st.columns(2)
        left.markdown(tr("with its normalization"))
        with left:
            _top(said["normalized"], "says_with", translatable("Top five with normalization: {breeds}."), made_of)
        right.markdown(tr("without"))
        with right:
            _top(said["raw"], "says_without", translatable("Top five without normalization: {breeds}."), made_of)
        st.markdown(_worth(said))


def _worth(said: dict[str, Any]) -> str:
    """What normalization changed on one photo, and where to see what it changes on all."""
    (with_it, sure), (without, less) = said["normalized"][0], said["raw"][0]
    if with_it == without:
        words = tr(
            "Here it says **{breed}** both times, {sure} sure with and {less} without.",
            breed=with_it, sure=formatting.percent(sure), less=formatting.percent(less),
        )  # fmt: skip
    else:
        words = tr(
            "Here it says **{before}** with and **{after}** without: on the wrong scale it sees something else.",
            before=with_it, after=without,
        )  # fmt: skip
    little = tr("One photo proves little: below it is tried on all photos.")
    return f"{words} {little}"


def on_all_photos(dataset: Dataset) -> None:
    """What normalization is worth on all photos held out: the default recipe with it and without, each trained several times."""
    usual = run_choices.default(dataset)
    specs = {tr("with normalization"): usual, tr("without"): usual.but(normalize="none")}
    st.subheader(tr("On all photos"), anchor=False)
    st.markdown(
        tr(
            "So train the network with normalization and without it, all else equal, several times each. How often is it wrong on "
            "photos that it never saw?"
        )
    )
    known = {name: snapshot.recipes().get(spec.recipe) for name, spec in specs.items()}
    missing = [spec for name, spec in specs.items() if not ((of := known[name]) and (of.done or of.under_way))]
    said = asking.expects(f"normalization|{usual.recipe}", expectations.NORMALIZATION, knows=not missing)
    if missing and st.button(tr("Train both and compare"), key="train_both", icon=":material/play_arrow:"):
        with elements.errors_here():
            for spec in missing:
                run_choices.train(spec, defaults.repeats(spec), usual)
            st.rerun()
    if who.held_back():
        st.info(
            tr("The results wait until your teacher opens them. The training goes on."),
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
        with elements.folded_until(state.results_open(), tr("What came of both when they were trained here before")):
            (before, with_it), (after, without) = done.items()
            told = train.spread_open(with_it) or bool(allowed.said_before(f"luck|{usual.recipe}"))
            each = tr(
                "Every training of both: it answers a guess on the page “{page}”", page=tr(steps.step("train").title)
            )
            with elements.folded_until(told, each):
                repeats.chart(done, "normalization_worth")
            if not repeats.awaited(with_it.done[0], without.done[0]):
                found = cached.compared(with_it.done[0], without.done[0])
                asking.resolved(expectations.normalization_words(said, found))
            st.markdown(repeats.compared(before, after, with_it.done[0], without.done[0], ends=told))


def _top(likeliest: list[list[Any]], key: str, alt: str, made_of: tuple[str, ...]) -> None:
    words = ", ".join(f"{breed} {formatting.percent(chance)}" for breed, chance in likeliest)
    elements.chart(lambda: probabilities.top_breeds(likeliest), key, tr(alt, breeds=words), made_of)


@st.cache_data(show_spinner=False, max_entries=128)
def _says(dataset: str, fingerprint: str, name: str, architecture: str) -> dict[str, Any]:
    return engine().call("pretrained_says", dataset, name, architecture, timeout=60)


@st.cache_resource(show_spinner=False, max_entries=64)
def _channels(_dataset: Dataset, fingerprint: str, name: str) -> dict[str, bytes]:
    """The middle of the photo in one channel alone, by the channel's name, as JPEGs."""
    square = previews.squares(shown_array(_dataset, name), SIZE)["crop"]
    return {
        channel: thumbnails.jpeg(square * np.eye(3, dtype=np.uint8)[place])
        for place, channel in enumerate(previews.CHANNELS)
    }


def _scaled(dataset: Dataset, name: str, architecture: str) -> tuple[np.ndarray, np.ndarray]:
    """A photo's middle before normalization and after."""
    square, scale = previews.squares(shown_array(dataset, name), SIZE)["crop"], ARCHITECTURES[architecture]
    return square, previews.normalize(square, scale.mean, scale.std)


@st.cache_resource(show_spinner=False, max_entries=256)
def _own(_dataset: Dataset, fingerprint: str, name: str, architecture: str) -> list[dict[str, list[float]]]:
    """The photo's own mean and deviation, a number a channel, before normalization and after."""
    found = map(previews.channel_stats, _scaled(_dataset, name, architecture))
    return [{figure: [channel[figure] for channel in one.values()] for figure in ("mean", "std")} for one in found]


def _three(values: Sequence[float]) -> str:
    """A number a channel, in words."""
    apart = ", " if language.decimal(0.5, 1) == "0.5" else "; "  # a comma stands in the numbers of other languages
    return apart.join(language.decimal(v, 3) for v in values) or tr("known once they are decoded")
