"""The words on several trainings follow the numbers."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from lessonkit.analysis import repeats
from lessonkit.lesson import luck

PHOTOS = 100


def answers(wrong: int, first: int = 0, loss: float = 0.5) -> pd.DataFrame:
    """Predictions of one training with so many wrong answers, from a place on."""
    correct = np.ones(PHOTOS, bool)
    correct[first : first + wrong] = False
    losses = np.full(PHOTOS, loss)
    return pd.DataFrame({"photo": [f"{k}.jpg" for k in range(PHOTOS)], "correct": correct, "loss": losses})


def compare(before: list[pd.DataFrame], after: list[pd.DataFrame]) -> repeats.RepeatComparison:
    """Trainings with the seeds 0, 1, …"""
    return repeats.compare(dict(enumerate(before)), dict(enumerate(after)))


def words(before: list[pd.DataFrame], after: list[pd.DataFrame]) -> str:
    return luck.repeats_words("long", "short", compare(before, after))


def test_a_clear_effect_is_said_with_its_count_and_its_luck():
    said = words([answers(30 + k) for k in range(5)], [answers(10 + k) for k in range(5)])
    assert "“long”: error rate 32.0\xa0% on average of 5 trainings, 30.0 to 34.0\xa0%." in said
    assert (
        "“short” is better than “long”, better in 5 of 5 trainings: luck would bring so large a difference in" in said
    )
    assert "could be luck" not in said


def test_what_could_be_luck_is_said_to_be_that():
    said = words([answers(n, 5 * n) for n in (10, 12, 11, 13, 12)], [answers(n, 3 * n) for n in (11, 11, 10, 14, 13)])
    assert "That could be luck: “short” was worse in 3 of 5 trainings." in said
    assert "is better" not in said


def test_trainings_that_tie_are_counted():
    found = compare([answers(n) for n in (10, 12, 11)], [answers(n) for n in (9, 12, 11)])
    assert luck.count_words(found) == "better in 1 of 3 trainings and the same in 2"
    same = compare([answers(10)] * 3, [answers(10)] * 3)
    assert luck.count_words(same) == "the same in 3 of 3 trainings"


def test_one_training_of_each_cannot_tell_the_luck_of_training():
    large, small = words([answers(40)], [answers(10)]), words([answers(12)], [answers(11, 40)])
    for said in (large, small):
        assert "One training of each says nothing about the luck of training" in said
        assert "is better" not in said
    assert "no larger than the luck" not in large
    assert "no larger than the luck of which 100 photos were held out explains" in small


def test_one_training_beside_several_says_what_is_taken_for_granted():
    said = words([answers(40)], [answers(10 + k) for k in range(5)])
    assert "“long”: error rate 40.0\xa0% in one training." in said
    assert "“short” is better than “long”: luck" in said
    assert (
        "“long” was trained once, so its own luck of training cannot be said: it is taken to be that of the other."
        in said
    )


@pytest.mark.parametrize("wrong", [20, 21, 40])
@pytest.mark.parametrize("once_first", [False, True])
def test_that_one_of_the_two_was_trained_once_is_said_whatever_the_verdict(wrong: int, once_first: bool):
    several, once = [answers(k) for k in (19, 20, 20, 20, 21)], [answers(wrong)]
    said = words(once, several) if once_first else words(several, once)
    assert f"“{'long' if once_first else 'short'}” was trained once, so its own luck of training cannot be said" in said


def test_one_training_of_each_that_ended_alike_says_no_more_than_any_other():
    said = words([answers(20)], [answers(20)])
    assert "That is no difference. One training of each says nothing" in said


def test_where_the_photos_are_too_few_more_trainings_are_not_advised():
    said = words([answers(6)] * 5, [answers(2, 50)] * 5)
    assert "That could be luck: “short” was better in 5 of 5 trainings." in said
    assert "On these 100 photos “short” is better by more than the luck of training explains" in said
    assert "More trainings would not tell, more photos held out would." in said


def test_fewer_mistakes_at_a_higher_loss_are_not_called_better():
    said = words(
        [answers(30, loss=0.5 + k / 1e3) for k in range(3)], [answers(10, loss=0.9 + k / 1e3) for k in range(3)]
    )
    assert "“short” makes fewer mistakes than “long”, better in 3 of 3 trainings" in said
    assert "The valid loss rises from 0.501 to 0.901: luck would bring" in said


def test_no_photo_in_common_is_nothing_to_compare():
    assert "nothing to compare" in words([], [answers(3)])


def test_a_chance_is_never_said_to_be_none():
    found = compare([answers(60)] * 2, [answers(0)] * 2)
    certain = dataclasses.replace(found, error=dataclasses.replace(found.error, luck=0.0, trainings_luck=0.0))
    assert "in fewer than 0.1\xa0% of cases" in luck.repeats_words("a", "b", certain)
    assert not math.isnan(found.error.luck)


def test_means_that_are_the_same_but_for_rounding_are_no_difference():
    wrong = [(10, 7), (7, 10), (13, 10), (7, 10), (10, 10)]  # 47 and 47 in all
    said = words([answers(a) for a, _ in wrong], [answers(b, first=50) for _, b in wrong])
    assert "That is no difference." in said
    assert "could be luck" not in said


def test_trainings_that_do_not_count_are_said_to_be_left_out():
    said = words([answers(n) for n in (20, 21, 22, 3)], [answers(n) for n in (19, 20, 21)])
    assert "“long”: error rate 21.0\xa0% on average of 3 trainings, 20.0 to 22.0\xa0%." in said
    assert "Only trainings with the same seeds count here: 1 training is left out." in said
    assert "left out" not in words([answers(20), answers(21)], [answers(19), answers(20)])
