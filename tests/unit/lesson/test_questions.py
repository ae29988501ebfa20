"""What the answers say holds whatever the runs on the page came to."""

from __future__ import annotations

import re

import pytest

from lessonkit.lesson import questions

TRUE_ANYWHERE = {"2 %"}  # what a batch counts for in fastai's smoothed training loss


@pytest.mark.parametrize("pairs", [questions.UNFREEZING, questions.TRAINING, questions.OVERFITTING])
def test_an_answer_quotes_no_result_that_a_run_on_its_page_can_contradict(pairs: tuple[tuple[str, str], ...]):
    for question, answer in pairs:
        quoted = set(re.findall(r"\d[\d.]* %", answer)) - TRUE_ANYWHERE
        assert not quoted, question


def test_one_learning_rate_is_recommended_and_not_three():
    text = " ".join(answer for _, answer in questions.TRAINING)
    assert "3e-3" not in text
    assert "a tenth" not in text
