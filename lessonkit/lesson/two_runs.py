"""Two runs compared, in a few sentences: error rate, the photos that changed sides, loss, time."""

from __future__ import annotations

import math

from lessonkit import wording
from lessonkit.analysis.comparison import MIXED, SAME, SURE, Comparison, Outcome, Pairs, about_the_same, compare
from lessonkit.analysis.significance import sign_test
from lessonkit.language import tr, trn
from lessonkit.wording import percent


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
    return f"{said}{loss_proof(found, before)}."


def loss_proof(found: Comparison, before: Outcome) -> str:
    """Half a sentence on what the photos' own losses say of a change of the mean; "" where there is nothing to say."""
    if math.isnan(found.loss_luck) or about_the_same(found.loss_change, before.valid_loss):
        return ""
    fell = found.loss_change < 0
    same_way, photos = (found.fell, found.rose)[not fell], found.fell + found.rose
    values = {"photos": photos, "same_way": same_way, "other_way": photos - same_way}
    if found.loss_verdict == SAME:
        if sign_test(found.fell, found.rose) >= SURE or 2 * same_way >= photos:
            return tr(", a difference that luck can explain")
        if fell:
            return tr(", but it rose on {other_way} of {photos} photos: a few account for the change", **values)
        return tr(", but it fell on {other_way} of {photos} photos: a few account for the change", **values)
    if not photos:
        return tr(", more than luck can explain")
    if 2 * same_way <= photos:
        return tr(", more than luck can explain, by much on {same_way} of {photos} photos", **values)
    if fell:
        return tr(": it fell on {same_way} of {photos} photos, more than luck can explain", **values)
    return tr(": it rose on {same_way} of {photos} photos, more than luck can explain", **values)


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
