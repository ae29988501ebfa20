"""Runs' numbers in words. Every number in a sentence comes from an argument, and so does every judgement.

The lesson expects a story (forty epochs overfit, the naive way of unfreezing does harm); a learner's run may
tell another, and then the words tell that one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lessonkit.interpretation import Verdict

BETTER, WORSE, SAME = "better", "worse", "the same"
LOWER = "lower than"
SURE = 0.05  # a difference that luck alone brings in fewer than this share of cases is called real


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        name: what to call it in a sentence, such as "frozen".
        error_rate: 0 to 1.
        valid_loss: cross entropy, nats.
        seconds_an_epoch: seconds; NaN when not known.
        photos: how many it was validated on.
    """

    name: str
    error_rate: float
    valid_loss: float
    seconds_an_epoch: float
    photos: int


@dataclass(frozen=True)
class Comparison:
    """How one outcome differs from another.

    Attributes:
        verdict: BETTER, WORSE or SAME (no more than luck explains), by error rate, of the second run.
        points: change of the error rate in percentage points, below 0 for the better.
        loss_change: change of the valid loss.
        times_as_long: seconds an epoch of the second over those of the first; NaN when not known.
        luck: how often luck alone would make a difference this large, 0 to 1.
    """

    verdict: str
    points: float
    loss_change: float
    times_as_long: float
    luck: float


def compare(before: Outcome, after: Outcome, turned: tuple[int, int] | None = None) -> Comparison:
    """Whether `after` did better than `before`, beyond the noise of so few photos.

    With `turned`, the photos that turned right and wrong between the two runs, this is the exact sign test
    (McNemar 1947): of the photos that changed sides, were more than a fair coin's share on one side? Without
    them, it is the test of two independent binomial shares, which is the more cautious of the two.

    Args:
        turned: (photos that turned right, photos that turned wrong); both runs saw the same photos.
    """
    points = 100 * (after.error_rate - before.error_rate)
    luck = _sign_test(*turned) if turned is not None else _two_shares(before, after)
    if math.isnan(luck):
        verdict = SAME if points == 0 else BETTER if points < 0 else WORSE
    else:
        verdict = SAME if luck >= SURE or points == 0 else BETTER if points < 0 else WORSE
    took = after.seconds_an_epoch / before.seconds_an_epoch if before.seconds_an_epoch > 0 else math.nan
    return Comparison(verdict, points, after.valid_loss - before.valid_loss, took, luck)


def comparison_words(before: Outcome, after: Outcome, turned: tuple[int, int] | None = None) -> str:
    """Two runs compared in a few sentences: error rate and whether it means anything, loss, time an epoch."""
    found = compare(before, after, turned)
    sentences = [_error_sentence(before, after, found)]
    if turned is not None and sum(turned):
        sentences.append(
            f"{_photos(turned[0])} turned right and {_photos(turned[1])} turned wrong"
            + (", no more lopsided than a tossed coin would be." if found.verdict == SAME else ".")
        )
    sentences.append(_loss_sentence(before, after, found))
    time = _time_sentence(before, after, found)
    return " ".join([*sentences, time] if time else sentences)


def noise_words(outcome: Outcome) -> str:
    """What one photo is worth, and how far luck alone moves an error rate on so few photos."""
    if not outcome.photos:
        return "No validation photo has been answered yet."
    one = 100 / outcome.photos
    swing = 200 * math.sqrt(outcome.error_rate * (1 - outcome.error_rate) / outcome.photos)
    return (
        f"There are {outcome.photos} validation photos, so one photo is {_number(one)} percentage points, and an "
        f"error rate of {percent(outcome.error_rate)} would move by up to {_number(swing)} points either way on "
        "other photos of the same kind."
    )


