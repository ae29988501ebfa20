"""How the pages speak: errors to the letter."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from lessonkit.photos import wishes
from lessonkit.ui.core import formatting


@pytest.mark.parametrize(
    "text",
    [
        wishes.FOR_DATED,
        r"/([^/]+)_\\d+.jpg$",
        "a_b_c.jpg",
        "*.jpg",
        "[x](y)",
        "it costs $5 and $6",
        "`code`",
        "1:30, a:b",
        "<b>",
    ],
)
def test_a_pattern_or_a_files_name_in_an_error_is_shown_as_it_is(text: str):
    (block,) = [
        t for t in MarkdownIt().parse(f"**{formatting.plain(text)}** {formatting.plain(text)}") if t.type == "inline"
    ]
    assert "".join(part.content for part in block.children) == f"{text} {text}"
