"""A real server and a real Chromium, for the lesson as a learner does it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lessonkit.ui.core.routes import LOGGED
from tests.browser.clicking import SOON
from tests.browser.serving import FLAGS, Server, chromium
from tests.conftest import SMALL

expect.set_options(timeout=SOON)  # its own are five seconds, whatever a page's are


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        message = "no Chromium on this machine: install it, or name one in LESSONKIT_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a home with nothing in it."""
    yield from serve(tmp_path_factory.mktemp("home"), LESSONKIT_DRAWN_PER_BREED="12", LESSONKIT_DEVICE="cpu")


@pytest.fixture(scope="module")
def baked(lesson_done: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a home where the lesson's runs have been done."""
    yield from serve(shutil.copytree(lesson_done, tmp_path_factory.mktemp("baked") / "home"), **SMALL)


def serve(home: Path, **environment: str) -> Iterator[Server]:
    server = Server(home, **environment)
    yield server
    server.close()
    assert LOGGED not in server.logged(), "a page failed, at a moment when no test looked"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SOON)
    yield page
    context.close()
