"""Pages of somebody else, open in a learner's browser, try to have the lesson's server do something."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.types import Message, Scope
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from lessonkit.photos import uploads
from lessonkit.ui.core import hosts, routes
from lessonkit.ui.core.hosts import ExpectedHosts, own_names
from tests.browser.serving import Server

EVIL = "evil.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as `make run` serves it, and behind a proxy of that name."""
    started = Server(tmp_path_factory.mktemp("home"), LESSONKIT_DEVICE="cpu", LESSONKIT_HOSTS="lesson.school.example")
    yield started
    started.close()


def asked(
    server: Server, host: str, origin: str | None = None, path: str = "/", method: str = "GET", size: int = 0
) -> tuple[int, str]:
    """Status and text of a request with these headers; `PORT` in them is the server's own."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host.replace("PORT", str(server.port)))
    if origin is not None:
        connection.putheader("Origin", origin.replace("PORT", str(server.port)))
    if size:
        connection.putheader("Content-Length", str(size))
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def opened(server: Server, host: str, origin: str | None) -> int:
    """The status of a websocket that a page of this origin opens under this name: 101 for one that is let in."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as reached:
        try:
            with connect(
                f"ws://{host}:{server.port}/_stcore/stream",
                sock=reached,
                subprotocols=["streamlit"],
                origin=origin and origin.replace("PORT", str(server.port)),  # type: ignore[arg-type]
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code


OURS = [
    ("127.0.0.1", None),
    ("127.0.0.1", "http://127.0.0.1:PORT"),
    ("localhost", "http://localhost:PORT"),
    ("lesson.school.example", "https://lesson.school.example"),  # the proxy speaks https, and says another port
    ("127.0.0.1", "https://lesson.school.example"),  # the proxy says its own name for the Host
]
THEIRS = [
    (EVIL, f"http://{EVIL}:PORT"),  # rebound: to the browser, this server is the page's own
    (EVIL, None),
    ("127.0.0.1", f"http://{EVIL}"),
    ("127.0.0.1", "http://127.0.0.1:1"),  # another server of this machine
    ("127.0.0.1", "http://localhost:PORT"),
    ("127.0.0.1", "null"),  # a page in a sandbox, or from a file
    ("127.0.0.1", f"http://{EVIL}/127.0.0.1:PORT"),
    (f"127.0.0.1.{EVIL}", f"http://127.0.0.1.{EVIL}:PORT"),
    ("lesson.school.example.evil.example", "https://lesson.school.example"),
]


@pytest.mark.parametrize(("host", "origin"), OURS)
def test_a_learner_is_let_in(server: Server, host: str, origin: str | None) -> None:
    assert opened(server, host, origin) == 101
    assert asked(server, f"{host}:PORT", origin)[0] == 200


@pytest.mark.parametrize(("host", "origin"), THEIRS)
def test_a_page_of_somebody_else_is_not(server: Server, host: str, origin: str | None) -> None:
    assert opened(server, host, origin) == 403
    for path, method in (("/", "GET"), ("/_stcore/health", "GET"), ("/_stcore/upload_file/a/b", "PUT")):
        status, said = asked(server, f"{host}:PORT", origin, path, method)
        assert status == 403
        assert "LESSONKIT_HOSTS" in said


def test_whoever_is_refused_on_and_on_does_not_fill_the_log(server: Server) -> None:
    for _ in range(20):
        asked(server, EVIL)
    assert server.logged().count("refused:") <= 2


def test_health_says_how_it_stands_and_names_no_file(server: Server) -> None:
    status, said = asked(server, "127.0.0.1:PORT", None, "/health")
    assert (status, json.loads(said)["problems"]) == (200, [])
    assert str(server.home) not in said


def test_an_upload_for_which_there_is_no_room_is_refused_before_it_is_read(server: Server) -> None:
    status, said = asked(server, "127.0.0.1:PORT", None, "/_stcore/upload_file/a/b", "PUT", size=uploads.EACH + 1)
    assert (status, "may take" in said) == (413, True)
    assert asked(server, "127.0.0.1:PORT", None, "/_stcore/upload_file/a/b", "PUT", size=1)[0] == 403, "no XSRF token"


def test_a_message_that_no_page_sends_costs_nobody_but_its_sender(server: Server) -> None:
    """Too large, unreadable, of a developer's kind, with widgets that no page has: the server answers everybody else."""
    forged = BackMsg()
    for name in ("class_teacher", "class_entered", "my_dataset", "$$ID-0-None"):
        widget = forged.rerun_script.widget_states.widgets.add()
        widget.id, widget.string_value = name, "../../x"
    forged.rerun_script.page_script_hash = "f" * 10_000
    forged.rerun_script.query_string = "dataset=../../etc&run=../x&photo=%00&" + "x=y&" * 2_000
    clear = BackMsg(clear_cache=True)
    url = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    for sent in (b"\0" * (26 << 20), b"\xff" * 100, "text", b"", clear.SerializeToString(), forged.SerializeToString()):
        with contextlib.suppress(ConnectionClosed), connect(url, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            socket.send(sent)
            socket.send(forged.SerializeToString())
            socket.recv(timeout=60)
        assert asked(server, "127.0.0.1:PORT", None, "/_stcore/health")[0] == 200
    assert routes.LOGGED not in server.logged()


# what the middleware lets through, without a server


def let_in(host: str | None, origin: str | None = None, kind: str = "http", **how: object) -> bool:
    """Whether the app behind the middleware is asked at all."""
    seen: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, *_: object) -> None:
        seen.append(scope)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", host.encode("latin-1"))] if host is not None else []
    headers += [(b"origin", origin.encode("latin-1"))] if origin is not None else []
    scope = {"type": kind, "method": "GET", "path": "/", "headers": headers}
    asyncio.run(ExpectedHosts(app, **{"others": False, "names": (), **how})(scope, None, send))  # type: ignore[arg-type]
    assert bool(seen) != bool(sent)
    return bool(seen)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host", [None, "", ":8501", "a@127.0.0.1", "127.0.0.1:", "127.1", "0x7f.0.0.1", "[::1", "é", "10.0.0.5"]
)
def test_streamlit_never_sees_a_request_for_another_host(kind: str, host: str | None) -> None:
    assert not let_in(host, kind=kind)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.8.8.8:8501", "[::1]:8501", "localhost."]
)
def test_this_machines_own_names_are_known(host: str) -> None:
    assert let_in(host, kind="websocket")


