"""How likely chance alone is: against SciPy's own tests, which the product does without (they take 0.6 s to import)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from lessonkit.analysis.significance import paired_change, sign_test, student, student_within, two_shares, wilson


@pytest.mark.parametrize("wrong", [0, 1, 7, 147, 368, 735])
def test_wilsons_interval_is_scipys(wrong: int) -> None:
    expected = stats.binomtest(wrong, 735).proportion_ci(0.95, method="wilson")
    assert wilson(wrong / 735, 735) == pytest.approx((expected.low, expected.high), abs=2e-5)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (1, 0), (3, 3), (2, 9), (40, 60), (480, 520)])
def test_the_sign_test_is_the_exact_one(one: int, other: int) -> None:
    expected = stats.binomtest(one, one + other).pvalue if one + other else 1.0
    assert sign_test(one, other) == pytest.approx(expected)


@pytest.mark.parametrize(("one", "other"), [(550, 451), (700, 800), (1000, 1000)])
def test_the_sign_test_of_many_is_as_good_by_the_normal_curve(one: int, other: int) -> None:
    assert sign_test(one, other) == pytest.approx(stats.binomtest(one, one + other).pvalue, rel=0.02)


@pytest.mark.parametrize(("wrong", "n", "others", "m"), [(20, 100, 30, 100), (3, 40, 90, 700), (5, 10, 5, 10)])
def test_two_shares_are_compared_as_by_a_chi_squared_test(wrong: int, n: int, others: int, m: int) -> None:
    table = [[wrong, n - wrong], [others, m - others]]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert two_shares(wrong / n, n, others / m, m) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 10), (10, 0)])
def test_shares_of_no_photos_are_not_compared(n: int, m: int) -> None:
    assert math.isnan(two_shares(0.5, n, 0.4, m))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_two_shares_that_are_all_or_nothing_do_not_differ(share: float) -> None:
    assert two_shares(share, 10, share, 20) == 1.0


def test_a_change_is_judged_by_its_mean_where_most_photos_agree_less_than_it() -> None:
    changes = np.array([-0.5, 0.1, -0.6, 0.1, -0.7, 0.1, -0.4, -0.01])
    z = changes.mean() / (changes.std(ddof=1) / math.sqrt(len(changes)))
    assert paired_change(changes) == pytest.approx(2 * 2 * stats.norm.sf(abs(z)))


@pytest.mark.parametrize("changes", [[], [0.3]])
def test_fewer_than_two_changes_tell_nothing(changes: list[float]) -> None:
    assert math.isnan(paired_change(np.array(changes)))


def test_two_changes_are_enough_for_a_chance() -> None:
    assert paired_change(np.array([0.1, 0.1])) == 0.0, "a change of which no photo differs"
    assert paired_change(np.array([0.1, -0.1])) == 1.0
    assert paired_change(np.array([0.1, -0.09])) == 1.0, "nothing is more than certain"


@pytest.mark.parametrize("free", [1, 1.5, 4, 8.3, 146, 5000, 1e6])
def test_students_t_is_scipys(free: float) -> None:
    assert student_within(free) == pytest.approx(stats.t.ppf(0.975, free), abs=2e-4)
    assert student_within(free, 0.01) == pytest.approx(stats.t.ppf(0.995, free), rel=1e-3)
    for mean, variance in ((0.01, 4.0), (1.0, 1.0), (-2.2, 0.9), (7.0, 1.0), (1e3, 1e-6)):
        expected = 2 * stats.t.sf(abs(mean) / math.sqrt(variance), free)
        assert student(mean, variance, free) == pytest.approx(expected, abs=1e-5)


def test_a_mean_that_never_varies_is_no_luck_unless_it_is_0() -> None:
    assert student(0.1, 0.0, 4) == 0.0
    assert student(0.0, 0.0, 4) == 1.0


def test_a_small_gain_on_most_photos_is_seen_beside_a_few_of_any_size():
    changes = np.r_[np.full(98, -0.08), np.full(47, 0.05), 2.0, 1.5]
    assert changes.mean() < 0
    assert abs(changes.mean()) / (changes.std(ddof=1) / math.sqrt(147)) < 2.3  # the mean alone would leave it open
    assert paired_change(changes) == pytest.approx(2 * sign_test(98, 49))


def test_luck_alone_is_seldom_called_real():
    rng = np.random.default_rng(1)
    called = sum(paired_change(rng.standard_t(3, 147) * 0.3) < 0.05 for _ in range(1000))
    assert called < 65  # of a thousand draws without any effect: 50 are due, 65 are two deviations more


@pytest.mark.parametrize(
    ("wrong", "photos", "low", "high"),
    # after Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval(wrong: int, photos: int, low: float, high: float):
    assert wilson(wrong / photos, photos) == pytest.approx((low, high), abs=6e-5)
    assert wilson(1 - wrong / photos, photos) == pytest.approx((1 - high, 1 - low), abs=6e-5)
