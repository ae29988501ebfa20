"""Whatever these files have learners read stands in the translators' files; what is kept stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from lessonkit.language import MADE_UP, speaking, tr
from lessonkit.lesson import questions, recall, reference, steps
from lessonkit.lesson.glossary import GLOSSARY
from scripts import texts


def shown() -> Iterator[str]:
    for step in (*steps.STEPS, *steps.EXPLORE, *steps.CLASS):
        yield from (step.title, step.what, step.onward)
    for word, meaning in GLOSSARY.items():
        yield from (word, meaning)
    for pair in (*questions.UNFREEZING, *questions.TRAINING, *questions.OVERFITTING):
        yield from pair
    for asked in recall.ALL:
        yield from (asked.words, *asked.choices, asked.why, *asked.wrong.values())
    yield from (told.what for told in reference.LESSON.values())
    yield from (reference.CAVEAT, reference.LEARNED, reference.ONWARD)


def test_every_text_of_the_lesson_can_be_translated():
    marked = texts.texts("lesson")
    assert [text for text in shown() if text and text not in marked] == []


@pytest.mark.parametrize("asked", recall.ALL, ids=lambda of: of.key)
def test_a_reason_is_said_in_the_learners_language_and_the_answers_stay_as_they_are_kept(asked: recall.Asked):
    english = asked.choices
    with speaking(MADE_UP):
        assert asked.choices == english
        assert asked.reason(asked.right) == f"⟦{asked.why}⟧"
        assert [asked.reason(wrong) for wrong in asked.wrong] == [f"⟦{why}⟧" for why in asked.wrong.values()]
        assert asked.reason("something else") == ""


@pytest.mark.parametrize("of", texts.LANGUAGES)
def test_a_page_or_a_card_that_a_text_names_is_called_what_it_calls_itself(of: str):
    names = {step.title for step in (*steps.STEPS, *steps.EXPLORE, *steps.CLASS)} | {"unfrozen, one small rate"}
    quoted = re.compile(r"(?<=“)[^”]+(?=”)|(?<=\(\*)[^*]+(?=\*)")
    told = [(text, name) for text in shown() for name in quoted.findall(text) if name in names]
    assert {name for _, name in told} >= {"Train", "Get the data", "unfrozen, one small rate"}
    with speaking(of):
        assert [(text, name) for text, name in told if tr(name) not in tr(text)] == []
