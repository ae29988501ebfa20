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
from lessonkit.language import again, tr, translatable, trn
from lessonkit.lesson.luck import ONE_EACH, apart, once_words
from lessonkit.wording import count, percent

Turned = RepeatComparison | Pairs | tuple[int, int] | None
"""What is known of two runs besides how they ended: all trainings of both recipes, or the answers to the same photos."""
FEW = 10  # photos held out, below which each is 10 points of the error rate and more


def comparison_words(before: Outcome, after: Outcome, turned: Pairs | tuple[int, int] | None = None) -> str:
    """Two runs compared in a few sentences: error rate and whether it means anything, loss, time an epoch."""
    found = compare(before, after, turned)
    sentences = [_error_sentence(before, after, found)]
    if turned is not None and sum(turned[:2]):
        sentences.append(_turned_sentence(turned[0], turned[1], found))
    sentences.append(_loss_sentence(before, after, found))
    time = _time_sentence(before, after, found)
    return " ".join([*sentences, time] if time else sentences)


def _turned_sentence(right: int, wrong: int, found: Comparison) -> str:
    values = {
        "right": trn("{n} photo turned right", "{n} photos turned right", right),
        "wrong": trn("{n} photo turned wrong", "{n} photos turned wrong", wrong),
    }
    if found.verdict != SAME:
        return tr("{right} and {wrong}.", **values)
    if found.luck >= 1:
        return tr("{right} and {wrong}: that is what chance alone would bring.", **values)
    return tr(
        "{right} and {wrong}: chance alone would bring such a difference in {share} of cases.",
        **values,
        share=percent(found.luck, 0),
    )


