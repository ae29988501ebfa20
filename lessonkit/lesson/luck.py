"""What several trainings of one recipe say, in words: how far apart they lie, and what two recipes' trainings can tell."""

from __future__ import annotations

import math

from lessonkit import wording
from lessonkit.analysis.comparison import BETTER, MIXED, SAME, WORSE, about_the_same
from lessonkit.analysis.repeats import RARE, UNKNOWN, Difference, RepeatComparison, Summary
from lessonkit.wording import percent

ONE_EACH = (
    "One training of each says nothing about the luck of training: the same recipe, trained again, ends somewhere else. "
    "Train each of them again to tell."
)
LEAST = 0.001  # a chance below this is said to be below it


def spread_words(ended: Summary) -> str:
    """How far apart the trainings of one recipe lie."""
    if not ended.n:
        return "This recipe has not been trained yet."
    if ended.n == 1:
        return (
            f"One training, with an error rate of {percent(ended.mean)}. The same recipe, trained again, ends somewhere "
            "else; how far off, one training cannot say: train it again to see."
        )
    if ended.low == ended.high:
        return f"{ended.n} trainings of the same recipe, all with an error rate of {percent(ended.mean)}."
    return (
        f"{ended.n} trainings of the same recipe, on the same photos, with other random numbers: an error rate of "
        f"{percent(ended.mean)} on average, from {percent(ended.low)[:-2]} to {percent(ended.high)}. "
        "The model that is kept is the one in the middle."
    )


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
        return f"the same in {even} of {found.pairs} trainings"
    count, way = (found.losses, "worse") if worse else (found.wins, "better")
    return f"{way} in {count} of {found.pairs} trainings{same}"


def _error_sentences(before: str, after: str, found: RepeatComparison) -> list[str]:
    if found.error.mean == 0:
        return ["That is no difference."]
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
    said = [f"“{after}” {does} “{before}”{f', {count}' if count else ''}: luck would bring {_chance(found.error)}."]
    if 1 in (found.before.n, found.after.n):
        once = before if found.before.n == 1 else after
        said.append(f"“{once}” was trained once: its luck of training is taken to be that of the other.")
    return said


def _which_luck(after: str, found: RepeatComparison) -> str:
    """Of a difference that could be luck: of which kind, and what would tell."""
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
