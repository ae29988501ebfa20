"""Streamlit's own words in the learner's language: they are those that the installed Streamlit says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit

from lessonkit.language import speaking
from lessonkit.ui.core.streamlit_words import WORDS, in_this_language

JOINTS = r"\{\w+\}| (?=apply|submit form)|\. (?=Running the app)"
"""Where Streamlit puts a sentence together: what differs, and parts that it chooses."""


@pytest.fixture(scope="module")
def scripts() -> str:
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    return "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.js"))


def test_each_word_is_one_that_the_installed_streamlit_says(scripts: str) -> None:
    """An update may say it otherwise: a learner would read English again, and nobody would know."""
    parts = {part.strip(" .") for word in WORDS for part in re.split(JOINTS, word)} - {"", "+Enter to"}
    assert [part for part in sorted(parts) if part not in scripts] == []


@pytest.mark.parametrize(
    ("of", "said"),
    [("en", {}), ("de", {"Upload": "Hochladen", "{size} per file": "{size} pro Datei"}), ("es", {"Upload": "Subir"})],
)
def test_what_a_language_says_otherwise_is_sent_to_the_page(of: str, said: dict[str, str]) -> None:
    with speaking(of):
        words = in_this_language()
    assert said.items() <= words.items()
    assert bool(words) == bool(said)
