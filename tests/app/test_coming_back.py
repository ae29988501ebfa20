"""Somebody's browser reloads, sleeps or is closed, and the server is started again: the lesson goes on where it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.visiting import Browser
from tests.browser.serving import Server
from tests.conftest import SMALL


@pytest.fixture
def home(lesson_done: Path, tmp_path: Path) -> Path:
    return shutil.copytree(lesson_done, tmp_path / "home")


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    started = Server(home, **SMALL)
    yield started
    started.close()


def test_after_a_reload_a_sleep_or_another_start_of_the_server_a_learner_is_where_they_were(
    home: Path, server: Server
) -> None:
    """On the same step, with the same photos, what was selected, and what was answered."""
    browser = Browser("dataset=drawn&actual=beagle")
    browser.open(server)
    browser.press(next(iter(browser.buttons.values())))  # a guess
    browser.turn_to("explorer")
    browser.press("Look closer")

    def where() -> tuple[object, ...]:
        return browser.page, browser.title, browser.query, browser.metrics["Your error"]

    before, session = where(), browser.session
    assert "photo=" in browser.query
    assert before[1:2] + before[3:] != ("", "–")

    browser.lose()
    browser.open(server, as_before=True)
    assert (where(), browser.session) == (before, session), "a lid that was closed for a moment costs the session"

    browser.lose()
    browser.open(server)
    assert browser.session != session
    assert where() == before, "after a reload, or in a tab that was closed and is opened again"

    server.process.kill()
    server.process.wait(20)
    another = Server(home, **SMALL)
    try:
        browser.lose()
        browser.open(another, as_before=True)
        assert where() == before, "after another start of the server"
    finally:
        another.close()
