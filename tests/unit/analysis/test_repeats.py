"""Several trainings of one recipe: their middle, and whether two recipes differ by more than both kinds of luck explain."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lessonkit.analysis import repeats
from lessonkit.analysis.comparison import BETTER, MIXED, SAME, WORSE, Outcome
from lessonkit.analysis.repeats import UNKNOWN, RepeatComparison, summary
from lessonkit.lesson import luck

NAN, INF = math.nan, math.inf
PHOTOS = 147


def answers(wrong: np.ndarray, losses: np.ndarray | None = None, first: int = 0) -> pd.DataFrame:
    """Predictions of one training, on photos numbered from `first`."""
    return pd.DataFrame(
        {
            "photo": [f"{first + k}.jpg" for k in range(len(wrong))],
            "correct": ~wrong.astype(bool),
            "loss": np.where(wrong, 2.0, 0.2) if losses is None else losses,
        }
    )


def compare(before: list[pd.DataFrame], after: list[pd.DataFrame]) -> RepeatComparison:
    """Trainings with the seeds 0, 1, …"""
    return repeats.compare(dict(enumerate(before)), dict(enumerate(after)))


def trainings(n: int, seed: int, worse: float = 0.0, photos: int = PHOTOS) -> list[pd.DataFrame]:
    """Of one recipe on the same photos, each more or less difficult."""
    difficulty = np.random.default_rng(0).beta(0.3, 1.2, photos)
    drawn = np.random.default_rng(seed)
    return [answers(drawn.random(photos) < np.clip(difficulty + worse, 0, 1)) for _ in range(n)]


# one recipe


@pytest.mark.parametrize(
    ("errors", "losses", "middle"),
    [
        ([0.2], [1.0], 0),
        ([0.3, 0.1, 0.2], [1.0, 1.0, 1.0], 2),
        ([0.4, 0.1, 0.3, 0.2], [1.0] * 4, 3),  # of four the second best
        ([0.2, 0.2, 0.2], [0.8, 0.6, 0.7], 2),  # of equal error rates the middle loss
        ([0.2, 0.2, 0.2], [0.7, 0.7, 0.7], 1),  # of equal ones the earlier comes first
        ([0.2, 0.3, NAN], [0.7, 0.8, NAN], 1),  # what is not a number comes last
        ([0.2, 0.2, 0.2], [NAN, 0.5, INF], 0),
    ],
)
def test_the_kept_training_is_the_one_in_the_middle(errors, losses, middle):
    assert summary(errors, losses).median == middle


def test_a_summary_says_the_mean_and_the_ends():
    found = summary([0.3, 0.1, 0.2], [0.9, 0.4, 0.8])
    assert (found.mean, found.low, found.high) == (pytest.approx(0.2), 0.1, 0.3)
    assert (found.loss_mean, found.loss_low, found.loss_high) == (pytest.approx(0.7), 0.4, 0.9)
    assert found.n == 3


def test_a_mean_with_a_loss_that_is_no_number_is_none():
    found = summary([0.3, 0.1], [0.9, NAN])
    assert found.mean == pytest.approx(0.2)
    assert math.isnan(found.loss_mean)
    assert math.isnan(found.loss_high)


def test_no_training_has_no_middle():
    found = summary([], [])
    assert (found.n, found.median) == (0, None)
    assert math.isnan(found.mean)


def test_a_summary_takes_as_many_losses_as_error_rates():
    with pytest.raises(ValueError, match="2 error rates and 1 losses"):
        summary([0.1, 0.2], [1.0])


# two recipes


def test_a_clear_effect_is_better_one_way_and_worse_the_other():
    one, other = trainings(5, 1, worse=0.1), trainings(5, 2)
    there, back = compare(one, other), compare(other, one)
    assert (there.verdict, there.loss_verdict, there.together) == (BETTER, BETTER, BETTER)
    assert (back.verdict, back.loss_verdict, back.together) == (WORSE, WORSE, WORSE)
    assert back.error.mean == pytest.approx(-there.error.mean)
    assert (there.wins, there.losses, there.pairs) == (5, 0, 5)
    assert there.outperforms == 1
    assert there.outperforms_low == pytest.approx(stats.binomtest(5, 5).proportion_ci(0.95, "wilson").low, abs=1e-4)


def test_two_equal_recipes_are_seldom_called_different():
    verdicts = [compare(trainings(5, 2 * k), trainings(5, 2 * k + 1)) for k in range(300)]
    assert sum(v.together != SAME for v in verdicts) <= 0.05 * len(verdicts)


def test_a_real_effect_is_seen_more_often_the_more_trainings_there_are():
    seen = [
        sum(compare(trainings(n, 2 * k, worse=0.06), trainings(n, 2 * k + 1)).verdict == BETTER for k in range(60))
        for n in (2, 10)
    ]
    assert seen[0] < seen[1]


def test_the_variance_is_that_of_photos_and_of_trainings_drawn_at_random():
    """The estimate, over many tables whose true variance is known, is right on average, or a little cautious."""
    drawn = np.random.default_rng(3)
    photo, training, rest, k, n = 0.5, 0.2, 1.0, 5, 60
    means, halves = [], []
    for _ in range(400):
        tables = [
            photo * drawn.normal(size=n) + training * drawn.normal(size=(k, 1)) + rest * drawn.normal(size=(k, n))
            for _ in range(2)
        ]
        sides = [[answers(np.zeros(n), losses) for losses in table] for table in tables]
        found = compare(*sides).loss
        means.append(found.mean)
        halves.append(found.high - found.mean)
    true = 2 * (photo**2 / n + training**2 / k + rest**2 / (n * k))
    assert np.var(means) == pytest.approx(true, rel=0.25)
    assert 2.05 * math.sqrt(true) < np.mean(halves) < 1.4 * 2.05 * math.sqrt(true)
    missed = np.mean(np.abs(means) > halves)  # the true difference is 0
    assert missed < 0.05


def test_the_luck_of_training_alone_can_undo_a_difference():
    """All photos of a training move together: each photo agrees, the trainings do not."""
    drawn = np.random.default_rng(4)
    base = drawn.random(PHOTOS)
    before = [answers(np.zeros(PHOTOS), base + shift) for shift in (0.0, 0.4, -0.4, 0.3, -0.3)]
    after = [answers(np.zeros(PHOTOS), base + 0.2 + shift) for shift in (0.0, 0.4, -0.4, 0.3, -0.3)]
    found = compare(before, after)
    assert found.loss.photos_luck < 1e-6
    assert found.loss.trainings_luck > 0.05
    assert found.loss_verdict == SAME


def test_the_luck_of_the_photos_alone_can_undo_a_difference():
    """All trainings agree, and a few photos alone make the difference."""
    before, after = np.zeros(PHOTOS), np.zeros(PHOTOS)
    before[:6], after[6:8] = 1, 1
    found = compare([answers(before)] * 5, [answers(after)] * 5)
    assert (found.wins, found.pairs) == (5, 5)
    assert found.error.trainings_luck == 0
    assert found.error.photos_luck > 0.05
    assert found.verdict == SAME


def test_one_training_of_each_says_only_what_is_too_small():
    large, small = compare(trainings(1, 1, 0.3), trainings(1, 2)), compare(trainings(1, 1), trainings(1, 2))
    assert large.error.luck < 0.05
    assert math.isnan(large.error.trainings_luck)
    assert (large.verdict, large.together, large.one_each) == (UNKNOWN, UNKNOWN, True)
    assert (small.verdict, small.one_each) == (SAME, True)


def test_one_training_beside_five_takes_their_spread():
    one, five = trainings(1, 1, 0.3), trainings(5, 2)
    found = compare(one, five)
    assert found.verdict == BETTER
    assert not found.one_each
    assert found.pairs == 1
    means = [frame["correct"].mean() for frame in five]
    error = np.std(means, ddof=1) * math.sqrt(1 + 1 / 5)
    # Satterthwaite, of two terms of four degrees each
    free = (1 + 1 / 5) ** 2 / ((1 + 1 / 25) / 4)
    assert found.error.trainings_luck == pytest.approx(2 * stats.t.sf(abs(found.error.mean) / error, free), abs=1e-5)


def test_only_the_photos_that_all_have_count():
    before = [answers(np.ones(10)), answers(np.ones(10))]
    after = [answers(np.zeros(10), first=5), answers(np.zeros(12), first=4)]
    found = compare(before, after)
    assert found.photos == 5
    assert (found.before.mean, found.after.mean) == (1, 0)


def test_the_photos_may_stand_in_any_order():
    one, other = trainings(5, 1, worse=0.1), trainings(5, 2)
    turned = [frame.iloc[::-1].reset_index(drop=True) for frame in other]
    assert compare(one, turned) == compare(one, other)


@pytest.mark.parametrize("photos", [0, 1])
def test_without_photos_nothing_is_known(photos):
    found = compare([answers(np.ones(photos))] * 2, [answers(np.zeros(photos))] * 2)
    assert found.verdict == UNKNOWN
    assert math.isnan(found.error.luck)


def test_the_same_trainings_do_not_differ():
    one = trainings(5, 1)
    found = compare(one, one)
    assert (found.verdict, found.loss_verdict, found.wins, found.losses) == (SAME, SAME, 0, 0)
    assert found.outperforms == 0.5
    assert found.error.luck == 1


def test_a_loss_that_is_no_number_has_no_verdict():
    broken = trainings(2, 1)
    broken[0].loc[3, "loss"] = INF
    found = compare(broken, trainings(2, 2))
    assert math.isnan(found.loss.mean)
    assert found.loss_verdict == SAME


def test_fewer_mistakes_and_a_higher_loss_contradict_each_other():
    wrong = np.zeros(PHOTOS)
    wrong[:30] = 1
    before = [answers(wrong, np.full(PHOTOS, 0.5 + 0.001 * k)) for k in range(3)]
    after = [answers(np.zeros(PHOTOS), np.full(PHOTOS, 0.9 + 0.001 * k)) for k in range(3)]
    assert compare(before, after).together == MIXED


def test_trainings_are_set_beside_those_of_the_same_seed():
    """One that was stopped is missing: its place is not that of the next."""
    old, new = ([answers(np.arange(100) < wrong) for wrong in numbers] for numbers in ((10, 20, 30), (9, 19, 29)))
    found = repeats.compare({0: old[0], 1: old[1], 2: old[2]}, {1: new[1], 2: new[2], 7: new[0]})
    assert (found.wins, found.losses, found.pairs) == (2, 0, 2)
    assert (found.seeds, found.left_out) == (((1, 2), (1, 2)), 2)
    assert luck.count_words(found) == "better in 2 of 2 pairs of trainings with the same seed"
    apart = repeats.compare({0: old[0]}, {1: new[0]})
    assert (apart.pairs, apart.before.n, apart.after.n) == (0, 1, 1)
    assert math.isnan(apart.outperforms)


def test_a_training_that_the_other_recipe_has_none_beside_is_in_no_mean():
    """Six seeds against five: the sixth, a lucky one, would make the first recipe look better than it is."""
    old = {seed: answers(np.arange(100) < wrong) for seed, wrong in enumerate((20, 22, 21, 20, 22, 3))}
    new = {seed: answers(np.arange(100) < wrong) for seed, wrong in enumerate((19, 21, 20, 19, 21))}
    found = repeats.compare(old, new)
    assert (found.before.mean, found.after.mean) == (pytest.approx(0.21), pytest.approx(0.20))
    assert (found.before.n, found.after.n, found.left_out) == (5, 5, 1)
    assert found.error.mean == pytest.approx(-0.01)
    back = repeats.compare(new, old)
    assert (back.before.mean, back.after.mean, back.left_out) == (pytest.approx(0.20), pytest.approx(0.21), 1)


@pytest.mark.parametrize(
    ("recipes", "counted"),
    [
        (("abcdef", "abcde"), ("abcde", "abcde")),
        (("abcdef", "abcde", "acf"), ("ac", "ac", "ac")),
        (("abcdef", "a"), ("abcdef", "a")),  # one training has no mean
        (("abcdef", "abcde", "f"), ("abcde", "abcde", "f")),
        (("ab", "bc"), ("ab", "bc")),  # of one seed alone there would be no mean
        (("ab", "cd"), ("ab", "cd")),
        (("", "ab"), ("", "ab")),
        ((), ()),
    ],
)
def test_the_trainings_that_count_are_those_with_seeds_that_all_have(recipes, counted):
    found = repeats.paired(*({ord(seed): seed for seed in seeds} for seeds in recipes))
    assert tuple("".join(one.values()) for one in found) == counted


def test_recipes_stand_beside_one_another_by_the_same_seeds():
    kept = [
        Outcome("frozen", 0.2, 0.7, 1.0, 100),
        Outcome("unfrozen", 0.3, 0.9, 2.0, 100),
        Outcome("once", 0.1, 0.5, 3.0, 100),
    ]
    trained = [{0: (0.2, 0.7), 1: (0.4, 0.9), 2: (0.9, 9.0)}, {0: (0.3, 0.9), 1: (0.1, 0.7)}, {0: (0.1, 0.5)}]
    found = repeats.levels(kept, trained)
    assert [(one.name, round(one.error_rate, 9), round(one.valid_loss, 9)) for one in found.outcomes] == [
        ("frozen", 0.3, 0.8), ("unfrozen", 0.2, 0.8), ("once", 0.1, 0.5),
    ]  # fmt: skip
    assert (found.counted, found.left_out) == ((2, 2, 1), 1)


def test_what_trainings_and_photos_add_up_to_leaves_nothing():
    """Of a table in which each training adds its own to every photo, only the trainings' means vary."""
    trainings, photos = np.array([0.0, 0.1, 0.5]), np.array([0.2, 0.9, 0.4, 0.0])
    of_means, left, free = repeats._trainings(trainings[:, None] + photos)
    assert (of_means, free) == (pytest.approx(np.var(trainings, ddof=1)), 2)
    assert left == pytest.approx(0, abs=1e-12)
    table = np.random.default_rng(0).random((3, 4))
    rest = table - table.mean(1, keepdims=True) - table.mean(0, keepdims=True) + table.mean()
    assert repeats._trainings(table)[1] == pytest.approx((rest**2).sum() / 6)