def test_a_class_comes_by_any_number_and_by_this_machines_names() -> None:
    """A number cannot be rebound, and one behind a router does not know its own."""
    for host in ("192.168.1.20:8501", "[fd00::1]:8501", "localhost", *own_names()):
        assert let_in(host, f"http://{host}", others=True), host
    assert not let_in(EVIL, f"http://{EVIL}", others=True)
    assert not let_in("192.168.1.20:8501", f"http://{EVIL}", others=True)
    assert own_names(lambda: "Teacher.lan.") == {"localhost", "teacher.lan", "teacher", "teacher.local"}
    assert own_names(lambda: "") == {"localhost"}


def test_streamlit_is_told_of_no_origin_that_it_would_ask_the_internet_about() -> None:
    """It does where the two differ in a letter, on its event loop."""
    seen: list[Scope] = []

    async def app(scope: Scope, *_: object) -> None:
        seen.append(scope)

    headers = [(b"host", b"LESSON.example:8501"), (b"origin", b"https://lesson.example"), (b"cookie", b"a=b")]
    scope = {"type": "websocket", "path": "/", "headers": headers}
    asyncio.run(ExpectedHosts(app, False, ("lesson.example",))(scope, None, None))  # type: ignore[arg-type]
    assert dict(seen[0]["headers"])[b"origin"] == b"https://LESSON.example:8501"
    assert seen[0]["headers"][2] == (b"cookie", b"a=b")


def test_a_port_that_is_not_said_is_the_usual_one() -> None:
    named = {"names": ("lesson.example",)}
    assert let_in("127.0.0.1", "http://127.0.0.1:80")
    assert let_in("127.0.0.1:443", "https://127.0.0.1")
    assert not let_in("127.0.0.1", "https://127.0.0.1:8443")
    assert let_in("lesson.example:8443", "https://lesson.example", **named)


@pytest.mark.parametrize(
    ("address", "others"), [(None, True), ("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False)]
)
def test_whom_it_serves_is_what_the_server_was_told(
    address: str | None, others: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "get_option", lambda name: {"server.address": address}[name])
    monkeypatch.setenv("LESSONKIT_HOSTS", "http://unusable")
    assert hosts.serves_others() is others
    made = ExpectedHosts(lambda *_: None)  # type: ignore[arg-type,return-value]
    assert (made.others, made.names) == (others, frozenset())
