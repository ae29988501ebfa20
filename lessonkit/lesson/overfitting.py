"""Whether a run overfits, in words, as its own history tells it.

The lesson expects that forty epochs overfit; a learner's run may tell another story, and then the words tell that one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from lessonkit import wording
from lessonkit.analysis.comparison import SAME, SURE
from lessonkit.analysis.predictions import Verdict
from lessonkit.analysis.repeats import RepeatComparison
from lessonkit.analysis.significance import two_shares
from lessonkit.language import tr
from lessonkit.wording import count, percent


def overfitting_words(verdict: Verdict | None, photos: int = 0, luck: bool = False) -> str:
    """What a history shows about overfitting, in the run's own wording.

    Args:
        photos: how many it was validated on; 0 where that is not known.
        luck: whether luck may explain the rise of its loss, as `rise_words`.
    """
    if verdict is None:
        return tr("No epoch has ended with a valid loss yet, so there is nothing to judge.")
    then, last = verdict.best_epoch + 1, verdict.last_epoch + 1
    if not math.isfinite(verdict.last_valid_loss):
        return tr(
            "The loss stopped being a number: this is no overfitting, the training blew up. Its best was {loss} after epoch "
            "{epoch}. A lower learning rate helps.",
            loss=wording.loss(verdict.best_valid_loss),
            epoch=verdict.best_epoch + 1,
        )
    losses = {
        "then_loss": wording.loss(verdict.best_valid_loss), "then": then,
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
        return tr(
            "No overfitting yet: the last epoch, number {epoch}, has the lowest valid loss, {loss}. Train on for more epochs to "
            "see whether it turns.",
            epoch=last,
            loss=wording.loss(verdict.best_valid_loss),
        )
    losses["higher"] = wording.higher(verdict.last_valid_loss, verdict.best_valid_loss)
    return " ".join(_since_then(verdict, losses, photos, luck))


def _since_then(verdict: Verdict, losses: Mapping[str, object], photos: int, luck: bool) -> list[str]:
    """What the epochs since the lowest valid loss show: overfitting, none, or a rise too small to tell.

    Args:
        losses: that valid loss, the last one and the rise between them, as the sentences name them.
    """
    train = {"train_then": wording.loss(verdict.train_then), "train_now": wording.loss(verdict.train_last)}
    if verdict.shows_overfitting and luck:
        looks = tr(
            "It looks like overfitting, but that may be luck. The valid loss was {then_loss} after epoch {then} and is "
            "{last_loss} after epoch {last}, {higher}, while the train loss fell from {train_then} to {train_now}.",
            **losses,
            **train,
        )
        return [looks]
    if verdict.shows_overfitting:
        overfits = tr(
            "This run overfits. The valid loss was {then_loss} after epoch {then} and is {last_loss} after epoch {last}, "
            "{higher}, while the train loss fell from {train_then} to {train_now}.",
            **losses,
            **train,
        )
        return [overfits, _error_since(verdict, photos)]
    if verdict.train_fell <= 0:
        return [
            tr(
                "This is not overfitting. The valid loss was {then_loss} after epoch {then} and is {last_loss} after epoch "
                "{last}, but the train loss did not fall either ({train_then} then, {train_now} now): the network did not learn "
                "its photos by heart, it stopped learning.",
                **losses,
                **train,
            )
        ]
    hardly = tr(
        "Hardly any overfitting. The valid loss was {then_loss} after epoch {then} and is {last_loss} after epoch "
        "{last}: {higher}. So small a rise may be chance.",
        **losses,
    )
    return [hardly, _error_since(verdict, photos)]


def judged_words(verdict: Verdict | None, photos: int, found: RepeatComparison | None = None) -> str:
    """What a history shows about overfitting, and how certain that is: what stands wherever a run is judged.

    Args:
        photos: how many it was validated on; 0 where that is not known.
        found: all trainings of what the run went on from (before), and of its own recipe (after); None where the run went on
            from none, or where they are not all done.
    """
    doubt = rise_words(verdict, found)
    return f"{overfitting_words(verdict, photos, bool(doubt))} {doubt}".strip()


def rise_words(verdict: Verdict | None, found: RepeatComparison | None) -> str:
    """What is uncertain about the rise of an overfitting run's loss, where luck may explain it; "" where it does not.

    Args:
        found: as `judged_words`. Without it nothing tells what luck explains, so the rise is uncertain.
    """
    if verdict is None or not verdict.shows_overfitting:
        return ""
    doubt = tr(
        "This is one training and one set of photos held out. A few answers that are sure and wrong can raise the mean loss this "
        "much, and on other photos it could be otherwise."
    )
    if found is None:
        return doubt
    if found.loss_verdict != SAME or not found.loss.mean > 0:
        return ""
    counted = tr("The comparison below counts that luck.")
    return f"{doubt} {counted}"


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
        went = tr("The error rate went from {then} to {now}, a difference that luck can explain.", then=then, now=now)
        return f"{went} {counts}"
    if verdict.error_last < verdict.error_then:
        return tr(
            "The error rate fell all the same, from {then} to {now}: fewer answers are wrong, but the wrong ones are given with "
            "more certainty, and the loss counts that.",
            then=then,
            now=now,
        )
    return tr("The error rate rose as well, from {then} to {now}.", then=then, now=now)
