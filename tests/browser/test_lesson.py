"""The whole lesson, from Start to Recap, clicking what a learner clicks; a screenshot of each page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from lessonkit.lesson.steps import STEPS
from lessonkit.photos.drawn.portrait import draw
from tests.browser.clicking import A_RUN, click_a_mistake, no_errors, settled, shot


def onward(page: Page, title: str) -> None:
    page.get_by_role("link", name=f"Next: {title}").click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    settled(page)


def test_the_whole_lesson(page: Page, server, tmp_path: Path) -> None:
    titles = {s.page: s.title for s in STEPS}

    # Start: the pets draw themselves, then ten guesses.
    page.goto(server.url)
    expect(page.get_by_role("heading", name=titles["start"], level=1)).to_be_visible()
    expect(page.get_by_text("Photo 1 of 10")).to_be_visible(timeout=A_RUN)
    shot(page, "1-start-quiz")
    for number in range(10):
        expect(page.get_by_text(f"Photo {number + 1} of 10")).to_be_visible()
        page.locator(f'[class*="st-key-guess_{number}_"] button').first.click()
    expect(page.get_by_test_id("stMain").get_by_text("Your error rate", exact=True)).to_be_visible()
    shot(page, "1-start")
    no_errors(page)

    # Get the data: the pattern is edited live, a broken one says so and is mended.
    onward(page, titles["data"])
    expect(page.get_by_text("Files that did not match")).to_be_visible()
    pattern = page.get_by_role("textbox", name=re.compile("The regular expression"))
    pattern.fill("([^/]+")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    pattern.fill(r"/([^/]+)_\d+.jpg$")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    shot(page, "2-data", page.get_by_role("heading", name="The breed is in the file name"))
    no_errors(page)

    # One size, one scale.
    onward(page, titles["one_size"])
    expect(page.get_by_alt_text("Augmented view 9.")).to_be_visible(timeout=A_RUN)
    expect(page.get_by_text("without", exact=True)).to_be_visible(timeout=A_RUN)
    shot(page, "3-one-size", page.get_by_role("heading", name="One photo, nine times"))
    no_errors(page)

    # Train, live; the run is found again by a second tab.
    onward(page, titles["train"])
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile("Done in"))).to_be_visible(timeout=A_RUN)
    expect(page.get_by_text("The kept model's error rate")).to_be_visible(timeout=A_RUN)
    expect(page.get_by_text(re.compile("lie .* percentage points"))).to_be_visible(timeout=A_RUN)
    shot(page, "4-train", page.get_by_text(re.compile("Done in")).first)
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.get_by_text(re.compile("Done in"))).to_be_visible()
    second.close()
    no_errors(page)

    # What it got wrong: the photos come as small WebP files; a click on a cell of the matrix shows its photos.
    with page.expect_response(lambda r: "/thumbnails/" in r.url) as thumbnail:
        onward(page, titles["mistakes"])
    assert thumbnail.value.headers["content-type"] == "image/webp"
    assert "immutable" in thumbnail.value.headers["cache-control"]
    click_a_mistake(page, "confusion")
    expect(page.get_by_text(re.compile("that the model called"))).to_be_visible()
    shot(page, "5-mistakes", page.get_by_role("heading", name="Confusion matrix"))
    no_errors(page)

    # Too many epochs.
    onward(page, titles["too_many_epochs"])
    page.get_by_role("button", name="Train on").click()
    expect(page.get_by_text("Does this run overfit?")).to_be_visible(timeout=A_RUN)
    shot(page, "6-too-many-epochs", page.get_by_text(re.compile("Done in")).first)
    no_errors(page)

    # Unfreezing, the naive way and the right way.
    onward(page, titles["unfreezing"])
    for name in ("unfrozen", "unfrozen-slice"):
        button = page.locator(f".st-key-train_{name} button")
        button.click()
        expect(button).to_contain_text("once more", timeout=2 * A_RUN)
    expect(page.get_by_text("What happened.")).to_be_visible(timeout=2 * A_RUN)
    shot(page, "7-unfreezing", page.get_by_text("Every training, on one line"))
    no_errors(page)

    # Your own pet: one that this model has never seen.
    onward(page, titles["your_pet"])
    own = tmp_path / "mine.jpg"
    draw("Birman", 12345, 320).save(own)
    page.locator('input[type="file"]').set_input_files(own)
    expect(page.get_by_text(re.compile("says the model"))).to_be_visible(timeout=A_RUN)
    shot(page, "8-your-pet", page.get_by_text(re.compile("says the model")))
    no_errors(page)

    # Recap, in the run's own numbers.
    onward(page, titles["recap"])
    expect(page.get_by_test_id("stTable")).to_contain_text("frozen, 4 epochs")
    shot(page, "9-recap")
    no_errors(page)
