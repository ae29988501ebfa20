"""The teacher's guide and the questions in other languages say what the English ones say, in the app's own words there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from lessonkit.language import speaking, tr
from scripts import texts

DOCS = Path(__file__).parents[3] / "docs"
EMPHASIS = {"before", "one", "One"}  # words that are in bold to be stressed, and texts of the app by chance


def read(document: str, of: str = "") -> str:
    return (DOCS / f"{document}{of and f'.{of}'}.md").read_text(encoding="utf-8")


def shape(text: str) -> list[str]:
    """What a translation keeps: levels of headings, tables by their columns, steps, whole blocks of code."""
    kept, code = [], False
    for line in text.splitlines():
        code ^= line.strip().startswith("```")
        if code:
            kept.append(line)
        elif found := re.match(r"#+ |\d+\. |\|", line):
            kept.append(found[0] if found[0] != "|" else str(line.count("|")))
    return kept


def numbers(text: str) -> Counter[str]:
    return Counter(number.replace(",", ".") for number in re.findall(r"\d+(?:[.,]\d+)*", text))


@pytest.mark.parametrize("of", texts.LANGUAGES)
@pytest.mark.parametrize("document", ["teaching", "questions"])
def test_a_translated_document_has_all_that_the_english_one_has(document: str, of: str) -> None:
    english, translated = read(document), read(document, of)
    assert shape(translated) == shape(english)
    assert numbers(translated) == numbers(english)


@pytest.mark.parametrize("of", texts.LANGUAGES)
def test_the_guide_names_buttons_and_pages_as_the_app_does(of: str) -> None:
    english, translated = read("teaching"), " ".join(read("teaching", of).split())
    named = {" ".join(name.split()) for name in re.findall(r"(?<!\*)\*{1,2}([^*]+)\*{1,2}", english)} - EMPHASIS
    known = {key for area in texts.AREAS for key in texts.texts(area)}
    assert len(named & known) > 25
    with speaking(of):
        wanted = {name: tr(name) for name in named & known}
    assert [(name, said) for name, said in wanted.items() if f"*{said}*" not in translated] == []


def answers(of: str = "") -> list[list[str]]:
    """The questions' rows: number, question, page, sentence."""
    rows = [line.strip("| ").split(" | ") for line in read("questions", of).splitlines() if re.match(r"\| \d", line)]
    assert {len(row) for row in rows} == {4}
    return rows


@pytest.mark.parametrize("of", texts.LANGUAGES)
def test_the_sentence_that_answers_a_question_stands_on_the_page_in_that_language_too(of: str) -> None:
    """`tests/app/test_pages.py` finds the English ones on their pages; these are the same texts' translations."""
    messages = [message for area in texts.AREAS for message in texts.read(of, area) if isinstance(message.id, str)]
    for (number, _, page, english), (same, _, there, said) in zip(answers(), answers(of), strict=True):
        assert (number, page) == (same, there)
        assert [m for m in messages if english in m.id and said in m.string], f"question {number}: {said}"
