"""Pictures of ideas, where a page first needs them."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from lessonkit import wording
from lessonkit.figures import ideas, moving
from lessonkit.language import tr
from lessonkit.photos.dataset import Dataset
from lessonkit.spec import RunSpec
from lessonkit.ui.core import cached, elements, state, thumbnails


def layers(spec: RunSpec, key: str, narrow: bool = False) -> None:
    """What a spec freezes and what it trains, and at which rates; narrow: for a third of a page."""
    rates = spec.rates
    said = [
        tr("{part}: frozen", part=tr(part))
        if rate is None
        else tr("{part}: learns at a rate of {rate}", part=tr(part), rate=wording.rate_said(rate))
        for part, rate in zip(ideas.PARTS, rates, strict=True)
    ]
    elements.chart(lambda: ideas.layers(rates, narrow), f"layers_{key}", "; ".join(said) + ".", (*rates, narrow))


def held_out(learned: int, tested: int) -> None:
    """How many photos the network learns from, and how many are held out."""
    elements.chart(
        lambda: ideas.held_out(learned, tested),
        "held_out",
        tr(
            "{learned} learned from, {tested} held out.", learned=wording.photos(learned), tested=wording.photos(tested)
        ),
        (learned, tested),
    )


def steps() -> None:
    """What a learning rate is: the length of a step down to a lower loss."""
    st.markdown(
        tr(
            "Each batch moves the weights **one step** towards a lower loss; the learning rate says how long the step is. "
            "Here are seven steps in the same valley at three rates. The green dot is the start."
        )
    )
    st.html(moving.steps())


def epoch(dataset: Dataset, spec: RunSpec, learned: int) -> None:
    """What a batch, a step and an epoch are, on the learner's own training photos.

    Args:
        learned: how many photos the network learns from.
    """
    st.markdown(
        tr(
            "The network does not see all photos at once. It takes a **batch** of them, compares its answers with the labels, and "
            "moves its weights a little: one **step**. Then comes the next batch. When all training photos have passed once, an "
            "**epoch** is over, and they pass again in another order."
        )
    )
    some = cached.some_learned(
        dataset, dataset.fingerprint, state.pattern(), spec.split_seed, spec.split, math.prod(moving.SHOWN)
    )
    found = (thumbnails.thumbnail(dataset, name, side=96) for name in some)
    passing = [address for address in found if isinstance(address, str)]
    st.html(moving.epoch(passing, learned, spec.batch_size, spec.epochs))
    st.caption(moving.epoch_words(learned, spec.batch_size, spec.epochs))


def one_cycle(spec: RunSpec) -> None:
    """How the learning rate and the momentum move during a run."""
    st.markdown(
        tr(
            "And the steps are not of one length all the way. **One-cycle** begins with short ones, since the new head knows "
            "nothing yet; they grow up to the rate that you choose, then they shrink to almost nothing, so that the network "
            "settles. The **momentum** goes the other way: it says how much of the last steps' direction goes into the next one, "
            "as with a ball that rolls on."
        )
    )
    st.html(moving.one_cycle(max(rate for rate in spec.rates if rate is not None), spec.epochs))


def by_heart() -> None:
    """What overfitting is, in words and as a drawing."""
    st.markdown(
        tr(
            "This is how **overfitting** shows. A network learns its training photos by heart. Its loss on photos that it trains "
            "on goes on falling; on the photos held out it turns and rises."
        )
    )
    st.html(moving.by_heart())


def loss_of_probability(predictions: pd.DataFrame, made_of: tuple[str, float]) -> None:
    """The curve -log(p), with each validation photo on it.

    Args:
        predictions: as `predictions.read` gives them. made_of: the run's id and when it ended.
    """
    wrong = int((~predictions["correct"]).sum())
    st.subheader(tr("From a probability to a loss"), anchor=False)
    st.markdown(
        tr(
            "Each mark is a validation photo. Its loss depends on one thing only: the **probability that the model gave to the "
            "actual breed**. A probability of 100 % gives a loss of 0, one of 50 % a loss of 0.7. The lower it is, the faster the "
            "loss grows: to be sure *and* wrong costs most."
        )
    )
    elements.chart(
        lambda: ideas.loss_of_probability(predictions),
        "loss_of_probability",
        tr(
            "The loss falls as the probability given to the actual breed rises: from {highest} for the photo with the highest loss "
            "to {lowest}. {wrong} of {photos} are named wrongly, and lie to the left.",
            highest=wording.loss(predictions["loss"].max()),
            lowest=wording.loss(predictions["loss"].min()),
            wrong=wrong,
            photos=wording.photos(len(predictions)),
        ),
        made_of,
    )
