"""Streamlit's own words in the learner's language: they are those that the installed Streamlit says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit

from lessonkit.language import speaking
from lessonkit.ui.core.streamlit_words import WORDS, in_this_language

PLACE = r"\$\{(?:[^`{}]|`[^`{}]*`)*\}"  # in a literal of JavaScript, with literals of its own or without


def literals(word: str) -> list[str]:
    """The literals that Streamlit puts a sentence together of, {places} for what differs."""
    if chosen := re.fullmatch(r"(.* to) (apply|submit form)", word):
        return [f"{chosen[1]} {{what}}", chosen[2]]
    if two := re.fullmatch(r"(.*)(\. Running the app.*)", word):
        return [two[1], f"{{why}}{two[2]}"]
    return [word]


def says(scripts: str, literal: str) -> bool:
    """Whether it stands between quotes as a whole; a space more may be beside an icon."""
    pattern = re.sub(r"\\\{\w+\\\}", lambda _: PLACE, re.escape(literal))
    return any(re.search(f"{quote} ?{pattern} ?{quote}", scripts) for quote in "\"'`")


@pytest.fixture(scope="module")
def scripts() -> str:
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    return "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.js"))


def test_each_word_is_one_that_the_installed_streamlit_says(scripts: str) -> None:
    """An update may say it otherwise: a learner would read English again, and nobody would know."""
    assert [literal for word in WORDS for literal in literals(word) if not says(scripts, literal)] == []


@pytest.mark.parametrize(
    "part", ["Drag and drop", "Page not", "per file", "Press Enter to", "Running the app's main page."]
)
def test_a_part_of_what_streamlit_says_is_not_taken_for_it(scripts: str, part: str) -> None:
    """It would be found in a script, and on no page."""
    assert part in scripts
    assert not says(scripts, part)


@pytest.mark.parametrize(
    ("of", "said"),
    [("en", {}), ("de", {"Upload": "Hochladen", "{size} per file": "{size} pro Datei"}), ("es", {"Upload": "Subir"})],
)
def test_what_a_language_says_otherwise_is_sent_to_the_page(of: str, said: dict[str, str]) -> None:
    with speaking(of):
        words = in_this_language()
    assert said.items() <= words.items()
    assert bool(words) == bool(said)