def overfitting_words(verdict: Verdict | None) -> str:
    """What a history shows about overfitting, in the run's own numbers."""
    if verdict is None:
        return "No epoch has ended with a valid loss yet, so there is nothing to judge."
    best, last = verdict.best_epoch + 1, verdict.last_epoch + 1
    if not math.isfinite(verdict.last_valid_loss):
        return (
            f"The loss stopped being a number: this is no overfitting, the training blew up. Its best was "
            f"{verdict.best_valid_loss:.3f} after epoch {best}. A lower learning rate helps."
        )
    if best == last:
        return (
            f"No overfitting yet: the valid loss is at its lowest, {verdict.best_valid_loss:.3f}, in the last epoch, "
            f"number {last}. Train on for more epochs to see whether it turns."
        )
    levels = (
        f"The valid loss was lowest after epoch {best}, at {verdict.best_valid_loss:.3f}, and stands at "
        f"{verdict.last_valid_loss:.3f} after epoch {last}"
    )
    if verdict.shows_overfitting:
        return (
            f"This run overfits. {levels}, {_number(100 * verdict.rise / verdict.best_valid_loss)} % higher, while "
            f"the train loss fell, by {verdict.train_fell:.3f}. The network still gets better at the "
            f"photos it is trained on and worse at those it is not. {_error_since(verdict)}"
        )
    if verdict.train_fell <= 0:
        return (
            f"This is not overfitting. {levels}, but the train loss did not fall either (it rose by "
            f"{-verdict.train_fell:.3f}): the network learned no more, rather than learning its photos by heart."
        )
    return (
        f"Hardly any overfitting. {levels}: {_number(100 * verdict.rise / verdict.best_valid_loss)} % higher, which "
        f"is too little to call a turn. {_error_since(verdict)}"
    )


def _error_since(verdict: Verdict) -> str:
    then, now = percent(verdict.error_best), percent(verdict.error_last)
    if then == now:
        return f"The error rate did not move: {now} then and now. It counts wrong answers; the loss also counts how sure they were."
    if verdict.error_last < verdict.error_best:
        return (
            f"The error rate fell all the same, from {then} to {now}: fewer answers are wrong, but the wrong ones "
            "are given with more certainty, and the loss counts that."
        )
    return f"The error rate rose as well, from {then} to {now}."


def unfreezing_words(
    frozen: Outcome,
    unfrozen: Outcome,
    sliced: Outcome,
    turned_unfrozen: tuple[int, int] | None = None,
    turned_sliced: tuple[int, int] | None = None,
) -> str:
    """What unfreezing did, the naive way and with a slice of rates, against the frozen stage both start from."""
    naive, careful = compare(frozen, unfrozen, turned_unfrozen), compare(frozen, sliced, turned_sliced)
    start = f"Frozen, the error rate was {percent(frozen.error_rate)} and the loss {_loss(frozen.valid_loss)}."
    words = {
        WORSE: "did harm: steps this large overwrite what the early layers had learned from ImageNet",
        SAME: "made no difference that these photos can show",
        BETTER: "helped, unlike in the lesson: here the early layers stood the large steps",
    }[naive.verdict]
    first = (
        f"Unfrozen at one rate for all layers {words} (error rate {percent(unfrozen.error_rate)}, loss "
        f"{_loss(unfrozen.valid_loss)})."
    )
    error = percent(sliced.error_rate)
    words = {
        WORSE: f"was worse than frozen too, at {error}",
        SAME: f"left the error rate at {error}, no further from frozen than luck explains",
        BETTER: f"lowered the error rate to {error}",
    }[careful.verdict]
    second = (
        f"The slice, with small rates for the early layers, {words}; its loss, {_loss(sliced.valid_loss)}, is "
        f"{_than(careful.loss_change, frozen.valid_loss)} the frozen stage's."
    )
    return " ".join([start, first, second, _advice(naive, careful, frozen)])


def _advice(naive: Comparison, careful: Comparison, frozen: Outcome) -> str:
    if naive.verdict == BETTER and naive.points < careful.points:
        return "One rate for all came out lowest, so on these photos it is the one to keep."
    if careful.verdict == WORSE:
        return "Here the frozen stage is the one to keep."
    if careful.verdict == BETTER or _than(careful.loss_change, frozen.valid_loss) == LOWER:
        return "So the slice is the one to keep."
    return "On these photos, unfreezing bought nothing that can be told from luck."


def batch_norm_words(fixed: Outcome, trained: Outcome, turned: tuple[int, int] | None = None) -> str:
    """What training batch norm's statistics did, against keeping those that came with the weights."""
    found = compare(fixed, trained, turned)
    numbers = (
        f"error rate {percent(fixed.error_rate)} with the statistics fixed, {percent(trained.error_rate)} with them "
        f"trained; loss {_loss(fixed.valid_loss)} and {_loss(trained.valid_loss)}"
    )
    meaning = {
        WORSE: "Training them did harm here: on so few photos the new averages do not settle before the layers "
        "behind them have to work with them.",
        SAME: "That is no difference that these photos can show.",
        BETTER: "Training them helped here: there were photos enough for the averages to settle on this kind of "
        "picture.",
    }[found.verdict]
    return f"Batch norm: {numbers}. {meaning}"


