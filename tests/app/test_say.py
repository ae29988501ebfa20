"""Names are text: what learners, folders and files are called is shown to the letter, and makes nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from lessonkit.figures import style
from lessonkit.photos import wishes
from lessonkit.ui.core import formatting

JOINER = "\u2060"
NAMES = [
    wishes.FOR_DATED,
    r"/([^/]+)_\\d+.jpg$",
    "a_b_c.jpg",
    "*.jpg",
    "[x](y)",
    "![x](http://example.org/y.png)",
    "it costs $5 and $6",
    "`code`",
    "``two``",
    "1:30, a:b",
    ":red[x] :material/delete: :dog:",
    "<b>",
    "<a href='http://example.org'>x</a>",
    "R&amp;D &lt; &copy;",
    "~~gone~~",
    "# Rex",
    "- Rex",
    "+ Rex",
    "1. Rex",
    "2) Rex",
    "> Rex",
    "a | b",
    "None",
    "nan",
    "Hund 🐕\u200d🦺",
    "\u200fسگ",
    "Screenshot 10.11.12\u202fAM.png",
    "www.example.org",
    "https://example.org/x",
    "me@example.org",
    "\\",
    '"quoted" ‘too’',
]


def parts(markdown: str) -> list[Token]:
    """The inline parts of Markdown as GitHub reads it, with links made of bare addresses."""
    blocks = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    assert [t.type for t in blocks] == ["paragraph_open", "inline", "paragraph_close"], (
        "it is one paragraph, nothing else"
    )
    return blocks[1].children or []


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_shown_as_it_is(text: str):
    for around in ("{}", "**{}**", "of **{}**, then"):
        found = parts(around.format(formatting.plain(text)))
        assert {part.type for part in found} <= {"text", "text_special", "strong_open", "strong_close"}
        shown = "".join(part.content for part in found).replace(JOINER, "")
        assert shown == around.replace("**", "").format(text)


@pytest.mark.parametrize(
    "text", ["www.example.org", "https://example.org/x", "http://a.b", "me@example.org", "WWW.x.org"]
)
def test_no_address_is_left_whole(text: str):
    shown = "".join(part.content for part in parts(formatting.plain(text)))
    assert shown != text
    assert shown.replace(JOINER, "") == text


@pytest.mark.parametrize("text", ["IMG_1.jpg", "a`b.jpg", "``x``.jpg", "`", " lead.jpg", "trail.jpg "])
def test_a_files_name_as_code_is_the_name(text: str):
    (part,) = parts(f"see {formatting.code(text)}")[1:]
    assert (part.type, part.content) == ("code_inline", text)


@pytest.mark.parametrize("name", ["<b>Rex</b>", "R&D", "a<br>b", "<a href='x'>y</a>", "&lt;"])
def test_a_figure_shows_a_breed_to_the_letter(name: str):
    from html import unescape

    for shown in (style.breed_name(name), *style.short_names([name, "other"])[:1]):
        assert "<" not in shown
        assert unescape(shown).lower() == name.lower()


def test_a_class_does_not_read_where_files_lie_on_the_teachers_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "a teacher" / "home"
    monkeypatch.setenv("LESSONKIT_HOME", str(home))
    mirror = tmp_path / "mirror"
    for said, shown in (
        (f"Look at {home}/engine.log for why.", "Look at …/engine.log for why."),
        (f"The mirror folder {mirror} holds no pets.tgz.", "The mirror folder …/mirror holds no pets.tgz."),
        (r"“^/images/(.+)/\d+.jpg$” labels nothing.", None),
        ("Fetch it from http://host/tmp/a/b.tgz, and/or wait.", None),
    ):
        assert formatting.sentence(said, others=True) == formatting.plain(shown or said)
        assert formatting.sentence(said, others=False) == formatting.plain(said), "who is alone may look there"
