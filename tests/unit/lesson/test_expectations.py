"""A guess beside what happened: the words follow the numbers, whatever was expected."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from lessonkit.analysis.predictions import Verdict
from lessonkit.analysis.repeats import RepeatComparison, compare
from lessonkit.lesson import expectations as ex

TURNED = Verdict(4, 9, 0.6, 0.8, 0.2, 0.4, 0.1, 0.2, 0.2, True, True)


@pytest.mark.parametrize(
    ("first", "verdict", "went"),
    [
        (0.9, TURNED, ex.TURNS),
        (0.9, replace(TURNED, best_epoch=9, last_valid_loss=0.6, rise=0.0), ex.FALLS),
        (0.6, replace(TURNED, last_valid_loss=0.601, rise=0.001), ex.STAYS),
        (0.6, TURNED, ex.RISES),
        (0.9, replace(TURNED, whole=False), ""),
        (0.9, replace(TURNED, last_valid_loss=math.nan), ""),
        (0.9, None, ""),
    ],
)
def test_which_way_the_loss_went(first: float, verdict: Verdict | None, went: str):
    assert ex.loss_went(first, verdict) == went
    for guess in ex.LOSS[1]:
        words = ex.loss_words(guess, first, verdict)
        assert ("So it is." in words) == (guess == went)
        assert bool(words) == bool(went)
    assert ex.loss_words("", first, verdict) == ""


@pytest.mark.parametrize(
    ("verdict", "went", "numbers"),
    [
        (TURNED, ex.RISES, "from 0.700 to 0.800 at the end."),
        (
            replace(TURNED, best_epoch=7, best_valid_loss=0.5),
            ex.TURNS,
            "from 0.700 to 0.500 after epoch 8, and 0.800 at the end.",
        ),
        (replace(TURNED, last_valid_loss=0.62), ex.FALLS, "from 0.700 to 0.620 at the end."),
    ],
)
def test_the_loss_goes_nowhere_before_the_run_began(verdict: Verdict, went: str, numbers: str):
    """The lowest loss may lie in the run that it goes on from, which had six epochs here."""
    assert ex.loss_went(0.7, verdict, 6) == went
    assert ex.loss_words(went, 0.7, verdict, 6).endswith(f"So it is.** It went {numbers}")


def test_the_words_on_the_loss_have_the_runs_numbers():
    words = ex.loss_words(ex.FALLS, 0.9, TURNED)
    assert words == (
        "**You expected: falls to the end. It is: falls, then rises.** It went from 0.900 to 0.600 after epoch 5, and 0.800 at the "
        "end."
    )


def test_which_two_breeds_were_confused_most():
    counts = {"Pug and Boxer": 3, "Birman and Ragdoll": 1, "Beagle and Pug": 0}
    assert "So it is." in ex.confusion_words("Pug and Boxer", counts)
    words = ex.confusion_words("Beagle and Pug", counts)
    assert "It is: Pug and Boxer." in words
    assert "3 photos, counted both ways round" in words
    assert "Beagle and Pug: no photo" in words
    assert ex.confusion_words("", counts) == ""


def test_which_way_of_unfreezing_won(two_recipes):
    better, worse = two_recipes(0.2, 0.1), two_recipes(0.2, 0.5)
    found = {"one": worse, "slice": better}
    errors = {"one": 0.5, "slice": 0.1}
    assert "So it is." in ex.rates_words("slice", 0.2, errors, found)
    words = ex.rates_words(ex.NOBODY, 0.2, errors, found)
    assert "It is: slice." in words
    assert "Frozen 20.0\xa0%, one 50.0\xa0%, slice 10.0\xa0%." in words
    assert "So it is." in ex.rates_words(ex.NOBODY, 0.05, errors, found)
    assert ex.rates_words("slice", 0.2, {"slice": 0.1}, found) == ""
    assert "not trained yet" in ex.rates_words("small", 0.2, errors, found)


def test_while_a_way_is_not_trained_the_winner_is_one_so_far(two_recipes):
    errors, ways = {"one": 0.5, "slice": 0.3}, ["one", "small", "slice"]
    found = {name: two_recipes(0.2, error) for name, error in errors.items()}
    words = ex.rates_words(ex.NOBODY, 0.2, errors, found, ways)
    assert words.startswith(f"**You expected: {ex.NOBODY}. So far that is so.**")
    assert words.endswith("Not trained yet: small.")
    words = ex.rates_words("slice", 0.2, errors, found, ways)
    assert words.startswith(f"**You expected: slice. So far it is: {ex.NOBODY}.**")
    errors["small"], found["small"] = 0.4, two_recipes(0.2, 0.4)
    assert "So it is." in ex.rates_words(ex.NOBODY, 0.2, errors, found, ways)


def test_what_normalization_was_worth(two_recipes):
    assert "So it is." in ex.normalization_words(ex.FEWER, two_recipes(0.1, 0.5))
    assert "So it is." in ex.normalization_words(ex.MORE, two_recipes(0.5, 0.1))
    words = ex.normalization_words(ex.FEWER, two_recipes(0.3, 0.3))
    assert f"It is: {ex.EQUAL}." in words
    assert "With it 30.0\xa0% wrong on average, without it 30.0\xa0%" in words


@pytest.fixture
def two_recipes():
    def made(before: float, after: float) -> RepeatComparison:
        def trained(error: float) -> dict[int, pd.DataFrame]:
            photos = [f"{k}.jpg" for k in range(400)]
            frames = {}
            for seed in range(5):
                right = [(k + seed) % 400 >= error * 400 for k in range(400)]
                frames[seed] = pd.DataFrame(
                    {"photo": photos, "correct": right, "loss": [0.1 if r else 2.0 for r in right]}
                )
            return frames

        return compare(trained(before), trained(after))

    return made
