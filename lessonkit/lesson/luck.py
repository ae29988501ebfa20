"""What several trainings of one recipe say, in words: how far apart they lie, and what two recipes' trainings can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lessonkit import wording
from lessonkit.analysis.comparison import BETTER, MIXED, SAME, WORSE, about_the_same
from lessonkit.analysis.repeats import RARE, UNKNOWN, Difference, RepeatComparison, Summary
from lessonkit.wording import percent

ONE_EACH = (
    "One training of each says nothing about the luck of training: the same recipe, trained again, ends somewhere else. "
    "Train each of them again to tell."
)
NOT_YET = (
    "More trainings of these recipes still run. When all are done, it is said here which recipe is better, if one is."
)
NONE = 1e-9  # a difference of two means below this is one of rounding alone
LEAST = 0.001  # a chance below this is said to be below it


def repeats_words(before: str, after: str, found: RepeatComparison) -> str:
    """Two recipes' trainings compared in a few sentences: how often the second was better, and whether that is luck.

    Args:
        before, after: what to call the recipes.
    """
    if not found.photos or not (found.before.n and found.after.n):
        return f"“{before}” and “{after}” have not been tried on the same photos yet, so there is nothing to compare."
    levels = f"“{before}”: {_level(found.before)}. “{after}”: {_level(found.after)}."
    said = [levels, *_error_sentences(before, after, found), _loss_sentence(found)]
    return " ".join(sentence for sentence in said if sentence)


def _level(ended: Summary) -> str:
    if ended.n == 1:
        return f"error rate {percent(ended.mean)} in one training"
    span = "" if ended.low == ended.high else f", {percent(ended.low)[:-2]} to {percent(ended.high)}"
    return f"error rate {percent(ended.mean)} on average of {ended.n} trainings{span}"


def count_words(found: RepeatComparison) -> str:
    """In how many trainings the second recipe was better: "better in 5 of 5 trainings"; worse, where that is more."""
    even = found.pairs - found.wins - found.losses
    worse = found.losses > found.wins
    same = f" and the same in {even}" if even else ""
    if even == found.pairs:
        return f"the same in {even} of {_pairs(found)}"
    count, way = (found.losses, "worse") if worse else (found.wins, "better")
    return f"{way} in {count} of {_pairs(found)}{same}"


def _pairs(found: RepeatComparison) -> str:
    """How many trainings were set beside one of the same seed."""
    if found.pairs < max(found.before.n, found.after.n):
        return f"{found.pairs} pair{'' if found.pairs == 1 else 's'} of trainings with the same seed"
    return f"{found.pairs} trainings"


def once_words(names: Sequence[str]) -> str:
    """What cannot be said of recipes that were trained once, beside one trained several times; "" where there is none.

    Args:
        names: of those that were trained once.
    """
    if not names:
        return ""
    if len(names) == 1:
        return (
            f"“{names[0]}” was trained once, so its own luck of training cannot be said: it is taken to be that of the other. "
            "Train it again to tell."
        )
    listed = " and ".join((", ".join(f"“{name}”" for name in names[:-1]), f"“{names[-1]}”"))
    return (
        f"{listed} were trained once each, so their own luck of training cannot be said: it is taken to be that of the "
        "recipe that was trained several times. "
        "Train them again to tell."
    )


def _error_sentences(before: str, after: str, found: RepeatComparison) -> list[str]:
    said = _verdict_sentences(before, after, found)
    if found.one_each:
        return said
    ended = ((before, found.before), (after, found.after))
    return [*said, once_words([name for name, summary in ended if summary.n == 1])]


def _verdict_sentences(before: str, after: str, found: RepeatComparison) -> list[str]:
    if abs(found.error.mean) < NONE:
        return ["That is no difference.", ONE_EACH if found.one_each else ""]
    if found.one_each:
        enough = found.verdict == UNKNOWN
        few = f"The difference is no larger than the luck of which {wording.photos(found.photos)} were held out explains. "
        return [ONE_EACH if enough else few + ONE_EACH]
    count = count_words(found) if found.pairs > 1 else ""
    if found.verdict == UNKNOWN:
        return ["On so few photos that says nothing."]
    if found.verdict == SAME:
        return [f"That could be luck{f': “{after}” was {count}' if count else ''}.", _which_luck(after, found)]
    mixed = found.together == MIXED
    does = (
        f"makes {'fewer' if found.verdict == BETTER else 'more'} mistakes than" if mixed else f"is {found.verdict} than"
    )
    return [f"“{after}” {does} “{before}”{f', {count}' if count else ''}: luck would bring {_chance(found.error)}."]


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
    if side := apart(found):
        return (
            f"Each training of “{after}” was {side} than each of the other, but the trainings end too far apart for so few to "
            "rule luck out. Train it again to tell."
        )
    if found.error.trainings_luck >= RARE:
        return ""
    way = "better" if found.error.mean < 0 else "worse"
    return (
        f"On these {wording.photos(found.photos)} “{after}” is {way} by more than the luck of training explains; on other "
        "photos it could be otherwise. More trainings would not tell, more photos held out would."
    )


def _chance(difference: Difference) -> str:
    size = "so large a difference"
    if difference.luck < LEAST:
        return f"{size} in fewer than {percent(LEAST)} of cases"
    return f"{size} in {percent(difference.luck)} of cases"


def _loss_sentence(found: RepeatComparison) -> str:
    old, new = found.before.loss_mean, found.after.loss_mean
    if not (math.isfinite(old) and math.isfinite(new)):
        return ""
    levels = f"{wording.loss(old)} to {wording.loss(new)}"
    if about_the_same(found.loss.mean, old):
        return f"The valid loss stays about the same ({levels})."
    moved = f"The valid loss {'falls' if found.loss.mean < 0 else 'rises'} from {levels}"
    return (
        moved
        + {
            SAME: ", no further than luck explains.",
            BETTER: f": luck would bring {_chance(found.loss)}.",
            WORSE: f": luck would bring {_chance(found.loss)}.",
            UNKNOWN: ".",
        }[found.loss_verdict]
    )
