"""Each page by axe's rules for WCAG 2.1, levels A and AA, light and dark: contrasts, names, structure."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from lessonkit.lesson.steps import EXPLORE, STEPS
from tests.browser.clicking import SOON, settled

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
STREAMLITS_OWN = '[data-testid="stSidebarNav"]'  # its lists of pages hold elements that no list may hold


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_keep_the_rules(scheme: str, browser: Browser, baked) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(SOON)
    broken = []
    page.goto(f"{baked.url}/?dataset=drawn")
    for number, step in enumerate((*STEPS, *EXPLORE)):
        page.get_by_test_id("stSidebarNavLink").nth(number).click()
        expect(page.get_by_role("heading", name=step.title, level=1)).to_be_visible()
        settled(page)
        found = Axe().run(page, context={"exclude": [[STREAMLITS_OWN]]}, options={"runOnly": RULES})
        broken += [
            f"{step.page}: {rule['id']}, {node['html'][:200]}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]
    context.close()
    assert not broken, "\n".join(broken)
