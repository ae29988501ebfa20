"""Each page in a browser: by axe's rules, and translated by the browser, as people do who do not read English."""

from __future__ import annotations

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from lessonkit.lesson.steps import EXPLORE, STEPS
from tests.browser.clicking import A_RUN, click_a_mistake, settled

TRANSLATOR = Path(__file__).with_name("translate.js").read_text()
RULES = {  # WCAG 2.1, levels A and AA: contrasts, names, structure
    "light": {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},  # a theme changes nothing else
}
STREAMLITS_OWN = '[data-testid="stSidebarNav"]'  # its lists of pages hold elements that no list may hold
THEMES_BACKGROUND = "() => getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"


def test_pages_keep_the_rules_in_both_themes(page: Page, baked) -> None:
    broken, backgrounds = [], set()
    page.emulate_media(color_scheme="light")
    page.goto(f"{baked.url}/?dataset=drawn")
    theme = "light"
    for number, step in enumerate((*STEPS, *EXPLORE)):
        page.get_by_test_id("stSidebarNavLink").nth(number).click()
        expect(page.get_by_role("heading", name=step.title, level=1)).to_be_visible()
        settled(page)
        for look in (theme, "dark" if theme == "light" else "light"):
            if look != theme:
                before = page.evaluate(THEMES_BACKGROUND)
                page.emulate_media(color_scheme=look)
                page.wait_for_function(f"(before) => ({THEMES_BACKGROUND})() !== before", arg=before)
                settled(page)
                theme = look
            backgrounds.add((look, page.evaluate(THEMES_BACKGROUND)))
            found = Axe().run(page, context={"exclude": [[STREAMLITS_OWN]]}, options=RULES[look])
            broken += [
                f"{step.page}, {look}: {rule['id']}, {node['html'][:200]}"
                for rule in found.response["violations"]
                for node in rule["nodes"]
            ]
    assert not broken, "\n".join(broken)
    assert len(backgrounds) == len(RULES), f"a theme was not the same on all pages: {backgrounds}"


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