def noise_words(outcome: Outcome) -> str:
    """What one photo is worth, and how closely so few photos tell an error rate."""
    if not outcome.photos:
        return tr("No validation photo has been answered yet.")
    low, high = wilson(outcome.error_rate, outcome.photos)
    one = tr(
        "There are {photos} validation photos, so one photo is {points} percentage points.",
        photos=count(outcome.photos),
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
        return tr("The loss never fell, so no rate can be recommended. Run it again with more photos a batch."), None
    high = max(lowest / 10, suggestion)
    middle = float(f"{math.sqrt(suggestion) * math.sqrt(high):.1e}")
    valley, minimum = (wording.rate(float(f"{rate:.1e}")) for rate in (suggestion, high))
    reason = tr(
        "fastai makes two suggestions, `valley` and `minimum`: {valley} and {minimum}. At the first the loss falls steadily, "
        "and the second is a tenth of the rate at which the loss is lowest. Lower rates learn slowly, and higher ones are near "
        "the explosion.",
        valley=valley,
        minimum=minimum,
    )
    if not 1 / NEAR <= chosen / middle <= NEAR:
        take = tr("**Take {rate}**, the middle between two rates.", rate=wording.rate(middle))
        return f"{take} {reason}", middle
    keep = tr("**Keep {rate}.**", rate=wording.rate(chosen))
    if wording.rate(chosen) == wording.rate(middle):
        yours = tr("Yours is the middle between the two.")
    else:
        yours = tr("Yours is near the middle between them, {rate}: both train about alike.", rate=wording.rate(middle))
    return f"{keep} {reason} {yours}", None


def overfitting_words(verdict: Verdict | None, photos: int = 0) -> str:
    """What a history shows about overfitting, in the run's own wording.

    Args:
        photos: how many it was validated on; 0 where that is not known.
    """
    if verdict is None:
        return tr("No epoch has ended with a valid loss yet, so there is nothing to judge.")
    then, last = verdict.then_epoch + 1, verdict.last_epoch + 1
    if not math.isfinite(verdict.last_valid_loss):
        return tr(
            "The loss stopped being a number: this is no overfitting, the training blew up. Its best was {loss} after epoch "
            "{epoch}. A lower learning rate helps.",
            loss=wording.loss(verdict.best_valid_loss),
            epoch=verdict.best_epoch + 1,
        )
    losses = {
        "then_loss": wording.loss(verdict.then_valid_loss), "then": then,
        "last_loss": wording.loss(verdict.last_valid_loss), "last": last,
    }  # fmt: skip
    if not verdict.whole:
        return tr(
            "It is too early to say. The run was stopped after epoch {last}, before its learning rate had come down, and at a "
            "high rate the losses are high too. The valid loss was {then_loss} after epoch {then} and {last_loss} at the stop. "
            "Let the run end.",
            **losses,
        )
    if then == last:
        on = tr("Train on for more epochs to see whether it turns.")
        return " ".join(filter(None, (_not_yet(verdict), _while_it_rose(verdict), on)))
    losses["higher"] = wording.higher(verdict.last_valid_loss, verdict.then_valid_loss)
    train = {"train_then": wording.loss(verdict.train_then), "train_now": wording.loss(verdict.train_last)}
    if verdict.shows_overfitting:
        said = [
            tr(
                "This run overfits. The valid loss was {then_loss} after epoch {then} and is {last_loss} after epoch {last}, "
                "{higher}, while the train loss fell from {train_then} to {train_now}. On the photos that it is trained on, the "
                "network still gets better. On the photos held out, its probabilities get worse.",
                **losses,
                **train,
            ),
            _error_since(verdict, photos),
        ]
    elif verdict.train_fell <= 0:
        said = [
            tr(
                "This is not overfitting. The valid loss was {then_loss} after epoch {then} and is {last_loss} after epoch "
                "{last}, but the train loss did not fall either ({train_then} then, {train_now} now): the network did not learn "
                "its photos by heart, it stopped learning.",
                **losses,
                **train,
            )
        ]
    else:
        said = [
            tr(
                "Hardly any overfitting. The valid loss was {then_loss} after epoch {then} and is {last_loss} after epoch "
                "{last}: {higher}. So small a rise may be chance.",
                **losses,
            ),
            _error_since(verdict, photos),
        ]
    return " ".join(sentence for sentence in (*said, _while_it_rose(verdict)) if sentence)


def _not_yet(verdict: Verdict) -> str:
    values = {"epoch": verdict.last_epoch + 1, "loss": wording.loss(verdict.then_valid_loss)}
    if verdict.best_epoch != verdict.then_epoch:
        return tr(
            "No overfitting yet: the last epoch, number {epoch}, has the lowest valid loss of all epochs after a peak of the "
            "learning rate, {loss}.",
            **values,
        )
    return tr("No overfitting yet: the last epoch, number {epoch}, has the lowest valid loss, {loss}.", **values)


def rise_words(verdict: Verdict | None, found: RepeatComparison) -> str:
    """What is uncertain about the rise of an overfitting run's loss, where luck explains it; "" where it does not.

    Args:
        found: all trainings of what the run went on from (before), and of its own recipe (after).
    """
    if verdict is None or not verdict.shows_overfitting or found.loss_verdict != SAME or not found.loss.mean > 0:
        return ""
    return tr(
        "How certain is that? This is one training and one set of photos held out. A few answers that are sure and wrong can raise "
        "the mean loss this much, and on other photos it could be otherwise: the comparison below counts that luck."
    )


def _while_it_rose(verdict: Verdict) -> str:
    """What is to be said of a valid loss that was lower while the rate still rose; "" where none was."""
    if verdict.best_epoch == verdict.then_epoch:
        return ""
    return tr(
        "The lowest valid loss of all, {loss} after epoch {epoch}, came while the learning rate was still rising. Near the peak "
        "of the rate both losses jump up. That jump is not overfitting, so only epochs after a peak are compared here.",
        loss=wording.loss(verdict.best_valid_loss),
        epoch=verdict.best_epoch + 1,
    )


def _error_since(verdict: Verdict, photos: int) -> str:
    then, now = percent(verdict.error_then), percent(verdict.error_last)
    counts = tr("It counts wrong answers; the loss also counts how sure they were.")
    if math.isnan(verdict.error_last - verdict.error_then):
        levels = tr("The error rate was {then} then and is {now} now.", then=then, now=now)
        return f"{levels} {counts}"
    if then == now:
        still = tr("The error rate did not move: {now} then and now.", now=now)
        return f"{still} {counts}"
    moved = round(abs(verdict.error_last - verdict.error_then) * photos)
    if photos:
        now = tr("{error} ({part} of {photos})", error=now, part=wording.photos(moved), photos=count(photos))
    if photos and two_shares(verdict.error_then, photos, verdict.error_last, photos) >= SURE:
        went = tr("The error rate went from {then} to {now}, no further than luck explains.", then=then, now=now)
        return f"{went} {counts}"
    if verdict.error_last < verdict.error_then:
        return tr(
            "The error rate fell all the same, from {then} to {now}: fewer answers are wrong, but the wrong ones are given with "
            "more certainty, and the loss counts that.",
            then=then,
            now=now,
        )
    return tr("The error rate rose as well, from {then} to {now}.", then=then, now=now)


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
    start = tr(
        "Frozen, the error rate was {error} and the loss {loss}.",
        error=_mean(frozen.error_rate, ended["before"]),
        loss=wording.loss(frozen.valid_loss),
    )
    levels = tr(
        "error rate {error}, loss {loss}",
        error=_mean(unfrozen.error_rate, ended["unfrozen"]),
        loss=wording.loss(unfrozen.valid_loss),
    )
    first = _naive_sentence(naive, statistics, turned_unfrozen, levels)
    error = _mean(sliced.error_rate, ended["sliced"])
    same = percent(sliced.error_rate) == percent(beside_slice.error_rate)
    loss = _slice_loss(careful.loss_change, beside_slice.valid_loss, wording.loss(sliced.valid_loss))
    second = f"{_slice_error(naive, careful, same, error)}; {loss}{_proof(careful, beside_slice)}."
    words = [start, first, second, _advice(frozen, unfrozen, sliced, naive, careful)]
    compared = [found for found in (turned_unfrozen, turned_sliced) if isinstance(found, RepeatComparison)]
    if any(found.one_each for found in compared):
        words.append(tr(ONE_EACH))
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


def _mean(error_rate: float, trainings: int) -> str:
    if trainings > 1:
        return tr("{error} on average of {trainings} trainings", error=percent(error_rate), trainings=trainings)
    return percent(error_rate)


def _slice_error(naive: Comparison, careful: Comparison, same: bool, error: str) -> str:
    """What the slice did to the error rate, as a clause. `same`: it reads as before."""
    if careful.verdict == BETTER:
        return tr(
            "The slice, whose rates are small and smallest for the early layers, lowered the error rate to {error}",
            error=error,
        )
    if careful.verdict == WORSE and naive.verdict == WORSE:
        return tr(
            "The slice, whose rates are small and smallest for the early layers, was worse than frozen too, at {error}",
            error=error,
        )
    if careful.verdict == WORSE:
        return tr(
            "The slice, whose rates are small and smallest for the early layers, was worse, at {error}", error=error
        )
    if same:
        return tr(
            "The slice, whose rates are small and smallest for the early layers, left the error rate where it was, at {error}",
            error=error,
        )
    return tr(
        "The slice, whose rates are small and smallest for the early layers, left the error rate at {error}: a difference to "
        "the frozen model that luck explains",
        error=error,
    )


def _slice_loss(change: float, before: float, loss: str) -> str:
    """The slice's loss beside the frozen stage's, as a clause."""
    if not math.isfinite(change):
        return tr("its loss, {loss}, is not to be compared with the frozen stage's", loss=loss)
    if about_the_same(change, before):
        return tr("its loss, {loss}, is about the same as the frozen stage's", loss=loss)
    if change < 0:
        return tr("its loss, {loss}, is lower than the frozen stage's", loss=loss)
    return tr("its loss, {loss}, is higher than the frozen stage's", loss=loss)


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
    "trained": translatable(
        "Unfreezing at one rate for all layers did harm: steps of one size are large for the early layers, and overwrite what "
        "ImageNet taught them ({levels})."
    ),
    "fixed": translatable(
        "Unfreezing at one rate for all layers did harm: steps of one size are large for the early layers, and batch norm's "
        "statistics, fixed, no longer fit what these layers give out ({levels})."
    ),
}
_HELPED = translatable(
    "Unfreezing at one rate for all layers helped, unlike in the lesson: here the early layers stood the large steps ({levels})."
)
_NAIVE = {
    (SAME, WORSE): translatable(
        "Unfreezing at one rate for all layers did harm that the loss shows, and the error rate not yet beyond luck ({levels})."
    ),
    (SAME, SAME): translatable(
        "Unfreezing at one rate for all layers made no difference that these photos can show ({levels})."
    ),
    (SAME, BETTER): translatable(
        "Unfreezing at one rate for all layers lowered the loss, unlike in the lesson, with an error rate no further off than "
        "luck explains ({levels})."
    ),
    (BETTER, SAME): _HELPED,
    (BETTER, BETTER): _HELPED,
    (BETTER, WORSE): translatable(
        "Unfreezing at one rate for all layers made fewer mistakes and a higher loss: the mistakes left are surer ones ({levels})."
    ),
    (WORSE, BETTER): translatable(
        "Unfreezing at one rate for all layers made more mistakes and a lower loss: it is less sure of them ({levels})."
    ),
}
"""By the verdicts of error rate and loss; _HARM where the error rate is worse and the loss no better."""


