"""Runs' numbers in words. Every number in a sentence comes from an argument, and so does every judgement.

The lesson expects a story (forty epochs overfit, the naive way of unfreezing does harm); a learner's run may
tell another, and then the words tell that one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lessonkit import wording
from lessonkit.analysis.comparison import (
    BETTER,
    MIXED,
    SAME,
    SURE,
    WORSE,
    Comparison,
    Outcome,
    Pairs,
    about_the_same,
    compare,
)
from lessonkit.analysis.predictions import Verdict
from lessonkit.analysis.repeats import UNKNOWN, RepeatComparison
from lessonkit.analysis.significance import sign_test, two_shares, wilson
from lessonkit.lesson.luck import ONE_EACH, apart, once_words
from lessonkit.wording import PERCENT, percent

Turned = RepeatComparison | Pairs | tuple[int, int] | None
"""What is known of two runs besides how they ended: all trainings of both recipes, or the answers to the same photos."""
FEW = 10  # photos held out, below which each is 10 points of the error rate and more


def comparison_words(before: Outcome, after: Outcome, turned: Pairs | tuple[int, int] | None = None) -> str:
    """Two runs compared in a few sentences: error rate and whether it means anything, loss, time an epoch."""
    found = compare(before, after, turned)
    sentences = [_error_sentence(before, after, found)]
    if turned is not None and sum(turned[:2]):
        sentences.append(
            f"{wording.photos(turned[0])} turned right and {wording.photos(turned[1])} turned wrong"
            + (_coin(found.luck) if found.verdict == SAME else ".")
        )
    sentences.append(_loss_sentence(before, after, found))
    time = _time_sentence(before, after, found)
    return " ".join([*sentences, time] if time else sentences)


def _coin(luck: float) -> str:
    if luck >= 1:
        return ": that is what chance alone would bring."
    return f": chance alone would bring such a difference in {100 * luck:.0f}{PERCENT} of cases."


def noise_words(outcome: Outcome) -> str:
    """What one photo is worth, and how closely so few photos tell an error rate."""
    if not outcome.photos:
        return "No validation photo has been answered yet."
    one = 100 / outcome.photos
    low, high = wilson(outcome.error_rate, outcome.photos)
    return (
        f"There are {outcome.photos:,} validation photos, so one photo is {wording.number(one)} percentage points. On other "
        f"photos of this kind the error rate is probably not exactly {percent(outcome.error_rate)}: it lies between {percent(low)} and "
        f"{percent(high)} with 95{PERCENT} confidence (Wilson's interval)."
    )


def baseline_words(error_rate: float, breed: str, always: float, photos: int) -> str:
    """What an error rate is worth beside that of naming one breed always; "" without photos.

    Args:
        error_rate: the model's, 0 to 1.
        breed: the commonest, as a learner reads it, in Markdown. always: the error rate of naming no other.
        photos: that both are measured on.
    """
    if not photos or math.isnan(always) or math.isnan(error_rate):
        return ""
    few = " On so few photos each one counts much." if photos < FEW else ""
    if error_rate >= always:
        return (
            f"**Always naming {breed}, the commonest breed here, would be wrong in {percent(always)} of them: this model is no "
            f"better than that.**{few}"
        )
    return f"Always naming {breed}, the commonest breed here, would be wrong in {percent(always)} of them.{few}"


NEAR = 4  # a learning rate this many times as high or as low trains about alike


def rate_words(suggestion: float, lowest: float, chosen: float) -> tuple[str, float | None]:
    """The one learning rate to take after `lr_find`, with the reason; that rate, or None where the chosen one is to stay.

    It is the geometric mean of fastai's two suggestions, `valley` and `minimum`. With the default head and with fastai's, on
    `pets` (3 splits) and on drawn pets, 5 trainings each, the best rates of four epochs were 1e-3 to 8e-3: `valley` alone
    said 2e-4 and 1e-3, and was up to 19 percentage points worse; this mean is 1.4e-3 and 4e-3.

    Args:
        suggestion: fastai's `valley`. lowest: the rate at which the loss was lowest. chosen: the rate that stands in the
            choices. All above 0.
    """
    if not all(math.isfinite(rate) and rate > 0 for rate in (suggestion, lowest, chosen)):
        return "The loss never fell, so no rate can be recommended. Run it again with more photos a batch.", None
    high = max(lowest / 10, suggestion)
    middle = float(f"{math.sqrt(suggestion) * math.sqrt(high):.1e}")
    ends = " and ".join(wording.rate(float(f"{rate:.1e}")) for rate in (suggestion, high))
    reason = (
        f"fastai makes two suggestions, `valley` and `minimum`: {ends}. At the first the loss falls steadily, and the second is a tenth of the rate at "
        "which the loss is lowest. Lower rates learn slowly, and higher ones are near the explosion."
    )
    if 1 / NEAR <= chosen / middle <= NEAR:
        if wording.rate(chosen) == wording.rate(middle):
            return f"**Keep {wording.rate(chosen)}.** {reason} Yours is the middle between the two.", None
        return (
            f"**Keep {wording.rate(chosen)}.** {reason} Yours is near the middle between them, {wording.rate(middle)}: both train "
            "about alike."
        ), None
    return f"**Take {wording.rate(middle)}**, the middle between two rates. {reason}", middle


def overfitting_words(verdict: Verdict | None, photos: int = 0) -> str:
    """What a history shows about overfitting, in the run's own wording.

    Args:
        photos: how many it was validated on; 0 where that is not known.
    """
    if verdict is None:
        return "No epoch has ended with a valid loss yet, so there is nothing to judge."
    then, last = verdict.then_epoch + 1, verdict.last_epoch + 1
    if not math.isfinite(verdict.last_valid_loss):
        return (
            f"The loss stopped being a number: this is no overfitting, the training blew up. Its best was "
            f"{wording.loss(verdict.best_valid_loss)} after epoch {verdict.best_epoch + 1}. A lower learning rate helps."
        )
    if not verdict.whole:
        return (
            f"It is too early to say. The run was stopped after epoch {last}, before its learning rate had come down, and at a "
            f"high rate the losses are high too. The valid loss was {wording.loss(verdict.then_valid_loss)} after epoch {then} "
            f"and {wording.loss(verdict.last_valid_loss)} at the stop. Let the run end."
        )
    if then == last:
        after = " of all epochs after a peak of the learning rate" if verdict.best_epoch != then - 1 else ""
        return (
            f"No overfitting yet: the last epoch, number {last}, has the lowest valid loss{after}, "
            f"{wording.loss(verdict.then_valid_loss)}.{_while_it_rose(verdict)} Train on for more epochs to see whether it turns."
        )
    levels = (
        f"The valid loss was {wording.loss(verdict.then_valid_loss)} after epoch {then} and is "
        f"{wording.loss(verdict.last_valid_loss)} after epoch {last}"
    )
    higher = wording.higher(verdict.last_valid_loss, verdict.then_valid_loss)
    train_then, train_now = wording.loss(verdict.train_then), wording.loss(verdict.train_last)
    if verdict.shows_overfitting:
        return (
            f"This run overfits. {levels}, {higher}, while the train loss fell from {train_then} to {train_now}. On the photos "
            f"that it is trained on, the network still gets better. On the photos held out, its probabilities get worse. "
            f"{_error_since(verdict, photos)}{_while_it_rose(verdict)}"
        )
    if verdict.train_fell <= 0:
        return (
            f"This is not overfitting. {levels}, but the train loss did not fall either ({train_then} then, {train_now} now): "
            f"the network did not learn its photos by heart, it stopped learning.{_while_it_rose(verdict)}"
        )
    return (
        f"Hardly any overfitting. {levels}: {higher}. So small a rise may be chance. {_error_since(verdict, photos)}"
        f"{_while_it_rose(verdict)}"
    )


def rise_words(verdict: Verdict | None, found: RepeatComparison) -> str:
    """What is uncertain about the rise of an overfitting run's loss, where luck explains it; "" where it does not.

    Args:
        found: all trainings of what the run went on from (before), and of its own recipe (after).
    """
    if verdict is None or not verdict.shows_overfitting or found.loss_verdict != SAME or not found.loss.mean > 0:
        return ""
    return (
        "How certain is that? This is one training and one set of photos held out. A few answers that are sure and wrong can raise "
        "the mean loss this much, and on other photos it could be otherwise: the comparison below counts that luck."
    )


def _while_it_rose(verdict: Verdict) -> str:
    """What is to be said of a valid loss that was lower while the rate still rose; "" where none was."""
    if verdict.best_epoch == verdict.then_epoch:
        return ""
    return (
        f" The lowest valid loss of all, {wording.loss(verdict.best_valid_loss)} after epoch {verdict.best_epoch + 1}, came while "
        "the learning rate was still rising. Near the peak of the rate both losses jump up. That jump is not overfitting, so "
        "only epochs after a peak are compared here."
    )


def _error_since(verdict: Verdict, photos: int) -> str:
    then, now = percent(verdict.error_then), percent(verdict.error_last)
    counts = "It counts wrong answers; the loss also counts how sure they were."
    if math.isnan(verdict.error_last - verdict.error_then):
        return f"The error rate was {then} then and is {now} now. {counts}"
    if then == now:
        return f"The error rate did not move: {now} then and now. {counts}"
    moved = round(abs(verdict.error_last - verdict.error_then) * photos)
    size = f" ({wording.photos(moved)} of {photos:,})" if photos else ""
    if photos and two_shares(verdict.error_then, photos, verdict.error_last, photos) >= SURE:
        return f"The error rate went from {then} to {now}{size}, no further than luck explains. {counts}"
    if verdict.error_last < verdict.error_then:
        return (
            f"The error rate fell all the same, from {then} to {now}{size}: fewer answers are wrong, but the wrong ones "
            "are given with more certainty, and the loss counts that."
        )
    return f"The error rate rose as well, from {then} to {now}{size}."


def unfreezing_words(
    frozen: Outcome,
    unfrozen: Outcome,
    sliced: Outcome,
    turned_unfrozen: Turned = None,
    turned_sliced: Turned = None,
    statistics: str = "fixed",
) -> str:
    """What unfreezing did, the naive way and with a slice of rates, against the frozen stage both start from.

    Args:
        statistics: what became of batch norm's in the naive run, "fixed" or "trained".
    """
    names = {"before": frozen.name, "unfrozen": unfrozen.name, "sliced": sliced.name}
    beside_slice, sliced = _levels(frozen, sliced, turned_sliced)
    frozen, unfrozen = _levels(frozen, unfrozen, turned_unfrozen)
    naive, careful = _found(frozen, unfrozen, turned_unfrozen), _found(beside_slice, sliced, turned_sliced)
    ended = {"before": 1, "unfrozen": 1, "sliced": 1}
    if isinstance(turned_unfrozen, RepeatComparison):
        ended |= {"before": turned_unfrozen.before.n, "unfrozen": turned_unfrozen.after.n}
    if isinstance(turned_sliced, RepeatComparison):
        ended["sliced"] = turned_sliced.after.n
    start = (
        f"Frozen, the error rate was {percent(frozen.error_rate)}{_on_average(ended['before'])} and the loss "
        f"{wording.loss(frozen.valid_loss)}."
    )
    first = (
        f"Unfreezing at one rate for all layers {_naive_words(naive, statistics, turned_unfrozen)} (error rate "
        f"{percent(unfrozen.error_rate)}{_on_average(ended['unfrozen'])}, loss {wording.loss(unfrozen.valid_loss)})."
    )
    error = f"{percent(sliced.error_rate)}{_on_average(ended['sliced'])}"
    words = {
        WORSE: f"was worse than frozen too, at {error}" if naive.verdict == WORSE else f"was worse, at {error}",
        SAME: f"left the error rate where it was, at {error}"
        if percent(sliced.error_rate) == percent(beside_slice.error_rate)
        else f"left the error rate at {error}: a difference to the frozen model that luck explains",
        BETTER: f"lowered the error rate to {error}",
    }[careful.verdict]
    second = (
        f"The slice, whose rates are small and smallest for the early layers, {words}; its loss, {wording.loss(sliced.valid_loss)}, is "
        f"{_than(careful.loss_change, beside_slice.valid_loss)} the frozen stage's{_proof(careful, beside_slice)}."
    )
    words = [start, first, second, _advice(frozen, unfrozen, sliced, naive, careful)]
    compared = [found for found in (turned_unfrozen, turned_sliced) if isinstance(found, RepeatComparison)]
    if any(found.one_each for found in compared):
        words.append(ONE_EACH)
    elif compared and (once := once_words([names[which] for which, n in ended.items() if n == 1])):
        words.append(once)
    return " ".join(words)


def _levels(before: Outcome, after: Outcome, turned: Turned) -> tuple[Outcome, Outcome]:
    """Both as all trainings of their recipes ended on average, where these are given: the words quote what is judged."""
    if not isinstance(turned, RepeatComparison) or not turned.photos:
        return before, after
    return (
        replace(before, error_rate=turned.before.mean, valid_loss=turned.before.loss_mean, photos=turned.photos),
        replace(after, error_rate=turned.after.mean, valid_loss=turned.after.loss_mean, photos=turned.photos),
    )


def _on_average(trainings: int) -> str:
    return f" on average of {trainings} trainings" if trainings > 1 else ""


def _found(before: Outcome, after: Outcome, turned: Turned) -> Comparison:
    """Whether the second is better; by all trainings of both recipes where these are given.

    One training of each tells no more than what the luck of the photos does not explain: ONE_EACH is to stand beside it.
    """
    if not isinstance(turned, RepeatComparison):
        return compare(before, after, turned)
    by_photos = compare(before, after)
    error, loss = (
        (BETTER if difference.mean < 0 else WORSE)
        if said == UNKNOWN and difference.luck < SURE
        else SAME
        if said == UNKNOWN
        else said
        for said, difference in ((turned.verdict, turned.error), (turned.loss_verdict, turned.loss))
    )
    return replace(
        by_photos, verdict=error, loss_verdict=loss, luck=turned.error.luck, loss_luck=turned.loss.luck, fell=0, rose=0
    )


_HARM = {
    "trained": "did harm: steps of one size are large for the early layers, and overwrite what ImageNet taught them",
    "fixed": "did harm: steps of one size are large for the early layers, and batch norm's statistics, fixed, no longer fit "
    "what these layers give out",
}
_NAIVE = {
    (SAME, WORSE): "did harm that the loss shows, and the error rate not yet beyond luck",
    (SAME, SAME): "made no difference that these photos can show",
    (SAME, BETTER): "lowered the loss, unlike in the lesson, with an error rate no further off than luck explains",
    (BETTER, SAME): "helped, unlike in the lesson: here the early layers stood the large steps",
    (BETTER, BETTER): "helped, unlike in the lesson: here the early layers stood the large steps",
    (BETTER, WORSE): "made fewer mistakes and a higher loss: the mistakes left are surer ones",
    (WORSE, BETTER): "made more mistakes and a lower loss: it is less sure of them",
}
"""By the verdicts of error rate and loss; _HARM where the error rate is worse and the loss no better."""


def _naive_words(naive: Comparison, statistics: str, turned: Turned) -> str:
    side = apart(turned) if isinstance(turned, RepeatComparison) and naive.loss_verdict == SAME else ""
    if side and isinstance(turned, RepeatComparison) and turned.after.n > 1:
        span = f"{percent(turned.after.low)} to {percent(turned.after.high)}"
        return (
            f"was {side} than frozen each time, but its trainings end so far apart, {span}, that so few cannot rule luck out: "
            "train it again to tell"
        )
    return _NAIVE.get((naive.verdict, naive.loss_verdict)) or _HARM[statistics]


def _advice(frozen: Outcome, unfrozen: Outcome, sliced: Outcome, naive: Comparison, careful: Comparison) -> str:
    if naive.together == careful.together == BETTER:
        if unfrozen.error_rate <= sliced.error_rate and unfrozen.valid_loss <= sliced.valid_loss:
            return "Both are better than frozen, and one rate for all came out lowest: here it is the one to keep."
        if sliced.error_rate <= unfrozen.error_rate and sliced.valid_loss <= unfrozen.valid_loss:
            return "Both are better than frozen, and the slice came out lowest: it is the one to keep."
        return "Both are better than frozen; of the two, one has the lower error rate and the other the lower loss."
    if naive.together == BETTER:
        return "So on these photos one rate for all is the one to keep."
    if careful.together == BETTER:
        return "So the slice is the one to keep."
    if MIXED in (naive.together, careful.together):
        return (
            "Error rate and loss contradict each other here: keep what you need, fewer mistakes or truer probabilities."
        )
    if careful.together == WORSE:
        return "Here the frozen stage is the one to keep."
    return "On these photos, unfreezing brought no gain that is larger than luck."


def batch_norm_words(fixed: Outcome, trained: Outcome, turned: Turned = None) -> str:
    """What training batch norm's statistics did, against keeping those that came with the weights."""
    fixed, trained = _levels(fixed, trained, turned)
    found = _found(fixed, trained, turned)
    of = isinstance(turned, RepeatComparison)
    side = apart(turned) if isinstance(turned, RepeatComparison) else ""
    many = [_on_average(n) for n in ((turned.before.n, turned.after.n) if of else (1, 1))]
    levels = (
        f"error rate {percent(fixed.error_rate)}{many[0]} with the statistics fixed, {percent(trained.error_rate)}{many[1]} "
        f"with them trained; loss {wording.loss(fixed.valid_loss)} and {wording.loss(trained.valid_loss)}"
    )
    meaning = {
        WORSE: "Training them did harm here. The layers behind them had learned with the fixed ones, and the fewer the "
        "batches, the less the new averages settle.",
        SAME: f"Each training was {side} with them trained, but so few, so far apart, cannot rule luck out: train both again to tell."
        if side
        else "That is no difference that these photos can show.",
        BETTER: "Training them helped here: the weights moved, and the averages moved with them.",
        MIXED: "Error rate and loss contradict each other here, so neither choice is the better one.",
    }[found.together]
    return " ".join(filter(None, (f"Batch norm: {levels}.", meaning, _caveat("fixed", "trained", turned))))


