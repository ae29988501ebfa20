"""Ideas asked again: each later page has one, each answer a reason, and the right one is no pattern of place."""

from __future__ import annotations

from collections import Counter

import pytest

from lessonkit.lesson import recall, steps


@pytest.mark.parametrize("asked", recall.ALL, ids=lambda of: of.key)
def test_each_answer_has_a_reason(asked: recall.Asked):
    assert sorted(asked.choices) == sorted({asked.right, *asked.wrong})
    assert len(asked.choices) == 3
    assert all(asked.reason(choice) for choice in asked.choices)
    assert asked.choices.index(asked.right) == asked.order
    assert asked.reason("something else") == ""


def test_every_page_after_the_first_two_asks_an_idea_again():
    assert list(recall.AGAIN) == [step.page for step in steps.STEPS[2:]]
    assert len({of.key for of in recall.ALL}) == len(recall.ALL)
    assert len(recall.CHECK) == 5


def test_the_right_answer_stands_at_no_usual_place():
    places = Counter(of.order for of in recall.ALL)
    assert max(places.values()) <= len(recall.ALL) / 2