def _naive_sentence(naive: Comparison, statistics: str, turned: Turned, levels: str) -> str:
    side = apart(turned) if isinstance(turned, RepeatComparison) and naive.loss_verdict == SAME else ""
    if side and isinstance(turned, RepeatComparison) and turned.after.n > 1:
        values = {"low": percent(turned.after.low), "high": percent(turned.after.high), "levels": levels}
        if side == BETTER:
            return tr(
                "Unfreezing at one rate for all layers was better than frozen each time, but its trainings end so far apart, "
                "{low} to {high}, that so few cannot rule luck out: train it again to tell ({levels}).",
                **values,
            )
        return tr(
            "Unfreezing at one rate for all layers was worse than frozen each time, but its trainings end so far apart, "
            "{low} to {high}, that so few cannot rule luck out: train it again to tell ({levels}).",
            **values,
        )
    return tr(_NAIVE.get((naive.verdict, naive.loss_verdict)) or _HARM[statistics], levels=levels)


def _advice(frozen: Outcome, unfrozen: Outcome, sliced: Outcome, naive: Comparison, careful: Comparison) -> str:
    if naive.together == careful.together == BETTER:
        if unfrozen.error_rate <= sliced.error_rate and unfrozen.valid_loss <= sliced.valid_loss:
            return tr("Both are better than frozen, and one rate for all came out lowest: here it is the one to keep.")
        if sliced.error_rate <= unfrozen.error_rate and sliced.valid_loss <= unfrozen.valid_loss:
            return tr("Both are better than frozen, and the slice came out lowest: it is the one to keep.")
        return tr("Both are better than frozen; of the two, one has the lower error rate and the other the lower loss.")
    if naive.together == BETTER:
        return tr("So on these photos one rate for all is the one to keep.")
    if careful.together == BETTER:
        return tr("So the slice is the one to keep.")
    if MIXED in (naive.together, careful.together):
        return tr(
            "Error rate and loss contradict each other here: keep what you need, fewer mistakes or truer probabilities."
        )
    if careful.together == WORSE:
        return tr("Here the frozen stage is the one to keep.")
    return tr("On these photos, unfreezing brought no gain that is larger than luck.")