def _caveat(before: str, after: str, turned: Turned) -> str:
    """What cannot be said where a recipe was trained once; "" where both were trained several times, or that is not known."""
    if not isinstance(turned, RepeatComparison):
        return ""
    if turned.one_each:
        return ONE_EACH
    return once_words([name for name, ended in ((before, turned.before), (after, turned.after)) if ended.n == 1])


def _error_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    levels = f"{percent(before.error_rate)} to {percent(after.error_rate)}"
    if math.isnan(found.points):
        return f"The error rates of “{before.name}” and “{after.name}” are not both known ({levels})."
    if found.points == 0:
        return f"“{after.name}” has the same error rate as “{before.name}”, {percent(after.error_rate)}."
    way = "fell" if found.points < 0 else "rose"
    photos = round(abs(found.points) / 100 * after.photos)
    size = f"{wording.number(abs(found.points))} percentage points, {wording.photos(photos)} of {after.photos}"
    if found.verdict == SAME:
        return (
            f"From “{before.name}” to “{after.name}” the error rate {way} from {levels} ({size}): too little to tell "
            "from luck."
        )
    is_what = (
        f"is {found.verdict}"
        if found.together != MIXED
        else f"makes {'fewer' if found.points < 0 else 'more'} mistakes"
    )
    return f"“{after.name}” {is_what} than “{before.name}”: the error rate {way} from {levels} ({size})."


