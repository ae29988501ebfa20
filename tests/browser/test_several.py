"""A class served by two processes behind one port, in real browsers: nobody can tell, also when one of the two dies."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, Response, expect

from lessonkit.photos.drawn.portrait import draw
from lessonkit.serving import worker
from tests.browser.clicking import A_RUN, SOON, loaded, no_errors, settled
from tests.browser.conftest import serve
from tests.browser.serving import Server, need_proxy
from tests.browser.test_class import PIN, code_of, opened
from tests.conftest import SMALL
from tests.engines import until


@pytest.fixture(scope="module")
def served(lesson_done: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as `make classroom WORKERS=2` serves it, on a home where the lesson's runs have been done."""
    need_proxy()
    home = shutil.copytree(lesson_done, tmp_path_factory.mktemp("several") / "home")
    yield from serve(home, workers=2, LESSONKIT_PIN=PIN, **SMALL)


def process_of(page: Page) -> int:
    """The number of the process that this browser's requests go to."""
    return int(next(one["value"] for one in page.context.cookies() if one["name"] == worker.COOKIE))


def processes(server: Server) -> dict[int, psutil.Process]:
    """The processes that serve pages, by their numbers: their ports are in that order on the proxy's list."""
    found = {}
    for child in psutil.Process(server.process.pid).children():
        if "streamlit" in child.cmdline():
            found[json.loads(child.environ()[worker.TOLD])["number"]] = child
    return found


def test_a_class_on_two_processes(browser: Browser, served: Server, tmp_path: Path) -> None:
    assert served.logged().count("Teacher's PIN:") == 1
    code = code_of(served)
    phone, laptop = (opened(browser, served, width, code) for width in (390, 1280))
    refused: list[str] = []

    def note(response: Response) -> None:
        if response.status >= 400 and ("/media/" in response.url or "/upload_file/" in response.url):
            refused.append(f"{response.status} {response.url}")

    for page in (phone, laptop):
        page.on("response", note)
    assert {process_of(phone), process_of(laptop)} == {1, 2}, "the second went where nobody was"
    teacher = opened(browser, served, 1280)
    teacher.locator(".st-key-teacher_box button").first.click()
    teacher.get_by_label("The PIN from the console").fill(PIN)
    with teacher.expect_response("**/class/keep"):
        teacher.get_by_role("button", name="Open the teacher's panel").click()
    teacher.reload()
    expect(teacher.get_by_text("You are the teacher.")).to_be_visible()

    # What each answers, and that they are here, the teacher sees, on whichever process.
    for place, page in enumerate((phone, laptop)):
        page.locator(f".st-key-guess_0_{place} button").click()
        expect(page.get_by_text("Photo 2 of 10")).to_be_visible()
    teacher.get_by_role("link", name="The class", exact=True).click()
    expect(teacher.get_by_text("2 have answered; 2 are here.")).to_be_visible()
    teacher.locator(".st-key-class_text input").fill("Look at the ears")
    teacher.get_by_role("button", name="Say it").click()
    for page in (phone, laptop):
        expect(page.get_by_test_id("stAlert").get_by_text("Look at the ears")).to_be_visible()
    no_errors(teacher)

    # An upload is taken by the process that has the session, and photos come from there.
    own = tmp_path / "mine.jpg"
    draw("Birman", 12345, 320).save(own)
    for page in (phone, laptop):
        page.goto(f"{served.url}/your_pet?dataset=drawn")
        settled(page)
        page.locator('input[type="file"]').set_input_files(own)
        expect(page.get_by_text(re.compile("says the model"))).to_be_visible(timeout=A_RUN)
        no_errors(page)
        photos = page.locator('img[src*="/media/"]')
        expect(photos.first).to_be_visible()
        loaded(photos)
    assert refused == []
    for page in (phone, laptop, teacher):
        page.context.close()


def test_a_browser_whose_process_dies_goes_on_in_the_other_by_itself(browser: Browser, served: Server) -> None:
    code = code_of(served)
    learner, other = (opened(browser, served, 1280, code) for _ in range(2))
    learner.goto(f"{served.url}/mistakes?dataset=drawn&actual=beagle&predicted=pug")
    settled(learner)
    expect(learner).to_have_url(re.compile("actual=beagle"))
    address, title = learner.url, learner.get_by_role("heading", level=1).inner_text()
    dying, before = process_of(learner), processes(served)
    with learner.expect_websocket(timeout=SOON):
        before[dying].kill()
    expect(learner.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
    no_errors(learner)
    expect(learner.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(learner).to_have_url(address)
    assert process_of(other) != dying
    no_errors(other)
    until(
        lambda: dying in processes(served) and processes(served)[dying].pid != before[dying].pid, "it is started again"
    )
    for page in (learner, other):
        page.context.close()
