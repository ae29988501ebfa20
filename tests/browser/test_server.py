"""What only a server of one's own shows: the first address that anybody opens, a page that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lessonkit.lesson.steps import EXPLORE, STEPS, step
from lessonkit.ui.core.routes import LOGGED, UNFORESEEN
from tests.browser.clicking import no_errors, settled
from tests.browser.serving import Server


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has opened a page of."""
    server = Server(tmp_path, LESSONKIT_DEVICE="cpu")
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
