"""The lesson in a browser that translates the page, as people do who do not read English."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from lessonkit.lesson.steps import EXPLORE, STEPS
from tests.browser.clicking import A_RUN, click_a_mistake, settled

TRANSLATOR = Path(__file__).with_name("translate.js").read_text()


def test_every_page_survives_a_translation_of_what_it_shows(page: Page, baked) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{baked.url}/train?dataset=drawn")
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_visible()
    settled(page)
    page.evaluate(TRANSLATOR)
    expect(page.get_by_role("heading", name="‹Train›", level=1)).to_be_visible()

    # A run's progress moves to its end, and its numbers are not those of its beginning.
    page.get_by_role("spinbutton", name=re.compile("Epochs")).fill("3")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="‹Train›", exact=True).click()
    expect(page.get_by_text(re.compile("3 epochs")).first).to_be_visible(timeout=A_RUN)
    expect(page.get_by_text(re.compile("Done in")).first).to_be_visible(timeout=A_RUN)

    pages = (*STEPS, *EXPLORE)
    for step in (*pages, *STEPS[:2]):
        page.get_by_test_id("stSidebarNavLink").nth(pages.index(step)).click()
        expect(page.get_by_role("heading", name=step.title, level=1)).to_be_visible()
        settled(page)
        assert not problems, f"{step.page}: {problems[0]}"
        assert page.get_by_text("‹").count() > 5, f"{step.page} is translated"
        if step.page == "mistakes":
            click_a_mistake(page, "confusion")
            expect(page.get_by_text(re.compile("that the model called")).first).to_be_visible()

    # The pattern's answer follows what is typed.
    pattern = page.get_by_role("textbox", name=re.compile("The regular expression"))
    pattern.fill("([^/]+")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    pattern.fill(r"/([^/]+)_\d+.jpg$")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    assert page.locator(".pattern font").count() == 0, "file names are kept as they are"
    assert not problems


def test_text_that_changes_after_it_was_translated_shows_its_new_words(page: Page, server) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    said = page.evaluate(
        """async () => {
            const root = document.body.appendChild(document.createElement("p"));
            const text = root.appendChild(document.createTextNode("1 of 4"));
            const font = document.createElement("font");
            font.textContent = "1 von 4";
            root.replaceChild(font, text);
            await Promise.resolve();
            text.nodeValue = "2 of 4";
            const changed = root.textContent;
            root.replaceChild(font, root.firstChild);
            await Promise.resolve();
            root.insertBefore(document.createElement("b"), text);
            const order = [...root.childNodes].map((n) => n.nodeName).join(" ");
            root.removeChild(text);
            return [changed, order, [...root.childNodes].map((n) => n.nodeName).join(" ")];
        }"""
    )
    assert said == ["2 of 4", "B FONT", "B"]
