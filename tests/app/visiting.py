"""A browser as far as the server sees one: the address that it shows, its cookies, the last session's id, what stands on the page."""

from __future__ import annotations

import urllib.request

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.browser.serving import Server

SOON = 90.0  # seconds; long, for a machine that does much else


class Browser:
    """Somebody's browser, whose address has this query."""

    def __init__(self, query: str):
        self.query, self.page = query, ""
        self.session = self.title = ""
        self.buttons: dict[str, str] = {}
        self.metrics: dict[str, str] = {}
        self.cookies: dict[str, str] = {}
        self._hashes: dict[str, str] = {}
        self._socket: ClientConnection | None = None

    def open(self, server: Server, as_before: bool = False) -> None:
        """Load the address that it shows; `as_before`: as the session that was there, as after a lost connection."""
        request = urllib.request.Request(
            f"{server.url}/{self.page}", headers={"Cookie": self._cookie(), "Accept": "text/html"}
        )
        with urllib.request.urlopen(request, timeout=SOON) as page:
            for given in page.headers.get_all("set-cookie") or []:
                name, _, value = given.partition(";")[0].partition("=")
                self.cookies[name] = value
        self._socket = connect(
            f"ws://127.0.0.1:{server.port}/_stcore/stream",
            subprotocols=["streamlit", "none", *([self.session] if as_before else [])],  # type: ignore[list-item]
            additional_headers={"Cookie": self._cookie()},
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

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

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
