"""The words on two runs follow the numbers."""

import dataclasses

import numpy as np

from lessonkit.analysis.comparison import MIXED, SAME, Outcome, Pairs, compare
from lessonkit.lesson import two_runs, unfreezing
from tests.outcomes import FROZEN, NAIVE, NAN, SLICE, losses


def test_a_loss_two_per_cent_lower_on_noisy_photos_is_luck():
    before, after = Outcome("a", 0.1, 0.300, 1, 144), Outcome("b", 0.1, 0.294, 1, 144)
    found = compare(before, after, Pairs(2, 2, losses(-0.006, 0.5, 144)))
    assert found.loss_verdict == SAME
    assert "a difference that luck can explain" in two_runs.comparison_words(
        before, after, Pairs(2, 2, losses(-0.006, 0.5, 144))
    )


def test_a_few_photos_that_cost_much_do_not_pass_for_all():
    """Most losses fell, the mean rose: what training for too long does. Neither is called a better loss."""
    changes = np.r_[np.full(115, -0.2), np.full(32, 1.1)]
    before, after = Outcome("a", 0.2, 0.6, 1, 147), Outcome("b", 0.2, 0.6 + changes.mean(), 1, 147)
    found = compare(before, after, Pairs(5, 5, changes))
    assert found.loss_change > 0
    assert found.loss_verdict == SAME
    assert "but it fell on 115 of 147 photos: a few account for the change" in two_runs.comparison_words(
        before, after, Pairs(5, 5, changes)
    )


def test_error_rate_and_loss_may_contradict_each_other():
    before, after = Outcome("a", 0.2, 0.5, 1, 147), Outcome("b", 0.1, 0.9, 1, 147)
    found = compare(before, after, Pairs(18, 3, losses(0.4, 0.5)))
    assert found.together == MIXED
    assert "makes fewer mistakes" in two_runs.comparison_words(before, after, Pairs(18, 3, losses(0.4, 0.5)))


def test_two_runs_in_words():
    assert two_runs.comparison_words(FROZEN, NAIVE) == (
        "“unfrozen” is worse than “frozen”: the error rate rose from 20.0\xa0% to 52.8\xa0% (33 percentage points, 241 photos "
        "of 735). Its valid loss is higher than before (0.739, now 1.840). An epoch takes 172 times as long (0.13 s "
        "before, 22 s now)."
    )


def test_a_difference_within_luck_is_called_that():
    text = two_runs.comparison_words(FROZEN, SLICE, (12, 10))
    assert "too little to tell from luck" in text
    assert (
        "12 photos turned right and 10 photos turned wrong: chance alone would bring such a difference in 83\xa0% of cases"
        in text
    )
    assert "better" not in text


def test_a_loss_that_is_no_number_is_said_to_be():
    blown = dataclasses.replace(NAIVE, valid_loss=NAN)
    assert "blew up" in two_runs.comparison_words(FROZEN, blown)
    assert "before, it was not a number" in two_runs.comparison_words(blown, FROZEN)
    assert "loss not a number" in unfreezing.unfreezing_words(FROZEN, blown, SLICE)


def test_the_same_error_rate():
    text = two_runs.comparison_words(FROZEN, dataclasses.replace(FROZEN, name="again"))
    assert text.startswith("“again” has the same error rate as “frozen”, 20.0\xa0%.")
    assert "An epoch takes about as long" in text


def test_a_loss_of_0_twice_is_the_same_loss():
    easy = Outcome("easy", 0.0, 0.0, 0.1, 9)
    assert "Its valid loss is about the same as before (0.000, now 0.000)." in two_runs.comparison_words(easy, easy)
