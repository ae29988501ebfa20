"""On a phone nothing is cut off, lies on another thing, or scrolls sideways unseen; what a click brings is in sight."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from lessonkit.lesson.steps import EXPLORE, STEPS
from tests.browser.clicking import CROWDED, SOON, at_rest, click_a_mistake, settled

PAGES = [step.page for step in (*STEPS, *EXPLORE)]


@pytest.mark.parametrize("large", [False, True])
def test_there_is_room_on_every_page(browser: Browser, baked, large: bool) -> None:
    """On a phone, where words are longest; and in large type, for the wall."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080} if large else {"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(SOON)
    found = []
    for name in PAGES:
        page.goto(
            f"{baked.url}/{'' if name == 'start' else name}?dataset=drawn&language=es{'&large=1' if large else ''}"
        )
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        at_rest(page)
        found += [f"{name}: {crowded}" for crowded in page.evaluate(CROWDED)]
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_photos_fill_their_rows(browser: Browser, baked, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SOON)
    for name in ("mistakes", "clean", "data"):
        page.goto(f"{baked.url}/{name}?dataset=drawn&top_only_wrong=false")  # a page of them, however few are wrong
        at_rest(page)
        grid = page.locator(".stMain .stGrid:has(img)").first
        expect(grid).to_be_visible()
        rows = grid.evaluate(
            """grid => {
                const tops = [...grid.children].filter((one) => one.querySelector("img")).map((one) => one.getBoundingClientRect().top);
                return [...new Set(tops)].map((top) => tops.filter((other) => other === top).length);
            }"""
        )
        assert len(set(rows)) == 1, f"{name}: photos in each row: {rows}"
    context.close()


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
    # The next photo is where the one before was, whole, above the buttons.
    for number in (1, 2):
        last = page.locator(f".st-key-guess_{number}_3 button")
        last.evaluate("one => { one.style.scrollMarginBottom = '1rem'; one.scrollIntoView({block: 'end'}) }")
        last.click()
        expect(page.get_by_text(f"Photo {number + 2} of 10")).to_be_visible()
        expect(page.get_by_alt_text("The pet to be guessed.")).to_be_in_viewport(ratio=1)
        expect(page.locator(f".st-key-guess_{number + 1}_3 button")).to_be_in_viewport(ratio=1)
    # The two that look alike are there as before.
    expect(page.get_by_text("Two breeds that look much alike")).to_be_visible()
