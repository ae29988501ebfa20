"""What a learner expects before a run, and that beside what happened, in the run's own numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lessonkit import wording
from lessonkit.analysis.comparison import SAME, about_the_same
from lessonkit.analysis.predictions import Verdict
from lessonkit.analysis.repeats import BETTER, UNKNOWN, RepeatComparison
from lessonkit.lesson.luck import count_words
from lessonkit.wording import percent

FALLS, TURNS, STAYS, RISES = "falls to the end", "falls, then rises", "stays about the same", "rises all the way"
LOSS = ("You train on from the frozen model. Which way will the **validation loss** go?", (FALLS, TURNS, STAYS, RISES))
FEWER, EQUAL, MORE = "fewer mistakes", "no difference beyond luck", "more mistakes"
NORMALIZATION = ("**With** normalization, what will the model make?", (FEWER, EQUAL, MORE))
NOBODY = "none beats frozen"


def rates_question(names: list[str]) -> tuple[str, tuple[str, ...]]:
    """Which of the ways of unfreezing wins."""
    return "Which one will have the **lowest error rate** in the end?", (*names, NOBODY)


def confusion_question(pairs: list[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    """Which two breeds are confused most.

    Args:
        pairs: of breeds as learners read them.
    """
    return (
        "Before you look at its mistakes: which two breeds does this model confuse **most often**?",
        tuple(f"{a} and {b}" for a, b in pairs),
    )


def loss_went(first: float, verdict: Verdict | None, before: int = 0) -> str:
    """Which way the validation loss went: FALLS, TURNS, STAYS or RISES; "" where that cannot be said yet.

    Args:
        first: the valid loss of the model that the run goes on from. before: how many epochs that model had.
    """
    if verdict is None or not verdict.whole or not math.isfinite(verdict.last_valid_loss + first):
        return ""
    _, lowest = _lowest(verdict, before) or (0, min(first, verdict.last_valid_loss))
    fell = first - lowest
    turned = not about_the_same(verdict.last_valid_loss - lowest, lowest)
    if not about_the_same(fell, first) and fell > 0:
        return TURNS if turned else FALLS
    return RISES if turned else STAYS


def _lowest(verdict: Verdict, before: int) -> tuple[int, float] | None:
    """The epoch of the run's own lowest valid loss, and that loss; None where the model before it had the lowest of all."""
    if verdict.then_epoch >= before:
        return verdict.then_epoch, verdict.then_valid_loss
    if verdict.best_epoch >= before:
        return verdict.best_epoch, verdict.best_valid_loss
    return None


def loss_words(guess: str, first: float, verdict: Verdict | None, before: int = 0) -> str:
    """The guess beside what the validation loss did, as `loss_went`; "" where there is nothing to say yet."""
    went = loss_went(first, verdict, before)
    if not went or verdict is None or guess not in LOSS[1]:
        return ""
    steps = [wording.loss(first)]
    lowest = _lowest(verdict, before)
    if lowest:
        steps.append(f"{wording.loss(lowest[1])} after epoch {lowest[0] + 1}")
    if lowest is None or lowest[0] < verdict.last_epoch:
        steps.append(f"{wording.loss(verdict.last_valid_loss)} at the end")
    return _beside(guess, went, f"it {went}", f"It went from {steps[0]} to {', and '.join(steps[1:])}.")


def normalization_words(guess: str, found: RepeatComparison) -> str:
    """The guess beside what normalization was worth.

    Args:
        found: of the trainings with it (before) and without (after).
    """
    if guess not in NORMALIZATION[1] or found.verdict == UNKNOWN or not found.photos:
        return ""
    was = EQUAL if found.verdict == SAME else MORE if found.verdict == BETTER else FEWER
    count = f", without it {count_words(found)}" if found.pairs > 1 else ""
    numbers = f"With it {percent(found.before.mean)} wrong on average, without it {percent(found.after.mean)}{count}."
    return _beside(guess, was, was, numbers)


def rates_words(guess: str, frozen: float, errors: Mapping[str, float], found: Mapping[str, RepeatComparison]) -> str:
    """The guess beside which way of unfreezing won; "" before two of them are done.

    Args:
        frozen: the error rate of the stage, the mean of its trainings.
        errors: name of each way -> its mean error rate. found: name -> its trainings beside the stage's.
    """
    known = {name: error for name, error in errors.items() if math.isfinite(error)}
    if not guess or len(known) < 2 or not math.isfinite(frozen):
        return ""
    best = min(known, key=known.__getitem__)
    won = best if known[best] < frozen else NOBODY
    listed = ", ".join(f"{name} {percent(error)}" for name, error in known.items())
    luck = ""
    if won != NOBODY and found[best].verdict in (SAME, UNKNOWN):
        luck = " But beside frozen, the difference may be luck: then none has won."
    if guess != NOBODY and guess not in known:
        return f"You expected “{guess}”. It is not trained yet. So far: frozen {percent(frozen)}, {listed}."
    return _beside(guess, won, won, f"Frozen {percent(frozen)}, {listed}.{luck}")


def confusion_words(guess: str, counts: Mapping[str, int]) -> str:
    """The guess beside which two breeds were confused most.

    Args:
        counts: pair, as in the question -> photos of either that were taken for the other.
    """
    if guess not in counts:
        return ""
    most = max(counts.values())
    if not most:
        return "It confused none of these pairs."
    top = [pair for pair, n in counts.items() if n == most]
    was = guess if guess in top else top[0]
    others = "" if guess == was else f" {guess}: {_times(counts[guess])}."
    return _beside(
        guess, was, was, f"{was}: {_times(most)}, counted both ways round, and no pair here has more.{others}"
    )


def _times(photos: int) -> str:
    return "no photo" if not photos else wording.photos(photos)


def _beside(guess: str, was: str, words: str, numbers: str) -> str:
    if guess == was:
        return f"**You expected: {guess}. So it is.** {numbers}"
    return f"**You expected: {guess}. It is: {words.removeprefix('it ')}.** {numbers}"
