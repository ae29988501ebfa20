"""The words follow the numbers, also where they differ from the lesson's."""

import dataclasses
import math
import re

import pandas as pd
import pytest

from lessonkit.interpretation import overfitting
from lessonkit.lesson import verdicts
from lessonkit.lesson.verdicts import BETTER, SAME, WORSE, Outcome, compare

NAN = float("nan")
FROZEN = Outcome("frozen", 0.20, 0.739, 0.13, 735)
NAIVE = Outcome("unfrozen", 0.528, 1.84, 22.4, 735)
SLICE = Outcome("slice", 0.197, 0.699, 21.8, 735)


def history(train, valid, error) -> pd.DataFrame:
    return pd.DataFrame({"epoch": range(len(valid)), "train_loss": train, "valid_loss": valid, "error_rate": error})


def words(train, valid, error) -> str:
    return verdicts.overfitting_words(overfitting(history(train, valid, error)))


# whether a difference is one


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


def test_changes_in_points_loss_and_time():
    found = compare(FROZEN, NAIVE)
    assert found.points == pytest.approx(32.8)
    assert found.loss_change == pytest.approx(1.101)
    assert found.times_as_long == pytest.approx(22.4 / 0.13)
    assert math.isnan(compare(dataclasses.replace(FROZEN, seconds_an_epoch=NAN), NAIVE).times_as_long)


def test_runs_that_answered_no_photo():
    nothing = Outcome("a", NAN, NAN, NAN, 0)
    assert math.isnan(compare(nothing, nothing).luck)
    assert verdicts.noise_words(nothing) == "No validation photo has been answered yet."


# two runs in words


def test_two_runs_in_words():
    assert verdicts.comparison_words(FROZEN, NAIVE) == (
        "“unfrozen” is worse than “frozen”: the error rate rose from 20.0 % to 52.8 % (33 percentage points, 241 photos "
        "of 735). Its valid loss is higher than before (0.739, now 1.840). An epoch takes 172 times as long (0.13 s "
        "before, 22 s now)."
    )


def test_a_difference_within_luck_is_called_that():
    text = verdicts.comparison_words(FROZEN, SLICE, (12, 10))
    assert "too little to tell from luck" in text
    assert "12 photos turned right and 10 photos turned wrong, no more lopsided than a tossed coin" in text
    assert "better" not in text


def test_a_loss_that_is_no_number_is_said_to_be():
    blown = dataclasses.replace(NAIVE, valid_loss=NAN)
    assert "blew up" in verdicts.comparison_words(FROZEN, blown)
    assert "before, it was not a number" in verdicts.comparison_words(blown, FROZEN)
    assert "loss not a number" in verdicts.unfreezing_words(FROZEN, blown, SLICE)


def test_the_same_error_rate():
    text = verdicts.comparison_words(FROZEN, dataclasses.replace(FROZEN, name="again"))
    assert text.startswith("“again” has the same error rate as “frozen”, 20.0 %.")
    assert "An epoch takes about as long" in text


def test_what_one_photo_is_worth():
    assert verdicts.noise_words(Outcome("a", 0.2, 1, 1, 100)) == (
        "There are 100 validation photos, so one photo is 1.0 percentage points, and an error rate of 20.0 % would "
        "move by up to 8.0 points either way on other photos of the same kind."
    )


# unfreezing


def test_unfreezing_as_in_the_lesson():
    text = verdicts.unfreezing_words(FROZEN, NAIVE, SLICE)
    assert "did harm" in text
    assert "0.699, is lower than the frozen stage's" in text
    assert text.endswith("So the slice is the one to keep.")


@pytest.mark.parametrize(
    ("naive", "sliced", "said", "advice"),
    [
        (0.10, 0.20, "helped, unlike in the lesson", "One rate for all came out lowest"),
        (0.10, 0.40, "helped, unlike in the lesson", "One rate for all came out lowest"),
        (0.20, 0.40, "made no difference", "the frozen stage is the one to keep"),
        (0.50, 0.10, "did harm", "the slice is the one to keep"),
        (0.21, 0.20, "made no difference", "nothing that can be told from luck"),
    ],
)
def test_unfreezing_otherwise_than_in_the_lesson(naive, sliced, said, advice):
    text = verdicts.unfreezing_words(
        FROZEN, Outcome("u", naive, FROZEN.valid_loss, 20, 735), Outcome("s", sliced, FROZEN.valid_loss, 20, 735)
    )
    assert said in text
    assert advice in text


@pytest.mark.parametrize(("trained", "said"), [(0.433, "did harm"), (0.2, "no difference"), (0.05, "helped here")])
def test_batch_norm(trained, said):
    text = verdicts.batch_norm_words(FROZEN, Outcome("trained", trained, 1.5, 22, 735))
    assert said in text
    assert f"error rate 20.0 % with the statistics fixed, {verdicts.percent(trained)} with them trained" in text


# overfitting


def test_overfitting_that_shows():
    text = words([1.0, 0.5, 0.1], [0.9, 0.72, 0.79], [0.3, 0.2, 0.2])
    assert text.startswith(
        "This run overfits. The valid loss was lowest after epoch 2, at 0.720, and stands at 0.790 after epoch 3, "
        "9.7 % higher, while the train loss fell, by 0.400."
    )
    assert "The error rate did not move: 20.0 %" in text


@pytest.mark.parametrize(("last", "said"), [(0.18, "fell all the same, from 20.0 % to 18.0 %"), (0.25, "rose as well")])
def test_the_error_rate_may_go_either_way(last, said):
    assert said in words([1.0, 0.5, 0.1], [0.9, 0.72, 0.79], [0.3, 0.2, last])


@pytest.mark.parametrize(
    ("train", "valid", "said"),
    [
        ([1.0, 0.5, 0.1], [0.9, 0.8, 0.7], "No overfitting yet"),
        ([1.0, 0.5, 0.4], [0.9, 0.700, 0.705], "Hardly any overfitting"),
        ([1.0, 0.5, 0.9], [0.9, 0.7, 0.9], "This is not overfitting"),
        ([1.0, 0.5, NAN], [0.9, 0.7, NAN], "blew up"),
        ([], [], "nothing to judge"),
    ],
)
def test_runs_that_do_not_overfit(train, valid, said):
    text = words(train, valid, [0.2] * len(valid))
    assert said in text
    assert "This run overfits" not in text


def test_every_number_in_the_words_comes_from_the_run():
    text = words([3.0, 2.0, 1.0], [0.5, 0.4, 0.6], [0.31, 0.22, 0.27])
    assert set(re.findall(r"\d+(?:\.\d+)?", text)) == {"2", "0.400", "3", "0.600", "50", "1.000", "22.0", "27.0"}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"problem": "OSError"}, "could not take this network here (OSError)"),
        ({"wait": 41.2}, "ended before its gain was measured"),
        ({"wait": 41.2, "gain": 1.18, "kept": True}, "took 41 s and made a step 1.18 times as fast, so it was kept"),
        ({"wait": 41.2, "gain": 0.97, "kept": False}, "0.97 times as fast, so it was taken back"),
    ],
)
def test_compiling_is_said_with_its_wait_and_gain(facts: dict, words: str):
    said = verdicts.compiled_words(facts)
    assert words in said
    assert bool(said) == bool(facts)
