"""Whether a difference between two runs is one."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from lessonkit.analysis.comparison import (
    BETTER,
    MIXED,
    SAME,
    WORSE,
    Comparison,
    Outcome,
    Pairs,
    about_the_same,
    compare,
    outcome_on,
    paired,
)
from lessonkit.analysis.significance import paired_change
from tests.outcomes import FROZEN, NAIVE, NAN, SLICE, losses


@pytest.mark.parametrize(
    ("before", "after", "verdict"), [(FROZEN, NAIVE, WORSE), (NAIVE, SLICE, BETTER), (FROZEN, SLICE, SAME)]
)
def test_better_worse_or_the_same(before, after, verdict):
    assert compare(before, after).verdict == verdict


def test_the_fewer_the_photos_the_more_is_luck():
    few, many = (compare(Outcome("a", 0.2, 1, 1, n), Outcome("b", 0.3, 1, 1, n)) for n in (50, 500))
    assert (few.verdict, many.verdict) == (SAME, WORSE)
    # two shares of 10 and 15 of 50: z = 1.1547, by hand
    assert few.luck == pytest.approx(math.erfc(1.1547 / math.sqrt(2)), abs=1e-4)


@pytest.mark.parametrize(
    ("turned", "luck"),
    [((0, 0), 1.0), ((1, 0), 1.0), ((5, 0), 0.0625), ((6, 0), 0.03125), ((2, 8), 0.109375), ((3, 3), 1)],
)
def test_photos_that_changed_sides_are_a_tossed_coin(turned, luck):
    assert compare(FROZEN, SLICE, turned).luck == pytest.approx(luck)


def test_the_same_photos_show_a_smaller_difference():
    one, other = Outcome("a", 0.20, 1, 1, 100), Outcome("b", 0.12, 1, 1, 100)
    assert compare(one, other).verdict == SAME
    assert compare(one, other, (8, 0)).verdict == BETTER


def test_a_loss_that_doubles_is_worse_though_the_error_rate_stays_within_luck():
    before, after = Outcome("a", 0.083, 0.300, 1, 144), Outcome("b", 0.118, 0.620, 1, 144)
    found = compare(before, after, Pairs(3, 8, losses(0.32, 1.2, 144)))
    assert (found.verdict, found.loss_verdict, found.together) == (SAME, WORSE, WORSE)


def test_a_change_of_half_a_per_cent_is_none_however_sure():
    before, after = Outcome("a", 0.1, 0.300, 1, 144), Outcome("b", 0.1, 0.2985, 1, 144)
    assert compare(before, after, Pairs(0, 0, np.full(144, -0.0015))).loss_verdict == SAME


def test_the_loss_of_too_few_photos_says_nothing():
    assert math.isnan(paired_change(np.array([0.3])))
    assert compare(FROZEN, NAIVE).loss_verdict == SAME


def test_pairs_are_of_the_photos_that_both_runs_answered():
    def answers(photos: str, correct: list[bool], loss: list[float]) -> pd.DataFrame:
        return pd.DataFrame(
            {"photo": list(photos), "actual": "pug", "predicted": "pug", "loss": loss, "correct": correct}
        )

    pairs = paired(
        answers("abc", [True, False, True], [0.1, 2, 0.3]), answers("cbd", [False, True, True], [1.3, 0.5, 0])
    )
    assert (pairs.right, pairs.wrong) == (1, 1)
    assert sorted(pairs.losses) == pytest.approx([-1.5, 1.0])


def test_changes_in_points_loss_and_time():
    found = compare(FROZEN, NAIVE)
    assert found.points == pytest.approx(32.8)
    assert found.loss_change == pytest.approx(1.101)
    assert found.times_as_long == pytest.approx(22.4 / 0.13)
    assert math.isnan(compare(dataclasses.replace(FROZEN, seconds_an_epoch=NAN), NAIVE).times_as_long)
    assert math.isnan(compare(dataclasses.replace(FROZEN, seconds_an_epoch=0.0), NAIVE).times_as_long)
    assert math.isnan(compare(FROZEN, dataclasses.replace(NAIVE, seconds_an_epoch=0.0)).times_as_long)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(0.5, NAN, WORSE), (NAN, 0.5, BETTER), (NAN, NAN, SAME), (math.inf, 0.5, BETTER), (0.5, math.inf, WORSE)],
)
def test_a_loss_that_is_no_number_is_worse_than_any(before: float, after: float, verdict: str):
    ended = Outcome("a", 0.2, before, 1, 100), Outcome("b", 0.2, after, 1, 100)
    assert compare(*ended, Pairs(0, 0, np.full(100, NAN))).loss_verdict == verdict


def test_photos_whose_losses_are_not_known_tell_nothing_of_the_loss():
    ended = Outcome("a", 0.2, 0.5, 1, 100), Outcome("b", 0.2, 0.9, 1, 100)
    for turned in (None, (3, 2), Pairs(3, 2), Pairs(3, 2, (0.4, NAN, 0.4))):
        found = compare(*ended, turned)
        assert (found.loss_verdict, found.fell, found.rose, math.isnan(found.loss_luck)) == (SAME, 0, 0, True)
    known = compare(*ended, Pairs(3, 2, np.r_[np.full(90, 0.5), np.full(7, -0.1), np.zeros(3)]))
    assert (known.loss_verdict, known.fell, known.rose) == (WORSE, 7, 90)


@pytest.mark.parametrize(
    ("error", "loss", "together"),
    [
        (BETTER, BETTER, BETTER),
        (BETTER, SAME, BETTER),
        (SAME, WORSE, WORSE),
        (SAME, SAME, SAME),
        (WORSE, BETTER, MIXED),
        (BETTER, WORSE, MIXED),
    ],
)
def test_error_rate_and_loss_taken_together(error: str, loss: str, together: str):
    assert Comparison(error, 0.0, 0.0, 1.0, 0.0, loss).together == together


@pytest.mark.parametrize(
    ("change", "loss", "same"),
    [(0.0049, 0.5, True), (-0.0049, 0.5, True), (0.0051, 0.5, False), (0.0009, 0.0, True), (0.0011, 0.01, False)],
)
def test_a_hundredth_of_the_loss_is_no_change_nor_is_what_three_digits_do_not_show(change, loss, same):
    assert about_the_same(change, loss) == same


def test_an_outcome_is_of_the_photos_asked_about_and_its_time_the_mean_of_its_epochs():
    answers = pd.DataFrame({"photo": list("abcd"), "correct": [True, False, True, True], "loss": [0.1, 1.5, 0.2, 0.2]})
    found = outcome_on("frozen", answers, [{"seconds": 4.0}, {"seconds": 1.0}])
    assert found == Outcome("frozen", 0.25, 0.5, 2.5, 4)
    assert math.isnan(outcome_on("frozen", answers, []).seconds_an_epoch)
