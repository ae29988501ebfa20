"""The words on unfreezing follow the numbers, also where they differ from the lesson's."""

import numpy as np
import pytest

from lessonkit.analysis.comparison import BETTER, SAME, Outcome, Pairs, compare
from lessonkit.lesson import luck, unfreezing
from lessonkit.wording import percent
from tests.outcomes import FROZEN, NAIVE, SLICE, losses, of_trainings


def test_unfreezing_as_in_the_lesson():
    text = unfreezing.unfreezing_words(
        FROZEN, NAIVE, SLICE, Pairs(20, 261, losses(1.1, 2, 735)), Pairs(10, 8, losses(-0.04, 0.2, 735))
    )
    assert "did harm" in text
    assert "0.699, is lower than the frozen stage's: it fell on" in text
    assert text.endswith("So the slice is the one to keep.")


def test_the_cause_of_harm_follows_what_became_of_batch_norms_statistics():
    pairs = Pairs(20, 261, losses(1.1, 2, 735)), Pairs(10, 8, losses(-0.04, 0.2, 735))
    said = {how: unfreezing.unfreezing_words(FROZEN, NAIVE, SLICE, *pairs, how) for how in ("fixed", "trained")}
    assert "batch norm's statistics, fixed" in said["fixed"]
    assert "batch norm" not in said["trained"]


def test_unfreezing_quotes_the_means_that_it_judges_by_and_says_what_one_training_cannot_tell():
    naive, sliced = of_trainings([147, 150, 159], [380, 390, 400]), of_trainings([147, 150, 159], [145])
    said = unfreezing.unfreezing_words(FROZEN, NAIVE, SLICE, naive, sliced)
    assert "Frozen, the error rate was 20.7\xa0% on average of 3 trainings" in said
    assert "(error rate 53.1\xa0% on average of 3 trainings" in said
    assert "the error rate at 19.7\xa0%: a difference" in said
    assert "“slice” was trained once, so its own luck of training cannot be said" in said
    several = unfreezing.unfreezing_words(FROZEN, NAIVE, SLICE, naive, of_trainings([147, 150, 159], [145, 146, 147]))
    assert "trained once" not in several
    once = unfreezing.unfreezing_words(FROZEN, NAIVE, SLICE, of_trainings([147], [380]), of_trainings([147], [145]))
    assert "One training of each says nothing about the luck of training" in once


def test_batch_norm_quotes_the_means_that_it_judges_by():
    said = unfreezing.batch_norm_words(FROZEN, NAIVE, of_trainings([147, 150, 159], [380]))
    assert (
        "error rate 20.7\xa0% on average of 3 trainings with the statistics fixed, 51.7\xa0% with them trained" in said
    )
    assert "“trained” was trained once" in said


def test_two_trainings_far_apart_and_far_from_frozen_are_not_called_no_difference():
    """Seen on drawn pets: 25.7 and 46.5 % wrong beside nine trainings of 8 to 11 %."""
    found = of_trainings([11, 12, 12, 13, 13, 14, 14, 15, 16], [37, 67], 144)
    assert found.verdict == SAME, "two trainings so far apart prove nothing"
    text = unfreezing.unfreezing_words(FROZEN, NAIVE, SLICE, found, of_trainings([11, 12], [12, 11], 144))
    assert "no difference" not in text
    assert "was worse than frozen each time, but its trainings end so far apart, 25.7\xa0% to 46.5\xa0%" in text
    assert "Each training of “b” was worse than each of the other" in luck.repeats_words("a", "b", found)
    assert "cannot rule luck out" in unfreezing.batch_norm_words(FROZEN, NAIVE, found)
    once = of_trainings([37, 67], [14], 144)
    assert "Each training was better with them trained" in unfreezing.batch_norm_words(FROZEN, NAIVE, once)
    overlap = of_trainings([11, 40], [37, 67], 144)
    assert not luck.apart(overlap)


