"""The pages in other languages: nothing is left in English, a control chooses, what is stored is the same in all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lessonkit import language
from lessonkit.figures.style import plain_name
from lessonkit.lesson.steps import step
from lessonkit.photos.drawn.breeds import BREEDS
from tests.app.conftest import PAGES

# What no learner reads: the pages' own workings, code, names of fastai's.
NOT_READ = {
    "arrow_data", "code_text", "columns", "config", "data", "element_id", "form_id", "html", "icon", "id", "page",
    "page_script_hash", "query_param_key", "query_string", "spec", "url", "url_path", "url_pathname", "user_key",
}  # fmt: skip
CODE = r'<div class="pattern">.*|/?images/\S*|from_\w+|`[^`]*`|:material/\w+:|EfficientNet-Lite0'
STYLE, TAG = re.compile(r"<style>.*?</style>", re.DOTALL), re.compile(r"<[a-z/][^>]*>")  # of a picture in HTML
HEARD = re.compile(r"""(?<=\s)(?:aria-label|alt|title|placeholder)=("[^"]*"|'[^']*')""")  # of its tags, by a learner
NAMES = re.compile("|".join([CODE, *map(plain_name, BREEDS)]))


def texts(node: Any) -> Iterator[str]:
    """All that a page says: of each element, the texts of its message to the browser."""
    for child in getattr(node, "children", {}).values():
        if hasattr(proto := getattr(child, "proto", None), "ListFields"):
            yield from _strings(proto)
        yield from texts(child)


def _strings(message: Any) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in NOT_READ:
            continue
        for one in [value] if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__") else value:
            if isinstance(one, str):
                yield one
            elif hasattr(one, "ListFields"):
                yield from _strings(one)


def left_in_english(text: str) -> str:
    """What of a text in the made-up language stands outside its brackets, where it is more than a word."""
    text = TAG.sub(lambda tag: " ".join(HEARD.findall(tag[0])), STYLE.sub("", text))
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    text = NAMES.sub("", text)
    return text.strip() if len(re.findall(r"[A-Za-z]{3,}", text)) >= 2 else ""


@pytest.mark.parametrize("where", ["aria-label", "alt", "title", "placeholder"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_a_picture_in_html_says_to_who_cannot_see_it_is_read_too(where: str, quote: str) -> None:
    tag = f"<style>.two .words {{}}</style><img class='two words' {where}={quote}%s{quote} src='/two/words'>"
    assert left_in_english(tag % "in English alone")
    assert left_in_english(tag % "⟦in German⟧") == ""


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("home", ["baked", "empty"])
def test_no_text_of_a_page_is_in_english_alone(
    page: str, home: str, on_home, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, no_engine: None
) -> None:
    monkeypatch.setattr("lessonkit.ui.core.language_choice.chosen", lambda: language.MADE_UP)
    dataset = "drawn" if home == "baked" else "pets"
    app = on_home(request.getfixturevalue(home), dataset=dataset).switch_page(page).run()
    assert not app.exception
    said = [*texts(app.main), *texts(app.sidebar)]
    assert any("⟦" in text for text in said)
    assert [text for text in said if left_in_english(text)] == []


@pytest.mark.parametrize("wanted", [of for of in language.languages() if of != language.ENGLISH])
def test_a_learner_reads_the_language_that_was_chosen(wanted: str, on_home, baked: Path) -> None:
    app: AppTest = on_home(baked, dataset="drawn").switch_page("pages/train.py").run()
    assert app.title[0].value == step("train").title
    app.sidebar.selectbox(key="chosen_language").select(wanted).run()
    with language.speaking(wanted):
        title = language.tr(step("train").title)
    assert title != step("train").title
    assert app.title[0].value == title
    assert app.query_params["language"] == wanted
    error_rates = [m.value for m in app.main.metric if m.value.endswith("%")]
    assert error_rates
    assert all("," in value and "." not in value for value in error_rates)
    again = on_home(baked, dataset="drawn", language=wanted).switch_page("pages/train.py").run()
    assert again.title[0].value == title


def test_an_unknown_language_is_english(on_home, baked: Path) -> None:
    for language_wanted in ("xx", "pl", "../de", "<b>"):
        app = on_home(baked, dataset="drawn", language=language_wanted).switch_page("pages/train.py").run()
        assert app.title[0].value == step("train").title


@pytest.mark.parametrize(
    ("page", "tabs", "chosen"),
    [("explorer", "select_by", "Breeds"), ("clean", "part", "In both halves"), ("two_runs", "matrix", "B minus A")],
)
def test_an_address_opens_the_same_tab_in_each_language(
    page: str, tabs: str, chosen: str, on_home, baked: Path
) -> None:
    """Streamlit writes into the address how the open tab is called: a link goes to a class, and is read again later."""

    def opened(app: AppTest) -> list[str]:
        assert not app.exception
        return [tab.label for tab in app.tabs if len(tab.children) and tab.label in labels]

    said = {}
    for of in ("en", "de", "es"):
        with language.speaking(of):
            said[of] = str(language.tr(chosen))
    labels = set(said.values())
    for writer, reader in (("en", "de"), ("de", "es")):
        app = on_home(baked, dataset="drawn", language=reader).switch_page(f"pages/{page}.py")
        app.query_params[tabs] = said[writer]
        assert opened(app.run()) == [said[reader]]
    app.sidebar.selectbox(key="chosen_language").select("de").run()
    assert opened(app) == [said["de"]]
