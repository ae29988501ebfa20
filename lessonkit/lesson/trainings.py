"""What the trainings of one recipe show of luck: how far apart they lie, and what a learner expected of that."""

from __future__ import annotations

import math

from lessonkit.analysis.repeats import Summary
from lessonkit.wording import number, percent

GUESSES = {
    "under 1": (0.0, 1.0),
    "1 to 2": (1.0, 2.0),
    "2 to 4": (2.0, 4.0),
    "4 to 8": (4.0, 8.0),
    "over 8": (8.0, math.inf),
}
"""What a learner may expect of the distance between the best and the worst training, in percentage points: from, to."""

QUESTION = (
    "Five trainings of exactly these choices, on the same photos. Only what chance decides differs: the head's first "
    "weights, the order of the photos, their augmented views. How far apart will the best and the worst error rate lie, in "
    "percentage points?"
)


def spread_words(errors: Summary) -> str:
    """The error rates of a recipe's trainings in a phrase: "18.8 % on average in 5 trainings, from 17.0 % to 20.4 %"."""
    if not errors.n or math.isnan(errors.mean):
        return "not known yet"
    if errors.n == 1:
        return f"{percent(errors.mean)} in one training"
    if percent(errors.low) == percent(errors.high):
        return f"{percent(errors.mean)} in each of {errors.n} trainings"
    return f"{percent(errors.mean)} on average in {errors.n} trainings, from {percent(errors.low)} to {percent(errors.high)}"


def luck_words(errors: Summary, photos: int) -> str:
    """What the spread of a recipe's trainings means for who compares two of them.

    Args:
        photos: held out, that each was tested on.
    """
    if errors.n < 2 or math.isnan(errors.mean):
        return (
            "One training says nothing about the luck in it. Train it again: the same choices, with another seed, end at "
            "another error rate."
        )
    apart = 100 * (errors.high - errors.low)
    wrongly = round((errors.high - errors.low) * photos)
    if wrongly == 0:
        return f"All {errors.n} trainings got the same number of photos wrong."
    return (
        f"The best and the worst of these {errors.n} trainings lie **{number(apart)} percentage points** apart: "
        f"{wrongly} of {photos} photos. The photos and the choices are the same, so this is **luck**. Whoever trains two "
        "different recipes once each, and sees them this far apart, has learned nothing yet about which one is better."
    )


def guess_words(guess: str, errors: Summary) -> str:
    """A learner's guess, one of GUESSES, beside what happened; "" where there is nothing to say yet."""
    if guess not in GUESSES or errors.n < 2 or math.isnan(errors.mean):
        return ""
    apart = 100 * (errors.high - errors.low)
    low, high = GUESSES[guess]
    if low <= apart < high:
        return f"You expected {guess} points, and so it is."
    return f"You expected {guess} points; it is {'more' if apart >= high else 'less'}."
