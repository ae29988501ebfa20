"""Two processes behind one port: a browser's requests go to one of them, nobody gets past the proxy, what dies comes again."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from lessonkit import runs
from lessonkit.classroom import controls, learners
from lessonkit.engine import record
from lessonkit.engine.client import Engine
from lessonkit.serving import proxy, worker
from lessonkit.ui.core import addresses
from tests.app.test_hosts import OURS, THEIRS, asked, opened
from tests.app.visiting import Browser
from tests.browser.serving import Server, need_proxy
from tests.conftest import SMALL
from tests.engines import STANDIN, until
from tests.faults import standins


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("several")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    """The app as `make classroom WORKERS=2` serves it."""
    need_proxy()
    started = Server(home, workers=2, LESSONKIT_DEVICE="cpu", LESSONKIT_HOSTS="lesson.school.example")
    yield started
    started.close()
    assert "Traceback" not in started.logged()


def serving(server: Server) -> dict[int, psutil.Process]:
    """The processes that serve pages, by their numbers."""
    found = {}
    for child in psutil.Process(server.process.pid).children():
        if "streamlit" in child.cmdline():
            found[json.loads(child.environ()[worker.TOLD])["number"]] = child
    return found


def ports(server: Server) -> list[int]:
    return json.loads(serving(server)[1].environ()[worker.TOLD])["ports"]


def given(server: Server, path: str, cookie: str = "", accept: str = "*/*") -> tuple[int, list[str]]:
    """Status, and the processes that a GET's answer names in its cookies."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie, "Accept": accept})
    answer = connection.getresponse()
    answer.read()
    cookies = answer.headers.get_all("set-cookie") or []
    connection.close()
    return answer.status, [c.split(";")[0].split("=")[1] for c in cookies if c.startswith(worker.COOKIE)]


def health(server: Server, cookie: str = "") -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/health", headers={"Cookie": cookie})
    answer = connection.getresponse()
    found = json.loads(answer.read())
    connection.close()
    return answer.status, found


def socket_given(server: Server, cookie: str) -> list[str]:
    """The process that a websocket's answer names, where it is not that of the cookie."""
    with connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers={"Cookie": cookie},
    ) as reached:
        assert reached.response is not None
        cookies = reached.response.headers.get_all("set-cookie")
    return [c.split(";")[0].split("=")[1] for c in cookies if c.startswith(worker.COOKIE)]


def test_a_browser_stays_with_its_process_over_http_and_websocket(server: Server) -> None:
    for number in ("1", "2"):
        cookie = f"{worker.COOKIE}={number}"
        for _ in range(5):  # an answer names another process than the cookie's where it comes from another
            assert given(server, "/", cookie, "text/html") == (200, [])
            assert given(server, worker.ALIVE, cookie) == (200, [])
            assert socket_given(server, cookie) == []
    assert {given(server, "/", accept="text/html")[1][0] for _ in range(40)} == {"1", "2"}
    for cookie in ("", f"{worker.COOKIE}=9", f"{worker.COOKIE}=12"):
        assert given(server, worker.ALIVE, cookie) == (200, ["1"]), "a browser that keeps no cookies meets one process"
        assert socket_given(server, cookie) == ["1"]
    assert given(server, "/app/static/thumbnails/none.webp")[1] == [], "a photo leads nobody away"


def test_nobody_gets_past_the_proxy(server: Server) -> None:
    for process in serving(server).values():
        listening = [c.laddr for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
        assert [one.ip for one in listening] == ["127.0.0.1"]
    for port in ports(server):
        for secret in ({}, {worker.HEADER: "x"}):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/", headers=secret)
            assert connection.getresponse().status == 403
            connection.close()
            with pytest.raises(InvalidStatus, match="403"):
                connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], additional_headers=secret)  # type: ignore[list-item]


@pytest.mark.parametrize(("host", "origin"), OURS)
def test_a_learner_is_let_in(server: Server, host: str, origin: str | None) -> None:
    assert opened(server, host, origin) == 101
    assert asked(server, f"{host}:PORT", origin)[0] == 200


@pytest.mark.parametrize(("host", "origin"), THEIRS)
def test_a_page_of_somebody_else_is_not(server: Server, host: str, origin: str | None) -> None:
    assert opened(server, host, origin) == 403
    assert asked(server, f"{host}:PORT", origin)[0] == 403


