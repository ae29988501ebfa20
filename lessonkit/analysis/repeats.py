"""Trainings of one recipe that differ in their seed alone: how far apart they lie, and whether two recipes differ.

Two kinds of luck stand behind an error rate: which photos were held out, and what chance decided in the training. A test
that knows the first alone calls noise an effect. With k trainings of each recipe on the same n held-out photos, the
variance of the difference of the recipes' means is that of a table of photos x trainings, both drawn at random:

    photos (the mean differences of each photo, their variance / n)
    + trainings (for each recipe the variance of its trainings' means / k)
    - what both count (for each recipe the mean square that is left in the table / (n k))

Student's t, with degrees of freedom by Welch and Satterthwaite, says how often luck alone would bring as large a
difference. The first two are asked alone too, and the most cautious answer of the three is taken: so a difference that is
called real is none that either luck explains.

Why not the way of Bouthillier and others (*Accounting for Variance in Machine Learning Benchmarks*, 2021): they count in how many
pairs of trainings one recipe wins, P(A > B), and call it an effect where the interval of P lies above 0.5 and P above 0.75.
That asks for 29 trainings of each, and for another split in each. Of five on one split only 5 of 5 would do, which two
equal recipes bring in 2 of 32 cases, and the luck of the photos held out is left out. So the count is shown, since it
says most to a reader, with its interval, and the verdict rests on the variance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from lessonkit.analysis.comparison import BETTER, MIXED, SAME, WORSE, Outcome, about_the_same
from lessonkit.analysis.predictions import error_rate
from lessonkit.analysis.significance import student, student_within, wilson

T = TypeVar("T")

UNKNOWN = "not known"  # a verdict that one training of each recipe cannot give
# A difference is looked for twice, in the error rate and in the loss, and either may be called real. So that equal recipes
# are called different in fewer than one case of twenty, each is called real only where luck alone brings it less often
# than this. `python -m bench.luck` measures how often it happens.
RARE = 0.04


@dataclass(frozen=True)
class Summary:
    """How the trainings of one recipe ended.

    Attributes:
        mean, low, high: of the error rates, 0 to 1; NaN for no training, or where one of them is not known.
        loss_mean, loss_low, loss_high: of the valid losses, nats; NaN where one of them is no finite number.
        median: place of the training in the middle by error rate, of an even number the lower one; of equal error rates
            the lower valid loss comes first, then the earlier place; what is not a number comes last. None for no training.
        n: trainings.
    """

    mean: float
    low: float
    high: float
    loss_mean: float
    loss_low: float
    loss_high: float
    median: int | None
    n: int


def summary(error_rates: Sequence[float], valid_losses: Sequence[float]) -> Summary:
    """The mean, the ends and the middle of some trainings of one recipe.

    Args:
        error_rates: 0 to 1, one a training, in the order of their seeds.
        valid_losses: as many, nats.

    Raises:
        ValueError: there are not as many of the one as of the other.
    """
    n = len(error_rates)
    if len(valid_losses) != n:
        raise ValueError(f"{n} error rates and {len(valid_losses)} losses")
    ranks = [(_last(e), _last(v), k) for k, (e, v) in enumerate(zip(error_rates, valid_losses, strict=True))]
    middle = sorted(ranks)[(n - 1) // 2][2] if n else None
    return Summary(*_ends(error_rates), *_ends(valid_losses), median=middle, n=n)


def _last(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def _ends(values: Sequence[float]) -> tuple[float, float, float]:
    if not len(values) or not all(map(math.isfinite, values)):
        return math.nan, math.nan, math.nan
    low, high = float(min(values)), float(max(values))
    return min(max(math.fsum(v / len(values) for v in values), low), high), low, high


@dataclass(frozen=True)
class Difference:
    """The difference of two recipes' means, of the error rate or of the loss: the second's less the first's.

    Attributes:
        mean: below 0 for the better.
        low, high: its interval for both kinds of luck: it holds the true one in 24 of 25 cases (1 - RARE). NaN where not known.
        luck: how often both kinds of luck together would bring one this large, or larger, 0 to 1. With one training of
            each recipe it is the luck of the photos alone, which is the least that it can be. NaN where not known.
        photos_luck: how often the luck of the photos held out alone would.
        trainings_luck: how often the luck of the trainings alone would, on these same photos; NaN for one of each.
    """

    mean: float
    low: float
    high: float
    luck: float
    photos_luck: float
    trainings_luck: float


@dataclass(frozen=True)
class RepeatComparison:
    """How the trainings of one recipe (`after`) did beside those of another (`before`), on the photos that all of them have.

    Attributes:
        verdict: BETTER, WORSE or SAME (no more than both kinds of luck explain), by error rate; UNKNOWN where one training
            of each differs by more than the luck of the photos explains, or there is no photo.
        loss_verdict: the same by the valid loss.
        error: difference of the error rates, -1 to 1. loss: difference of the valid losses, nats.
        wins, losses, pairs: trainings of `after` that had a lower error rate, and a higher, than that of the same seed
            of `before`, and of how many; the rest are even.
        outperforms: chance that a training of `after` has a lower error rate than one of `before`, (wins + half of the
            even) / pairs; outperforms_low, outperforms_high: its interval (Wilson). NaN for no pair.
        before, after: summaries, on these photos.
        photos: how many.
        seeds: of the trainings of `before` that count, and of those of `after`.
        left_out: trainings of either recipe that do not count, since the other was not trained with their seed (`paired`).
    """

    verdict: str
    loss_verdict: str
    error: Difference
    loss: Difference
    wins: int
    losses: int
    pairs: int
    outperforms: float
    outperforms_low: float
    outperforms_high: float
    before: Summary
    after: Summary
    photos: int
    seeds: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    left_out: int = 0

    @property
    def together(self) -> str:
        """What error rate and loss say taken together: BETTER, WORSE, SAME, UNKNOWN, or MIXED where they contradict."""
        said = {self.verdict, self.loss_verdict} - {SAME}
        known = said - {UNKNOWN}
        return MIXED if len(known) > 1 else known.pop() if known else UNKNOWN if said else SAME

    @property
    def one_each(self) -> bool:
        """Whether there is one training of each recipe, which says nothing of the luck of training."""
        return self.before.n == self.after.n == 1


def paired(*recipes: Mapping[int, T]) -> list[dict[int, T]]:
    """The trainings of each recipe that count when the recipes' means are compared: those with the seeds that all have.

    So that no mean has a training, lucky or not, that the others have nothing to set beside. A recipe that was trained once
    has no mean: its training counts, and leaves those of the others as they are. So do all where fewer than two seeds are
    in all the recipes that were trained several times.

    Args:
        recipes: seed -> a training with it.
    """
    several = [set(recipe) for recipe in recipes if len(recipe) > 1]
    common = set.intersection(*several) if several else set()
    if len(common) < 2:
        return [dict(recipe) for recipe in recipes]
    return [{seed: one for seed, one in recipe.items() if seed in common or len(recipe) == 1} for recipe in recipes]


@dataclass(frozen=True)
class Levels:
    """Where recipes lie beside one another.

    Attributes:
        outcomes: one a recipe: the error rate and the loss are means, where several trainings count.
        counted: how many trainings of each recipe count.
        left_out: trainings, of all recipes, that do not count (`paired`).
    """

    outcomes: tuple[Outcome, ...]
    counted: tuple[int, ...]
    left_out: int


def levels(kept: Sequence[Outcome], trained: Sequence[Mapping[int, tuple[float, float]]]) -> Levels:
    """The outcomes of some recipes beside one another, by all their trainings that count (`paired`).

    Args:
        kept: how one training of each recipe ended; where no mean is known, this stays.
        trained: of each recipe seed -> the error rate and the valid loss of the training with it.
    """
    counting = paired(*trained)
    outcomes = []
    for one, ended in zip(kept, counting, strict=True):
        means = summary([error for error, _ in ended.values()], [loss for _, loss in ended.values()])
        if means.n > 1 and not math.isnan(means.mean):
            one = replace(one, error_rate=means.mean, valid_loss=means.loss_mean)
        outcomes.append(one)
    counted = tuple(map(len, counting))
    return Levels(tuple(outcomes), counted, sum(map(len, trained)) - sum(counted))


def mean_error(trained: Mapping[int, pd.DataFrame], seeds: Sequence[int]) -> float:
    """The mean of the error rates of the trainings with these seeds, 0 to 1; NaN for none.

    Args:
        trained: seed -> the predictions of the training with it.
    """
    return summary([error_rate(trained[seed]) for seed in seeds], [0.0] * len(seeds)).mean


def compare(before: Mapping[int, pd.DataFrame], after: Mapping[int, pd.DataFrame]) -> RepeatComparison:
    """Whether the recipe of `after` does better than that of `before`, beyond the luck of photos and of training.

    Of the trainings those count that `paired` says. One training of one recipe beside several of the other is judged as if
    both recipes spread alike.

    Args:
        before, after: seed -> the predictions (`predictions.read`) of the training with it. Photos that not all of them
            have are left out.
    """
    trained = len(before) + len(after)
    before, after = paired(before, after)
    old, new = _tables(before.values()), _tables(after.values())
    photos = _common([*old, *new])
    old_wrong, old_loss = _values(old, photos)
    new_wrong, new_loss = _values(new, photos)
    olds, news = _summary(old_wrong, old_loss), _summary(new_wrong, new_loss)
    error, loss = _difference(old_wrong, new_wrong), _difference(old_loss, new_loss)
    counts = dict(zip(before, old_wrong.sum(1), strict=True))
    turned = [
        n - counts[seed] for seed, n in zip(after, new_wrong.sum(1), strict=True) if seed in counts and len(photos)
    ]
    pairs = len(turned)
    wins, lost = sum(t < 0 for t in turned), sum(t > 0 for t in turned)
    ahead = (wins + (pairs - wins - lost) / 2) / pairs if pairs else math.nan
    alone = olds.n == news.n == 1
    seen = math.isfinite(loss.mean) and not about_the_same(loss.mean, olds.loss_mean)
    return RepeatComparison(
        _verdict(error, alone), _verdict(loss, alone) if seen else SAME, error, loss, wins, lost, pairs,
        ahead, *wilson(ahead, pairs), olds, news, len(photos),
        (tuple(before), tuple(after)), trained - len(before) - len(after),
    )  # fmt: skip


def _verdict(found: Difference, alone: bool) -> str:
    if math.isnan(found.luck):
        return UNKNOWN
    if found.luck >= RARE:
        return SAME
    return UNKNOWN if alone else BETTER if found.mean < 0 else WORSE


_Table = tuple[np.ndarray, np.ndarray, np.ndarray]  # photos, wrong, losses


def _tables(frames: Iterable[pd.DataFrame]) -> list[_Table]:
    return [
        (
            frame["photo"].to_numpy(dtype=object),
            1.0 - frame["correct"].to_numpy(dtype=float),
            frame["loss"].to_numpy(dtype=float),
        )
        for frame in frames
    ]


def _common(tables: Sequence[_Table]) -> np.ndarray:
    if not tables:
        return np.array([], dtype=object)
    first = tables[0][0]
    if all(np.array_equal(first, photos) for photos, _, _ in tables[1:]):
        return first
    common = set(first).intersection(*(photos for photos, _, _ in tables[1:]))
    return np.array([photo for photo in first if photo in common], dtype=object)


def _values(tables: Sequence[_Table], photos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(trainings, photos) whether wrong, 0 or 1, and losses."""
    wrong, losses = np.empty((2, len(tables), len(photos)))
    for row, (names, was_wrong, loss) in enumerate(tables):
        where: slice | np.ndarray = slice(None)
        if names is not photos and not np.array_equal(names, photos):
            place = {name: at for at, name in enumerate(names)}
            where = np.array([place[name] for name in photos], dtype=int)
        wrong[row], losses[row] = was_wrong[where], loss[where]
    return wrong, losses


