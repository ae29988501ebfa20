"""What one error rate is worth, in words: how closely so few photos tell it, and beside naming one breed always."""

from __future__ import annotations

import math

from lessonkit import wording
from lessonkit.analysis.comparison import Outcome
from lessonkit.analysis.significance import wilson
from lessonkit.language import tr, trn
from lessonkit.wording import percent

FEW = 10  # photos held out, below which each is 10 points of the error rate and more


def noise_words(outcome: Outcome) -> str:
    """What one photo is worth, and how closely so few photos tell an error rate."""
    if not outcome.photos:
        return tr("No validation photo has been answered yet.")
    low, high = wilson(outcome.error_rate, outcome.photos)
    one = trn(
        "There is {n} validation photo, and it is {points} percentage points.",
        "There are {n} validation photos, so one photo is {points} percentage points.",
        outcome.photos,
        points=wording.number(100 / outcome.photos),
    )
    others = tr(
        "On other photos of this kind the error rate is probably not exactly {error}: it lies between {low} and {high} with "
        "{sure} confidence (Wilson's interval).",
        error=percent(outcome.error_rate),
        low=percent(low),
        high=percent(high),
        sure=percent(0.95, 0),
    )
    return f"{one} {others}"


def baseline_words(error_rate: float, breed: str, always: float, photos: int) -> str:
    """What an error rate is worth beside that of naming one breed always; "" without photos.

    Args:
        error_rate: the model's, 0 to 1.
        breed: the commonest, as a learner reads it, in Markdown. always: the error rate of naming no other.
        photos: that both are measured on.
    """
    if not photos or math.isnan(always) or math.isnan(error_rate):
        return ""
    if error_rate >= always:
        said = tr(
            "**Always naming {breed}, the commonest breed here, would be wrong in {share} of them: this model is no better than "
            "that.**",
            breed=breed,
            share=percent(always),
        )
    else:
        said = tr(
            "Always naming {breed}, the commonest breed here, would be wrong in {share} of them.",
            breed=breed,
            share=percent(always),
        )
    few = tr("On so few photos each one counts much.")
    return f"{said} {few}" if photos < FEW else said
