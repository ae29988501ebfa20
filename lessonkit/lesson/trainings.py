"""What the trainings of one recipe show of luck: how far apart they lie, and what a learner expected of that."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lessonkit.analysis.repeats import Summary
from lessonkit.language import tr, translatable
from lessonkit.lesson.luck import left_out_words
from lessonkit.wording import count, number, percent

GUESSES = {
    translatable("under 1"): (0.0, 1.0),
    translatable("1 to 2"): (1.0, 2.0),
    translatable("2 to 4"): (2.0, 4.0),
    translatable("4 to 8"): (4.0, 8.0),
    translatable("over 8"): (8.0, math.inf),
}
"""What a learner may expect of the distance between the best and the worst training, in percentage points: from, to.

The keys are kept as answers, in English; `tr` says them."""

_NUMBERS = (
    translatable("No"),
    translatable("One"),
    translatable("Two"),
    translatable("Three"),
    translatable("Four"),
    translatable("Five"),
    translatable("Six"),
    translatable("Seven"),
    translatable("Eight"),
    translatable("Nine"),
    translatable("Ten"),
)


def question(number: int | None = None) -> str:
    """What a learner is asked to guess before Train.

    Args:
        number: of trainings that Train begins; None where some were done before, which count too.
    """
    if number is None:
        what = tr("All trainings of exactly these choices, yours and those before, on the same photos.")
    else:
        many = tr(_NUMBERS[number]) if number < len(_NUMBERS) else count(number)
        what = tr("{many} trainings of exactly these choices, on the same photos.", many=many)
    rest = tr(
        "Only what chance decides differs: the head's first weights, the order of the photos, their augmented views. How far "
        "apart will the best and the worst error rate lie, in percentage points?"
    )
    return f"{what} {rest}"


def spread_words(errors: Summary) -> str:
    """The error rates of a recipe's trainings in a phrase: "18.8 % on average in 5 trainings, from 17.0 % to 20.4 %"."""
    if not errors.n or math.isnan(errors.mean):
        return tr("not known yet")
    mean = percent(errors.mean)
    if errors.n == 1:
        return tr("{error} in one training", error=mean)
    if percent(errors.low) == percent(errors.high):
        if errors.n == 2:
            return tr("{error} in both trainings", error=mean)
        return tr("{error} in each of {trainings} trainings", error=mean, trainings=errors.n)
    return tr(
        "{error} on average in {trainings} trainings, from {low} to {high}",
        error=mean,
        trainings=errors.n,
        low=percent(errors.low),
        high=percent(errors.high),
    )


def means_words(names: Sequence[str], counted: Sequence[int], left_out: int = 0) -> str:
    """Of how many trainings the error rates and losses of some recipes are means; "" where each was trained once.

    Args:
        names: what the recipes are called. counted: how many trainings of each count. left_out: how many do not.
    """
    if max(counted, default=0) < 2:
        return ""
    if len(set(counted)) == 1:
        means = tr("Means of {trainings} trainings of each, with the same seeds.", trainings=counted[0])
    else:
        each = [f"{name}: {number}" for name, number in zip(names, counted, strict=True)]
        means = tr("Means, where there are several trainings ({each}).", each="; ".join(each))
    return " ".join(filter(None, (means, left_out_words(left_out))))


def luck_words(errors: Summary, photos: int) -> str:
    """What the spread of a recipe's trainings means for who compares two of them.

    Args:
        photos: held out, that each was tested on.
    """
    if errors.n < 2 or math.isnan(errors.mean):
        return tr(
            "One training says nothing about the luck in it. Train it again: the same choices, with another seed, end at "
            "another error rate."
        )
    wrongly = round((errors.high - errors.low) * photos)
    if wrongly == 0:
        if errors.n == 2:
            return tr("Both trainings got the same number of photos wrong.")
        return tr("All {trainings} trainings got the same number of photos wrong.", trainings=errors.n)
    values = {"points": number(100 * (errors.high - errors.low)), "wrong": wrongly, "photos": photos}
    if errors.n == 2:
        lie = tr("These two trainings lie **{points} percentage points** apart: {wrong} of {photos} photos.", **values)
    else:
        lie = tr(
            "The best and the worst of these {trainings} trainings lie **{points} percentage points** apart: {wrong} of "
            "{photos} photos.",
            **values,
            trainings=errors.n,
        )
    means = tr(
        "The photos and the choices are the same, so this is **luck**. Whoever trains two different recipes once each, and "
        "sees them this far apart, has learned nothing yet about which one is better."
    )
    return f"{lie} {means}"


def guess_words(guess: str, errors: Summary) -> str:
    """A learner's guess, one of GUESSES, beside what happened; "" where there is nothing to say yet."""
    if guess not in GUESSES or errors.n < 2 or math.isnan(errors.mean):
        return ""
    apart = 100 * (errors.high - errors.low)
    low, high = GUESSES[guess]
    if low <= apart < high:
        return tr("You expected {guess} points, and so it is.", guess=tr(guess))
    if apart >= high:
        return tr("You expected {guess} points; it is more.", guess=tr(guess))
    return tr("You expected {guess} points; it is less.", guess=tr(guess))


def which_words(kept: bool, mine: bool, named: bool = False) -> str:
    """What to call one of a recipe's trainings.

    Args:
        kept: whether it is the one that the next pages open. mine: whether the learner asked for it. named: whether the
            page's address names it, as a link does that somebody sent.
    """
    if mine:
        return tr("Your training, the one that is kept") if kept else tr("Your training")
    if kept:
        return tr("The training that is kept")
    return tr("The training that this page's address names") if named else tr("The first training")


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
        return tr(
            "**The model that is kept** has seed {seed}. Since other runs go on from it already, it stays, although it is "
            "not the one in the middle by error rate (the median). The next pages open it.",
            seed=seed,
        )
    if still:
        return tr(
            "**The model that is kept** is, for now, the first one, seed {seed}. When all these trainings are done, the one in "
            "the middle by error rate (the median) takes its place. After that it does not change any more.",
            seed=seed,
        )
    n = len(deciding)
    if n < 2 and not later:
        return ""
    has = tr("**The model that is kept** has seed {seed}.", seed=seed)
    rest = tr("Trainings that are added later do not change which model is kept. The next pages open it.")
    between = n > 2 and min(deciding) < kept < max(deciding)
    if n < 2:
        how = tr("It was trained first.")
    elif n == 2:
        how = tr("It is the better one of the first two, since two have no middle one.")
    elif n % 2 and between:
        how = tr(
            "It is the middle one of the first {trainings} by error rate (the median): neither the luckiest nor the unluckiest.",
            trainings=n,
        )
    elif n % 2:
        how = tr("It is the middle one of the first {trainings} by error rate (the median).", trainings=n)
    elif between:
        how = tr(
            "It is the better one of the two in the middle, of the first {trainings} by error rate (the median): neither the "
            "luckiest nor the unluckiest.",
            trainings=n,
        )
    else:
        how = tr(
            "It is the better one of the two in the middle, of the first {trainings} by error rate (the median).",
            trainings=n,
        )
    return f"{has} {how} {rest}"