def batch_norm_words(fixed: Outcome, trained: Outcome, turned: Turned = None) -> str:
    """What training batch norm's statistics did, against keeping those that came with the weights."""
    fixed, trained = _levels(fixed, trained, turned)
    found = _found(fixed, trained, turned)
    side = apart(turned) if isinstance(turned, RepeatComparison) else ""
    ended = (turned.before.n, turned.after.n) if isinstance(turned, RepeatComparison) else (1, 1)
    levels = tr(
        "Batch norm: error rate {fixed} with the statistics fixed, {trained} with them trained; loss {fixed_loss} and "
        "{trained_loss}.",
        fixed=_mean(fixed.error_rate, ended[0]),
        trained=_mean(trained.error_rate, ended[1]),
        fixed_loss=wording.loss(fixed.valid_loss),
        trained_loss=wording.loss(trained.valid_loss),
    )
    return " ".join(
        filter(None, (levels, _batch_norm_meaning(found, side), _caveat(tr("fixed"), tr("trained"), turned)))
    )


def _batch_norm_meaning(found: Comparison, side: str) -> str:
    if found.together == WORSE:
        return tr(
            "Training them did harm here. The layers behind them had learned with the fixed ones, and the fewer the batches, "
            "the less the new averages settle."
        )
    if found.together == BETTER:
        return tr("Training them helped here: the weights moved, and the averages moved with them.")
    if found.together == MIXED:
        return tr("Error rate and loss contradict each other here, so neither choice is the better one.")
    if side == BETTER:
        return tr(
            "Each training was better with them trained, but so few, so far apart, cannot rule luck out: train both again to tell."
        )
    if side == WORSE:
        return tr(
            "Each training was worse with them trained, but so few, so far apart, cannot rule luck out: train both again to tell."
        )
    return tr("That is no difference that these photos can show.")


