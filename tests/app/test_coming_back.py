"""Somebody's browser reloads, sleeps or is closed, and the server is started again: the lesson goes on where it was."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.browser.serving import Server
from tests.conftest import SMALL

SOON = 90.0  # seconds; long, for a machine that does much else


class Browser:
    """What of a browser this takes: the address that it shows, the last session's id, and what stands on the page."""

    def __init__(self, query: str):
        self.query, self.page = query, ""
        self.session = self.title = ""
        self.buttons: dict[str, str] = {}
        self.metrics: dict[str, str] = {}
        self.cookie = ""
        self._hashes: dict[str, str] = {}
        self._socket: ClientConnection | None = None

    def open(self, server: Server, as_before: bool = False) -> None:
        """Load the address that it shows; `as_before`: as the session that was there, as after a lost connection."""
        request = urllib.request.Request(
            f"{server.url}/{self.page}", headers={"Cookie": self.cookie, "Accept": "text/html"}
        )
        with urllib.request.urlopen(request, timeout=SOON) as page:
            self.cookie = (page.headers.get("set-cookie") or self.cookie).partition(";")[0]
        self._socket = connect(
            f"ws://127.0.0.1:{server.port}/_stcore/stream",
            subprotocols=["streamlit", "none", *([self.session] if as_before else [])],  # type: ignore[list-item]
            additional_headers={"Cookie": self.cookie},
            max_size=None,
        )
        self.run()

    def lose(self) -> None:
        """The connection is cut, without a goodbye: a lid was closed, a tab, or the server died."""
        assert self._socket is not None
        self._socket.socket.close()

    def turn_to(self, page: str) -> None:
        self.page = page
        self.run(hash_=self._hashes[page])

    def press(self, label: str) -> None:
        self.run(button=next(i for i, name in self.buttons.items() if name == label))

    def run(self, button: str = "", hash_: str = "") -> None:
        """Have the page run, and read all that comes of it."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name, asked.page_script_hash = self.query, self.page, hash_
        if button:
            state = asked.widget_states.widgets.add()
            state.id, state.trigger_value = button, True
        assert self._socket is not None
        self.buttons, self.metrics = {}, {}
        self._socket.send(message.SerializeToString())
        while not self._ended(ForwardMsg.FromString(self._socket.recv(timeout=SOON))):  # type: ignore[arg-type]
            pass

    def _ended(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "navigation":
            self._hashes = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "heading" and element.heading.tag == "h1":
                self.title = element.heading.body
            elif element.WhichOneof("type") == "metric":
                self.metrics[element.metric.label] = element.metric.body
            elif element.WhichOneof("type") == "button":
                self.buttons[element.button.id] = element.button.label
        return kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


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
