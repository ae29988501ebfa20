"""The explorer by clicking: the matrix, the map, the slider; marks that outlive a reload; what is taken home."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicking import A_RUN, click_a_mistake, click_a_point, no_errors, settled, shot


def test_a_mistake_is_followed_from_the_matrix_to_its_neighbours(page: Page, baked) -> None:
    page.goto(f"{baked.url}/explorer")
    settled(page)
    click_a_mistake(page, "explorer_matrix")
    page.get_by_role("button", name="Look closer").first.click()
    expect(page.get_by_text("What it learned that from")).to_be_visible(timeout=A_RUN)
    heat = page.locator('img[alt^="Where the network looked"]').first
    expect(heat).to_be_visible(timeout=A_RUN)
    expect(page.get_by_text("distances from 0").first).to_be_visible(timeout=A_RUN)
    expect(page).to_have_url(re.compile("photo="))
    before = heat.get_attribute("src")
    page.get_by_role("slider", name="Heatmap's opacity").press("ArrowRight")
    expect(heat).not_to_have_attribute("src", before)
    shot(page, "10-explorer")
    no_errors(page)


@pytest.mark.parametrize("group", ["mistakes", "trained on"])
def test_a_click_on_the_map_selects_its_photo_and_the_address_brings_it_back(page: Page, baked, group: str) -> None:
    page.goto(f"{baked.url}/explorer")
    page.get_by_role("tab", name="Map of all photos").click()
    expect(page.locator(".st-key-photo_map .js-plotly-plot")).to_be_visible(timeout=A_RUN)
    settled(page)
    photo = click_a_point(page, "photo_map", group)
    page.wait_for_url(re.compile(f"photo={re.escape(photo)}"))
    expect(page.get_by_text(photo, exact=False).first).to_be_visible()
    page.goto(page.url)
    expect(page.get_by_text(photo, exact=False).first).to_be_visible()
    expect(page.get_by_alt_text("Where the network looked", exact=False).first).to_be_visible(timeout=A_RUN)
    shot(page, f"10-map-{group.split()[0]}")
    no_errors(page)


def test_a_mark_is_there_after_a_reload(page: Page, baked) -> None:
    page.goto(f"{baked.url}/clean")
    page.get_by_role("button", name="Leave it out").first.click()
    expect(page.get_by_text("Marks on these photos: 1")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Marks on these photos: 1")).to_be_visible()
    shot(page, "11-clean")
    page.get_by_role("button", name="Take the mark back").click()
    expect(page.get_by_text("Marks on these photos: 1")).to_have_count(0)
    no_errors(page)


def test_training_again_with_a_mark_shows_what_it_was_worth(page: Page, baked) -> None:
    page.goto(f"{baked.url}/clean")
    wrong = page.get_by_role("button", name="Wrong label: it is this").first
    expect(wrong).to_be_enabled()  # it says what is on the page where it is not
    wrong.click()
    expect(page.get_by_text("Marks on these photos: 1")).to_be_visible()
    page.get_by_role("button", name="Train again with the marks").click()
    expect(page.get_by_text("After, on the corrected labels")).to_be_visible(timeout=A_RUN)
    shot(page, "12-trained-again")
    no_errors(page)
    page.get_by_role("button", name="Take all marks back").click()
    page.get_by_role("button", name="Yes, take them all back").click()
    expect(page.get_by_text("Marks on these photos: 1")).to_have_count(0)
    expect(page.get_by_text("After, on the corrected labels")).to_have_count(
        1
    )  # what was trained stays; twice while drawn
    no_errors(page)


def test_a_click_in_two_runs_shows_the_cells_photos_and_one_is_seen_by_both(page: Page, baked) -> None:
    page.goto(f"{baked.url}/two_runs")
    settled(page)
    click_a_mistake(page, "matrix_A")
    expect(page.get_by_text(re.compile("that the model called"))).to_be_visible()
    expect(page.get_by_text(re.compile("photos? by A"))).to_be_visible()
    page.locator('[class*="st-key-cell_"] button', has_text="Look at it").first.click()
    expect(page.get_by_text("seen by both")).to_be_visible()
    expect(page.locator('img[alt^="Where the network looked"]')).to_have_count(2, timeout=A_RUN)
    expect(page.get_by_text(re.compile("^[AB]: where it looked for"))).to_have_count(2)
    shot(page, "13-two-runs")
    page.get_by_role("button", name="Follow it with B").click()
    expect(page.get_by_text("Why did it say that?").first).to_be_visible()
    page.wait_for_url(re.compile("/explorer.*photo="))
    expect(page.get_by_text("Is its label right?")).to_be_visible(timeout=A_RUN)
    no_errors(page)


def test_two_ticks_in_the_table_choose_the_two_runs(page: Page, baked) -> None:
    page.goto(f"{baked.url}/two_runs")
    settled(page)
    page.get_by_text("The runs tried: tick two").click()
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(table).to_be_visible()
    rows = page.get_by_test_id("stDataFrame").locator("tbody tr")
    expect(rows.nth(3)).to_be_attached()
    last = [row.locator("td").last for row in rows.all()]
    for cell in last:
        expect(cell).to_have_text(re.compile("^[0-9a-f]{12}$"))
    ids = [cell.inner_text() for cell in last]
    table.element_handle().wait_for_element_state("stable")  # what is folded out moves down
    box = table.bounding_box()
    high = box["height"] / (len(ids) + 1)  # a line of headings, then a run each
    for row in (0, 2):
        page.mouse.click(box["x"] + 18, box["y"] + high * (row + 1.5))
        settled(page)
    page.wait_for_url(re.compile(f"run_a={ids[2]}.*run_b={ids[0]}"))
    # A touch screen has no hovering: a table's buttons are always there, and have room between it and what is above.
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    frame = page.locator(".stElementContainer:has([data-testid=stDataFrame])").first
    expect(frame.get_by_test_id("stElementToolbar")).to_be_visible()
    page.wait_for_function("matchMedia('(hover: none)').matches")
    page.wait_for_function(
        """() => {
            const frame = document.querySelector(".stElementContainer:has([data-testid=stDataFrame])");
            const at = (one) => one.getBoundingClientRect();
            const buttons = at(frame.querySelector("[data-testid=stElementToolbar]"));
            return at(frame).top <= buttons.top && buttons.bottom <= at(frame.querySelector("canvas")).top + 1;
        }"""
    )
    no_errors(page)


def test_a_trained_photo_is_marked_from_the_closer_look_and_is_there_after_a_reload(page: Page, baked) -> None:
    page.goto(f"{baked.url}/explorer")
    settled(page)
    click_a_mistake(page, "explorer_matrix")
    page.get_by_role("button", name="Look closer").first.click()
    page.locator('[class*="st-key-near_"] button').first.click(timeout=A_RUN)
    expect(page.get_by_text("the model has seen this photo")).to_be_visible(timeout=A_RUN)
    page.get_by_role("button", name="Leave it out").click()
    expect(page.get_by_text("Marked:")).to_be_visible()
    page.reload()
    expect(page.get_by_text("the model has seen this photo")).to_be_visible()
    expect(page.get_by_text("Marked:")).to_be_visible()
    shot(page, "14-trained-photo")
    page.get_by_role("button", name="Take the mark back").click()
    expect(page.get_by_role("button", name="Leave it out")).to_be_visible()
    no_errors(page)


def test_the_notebook_is_downloaded(page: Page, baked) -> None:
    page.goto(f"{baked.url}/take_home")
    page.locator(".st-key-make_notebook").get_by_role("button").click()
    link = page.get_by_role("link", name=re.compile("Download"))
    expect(link).to_be_visible(timeout=A_RUN)
    with page.context.expect_event("download") as download:  # the link opens in a tab, which the download closes
        link.click()
    notebook = json.loads(download.value.path().read_text())
    assert any("fit_one_cycle" in "".join(cell["source"]) for cell in notebook["cells"])
    no_errors(page)


def test_in_large_type_one_key_goes_through_a_page_and_on_to_the_next(page: Page, baked) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{baked.url}/mistakes?large=1")
    heading = page.get_by_role("heading", name="Confusion matrix")
    expect(heading).to_be_visible()
    settled(page)
    page.wait_for_function("parseFloat(getComputedStyle(document.documentElement).fontSize) > 24")
    seen: list[str] = []
    place = "[location.href, document.querySelector('.stMain').scrollTop]"
    top = """() => [location.href, [...document.querySelectorAll(".stMainBlockContainer :is(h1, h2, h3)")].filter(
        (one) => Math.abs(one.getBoundingClientRect().top - 115) < 20).map((one) => one.innerText)]"""
    for _ in range(30):
        before = page.evaluate(place)
        if "too_many_epochs" in before[0]:
            break
        page.keyboard.press("PageDown")
        page.wait_for_function(f"(before) => `${{{place}}}` !== `${{before}}`", arg=before)
        address, headings = page.evaluate(top)
        seen += headings if "mistakes" in address else []
    expect(page.get_by_role("heading", name="Too many epochs", level=1)).to_be_visible()
    page.wait_for_url(re.compile("large=1"))
    # each idea stood at the top of a screen of its own, in the page's order
    assert list(dict.fromkeys(seen)) == [
        "Top losses",
        "From a probability to a loss",
        "Confusion matrix",
        "Most confused",
    ]