def _caveat(before: str, after: str, turned: Turned) -> str:
    """What cannot be said where a recipe was trained once; "" where both were trained several times, or that is not known."""
    if not isinstance(turned, RepeatComparison):
        return ""
    if turned.one_each:
        return tr(ONE_EACH)
    return once_words([name for name, ended in ((before, turned.before), (after, turned.after)) if ended.n == 1])


def _error_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    values = {
        "before": before.name, "after": after.name,
        "from_rate": percent(before.error_rate), "to_rate": percent(after.error_rate),
    }  # fmt: skip
    if math.isnan(found.points):
        return tr(
            "The error rates of “{before}” and “{after}” are not both known ({from_rate} to {to_rate}).", **values
        )
    if found.points == 0:
        return tr("“{after}” has the same error rate as “{before}”, {to_rate}.", **values)
    fell = found.points < 0
    values["size"] = tr(
        "{points} percentage points, {part} of {photos}",
        points=wording.number(abs(found.points)),
        part=wording.photos(round(abs(found.points) / 100 * after.photos)),
        photos=after.photos,
    )
    if found.verdict == SAME and fell:
        return tr(
            "From “{before}” to “{after}” the error rate fell from {from_rate} to {to_rate} ({size}): too little to tell from "
            "luck.",
            **values,
        )
    if found.verdict == SAME:
        return tr(
            "From “{before}” to “{after}” the error rate rose from {from_rate} to {to_rate} ({size}): too little to tell from "
            "luck.",
            **values,
        )
    if found.together == MIXED and fell:
        return tr(
            "“{after}” makes fewer mistakes than “{before}”: the error rate fell from {from_rate} to {to_rate} ({size}).",
            **values,
        )
    if found.together == MIXED:
        return tr(
            "“{after}” makes more mistakes than “{before}”: the error rate rose from {from_rate} to {to_rate} ({size}).",
            **values,
        )
    if fell:
        return tr(
            "“{after}” is better than “{before}”: the error rate fell from {from_rate} to {to_rate} ({size}).", **values
        )
    return tr(
        "“{after}” is worse than “{before}”: the error rate rose from {from_rate} to {to_rate} ({size}).", **values
    )


def _loss_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    if not math.isfinite(after.valid_loss):
        return tr("Its loss is not a number: the training blew up.")
    losses = {"before": wording.loss(before.valid_loss), "now": wording.loss(after.valid_loss)}
    if not math.isfinite(before.valid_loss):
        return tr("Its valid loss is {now}; before, it was not a number.", now=losses["now"])
    if about_the_same(found.loss_change, before.valid_loss):
        said = tr("Its valid loss is about the same as before ({before}, now {now})", **losses)
    elif found.loss_change < 0:
        said = tr("Its valid loss is lower than before ({before}, now {now})", **losses)
    else:
        said = tr("Its valid loss is higher than before ({before}, now {now})", **losses)
    return f"{said}{_proof(found, before)}."


