"""What one error rate is worth: how closely the photos tell it, and beside always naming one breed."""

import math

from lessonkit.analysis.comparison import Outcome, compare
from lessonkit.lesson import error_rates
from tests.outcomes import NAN


def test_runs_that_answered_no_photo():
    nothing = Outcome("a", NAN, NAN, NAN, 0)
    assert math.isnan(compare(nothing, nothing).luck)
    assert error_rates.noise_words(nothing) == "No validation photo has been answered yet."


def test_what_one_photo_is_worth():
    assert error_rates.noise_words(Outcome("a", 0.2, 1, 1, 100)) == (
        "There are 100 validation photos, so one photo is 1.0 percentage points. On other photos of this kind "
        "the error rate is probably not exactly 20.0\xa0%: it lies between 13.3\xa0% and 28.9\xa0% with 95\xa0% confidence (Wilson's interval)."
    )


def test_of_one_photo_it_is_said_what_it_is_worth():
    said = error_rates.noise_words(Outcome("a", 1.0, 1, 1, 1))
    assert said.startswith("There is 1 validation photo, and it is 100 percentage points. On other photos")


def test_beside_the_error_rate_stands_that_of_always_naming_the_commonest_breed():
    better = error_rates.baseline_words(0.03, "Rex", 0.05, 200)
    assert better == "Always naming Rex, the commonest breed here, would be wrong in 5.0\xa0% of them."
    for no_better in (0.05, 0.06):
        assert "no better than that" in error_rates.baseline_words(no_better, "Rex", 0.05, 200)
    assert "each one counts much" in error_rates.baseline_words(0.0, "Rex", 0.5, 2)
    assert error_rates.baseline_words(math.nan, "", math.nan, 0) == ""