def _loss_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    if not math.isfinite(after.valid_loss):
        return "Its loss is not a number: the training blew up."
    if not math.isfinite(before.valid_loss):
        return f"Its valid loss is {wording.loss(after.valid_loss)}; before, it was not a number."
    return (
        f"Its valid loss is {_than(found.loss_change, before.valid_loss)} before ({wording.loss(before.valid_loss)}, now "
        f"{wording.loss(after.valid_loss)}){_proof(found, before)}."
    )


def _proof(found: Comparison, before: Outcome) -> str:
    """Half a sentence on what the photos' own losses say of a change of the mean; "" where there is nothing to say."""
    if math.isnan(found.loss_luck) or about_the_same(found.loss_change, before.valid_loss):
        return ""
    fell = found.loss_change < 0
    same_way, photos = (found.fell, found.rose)[not fell], found.fell + found.rose
    if found.loss_verdict == SAME:
        if sign_test(found.fell, found.rose) < SURE and 2 * same_way < photos:
            other = "rose" if fell else "fell"
            return f", but it {other} on {photos - same_way} of {photos} photos: a few account for the change"
        return ", no further than luck explains"
    if not photos:
        return ", more than luck explains"
    if 2 * same_way > photos:
        return f": it {'fell' if fell else 'rose'} on {same_way} of {photos} photos, more than luck explains"
    return f", more than luck explains, by much on {same_way} of {photos} photos"