def _summary(wrong: np.ndarray, losses: np.ndarray) -> Summary:
    if not wrong.shape[1]:
        return summary([math.nan] * len(wrong), [math.nan] * len(wrong))
    return summary(wrong.mean(1).tolist(), _scaled_mean(losses, 1).tolist())


def _scaled_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """The mean, of numbers of any size that a float can be: their sum may be too large for one."""
    return (values / values.shape[axis]).sum(axis) if values.shape[axis] else values.sum(axis)


def _difference(before: np.ndarray, after: np.ndarray) -> Difference:
    """Of two (trainings, photos) tables of the same photos."""
    n = before.shape[1]
    if not (n and len(before) and len(after) and np.isfinite(before).all() and np.isfinite(after).all()):
        return Difference(*[math.nan] * 6)
    largest = max(float(np.abs(before).max()), float(np.abs(after).max())) or 1.0
    before, after = before / largest, after / largest  # so that no square of it is too large for a number
    changes = after.mean(0) - before.mean(0)
    mean = float(changes.mean())
    if n < 2:
        return Difference(mean * largest, *[math.nan] * 5)
    photos = float(changes.var(ddof=1)) / n
    by_photos, by_trainings = [(photos, float(n - 1))], []
    looks = [by_photos]
    spreads = [_trainings(table) for table in (before, after)]
    known = [spread for spread in spreads if spread is not None]
    if known:
        counted_twice = []
        for table, spread in zip((before, after), spreads, strict=True):
            of_means, left, free = spread or known[0]
            by_trainings.append((of_means / len(table), free))
            counted_twice.append((-left / (n * len(table)), free * (n - 1)))
        looks += [by_trainings, [*by_photos, *by_trainings, *counted_twice]]
    sums = [_sum(terms) for terms in looks]
    lucks = [student(mean, variance, free) for variance, free in sums]
    half = max(student_within(free, RARE) * math.sqrt(max(variance, 0.0)) for variance, free in sums)
    low, high = (mean - half) * largest, (mean + half) * largest
    return Difference(mean * largest, low, high, max(lucks), lucks[0], lucks[1] if known else math.nan)


def _trainings(table: np.ndarray) -> tuple[float, float, float] | None:
    """Of a (trainings, photos) table: the variance of the trainings' means, the mean square that is left when photos and
    trainings are taken off, and the first's degrees of freedom; None for one training."""
    k, n = table.shape
    if k < 2:
        return None
    means = table.mean(1)
    left = table - means[:, None] - table.mean(0) + table.mean()
    return float(means.var(ddof=1)), float((left**2).sum()) / ((k - 1) * (n - 1)), float(k - 1)


def _sum(terms: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The sum of variances, and its degrees of freedom (Satterthwaite 1946), at least those of its poorest term.

    Args:
        terms: (variance, its degrees of freedom); below 0 what is taken off.
    """
    whole, least = sum(part for part, _ in terms), min(free for _, free in terms)
    below = sum(part * part / free for part, free in terms)
    return whole, max(least, whole * whole / below) if below > 0 else least