def percent(share: float) -> str:
    """A share of 0 to 1 as a learner reads it: 0.0714 is "7.1 %"."""
    return "not known" if math.isnan(share) else f"{100 * share:.1f} %"


def _error_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    levels = f"{percent(before.error_rate)} to {percent(after.error_rate)}"
    if found.points == 0:
        return f"“{after.name}” has the same error rate as “{before.name}”, {percent(after.error_rate)}."
    way = "fell" if found.points < 0 else "rose"
    photos = round(abs(found.points) / 100 * after.photos)
    size = f"{_number(abs(found.points))} percentage points, {_photos(photos)} of {after.photos}"
    if found.verdict == SAME:
        return (
            f"From “{before.name}” to “{after.name}” the error rate {way} from {levels} ({size}): too little to tell "
            "from luck."
        )
    return f"“{after.name}” is {found.verdict} than “{before.name}”: the error rate {way} from {levels} ({size})."


def _loss_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    if not math.isfinite(after.valid_loss):
        return "Its loss is not a number: the training blew up."
    if not math.isfinite(before.valid_loss):
        return f"Its valid loss is {after.valid_loss:.3f}; before, it was not a number."
    return (
        f"Its valid loss is {_than(found.loss_change, before.valid_loss)} before ({before.valid_loss:.3f}, now "
        f"{after.valid_loss:.3f})."
    )


def _time_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    if not math.isfinite(found.times_as_long):
        return ""
    levels = f"{_seconds(before.seconds_an_epoch)} before, {_seconds(after.seconds_an_epoch)} now"
    if 0.8 <= found.times_as_long <= 1.25:
        return f"An epoch takes about as long ({levels})."
    if found.times_as_long > 1:
        return f"An epoch takes {_number(found.times_as_long)} times as long ({levels})."
    return f"An epoch takes {_number(1 / found.times_as_long)} times less long ({levels})."


def _loss(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "not a number"


def _than(change: float, loss: float) -> str:
    # one per cent: two runs of the same choice on another kind of processor differ by about that
    if abs(change) < 0.01 * abs(loss):
        return "about the same as"
    return LOWER if change < 0 else "higher than"


def _sign_test(one: int, other: int) -> float:
    """Two-sided chance that a fair coin falls as lopsided as this, or more."""
    tosses, fewer = one + other, min(one, other)
    tail = sum(math.comb(tosses, k) for k in range(fewer + 1)) / 2**tosses
    return min(1.0, 2 * tail)


def _two_shares(before: Outcome, after: Outcome) -> float:
    """Two-sided chance of two shares this far apart if they were one, by the pooled normal approximation."""
    if not (before.photos and after.photos) or math.isnan(after.error_rate - before.error_rate):
        return math.nan
    pooled = (before.error_rate * before.photos + after.error_rate * after.photos) / (before.photos + after.photos)
    variance = pooled * (1 - pooled) * (1 / before.photos + 1 / after.photos)
    if variance == 0:
        return 1.0
    return math.erfc(abs(after.error_rate - before.error_rate) / math.sqrt(2 * variance))


def _photos(n: int) -> str:
    return f"{n} photo" if n == 1 else f"{n} photos"


def _number(value: float) -> str:
    """A size with two digits that count: 0.68, 6.8, 68."""
    if value == 0:
        return "0"
    return f"{value:.{max(0, 1 - math.floor(math.log10(abs(value))))}f}"


def _seconds(value: float) -> str:
    return f"{_number(value)} s"


def compiled_words(facts: Mapping[str, Any]) -> str:
    """What came of `torch.compile` in a run, as a sentence with a space before it; "" where it was not tried.

    Args:
        facts: as `training.compiling.CompileWhereItPays` leaves them.
    """
    if not facts:
        return ""
    if "problem" in facts:
        return f" torch.compile could not take this network here ({facts['problem']}); it was trained as it is."
    if "kept" not in facts:
        return f" torch.compile took {facts['wait']:.0f} s, and the run ended before its gain was measured."
    kept = "so it was kept" if facts["kept"] else "so it was taken back"
    return f" torch.compile took {facts['wait']:.0f} s and made a step {facts['gain']:.2f} times as fast, {kept}."
