"""The lesson's steps in their order, and its own results of 2019."""

from __future__ import annotations

import pytest

from lessonkit.lesson.defaults import LARGE, LARGE_UNFROZEN, NAIVE, RIGHT
from lessonkit.lesson.glossary import GLOSSARY
from lessonkit.lesson.reference import FRESH, LESSON, PAGES
from lessonkit.lesson.steps import EXPLORE, STEPS, after, step


def test_each_step_leads_to_the_next_and_the_last_to_none():
    assert [after(s.page) for s in STEPS] == [*STEPS[1:], None]


@pytest.mark.parametrize("page", [s.page for s in EXPLORE])
def test_what_lies_beside_the_lesson_leads_nowhere(page: str):
    assert step(page).page == page
    assert after(page) is None


def test_a_page_that_is_none_is_an_error():
    with pytest.raises(KeyError):
        step("nowhere")


def test_the_lessons_error_rates_are_those_that_its_pages_tell():
    """As its notebook of 2019 printed them; two are said in the words of the step on unfreezing."""
    assert {name: told.error_rate for name, told in LESSON.items() if told.error_rate} == {
        FRESH: 0.071, NAIVE: 0.101, RIGHT: 0.062, LARGE: 0.046, LARGE_UNFROZEN: 0.044,
    }  # fmt: skip
    said = step("unfreezing").what
    assert all(f"{100 * LESSON[name].error_rate:.1f} %" in said for name in (FRESH, NAIVE, RIGHT))
    assert {name: told.seconds for name, told in LESSON.items() if told.seconds} == {
        FRESH: 60 + 46, NAIVE: 26, RIGHT: 53, LARGE: 6 * 60 + 59,
    }  # fmt: skip


def test_each_result_has_a_page_where_it_is_done():
    assert list(PAGES) == list(LESSON)
    assert {page for page in PAGES.values() if page not in [s.page for s in STEPS]} == set()


def test_each_word_is_explained_on_the_one_page_where_it_is_met_first():
    introduced = [word for step in (*STEPS, *EXPLORE) for word in step.all_words]
    assert len(introduced) == len(set(introduced))
    assert set(introduced) == set(GLOSSARY), "each word of the glossary is new on one page"
    assert max(len(words) for step in STEPS for _, words in (("", step.words), *step.later)) <= 6, "to be read at once"
    order = {word: place for place, step in enumerate(STEPS) for word in step.all_words}
    assert order["Batch"] < order["Epoch"]
    assert order["Loss"] < order["Top losses"]
    assert order["Body and head"] < order["Slice"]
