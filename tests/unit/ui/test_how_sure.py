"""A share of the photos is said with how many photos it is of."""

from __future__ import annotations

from lessonkit.ui.explore.how_sure import answered_words


def test_an_error_rate_of_the_answers_says_of_how_many():
    said = answered_words("99\xa0%", 1 / 144, 1.0, 144)
    assert said == "At 99\xa0% it answers 0.7\xa0% of the 144 validation photos; wrong: 1 of these 1 (100.0\xa0%)."
    more = answered_words("50\xa0%", 0.75, 9 / 108, 144)
    assert more == "At 50\xa0% it answers 75.0\xa0% of the 144 validation photos; wrong: 9 of these 108 (8.3\xa0%)."
    assert answered_words("50\xa0%", 1.0, 1.0, 1) == "At 50\xa0% it answers the one validation photo; wrong: 1."
    assert "nothing to be wrong about" in answered_words("99\xa0%", 0.0, float("nan"), 144)
