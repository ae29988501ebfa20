"""What a learner expects before a run, and that beside what happened, in the run's own numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lessonkit import wording
from lessonkit.analysis.comparison import SAME, about_the_same
from lessonkit.analysis.predictions import Verdict
from lessonkit.analysis.repeats import BETTER, UNKNOWN, RepeatComparison
from lessonkit.language import ENGLISH, again, speaking, tr, translatable
from lessonkit.lesson.luck import count_words
from lessonkit.wording import percent

# Questions and their options are English, since answers are kept and counted so: `language.again` says them to a learner.
FALLS, TURNS, STAYS, RISES = (
    translatable("falls to the end"),
    translatable("falls, then rises"),
    translatable("stays about the same"),
    translatable("rises all the way"),
)
LOSS = (
    translatable("You train on from the frozen model. Which way will the **validation loss** go?"),
    (FALLS, TURNS, STAYS, RISES),
)
FEWER, EQUAL, MORE = (
    translatable("fewer mistakes"),
    translatable("no difference beyond luck"),
    translatable("more mistakes"),
)
NORMALIZATION = (translatable("**With** normalization, what will the model make?"), (FEWER, EQUAL, MORE))
NOBODY = translatable("none beats frozen")


def rates_question(names: list[str]) -> tuple[str, tuple[str, ...]]:
    """Which of the ways of unfreezing wins: the question and its options, in English; `language.again` says them.

    Args:
        names: of the ways, in English.
    """
    return translatable("Which one will have the **lowest error rate** in the end?"), (*names, NOBODY)


def confusion_question(pairs: list[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    """Which two breeds are confused most: the question and its options, in English; `language.again` says them.

    Args:
        pairs: of breeds as learners read them.
    """
    with speaking(ENGLISH):
        options = tuple(tr("{a} and {b}", a=a, b=b) for a, b in pairs)
    return translatable(
        "Before you look at its mistakes: which two breeds does this model confuse **most often**?"
    ), options


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
    return (verdict.best_epoch, verdict.best_valid_loss) if verdict.best_epoch >= before else None


def loss_words(guess: str, first: float, verdict: Verdict | None, before: int = 0) -> str:
    """The guess beside what the validation loss did, as `loss_went`; "" where there is nothing to say yet."""
    went = loss_went(first, verdict, before)
    if not went or verdict is None or guess not in LOSS[1]:
        return ""
    lowest = _lowest(verdict, before)
    start, end = wording.loss(first), wording.loss(verdict.last_valid_loss)
    if lowest is None:
        numbers = tr("It went from {start} to {end} at the end.", start=start, end=end)
    elif lowest[0] < verdict.last_epoch:
        numbers = tr(
            "It went from {start} to {lowest} after epoch {epoch}, and {end} at the end.",
            start=start,
            lowest=wording.loss(lowest[1]),
            epoch=lowest[0] + 1,
            end=end,
        )
    else:
        numbers = tr(
            "It went from {start} to {lowest} after epoch {epoch}.",
            start=start,
            lowest=wording.loss(lowest[1]),
            epoch=lowest[0] + 1,
        )
    return _beside(guess, went, numbers)


def normalization_words(guess: str, found: RepeatComparison) -> str:
    """The guess beside what normalization was worth.

    Args:
        found: of the trainings with it (before) and without (after).
    """
    if guess not in NORMALIZATION[1] or found.verdict == UNKNOWN or not found.photos:
        return ""
    was = EQUAL if found.verdict == SAME else MORE if found.verdict == BETTER else FEWER
    means = {"with_it": percent(found.before.mean), "without_it": percent(found.after.mean)}
    if found.pairs > 1:
        numbers = tr(
            "With it {with_it} wrong on average, without it {without_it}, without it {better_in}.",
            **means,
            better_in=count_words(found),
        )
    else:
        numbers = tr("With it {with_it} wrong on average, without it {without_it}.", **means)
    return _beside(guess, was, numbers)


def rates_words(
    guess: str,
    frozen: float,
    errors: Mapping[str, float],
    found: Mapping[str, RepeatComparison],
    ways: Sequence[str] = (),
) -> str:
    """The guess beside which way of unfreezing won; "" before two of them are done.

    While one of the ways is not trained, it says what is so far.

    Args:
        frozen: the error rate of the stage, the mean of its trainings.
        errors: name of each way -> its mean error rate. found: name -> its trainings beside the stage's.
        ways: the names of all ways that the question asks about.
    """
    known = {name: error for name, error in errors.items() if math.isfinite(error)}
    if not guess or len(known) < 2 or not math.isfinite(frozen):
        return ""
    best = min(known, key=known.__getitem__)
    won = best if known[best] < frozen else NOBODY
    listed = ", ".join(f"{again(name)} {percent(error)}" for name, error in known.items())
    if guess != NOBODY and guess not in known:
        return tr(
            "You expected “{guess}”. It is not trained yet. So far: frozen {frozen}, {others}.",
            guess=again(guess),
            frozen=percent(frozen),
            others=listed,
        )
    numbers = tr("Frozen {frozen}, {others}.", frozen=percent(frozen), others=listed)
    if won != NOBODY and found[best].verdict in (SAME, UNKNOWN):
        luck = tr("But beside frozen, the difference may be luck: then none has won.")
        numbers = f"{numbers} {luck}"
    missing = [again(name) for name in ways if name not in known]
    if not missing:
        return _beside(guess, won, numbers)
    if guess == won:
        said = tr("**You expected: {guess}. So far that is so.**", guess=again(guess))
    else:
        said = tr("**You expected: {guess}. So far it is: {was}.**", guess=again(guess), was=again(won))
    return f"{said} {numbers} {tr('Not trained yet: {ways}.', ways=', '.join(missing))}"


def confusion_words(guess: str, counts: Mapping[str, int]) -> str:
    """The guess beside which two breeds were confused most.

    Args:
        counts: pair, as an option of the question -> photos of either that were taken for the other.
    """
    if guess not in counts:
        return ""
    most = max(counts.values())
    if not most:
        return tr("It confused none of these pairs.")
    top = [pair for pair, n in counts.items() if n == most]
    said = next(pair for pair in counts if pair == guess)  # as the question has it: an answer that was kept is plain
    was = said if said in top else top[0]
    numbers = tr(
        "{pair}: {photos}, counted both ways round, and no pair here has more.", pair=again(was), photos=_times(most)
    )
    if said != was:
        others = tr("{pair}: {photos}.", pair=again(said), photos=_times(counts[said]))
        numbers = f"{numbers} {others}"
    return _beside(said, was, numbers)


def _times(photos: int) -> str:
    return wording.photos(photos) if photos else tr("no photo")


def _beside(guess: str, was: str, numbers: str) -> str:
    if guess == was:
        said = tr("**You expected: {guess}. So it is.**", guess=again(guess))
    else:
        said = tr("**You expected: {guess}. It is: {was}.**", guess=again(guess), was=again(was))
    return f"{said} {numbers}"
