"""A class in real browsers: a teacher and two learners, each with a browser of their own."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import SOON, fits, loaded, no_errors, settled, shot
from tests.browser.conftest import serve
from tests.browser.serving import Server
from tests.conftest import SMALL
from tests.engines import until

PIN = "20261126"


@pytest.fixture(scope="module")
def served(lesson_done: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as `make classroom` serves it, on a home where the lesson's runs have been done."""
    home = shutil.copytree(lesson_done, tmp_path_factory.mktemp("class") / "home")
    yield from serve(home, address="0.0.0.0", LESSONKIT_PIN=PIN, **SMALL)


def code_of(server: Server) -> str:
    return json.loads((server.home / "class" / "controls.json").read_text())["code"]


def opened(browser: Browser, server: Server, width: int, code: str = "") -> Page:
    """A browser of its own. With a code, by the address that the QR code holds."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(SOON)
    page.goto(f"{server.url}/?dataset=drawn" + (f"&code={code}" if code else ""))
    settled(page)
    return page


def people(server: Server) -> list[dict]:
    files = (server.home / "class" / "periods" / "first").glob("[0-9a-f]*.json")
    return [one for path in files if isinstance(one := json.loads(path.read_text()), dict)]


def test_a_teacher_and_two_learners(browser: Browser, served: Server) -> None:
    assert "Teacher's PIN:   2026 1126" in served.logged()
    code = code_of(served)
    assert f"The class's code: {code}" in served.logged()
    phone, laptop, teacher = (
        opened(browser, served, width, given) for width, given in ((390, code), (1280, ""), (1280, ""))
    )
    # Who typed the address types the code; nobody takes part before.
    expect(laptop.get_by_role("heading", name="Join the class")).to_be_visible()
    laptop.get_by_label("The code").fill(code)
    laptop.get_by_role("button", name="Join", exact=True).click()
    for page in (phone, laptop):
        expect(page.get_by_text("Which breed is this?")).to_be_visible()
    names = {page: page.context.cookies()[0] for page in (phone, laptop)}
    assert {cookie["httpOnly"] for cookie in names.values()} == {True}
    assert names[phone]["value"] != names[laptop]["value"]

    # A wrong PIN is said where it is seen; the right one opens the panel, and a reload keeps it open.
    teacher.locator(".st-key-teacher_box button").first.click()
    teacher.get_by_label("The PIN from the console").fill("1")
    teacher.get_by_role("button", name="Open the teacher's panel").click()
    expect(teacher.get_by_text("This is not the PIN.")).to_be_in_viewport()
    teacher.get_by_label("The PIN from the console").fill(PIN)
    with teacher.expect_response("**/class/keep"):
        teacher.get_by_role("button", name="Open the teacher's panel").click()
    expect(teacher.get_by_role("heading", name="The class", level=1)).to_be_visible()  # seen at once to have worked
    teacher.reload()
    expect(teacher.get_by_text("You are the teacher.")).to_be_visible()

    # Both answer; a reload brings each back as who they were, and the teacher sees how the answers spread.
    for place, page in enumerate((phone, laptop)):
        page.locator(f".st-key-guess_0_{place} button").click()
        expect(page.get_by_text("Photo 2 of 10")).to_be_visible()
        page.reload()
        settled(page)
    until(
        lambda: sorted(len(one["answers"]) for one in people(served) if one["answers"]) == [1, 1],
        "each has given one answer",
    )
    assert len(people(served)) == 2, "a reload made another learner of somebody, or the teacher is one"
    teacher.get_by_role("link", name="The class", exact=True).click()
    expect(teacher.get_by_text("2 have answered; 2 are here.")).to_be_visible()
    no_errors(teacher)
    fits(teacher)
    shot(teacher, "class-teacher")

    # What a learner trains comes onto the teacher's board without a click or a reload.
    board = teacher.get_by_role("figure", name=re.compile("The error rate of"))
    before = board.get_attribute("aria-label")
    laptop.goto(f"{served.url}/train?dataset=drawn&epochs=2")
    laptop.get_by_role("button", name="Train", exact=True).click()
    expect(board).not_to_have_attribute("aria-label", before)
    expect(board).to_have_attribute("aria-label", re.compile("The error rate of [1-9]"))

    # Whoever is elsewhere is brought along within some seconds, without a click of theirs.
    teacher.locator(".st-key-class_step").get_by_role("combobox").click()
    teacher.get_by_role("option", name="Get the data").click()
    for page in (phone, laptop):
        expect(page.get_by_role("heading", name="Get the data", level=1)).to_be_visible()
    teacher.locator(".st-key-class_text input").fill("Who finds a *better* pattern?")
    teacher.get_by_role("button", name="Say it").click()
    for page in (phone, laptop):
        expect(page.get_by_test_id("stAlert").get_by_text("Who finds a *better* pattern?")).to_be_visible()
        # on a phone the message is above what the learner has scrolled to, so it is said over the page too
        expect(page.get_by_test_id("stToast").get_by_text("Who finds a *better* pattern?")).to_be_in_viewport()
        no_errors(page)

    # The teacher's own question: a tap answers it, and answers after the result are counted apart.
    teacher.get_by_text("Ask your own question").click()
    teacher.get_by_label("Question", exact=True).fill("Why are some held out?")
    for n, choice in enumerate(("To test", "To save time")):
        teacher.locator(f".st-key-own_choice_{n} input").fill(choice)
    teacher.locator(".st-key-own_right").get_by_text("Answer 1", exact=True).click()
    teacher.get_by_role("button", name="Ask everybody").click()
    phone.get_by_role("radio", name="To save time").click()
    expect(teacher.get_by_text("1 has answered; 2 are here.")).to_be_visible()
    teacher.get_by_role("button", name="Show the result").click()
    expect(phone.get_by_text("Right is To test.")).to_be_visible()
    phone.get_by_role("radio", name="To test").click()
    expect(
        teacher.get_by_role("figure", name=re.compile("To test: 0 before, 1 after, To save time: 1 before"))
    ).to_be_visible()

    # On a phone the sidebar that was opened does not lie over the page after a reload.
    phone.get_by_test_id("stExpandSidebarButton").click()
    expect(phone.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    phone.reload()
    settled(phone)
    expect(phone.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")

    # A learner's page on the wall: what it shows, without a name, and nothing on it can be pressed.
    teacher.locator(".st-key-show_learner").get_by_role("combobox").click()
    teacher.get_by_role("option", name="Learner 1").click()
    settled(teacher)
    with teacher.expect_popup() as opening:
        teacher.get_by_role("link", name="Show it in a tab of its own").click()
    shown = opening.value
    settled(shown)
    expect(shown.get_by_text("A learner's page")).to_be_visible()
    expect(shown.get_by_role("heading", name="Get the data", level=1)).to_be_visible()
    expect(shown.get_by_test_id("stMainBlockContainer")).to_have_js_property("inert", True)
    shown.close()

    # The tables, as often as they are asked for.
    teacher.locator(".st-key-export_first label").click()
    for _ in range(2):
        with teacher.expect_download() as download:
            teacher.locator(".st-key-csv_answers_first button").click()
        assert "Why are some held out?" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    no_errors(teacher)

    # The projector: all of the way in is on the screen at 175 %, and the QR code is square.
    teacher.set_viewport_size({"width": 1097, "height": 617})
    teacher.goto(f"{served.url}/projector?wall=join&dataset=drawn")
    code = teacher.locator(".st-key-way_in_wall img")
    expect(code).to_be_visible()
    expect(teacher.get_by_text("2 learners are here.")).to_be_in_viewport()
    expect(teacher.locator(".address")).to_be_in_viewport(ratio=1)
    expect(code).to_be_in_viewport(ratio=1)
    loaded(code)
    teacher.wait_for_function("code => code.getBoundingClientRect().height > 200", arg=code.element_handle())
    no_errors(teacher)
    # Nothing lies on what chooses the view, in large type neither.
    teacher.goto(f"{served.url}/projector?wall=board&dataset=drawn&large=1")
    no_errors(teacher)
    for choice in teacher.locator(".st-key-on_the_wall").get_by_role("radio").all():
        choice.hover(trial=True, position={"x": 4, "y": 2})  # another thing on it would take the pointer
    for page in (phone, laptop, teacher):
        page.context.close()
