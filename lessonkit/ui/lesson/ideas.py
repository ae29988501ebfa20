"""Pictures of ideas, where a page first needs them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit import wording
from lessonkit.figures import ideas
from lessonkit.spec import RunSpec
from lessonkit.ui.core import elements


def layers(spec: RunSpec, key: str, narrow: bool = False) -> None:
    """What a spec freezes and what it trains, and at which rates; narrow: for a third of a page."""
    rates = spec.rates
    said = [
        f"{part}: {'frozen' if rate is None else f'learns at a rate of {rate:.1g}'}"
        for part, rate in zip(ideas.PARTS, rates, strict=True)
    ]
    elements.chart(lambda: ideas.layers(rates, narrow), f"layers_{key}", "; ".join(said) + ".", (*rates, narrow))


def held_out(learned: int, tested: int) -> None:
    """How many photos the network learns from, and how many are held out."""
    elements.chart(
        lambda: ideas.held_out(learned, tested),
        "held_out",
        f"{wording.photos(learned)} learned from, {wording.photos(tested)} held out.",
        (learned, tested),
    )


def steps() -> None:
    """What a learning rate is: the length of a step down to a lower loss."""
    st.markdown(
        "Each batch moves the weights **one step** towards a lower loss; the learning rate says how long the step is. "
        "Here are seven steps in the same valley at three rates. The green dot is the start."
    )
    elements.chart(
        ideas.small_and_large_steps,
        "steps",
        "Seven steps in a valley: at too small a rate they hardly move, at a good one they arrive, at too large a one they "
        "leap higher and higher.",
    )


def loss_of_probability(predictions: pd.DataFrame, made_of: tuple[str, float]) -> None:
    """The curve -log(p), with each validation photo on it.

    Args:
        predictions: as `predictions.read` gives them. made_of: the run's id and when it ended.
    """
    wrong = int((~predictions["correct"]).sum())
    st.subheader("From a probability to a loss", anchor=False)
    st.markdown(
        "Each mark is a validation photo. Its loss depends on one thing only: the **probability that the model gave to the "
        "actual breed**. All of it, 100 %, is a loss of 0. Half of it is a loss of 0.7. The less it was, the faster the loss "
        "grows: to be sure *and* wrong costs most."
    )
    elements.chart(
        lambda: ideas.loss_of_probability(predictions),
        "loss_of_probability",
        f"The loss falls as the probability given to the actual breed rises: from {wording.loss(predictions['loss'].max())} "
        f"for the photo with the highest loss to {wording.loss(predictions['loss'].min())}. {wrong} of "
        f"{wording.photos(len(predictions))} are named wrongly, and lie to the left.",
        made_of,
    )
