"""Each page in a browser: by axe's rules, and translated by the browser, as people do who do not read English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from lessonkit import language
from lessonkit.lesson.steps import EXPLORE, STEPS
from tests.browser.clicking import A_RUN, click_a_mistake, fits, no_errors, settled

TRANSLATOR = Path(__file__).with_name("translate.js").read_text()
RULES = {  # WCAG 2.1, levels A and AA: contrasts, names, structure
    "light": {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},  # a theme changes nothing else
}
STREAMLITS_OWN = '[data-testid="stSidebarNav"]'  # its lists of pages hold elements that no list may hold
THEMES_BACKGROUND = "() => getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"


def test_pages_keep_the_rules_in_both_themes(page: Page, baked) -> None:
    broken: list[str] = []
    backgrounds: dict[str, str] = {}
    page.emulate_media(color_scheme="light")
    page.goto(f"{baked.url}/?dataset=drawn")
    theme = "light"
    for number, step in enumerate((*STEPS, *EXPLORE)):
        page.get_by_test_id("stSidebarNavLink").nth(number).click()
        expect(page.get_by_role("heading", name=step.title, level=1)).to_be_visible()
        fits(page)
        for look in (theme, "dark" if theme == "light" else "light"):
            if look != theme:
                before = page.evaluate(THEMES_BACKGROUND)
                page.emulate_media(color_scheme=look)
                page.wait_for_function(f"(before) => ({THEMES_BACKGROUND})() !== before", arg=before)
                settled(page)
                theme = look
            known = backgrounds.setdefault(look, page.evaluate(THEMES_BACKGROUND))
            page.wait_for_function(f"(known) => ({THEMES_BACKGROUND})() === known", arg=known)  # on all pages the same
            found = Axe().run(page, context={"exclude": [[STREAMLITS_OWN]]}, options=RULES[look])
            broken += [
                f"{step.page}, {look}: {rule['id']}, {node['html'][:200]}"
                for rule in found.response["violations"]
                for node in rule["nodes"]
            ]
    assert not broken, "\n".join(broken)
    assert len(set(backgrounds.values())) == len(RULES)


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
    of_the_run = page.get_by_text(re.compile("3 epochs")).filter(
        visible=True
    )  # a picture that is folded away says it too
    expect(of_the_run.first).to_be_visible(timeout=A_RUN)
    expect(page.get_by_text(re.compile("Done in")).first).to_be_visible(timeout=A_RUN)

    pages = (*STEPS, *EXPLORE)
    for step in (*pages, *STEPS[:2]):
        page.get_by_test_id("stSidebarNavLink").nth(pages.index(step)).click()
        expect(page.get_by_role("heading", name=step.title, level=1)).to_be_visible()
        settled(page)
        assert not problems, f"{step.page}: {problems[0]}"
        expect(page.get_by_text("‹").nth(5), f"{step.page} is translated").to_be_attached()
        if step.page == "mistakes":
            click_a_mistake(page, "confusion")
            expect(page.get_by_text(re.compile("that the model called")).first).to_be_visible()

    # The pattern's answer follows what is typed.
    pattern = page.get_by_role("textbox", name=re.compile("The regular expression"))
    pattern.fill("([^/]+")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    pattern.fill(r"/([^/]+)_\d+.jpg$")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    settled(page)
    expect(page.locator(".pattern li").first).to_be_visible()
    expect(page.locator(".pattern font"), "file names are kept as they are").to_have_count(0)
    assert not problems


@pytest.mark.parametrize("wanted", language.languages())
def test_an_address_of_no_page_is_said_to_be_one_in_the_pages_language(page: Page, baked, wanted: str) -> None:
    """The first page is shown then, under Streamlit's box: it comes with the session's first messages."""
    page.goto(f"{baked.url}/nowhere?language={wanted}&dataset=drawn")
    with language.speaking(wanted):
        not_found, why, title = (
            language.tr(words)
            for words in (
                "Page not found",
                "The page that you have requested does not seem to exist. Running the app's main page.",
                STEPS[0].title,
            )
        )
    box = page.get_by_role("dialog")
    expect(box.get_by_text(not_found, exact=True)).to_be_visible()
    expect(box.get_by_text(why, exact=True)).to_be_visible()
    box.get_by_role("button").first.click()
    expect(box).to_have_count(0)
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    no_errors(page)


def test_text_that_changes_after_it_was_translated_shows_its_new_words(page: Page, baked) -> None:
    page.goto(baked.url)
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
