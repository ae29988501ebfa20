"""On a phone nothing is cut off, lies on another thing, or scrolls sideways unseen; what a click brings is in sight."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import SOON, at_rest, click_a_mistake, settled

CROWDED = Path(__file__).with_name("crowded.js").read_text().strip().rstrip(";")


@pytest.mark.parametrize("name", ["two_runs", "recap", "clean"])  # with the longest tables and legends
def test_there_is_room_on_a_phone(browser: Browser, baked, name: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(SOON)
    page.goto(f"{baked.url}/{name}?dataset=drawn&language=es")  # its words are the longest
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    at_rest(page)
    crowded = page.evaluate(CROWDED)
    context.close()
    assert not crowded, "\n".join(crowded)


def test_what_a_click_brought_is_in_sight(page: Page, baked) -> None:
    page.set_viewport_size({"width": 1280, "height": 620})  # the matrix fills it, and the photos are below
    page.goto(f"{baked.url}/mistakes?dataset=drawn")
    settled(page)
    click_a_mistake(page, "confusion")
    expect(page.locator(".st-key-found")).to_be_in_viewport()
    expect(page.locator(".st-key-found")).to_contain_text(re.compile(r"that the model called .*: \d+ photo"))

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{baked.url}/?dataset=drawn")
    settled(page)
    page.locator(".st-key-guess_0_0 button").click()
    expect(page.get_by_test_id("stAlert").filter(has_text="Photo 1")).to_be_in_viewport(ratio=1)
