"""What only a server of one's own shows: the first address that anybody opens, a page that fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lessonkit import language
from lessonkit.language import speaking, tr
from lessonkit.lesson.steps import EXPLORE, STEPS, step
from lessonkit.ui.core.routes import LOGGED, UNFORESEEN
from tests.browser.clicking import no_errors, settled
from tests.browser.serving import Server
from tests.conftest import SMALL


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has opened a page of."""
    server = Server(tmp_path, **SMALL)
    yield server
    server.close()


def test_a_page_opened_first_by_its_address_stands_in_the_frame(page: Page, fresh: Server) -> None:
    """Streamlit would take `pages/` for an app of its older kind until `st.navigation` has run once."""
    page.goto(f"{fresh.url}/mistakes?dataset=pets")
    expect(page.get_by_role("heading", name=step("mistakes").title, level=1)).to_be_visible()
    settled(page)
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("link")).to_have_count(len(STEPS + EXPLORE))
    expect(sidebar.get_by_text("Words of the field")).to_be_visible()
    no_errors(page)


def test_a_page_that_fails_is_a_sentence_to_the_learner_and_seen_by_these_tests(page: Page, tmp_path: Path) -> None:
    server = Server(tmp_path, script="tests/browser/failing_app.py")
    try:
        page.goto(server.url)
        expect(page.get_by_text(UNFORESEEN)).to_be_visible()
        expect(page.get_by_text("a private detail")).to_have_count(0)
        with pytest.raises(AssertionError, match=UNFORESEEN):
            no_errors(page)
    finally:
        server.close()
    assert LOGGED in server.logged()
    assert "a private detail" in server.logged()


def test_a_page_says_that_it_is_in_the_language_chosen(page: Page, tmp_path: Path) -> None:
    """Else a browser offers to translate German into German, and a screen reader reads it with English sounds."""
    texts, home = tmp_path / "texts", tmp_path / "home"
    home.mkdir()
    shutil.copytree(language.HERE, texts)
    server = Server(home, LESSONKIT_TEXTS=str(texts), **SMALL)
    try:
        page.goto(f"{server.url}/train?dataset=drawn")
        settled(page)
        whole = page.locator("html")
        expect(whole).to_have_attribute("lang", "en")
        page.get_by_test_id("stSidebar").get_by_role("combobox").click()
        page.get_by_role("option", name="Deutsch").click()
        with speaking("de"):
            title = tr(step("train").title)
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        expect(whole).to_have_attribute("lang", "de")
        again = page.reload()
        assert again is not None
        assert '<html lang="de">' in again.text()
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        no_errors(page)
    finally:
        server.close()


def test_streamlits_own_words_are_said_in_the_pages_language(page: Page, fresh: Server, tmp_path: Path) -> None:
    page.goto(f"{fresh.url}/data?dataset=drawn&language=de")
    settled(page)
    page.get_by_text("Deine eigenen Fotos", exact=True).click()
    uploader = page.get_by_test_id("stFileUploader").first
    expect(uploader.get_by_text("Hochladen", exact=True)).to_be_visible()
    expect(uploader.get_by_text("500MB pro Datei")).to_be_visible()
    wrong = tmp_path / "Upload"  # a learner's name for a file is no word of Streamlit's
    wrong.write_text("no zip")
    uploader.locator("input").set_input_files(wrong)
    expect(uploader.get_by_test_id("stFileChipName")).to_have_text("Upload")
    expect(uploader.get_by_role("button", name="Upload entfernen")).to_be_visible()
    page.get_by_test_id("stMainMenuButton").click()
    expect(page.get_by_test_id("stMainMenuPopover").get_by_text("Drucken")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stMainMenuPopover")).to_be_hidden()
    languages = page.get_by_test_id("stSidebar").get_by_role("combobox")
    languages.fill("none of them")
    expect(page.get_by_text("Nichts gefunden")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nichts gefunden")).to_be_hidden()  # while it is open, a click closes it alone
    uploader.get_by_role("button", name="Upload entfernen").click()
    expect(uploader.get_by_text("Hochladen", exact=True)).to_be_visible()
    for name, said in (("English", "Main menu"), ("Español", "Menú principal")):
        languages.click()
        page.get_by_role("option", name=name).click()
        expect(page.get_by_role("button", name=said, exact=True)).to_be_visible()
    no_errors(page)
    fresh.process.kill()
    expect(page.get_by_role("dialog").get_by_text("Sin conexión")).to_be_visible()