def test_a_slice_whose_gain_is_luck_is_not_the_one_to_keep():
    frozen, naive, sliced = (Outcome(*o, 1, 147) for o in (("f", 0.1, 0.3), ("u", 0.4, 1.2), ("s", 0.1, 0.294)))
    text = unfreezing.unfreezing_words(
        frozen, naive, sliced, Pairs(2, 46, losses(0.9, 1)), Pairs(1, 1, losses(-0.006, 0.5))
    )
    assert text.endswith("unfreezing brought no gain that is larger than luck.")


def test_harm_that_only_the_loss_shows_is_said():
    frozen, naive = Outcome("f", 0.083, 0.300, 1, 144), Outcome("u", 0.118, 0.620, 1, 144)
    text = unfreezing.unfreezing_words(
        frozen, naive, frozen, Pairs(3, 8, losses(0.32, 1.2, 144)), Pairs(0, 0, np.zeros(144))
    )
    assert "made no difference" not in text
    assert "did harm that the loss shows" in text


@pytest.mark.parametrize(
    ("naive", "sliced", "said", "advice"),
    [
        (0.10, 0.20, "helped, unlike in the lesson", "one rate for all is the one to keep"),
        (0.10, 0.40, "helped, unlike in the lesson", "one rate for all is the one to keep"),
        (0.05, 0.10, "helped, unlike in the lesson", "one rate for all came out lowest"),
        (0.10, 0.05, "helped, unlike in the lesson", "the slice came out lowest"),
        (0.20, 0.40, "made no difference", "the frozen stage is the one to keep"),
        (0.50, 0.10, "did harm", "the slice is the one to keep"),
        (0.21, 0.20, "made no difference", "no gain that is larger than luck"),
    ],
)
def test_unfreezing_otherwise_than_in_the_lesson(naive, sliced, said, advice):
    text = unfreezing.unfreezing_words(
        FROZEN, Outcome("u", naive, FROZEN.valid_loss, 20, 735), Outcome("s", sliced, FROZEN.valid_loss, 20, 735)
    )
    assert said in text
    assert advice in text


@pytest.mark.parametrize("naive", [(0.1, 0.4), (0.2, 0.74), (0.3, 1.2), (0.1, 1.2), (0.3, 0.4)])
@pytest.mark.parametrize("sliced", [(0.1, 0.4), (0.2, 0.74), (0.3, 1.2), (0.1, 1.2), (0.3, 0.4)])
def test_any_two_outcomes_have_words_that_do_not_contradict_the_advice(naive, sliced):
    outcomes = [Outcome(name, *numbers, 20, 735) for name, numbers in (("u", naive), ("s", sliced))]
    pairs = [
        Pairs(
            max(0, round(735 * (0.2 - o.error_rate))), max(0, round(735 * (o.error_rate - 0.2))),
            losses(o.valid_loss - FROZEN.valid_loss, 0.3, 735),
        )
        for o in outcomes
    ]  # fmt: skip
    text = unfreezing.unfreezing_words(FROZEN, *outcomes, *pairs)
    kept = {"one rate for all is the one to keep", "slice is the one to keep"}
    better = [compare(FROZEN, o, p).together == BETTER for o, p in zip(outcomes, pairs, strict=True)]
    for sentence, is_better in zip(sorted(kept), better, strict=True):
        assert is_better or sentence not in text
    assert any(better) == ("frozen stage is the one" not in text and "luck." not in text and "contradict" not in text)


@pytest.mark.parametrize(("trained", "said"), [(0.433, "did harm"), (0.2, "no difference"), (0.05, "helped here")])
def test_batch_norm(trained, said):
    text = unfreezing.batch_norm_words(FROZEN, Outcome("trained", trained, 1.5, 22, 735))
    assert said in text
    assert f"error rate 20.0\xa0% with the statistics fixed, {percent(trained)} with them trained" in text
    assert "so few" not in text  # the words do not know of how many photos


def test_of_no_difference_it_is_not_said_that_luck_explains_it():
    same = Outcome("slice", FROZEN.error_rate, 0.699, 21.8, 735)
    text = unfreezing.unfreezing_words(FROZEN, NAIVE, same)
    assert "left the error rate where it was, at 20.0\xa0%;" in text
    assert "a difference to the frozen model that luck explains" in unfreezing.unfreezing_words(FROZEN, NAIVE, SLICE)