def _time_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    if not math.isfinite(found.times_as_long):
        return ""
    levels = f"{wording.seconds(before.seconds_an_epoch)} before, {wording.seconds(after.seconds_an_epoch)} now"
    if 0.8 <= found.times_as_long <= 1.25:
        return f"An epoch takes about as long ({levels})."
    if found.times_as_long > 1:
        return f"An epoch takes {wording.number(found.times_as_long)} times as long ({levels})."
    return f"An epoch takes {wording.number(1 / found.times_as_long)} times less long ({levels})."


def _than(change: float, loss: float) -> str:
    if not math.isfinite(change):
        return "not to be compared with"
    if about_the_same(change, loss):
        return "about the same as"
    return "lower than" if change < 0 else "higher than"


def rung_words(facts: Mapping[str, Any]) -> str:
    """How a run used the GPU where it let go of something, and why; "" where it let go of nothing.

    Args:
        facts: of its status: "rung" as `training.rungs.Rung.words`, "let_go" the errors that led to it.
    """
    if not facts.get("rung"):
        return ""
    errors = list(dict.fromkeys(facts.get("let_go") or ()))
    said = f", since faster ways failed on this GPU: {'; '.join(errors)}" if errors else ", as LESSONKIT_PLAIN asks"
    return f" It trained {facts['rung']}{said}."


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