def test_who_asks_is_known_by_their_own_address_whatever_they_say(server: Server, home: Path) -> None:
    """By it wrong codes and PINs are counted."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.query_string = "code=0000"
    here = next(iter(addresses.reachable()), "127.0.0.1")
    with connect(
        f"ws://{here}:{server.port}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers={"X-Forwarded-For": "203.0.113.9"} if here != "127.0.0.1" else None,
    ) as reached:
        reached.send(message.SerializeToString())
        codes = home / "class" / "codes.json"
        until(codes.is_file, "a wrong code is noted")
        assert [whence.split("\t")[0] for _, whence in json.loads(codes.read_text())] == [here]


def test_one_pin_for_all_and_health_tells_of_all(server: Server, home: Path) -> None:
    assert server.logged().count("Teacher's PIN:") == 1
    assert re.search(rf"Join the class:  http://[0-9.]+:{server.port}/", server.logged()) or not addresses.reachable()
    pin = (home / "class" / "pin.json").read_bytes()
    before = serving(server)
    assert health(server)[1]["processes"] == {"of": 2, "answering": 2}
    before[1].suspend()
    try:
        status, said = health(server, f"{worker.COOKIE}=2")
        assert (status, said["processes"]) == (503, {"of": 2, "answering": 1})
        assert said["problems"] == ["Of 2 processes that serve pages, 1 do not answer."]
    finally:
        before[1].resume()
    before[1].kill()
    until(lambda: given(server, worker.ALIVE, f"{worker.COOKIE}=1") == (200, ["2"]), "the other answers for it")
    until(lambda: 1 in serving(server) and serving(server)[1].pid != before[1].pid, "it is started again")
    until(lambda: given(server, worker.ALIVE, f"{worker.COOKIE}=1") == (200, []), "it answers again")
    assert (home / "class" / "pin.json").read_bytes() == pin, "a process that is started again makes another PIN"
    assert server.logged().count("Teacher's PIN:") == 1
    assert server.logged().count("Process 1 has ended") == 1


def test_learners_of_a_process_that_died_go_on_in_the_other_and_runs_in_the_engine(
    lesson_done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_proxy()
    home = shutil.copytree(lesson_done, tmp_path / "home")
    monkeypatch.setenv("LESSONKIT_HOME", str(home))
    engines = {
        **SMALL,
        "PYTHONPATH": str(STANDIN),
        "LESSONKIT_ENGINE_IDLE": "120",
    }  # one that trains as long as it is told
    server = Server(home, workers=2, **engines)
    try:
        code = controls.read().code
        browsers = [Browser(f"dataset=drawn&actual=beagle&code={code}") for _ in range(2)]
        for browser in browsers:
            browser.open(server)
            browser.press(next(iter(browser.buttons.values())))  # a guess
            browser.turn_to("mistakes")
        assert {browser.cookies[worker.COOKIE] for browser in browsers} == {"1", "2"}
        assert len(learners.here(controls.read().period)) == 2
        until(lambda: record.alive(record.read()), "an engine is started by one of them")
        serves = record.read()
        assert serves is not None
        engine = Engine()
        engine.device()  # what warms the engine imports what the stand-in looks at
        run = engine.submit(standins.spec("wait", 1))
        until(lambda: run.id in standins.trained(home), "it trains")

        starter, before = psutil.Process(serves.pid).ppid(), serving(server)
        number = next((n for n, one in before.items() if one.pid == starter), 1)
        (theirs,) = (browser for browser in browsers if browser.cookies[worker.COOKIE] == str(number))
        (others,) = (browser for browser in browsers if browser is not theirs)
        seen, session = where(theirs), others.session
        assert (seen[0], "actual=beagle" in seen[2], seen[3]) != ("", False, "–")
        before[number].kill()
        before[number].wait(60)
        theirs.lose()
        theirs.open(server, as_before=True)
        assert where(theirs) == seen
        others.run()
        assert others.session == session, "what died was another's"
        assert len(learners.here(controls.read().period)) == 2, "whoever landed elsewhere is who they were"

        assert record.read() == serves
        (home / "go").touch()
        assert (standins.wait_end(run).state, standins.trained(home).count(run.id)) == (runs.DONE, 1)
        until(lambda: number in serving(server), "the process is started again")
        engine.close()
    finally:
        server.close()


def where(browser: Browser) -> tuple[str, str, str, str]:
    return browser.page, browser.title, browser.query, browser.metrics["Your error"]


def test_ctrl_c_ends_all(tmp_path: Path) -> None:
    need_proxy()
    server = Server(tmp_path, workers=2, LESSONKIT_DEVICE="cpu")
    family = psutil.Process(server.process.pid).children()
    assert len(family) == 3
    with ExitStack() as here:
        for _ in range(3):
            here.enter_context(
                connect(f"ws://127.0.0.1:{server.port}/_stcore/stream", subprotocols=["streamlit"])  # type: ignore[list-item]
            )
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 0
    assert psutil.wait_procs(family, timeout=60)[1] == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)
    server.close()


@pytest.mark.skipif(os.name != "posix", reason="what Windows does when a process is killed has not been tried")
def test_what_is_left_by_one_that_was_killed_is_ended(tmp_path: Path) -> None:
    need_proxy()
    server = Server(tmp_path, workers=2, LESSONKIT_DEVICE="cpu")
    family = psutil.Process(server.process.pid).children()
    server.process.kill()
    server.process.wait(60)
    processes = [one for one in family if one.name() != proxy.NAME]
    assert psutil.wait_procs(processes, timeout=60)[1] == [], "a process outlives who started it"
    server.close()
    another = Server(tmp_path, workers=2, LESSONKIT_DEVICE="cpu")
    try:
        assert psutil.wait_procs(family, timeout=60)[1] == [], "the proxy of before holds its port for ever"
    finally:
        another.close()
