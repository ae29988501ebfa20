"""What unfreezing did to a model, in words, and what training batch norm's statistics did.

The lesson expects that the naive way does harm; a learner's runs may tell another story, and then the words tell that one.
"""

from __future__ import annotations

import math
from dataclasses import replace

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
from lessonkit.analysis.repeats import UNKNOWN, RepeatComparison
from lessonkit.language import tr, translatable
from lessonkit.lesson.luck import ONE_EACH, apart, left_out_words, once_words
from lessonkit.lesson.two_runs import loss_proof
from lessonkit.wording import percent

Turned = RepeatComparison | Pairs | tuple[int, int] | None
"""What is known of two runs besides how they ended: all trainings of both recipes, or the answers to the same photos."""


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
    second = f"{_slice_error(naive, careful, same, error)}; {loss}{loss_proof(careful, beside_slice)}."
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
    left_out = turned.left_out if isinstance(turned, RepeatComparison) else 0
    levels = tr(
        "Batch norm: error rate {fixed} with the statistics fixed, {trained} with them trained; loss {fixed_loss} and "
        "{trained_loss}.",
        fixed=_mean(fixed.error_rate, ended[0]),
        trained=_mean(trained.error_rate, ended[1]),
        fixed_loss=wording.loss(fixed.valid_loss),
        trained_loss=wording.loss(trained.valid_loss),
    )
    return " ".join(
        filter(
            None,
            (
                levels,
                left_out_words(left_out),
                _batch_norm_meaning(found, side),
                _caveat(tr("fixed"), tr("trained"), turned),
            ),
        )
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
