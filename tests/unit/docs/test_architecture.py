"""The page that draws the project says what the files say today."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import architecture


def test_the_page_is_what_the_script_writes():
    there = architecture.PAGE.read_text(encoding="utf-8")
    assert there == architecture.text(), f"docs/architecture.md is out of date: write it again, {architecture.COMMAND}"


def test_an_arrow_is_left_out_where_a_longer_way_leads_there():
    graph = {"pages": {"ui", "runs", "errors"}, "ui": {"runs"}, "runs": {"errors"}, "errors": set()}
    assert architecture.without_shortcuts(graph) == {
        "pages": {"ui"},
        "ui": {"runs"},
        "runs": {"errors"},
        "errors": set(),
    }


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("A run is a folder: read it. Then more.", "A run is a folder: read it."),
        (
            "What stands in two\nlines, with a name.py in it.\n\nAnd more.",
            "What stands in two lines, with a name.py in it.",
        ),
        ("`a | b`", "`a \\| b`"),
    ],
)
def test_a_file_is_told_by_the_first_sentence_of_its_docstring(tmp_path: Path, docstring: str, said: str):
    file = tmp_path / "some.py"
    file.write_text(f'"""{docstring}"""\n')
    assert architecture.first_sentence(file) == said
