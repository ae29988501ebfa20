"""The words on two runs follow the numbers."""

import dataclasses

import numpy as np
import pytest

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


@pytest.mark.parametrize(
    ("to", "turned", "loss", "said"),
    [
        (0.10, (18, 3), -0.4, "“b” is better than “a”: the error rate fell from 20.0 % to 10.0 % (10"),
        (0.30, (3, 18), 0.4, "“b” is worse than “a”: the error rate rose from 20.0 % to 30.0 % (10"),
        (0.30, (3, 18), -0.4, "“b” makes more mistakes than “a”: the error rate rose"),
        (0.10, (18, 3), 0.4, "“b” makes fewer mistakes than “a”: the error rate fell"),
        (0.21, (3, 4), 0.0, "the error rate rose from 20.0 % to 21.0 % (1.0 percentage points, 1 photo of 147)"),
        (0.19, (4, 3), 0.0, "the error rate fell from 20.0 % to 19.0 % (1.0 percentage points, 1 photo of 147)"),
        (NAN, (0, 0), 0.0, "The error rates of “a” and “b” are not both known"),
    ],
)
def test_which_way_the_error_rate_went_is_said_and_whether_it_is_luck(to, turned, loss, said):
    before, after = Outcome("a", 0.2, 0.5, 1, 147), Outcome("b", to, 0.5 + loss, 1, 147)
    text = two_runs.comparison_words(before, after, Pairs(*turned, losses(loss, 0.3))).replace("\xa0", " ")
    assert text.startswith(said) or said in text
    assert ("too little to tell from luck" in text) == (0.15 < to < 0.25)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (np.r_[np.full(120, -0.3), np.full(27, 0.1)], ": it fell on 120 of 147 photos, more than luck can explain."),
        (np.r_[np.full(120, 0.3), np.full(27, -0.1)], ": it rose on 120 of 147 photos, more than luck can explain."),
        (
            np.r_[np.full(115, 0.2), np.full(32, -1.1)],
            ", but it rose on 115 of 147 photos: a few account for the change.",
        ),
        (np.r_[np.full(60, 0.9), np.full(80, -0.01)], ", more than luck can explain, by much on 60 of 140 photos."),
        (np.full(147, 0.0001), "Its valid loss is about the same as before (0.600, now 0.600)."),
    ],
)
def test_on_how_many_photos_the_loss_moved_is_said(changes, said):
    photos = len(changes)
    before, after = Outcome("a", 0.2, 0.6, 1, photos), Outcome("b", 0.2, 0.6 + changes.mean(), 1, photos)
    assert said in two_runs.comparison_words(before, after, Pairs(5, 5, changes))


@pytest.mark.parametrize(
    ("took", "said"),
    [
        (8.0, "about as long"),
        (12.5, "about as long"),
        (7.9, "1.3 times less long (10 s before, 7.9 s now)"),
        (13.0, "1.3 times as long (10 s before, 13 s now)"),
        (NAN, ""),
    ],
)
def test_how_long_an_epoch_takes_beside_the_one_before(took: float, said: str):
    before, after = Outcome("a", 0.2, 0.6, 10.0, 100), Outcome("b", 0.2, 0.6, took, 100)
    text = two_runs.comparison_words(before, after).replace("\xa0", " ")
    assert said in text
    assert ("An epoch" in text) == bool(said)


def test_as_many_photos_turned_right_as_wrong_is_chance_and_none_that_turned_are_not_counted():
    same = Outcome("a", 0.2, 0.6, 1, 100)
    assert "5 photos turned right and 5 photos turned wrong: that is what chance alone would bring." in (
        two_runs.comparison_words(same, same, (5, 5))
    )
    assert "turned" not in two_runs.comparison_words(same, same, (0, 0))
