"""What the trainings of one recipe show of luck: how far apart they lie, and what a learner expected of that."""

from __future__ import annotations

import math
from collections.abc import Sequence

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

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def question(number: int | None = None) -> str:
    """What a learner is asked to guess before Train.

    Args:
        number: of trainings that Train begins; None where some were done before, which count too.
    """
    many = "All" if number is None else _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"
    yours = ", yours and those before" if number is None else ""
    return (
        f"{many} trainings of exactly these choices{yours}, on the same photos. Only what chance decides differs: the head's first "
        "weights, the order of the photos, their augmented views. How far apart will the best and the worst error rate lie, "
        "in percentage points?"
    )


def spread_words(errors: Summary) -> str:
    """The error rates of a recipe's trainings in a phrase: "18.8 % on average in 5 trainings, from 17.0 % to 20.4 %"."""
    if not errors.n or math.isnan(errors.mean):
        return "not known yet"
    if errors.n == 1:
        return f"{percent(errors.mean)} in one training"
    if percent(errors.low) == percent(errors.high):
        return f"{percent(errors.mean)} in {'both' if errors.n == 2 else f'each of {errors.n}'} trainings"
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
        return f"{'Both' if errors.n == 2 else f'All {errors.n}'} trainings got the same number of photos wrong."
    which = "These two trainings" if errors.n == 2 else f"The best and the worst of these {errors.n} trainings"
    return (
        f"{which} lie **{number(apart)} percentage points** apart: {wrongly} of {photos} photos. The photos and the choices are the same, so this is **luck**. Whoever trains two "
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


def which_words(kept: bool, mine: bool, named: bool = False) -> str:
    """What to call one of a recipe's trainings.

    Args:
        kept: whether it is the one that the next pages open. mine: whether the learner asked for it. named: whether the
            page's address names it, as a link does that somebody sent.
    """
    if mine:
        return "Your training, the one that is kept" if kept else "Your training"
    if kept:
        return "The training that is kept"
    return "The training that this page's address names" if named else "The first training"


def kept_words(
    kept: float, deciding: Sequence[float], seed: int, still: bool = False, stays: bool = False, later: int = 0
) -> str:
    """Which of a recipe's trainings is kept, and why that one, in a few sentences; "" where there is no choice.

    Args:
        kept: its error rate, 0 to 1. seed: its seed.
        deciding: the error rates of the trainings that it was chosen from, its own among them.
        still: whether more of those are to come, so that another one may be kept in the end.
        stays: whether another one would be chosen from them, and this one stays since other runs go on from it.
        later: trainings that were added since, which decide nothing.
    """
    if stays:
        return (
            f"**The model that is kept** has seed {seed}. Since other runs go on from it already, it stays, although it is "
            "not the one in the middle by error rate (the median). The next pages open it."
        )
    if still:
        return (
            f"**The model that is kept** is, for now, the first one, seed {seed}. When all these trainings are done, the one in "
            "the middle by error rate (the median) takes its place. After that it does not change any more."
        )
    n = len(deciding)
    added = "Trainings that are added later do not change which model is kept."
    if n < 2:
        if not later:
            return ""
        return f"**The model that is kept** has seed {seed}. It was trained first. {added} The next pages open it."
    if n == 2:
        how = "the better one of the first two, since two have no middle one"
    elif n % 2:
        how = f"the middle one of the first {n} by error rate (the median)"
    else:
        how = f"the better one of the two in the middle, of the first {n} by error rate (the median)"
    if n > 2 and min(deciding) < kept < max(deciding):
        how += ": neither the luckiest nor the unluckiest"
    return f"**The model that is kept** has seed {seed}. It is {how}. {added} The next pages open it."
