"""Pictures of ideas, where a page first needs them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit import wording
from lessonkit.figures import ideas
from lessonkit.language import tr
from lessonkit.spec import RunSpec
from lessonkit.ui.core import elements


def layers(spec: RunSpec, key: str, narrow: bool = False) -> None:
    """What a spec freezes and what it trains, and at which rates; narrow: for a third of a page."""
    rates = spec.rates
    said = [
        tr("{part}: frozen", part=tr(part))
        if rate is None
        else tr("{part}: learns at a rate of {rate}", part=tr(part), rate=f"{rate:.1g}")
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
    elements.chart(
        ideas.small_and_large_steps,
        "steps",
        tr(
            "Seven steps in a valley: at too small a rate they hardly move, at a good one they arrive, at too large a one they "
            "leap higher and higher."
        ),
    )


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
            "actual breed**. All of it, 100 %, is a loss of 0. Half of it is a loss of 0.7. The less it was, the faster the loss "
            "grows: to be sure *and* wrong costs most."
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