def _proof(found: Comparison, before: Outcome) -> str:
    """Half a sentence on what the photos' own losses say of a change of the mean; "" where there is nothing to say."""
    if math.isnan(found.loss_luck) or about_the_same(found.loss_change, before.valid_loss):
        return ""
    fell = found.loss_change < 0
    same_way, photos = (found.fell, found.rose)[not fell], found.fell + found.rose
    values = {"photos": photos, "same_way": same_way, "other_way": photos - same_way}
    if found.loss_verdict == SAME:
        if sign_test(found.fell, found.rose) >= SURE or 2 * same_way >= photos:
            return tr(", no further than luck explains")
        if fell:
            return tr(", but it rose on {other_way} of {photos} photos: a few account for the change", **values)
        return tr(", but it fell on {other_way} of {photos} photos: a few account for the change", **values)
    if not photos:
        return tr(", more than luck explains")
    if 2 * same_way <= photos:
        return tr(", more than luck explains, by much on {same_way} of {photos} photos", **values)
    if fell:
        return tr(": it fell on {same_way} of {photos} photos, more than luck explains", **values)
    return tr(": it rose on {same_way} of {photos} photos, more than luck explains", **values)


def _time_sentence(before: Outcome, after: Outcome, found: Comparison) -> str:
    if not math.isfinite(found.times_as_long):
        return ""
    times = {"before": wording.seconds(before.seconds_an_epoch), "now": wording.seconds(after.seconds_an_epoch)}
    if 0.8 <= found.times_as_long <= 1.25:
        return tr("An epoch takes about as long ({before} before, {now} now).", **times)
    if found.times_as_long > 1:
        factor = wording.number(found.times_as_long)
        return tr("An epoch takes {factor} times as long ({before} before, {now} now).", **times, factor=factor)
    factor = wording.number(1 / found.times_as_long)
    return tr("An epoch takes {factor} times less long ({before} before, {now} now).", **times, factor=factor)


def rung_words(facts: Mapping[str, Any]) -> str:
    """How a run used the GPU where it let go of something, and why; "" where it let go of nothing.

    Args:
        facts: of its status: "rung" as `training.rungs.Rung.words`, "let_go" the errors that led to it.
    """
    if not facts.get("rung"):
        return ""
    errors = list(dict.fromkeys(facts.get("let_go") or ()))
    how = again(facts["rung"])
    if errors:
        failed = "; ".join(map(again, errors))
        said = tr("It trained {how}, since faster ways failed on this GPU: {errors}.", how=how, errors=failed)
    else:
        said = tr("It trained {how}, as LESSONKIT_PLAIN asks.", how=how)
    return f" {said}"


def compiled_words(facts: Mapping[str, Any]) -> str:
    """What came of `torch.compile` in a run, as a sentence with a space before it; "" where it was not tried.

    Args:
        facts: as `training.compiling.CompileWhereItPays` leaves them.
    """
    if not facts:
        return ""
    if "problem" in facts:
        said = tr(
            "torch.compile could not take this network here ({problem}); it was trained as it is.",
            problem=facts["problem"],
        )
        return f" {said}"
    values = {"seconds": f"{facts['wait']:.0f}"}
    if "kept" not in facts:
        said = tr("torch.compile took {seconds} s, and the run ended before its gain was measured.", **values)
        return f" {said}"
    values["gain"] = wording.pointed(f"{facts['gain']:.2f}")
    if facts["kept"]:
        said = tr("torch.compile took {seconds} s and made a step {gain} times as fast, so it was kept.", **values)
    else:
        said = tr(
            "torch.compile took {seconds} s and made a step {gain} times as fast, so it was taken back.", **values
        )
    return f" {said}"
