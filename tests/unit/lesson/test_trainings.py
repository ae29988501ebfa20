"""The words on a recipe's trainings are true of one, of two, of an even number, and while some are still to come."""

import pytest

from lessonkit.analysis import repeats
from lessonkit.lesson import luck, trainings


def ended(*errors: float) -> repeats.Summary:
    return repeats.summary(errors, [0.5] * len(errors))


@pytest.mark.parametrize(
    ("number", "said"), [(3, "Three trainings of"), (5, "Five trainings of"), (12, "12 trainings of")]
)
def test_the_question_counts_what_was_chosen(number: int, said: str):
    assert trainings.question(number).startswith(f"{said} exactly these choices, on the same photos.")


def test_the_question_counts_no_training_that_was_done_before_as_to_come():
    assert trainings.question().startswith("All trainings of exactly these choices, yours and those before, on")


@pytest.mark.parametrize(
    ("kept", "deciding", "said"),
    [
        (0.1, [0.1, 0.2], "It is the better one of the first two, since two have no middle one. Trainings"),
        (
            0.2,
            [0.1, 0.2, 0.3],
            "It is the middle one of the first 3 by error rate (the median): neither the luckiest nor",
        ),
        (0.1, [0.1, 0.1, 0.3], "It is the middle one of the first 3 by error rate (the median). Trainings"),
        (0.2, [0.1, 0.2, 0.3, 0.4], "It is the better one of the two in the middle, of the first 4 by error rate"),
    ],
)
def test_which_one_is_kept_and_why(kept: float, deciding: list[float], said: str):
    words = trainings.kept_words(kept, deciding, 1)
    assert "has seed 1" in words
    assert said in words
    assert ("neither the luckiest nor the unluckiest" in words) == (min(deciding) < kept < max(deciding))


def test_one_training_is_no_choice_and_more_to_come_may_change_it():
    assert trainings.kept_words(0.1, [0.1], 0) == ""
    assert "is, for now, the first one, seed 0" in trainings.kept_words(0.1, [0.1, 0.2], 0, still=True)


def test_of_one_training_with_later_ones_it_is_said_that_these_change_nothing():
    words = trainings.kept_words(0.1, [0.1], 3, later=2)
    assert (
        "has seed 3. It was trained first. Trainings that are added later do not change which model is kept." in words
    )


def test_of_one_that_stays_it_is_not_said_that_it_is_in_the_middle():
    for deciding in ([], [0.1], [0.1, 0.2, 0.3]):
        words = trainings.kept_words(0.3, deciding, 2, stays=True)
        assert (
            "has seed 2. Since other runs go on from it already, it stays, although it is not the one in the middle"
            in words
        )
        assert "neither" not in words


def test_a_training_is_called_kept_only_where_it_is():
    named = {(k, m): trainings.which_words(k, m) for k in (False, True) for m in (False, True)}
    assert len({*named.values()}) == 4
    assert "address" in trainings.which_words(False, False, named=True)
    assert trainings.which_words(False, True, named=True) == "Your training"
    assert all(("kept" in words) == kept and ("Your" in words) == mine for (kept, mine), words in named.items())


def test_two_trainings_are_both():
    assert trainings.spread_words(ended(0.2, 0.2)) == "20.0\xa0% in both trainings"
    assert trainings.luck_words(ended(0.2, 0.2), 100).startswith("Both trainings got the same number")
    assert "the worst" not in trainings.luck_words(ended(0.2, 0.3), 100)


def test_a_mean_says_of_how_many_trainings_it_is():
    named = ("frozen", "unfrozen")
    assert trainings.means_words(named, (1, 1)) == ""
    assert trainings.means_words(named, (5, 5)) == "Means of 5 trainings of each, with the same seeds."
    assert trainings.means_words(named, (5, 1)) == "Means, where there are several trainings (frozen: 5; unfrozen: 1)."
    assert trainings.means_words(named, (5, 5), 1).endswith("each, with the same seeds. " + luck.left_out_words(1))
