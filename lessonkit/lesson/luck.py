"""What several trainings of one recipe say, in words: how far apart they lie, and what two recipes' trainings can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lessonkit import wording
from lessonkit.analysis.comparison import BETTER, MIXED, SAME, WORSE, about_the_same
from lessonkit.analysis.repeats import RARE, UNKNOWN, Difference, RepeatComparison, Summary
from lessonkit.language import tr, translatable, trn
from lessonkit.wording import PERCENT, percent

ONE_EACH = translatable(
    "One training of each says nothing about the luck of training: the same recipe, trained again, ends somewhere else. "
    "Train each of them again to tell."
)
NOT_YET = translatable(
    "More trainings of these recipes still run. When all are done, it is said here which recipe is better, if one is."
)
NONE = 1e-9  # a difference of two means below this is one of rounding alone
LEAST = 0.001  # a chance below this is said to be below it


def repeats_words(before: str, after: str, found: RepeatComparison, ends: bool = True) -> str:
    """Two recipes' trainings compared in a few sentences: how often the second was better, and whether that is luck.

    Args:
        before, after: what to call the recipes.
        ends: whether the best and the worst training of each are said beside the mean.
    """
    if not found.photos or not (found.before.n and found.after.n):
        return tr(
            "“{before}” and “{after}” have not been tried on the same photos yet, so there is nothing to compare.",
            before=before,
            after=after,
        )
    levels = [_level(before, found.before, ends), _level(after, found.after, ends), left_out_words(found.left_out)]
    said = [*levels, *_error_sentences(before, after, found), _loss_sentence(found)]
    return " ".join(sentence for sentence in said if sentence)


def left_out_words(trainings: int) -> str:
    """That trainings do not count in a comparison of means, since not all recipes were trained with their seeds; "" for none."""
    if not trainings:
        return ""
    return trn(
        "Only trainings with the same seeds count here: {n} training is left out.",
        "Only trainings with the same seeds count here: {n} trainings are left out.",
        trainings,
    )


def _level(name: str, ended: Summary, ends: bool) -> str:
    values = {"name": name, "error": percent(ended.mean)}
    if ended.n == 1:
        return tr("“{name}”: error rate {error} in one training.", **values)
    if ended.low == ended.high or not ends:
        return tr("“{name}”: error rate {error} on average of {trainings} trainings.", **values, trainings=ended.n)
    return tr(
        "“{name}”: error rate {error} on average of {trainings} trainings, {low} to {high}.",
        **values,
        trainings=ended.n,
        low=percent(ended.low).removesuffix(PERCENT),
        high=percent(ended.high),
    )


def count_words(found: RepeatComparison) -> str:
    """In how many trainings the second recipe was better: "better in 5 of 5 trainings"; worse, where that is more."""
    even = found.pairs - found.wins - found.losses
    of = _pairs(found)
    if even == found.pairs:
        return tr("the same in {count} of {trainings}", count=even, trainings=of)
    if found.losses > found.wins:
        if even:
            return tr(
                "worse in {count} of {trainings} and the same in {same}", count=found.losses, trainings=of, same=even
            )
        return tr("worse in {count} of {trainings}", count=found.losses, trainings=of)
    if even:
        return tr("better in {count} of {trainings} and the same in {same}", count=found.wins, trainings=of, same=even)
    return tr("better in {count} of {trainings}", count=found.wins, trainings=of)


def _pairs(found: RepeatComparison) -> str:
    """How many trainings were set beside one of the same seed: what stands after "of"."""
    if found.left_out or found.pairs < max(found.before.n, found.after.n):
        return trn("{n} pair of trainings with the same seed", "{n} pairs of trainings with the same seed", found.pairs)
    return tr("{trainings} trainings", trainings=found.pairs)


def once_words(names: Sequence[str]) -> str:
    """What cannot be said of recipes that were trained once, beside one trained several times; "" where there is none.

    Args:
        names: of those that were trained once.
    """
    if not names:
        return ""
    if len(names) == 1:
        return tr(
            "“{name}” was trained once, so its own luck of training cannot be said: it is taken to be that of the other. "
            "Train it again to tell.",
            name=names[0],
        )
    return tr(
        "{names} were trained once each, so their own luck of training cannot be said: it is taken to be that of the "
        "recipe that was trained several times. "
        "Train them again to tell.",
        names=wording.listed([tr("“{name}”", name=name) for name in names]),
    )


def _error_sentences(before: str, after: str, found: RepeatComparison) -> list[str]:
    said = _verdict_sentences(before, after, found)
    if found.one_each:
        return said
    ended = ((before, found.before), (after, found.after))
    return [*said, once_words([name for name, summary in ended if summary.n == 1])]


def _verdict_sentences(before: str, after: str, found: RepeatComparison) -> list[str]:
    if abs(found.error.mean) < NONE:
        return [tr("That is no difference."), tr(ONE_EACH) if found.one_each else ""]
    if found.one_each:
        few = tr(
            "The difference is no larger than the luck of which {photos} were held out explains.",
            photos=wording.photos(found.photos),
        )
        return ["" if found.verdict == UNKNOWN else few, tr(ONE_EACH)]
    count = count_words(found) if found.pairs > 1 else ""
    if found.verdict == UNKNOWN:
        return [tr("On so few photos that says nothing.")]
    if found.verdict == SAME:
        luck = tr("That could be luck.")
        if count:
            luck = tr("That could be luck: “{after}” was {better_in}.", after=after, better_in=count)
        return [luck, _which_luck(after, found)]
    names = {"before": before, "after": after}
    if found.together != MIXED:
        if found.verdict == BETTER:
            does = tr("“{after}” is better than “{before}”", **names)
        else:
            does = tr("“{after}” is worse than “{before}”", **names)
    elif found.verdict == BETTER:
        does = tr("“{after}” makes fewer mistakes than “{before}”", **names)
    else:
        does = tr("“{after}” makes more mistakes than “{before}”", **names)
    return [f"{does}{f', {count}' if count else ''}: {_chance(found.error)}."]


def apart(found: RepeatComparison) -> str:
    """BETTER or WORSE where the photos show a difference and each training of the second recipe was so beside each of the
    first, but they lie too far apart for so few of them to rule luck out; "" elsewhere."""
    known = found.verdict == SAME and found.before.n and found.after.n
    if not known or not (found.error.photos_luck < RARE <= found.error.trainings_luck):
        return ""
    if found.after.low > found.before.high:
        return WORSE
    return BETTER if found.after.high < found.before.low else ""


def _which_luck(after: str, found: RepeatComparison) -> str:
    """Which kind of luck a difference could be, and what would tell."""
    side = apart(found)
    if side == BETTER:
        return tr(
            "Each training of “{after}” was better than each of the other, but the trainings end too far apart for so few to "
            "rule luck out. Train it again to tell.",
            after=after,
        )
    if side == WORSE:
        return tr(
            "Each training of “{after}” was worse than each of the other, but the trainings end too far apart for so few to "
            "rule luck out. Train it again to tell.",
            after=after,
        )
    if found.error.trainings_luck >= RARE:
        return ""
    values = {"photos": wording.photos(found.photos), "after": after}
    if found.error.mean < 0:
        return tr(
            "On these {photos} “{after}” is better by more than the luck of training explains; on other photos it could be "
            "otherwise. More trainings would not tell, more photos held out would.",
            **values,
        )
    return tr(
        "On these {photos} “{after}” is worse by more than the luck of training explains; on other photos it could be "
        "otherwise. More trainings would not tell, more photos held out would.",
        **values,
    )


def _chance(difference: Difference) -> str:
    if difference.luck < LEAST:
        return tr("luck would bring so large a difference in fewer than {share} of cases", share=percent(LEAST))
    return tr("luck would bring so large a difference in {share} of cases", share=percent(difference.luck))


def _loss_sentence(found: RepeatComparison) -> str:
    old, new = found.before.loss_mean, found.after.loss_mean
    if not (math.isfinite(old) and math.isfinite(new)):
        return ""
    levels = {"before": wording.loss(old), "after": wording.loss(new)}
    if about_the_same(found.loss.mean, old):
        return tr("The valid loss stays about the same ({before} to {after}).", **levels)
    fell = found.loss.mean < 0
    if found.loss_verdict == SAME:
        if fell:
            return tr("The valid loss falls from {before} to {after}, a difference that luck can explain.", **levels)
        return tr("The valid loss rises from {before} to {after}, a difference that luck can explain.", **levels)
    if fell:
        moved = tr("The valid loss falls from {before} to {after}", **levels)
    else:
        moved = tr("The valid loss rises from {before} to {after}", **levels)
    return f"{moved}." if found.loss_verdict == UNKNOWN else f"{moved}: {_chance(found.loss)}."
