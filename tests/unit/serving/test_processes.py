"""The processes and the proxy, started, watched and ended; a stand-in for Streamlit serves."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.browser.serving import ROOT, free_port, need_proxy
from tests.engines import until

STAND_IN = Path(__file__).with_name("stand_in.py")
SERVE = """
import errno
import sys
from lessonkit.errors import LessonError
from lessonkit.serving import processes
if "full" in sys.argv:
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")
    processes.write_json = full
processes.LOOK_EVERY, processes.SILENT, processes.LONGEST_PAUSE = 0.1, 1.0, 0.1
try:
    sys.exit(processes.serve(sys.argv[2:], "127.0.0.1", int(sys.argv[1]), 2, True))
except LessonError as problem:
    sys.exit(str(problem))
"""


class Started:
    def __init__(self, *asked: str, port: int = 0, python: str = sys.executable, nohup: bool = False):
        self.port = port or free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self.port), python, str(STAND_IN), *asked],
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=(lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) if nohup else None,
        )  # fmt: skip

    def asked(self, process: int = 1, method: str = "GET") -> list[str]:
        """[number, pid, whether the proxy's secret was there] of the process that answered; [] where none did."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, "/", headers={"Cookie": f"lessonkit_process={process}"})
            answer = connection.getresponse()
            return answer.read().decode().split() if answer.status == 200 else []
        except (OSError, http.client.HTTPException):
            return []
        finally:
            connection.close()

    def proxy(self) -> psutil.Process | None:
        children = psutil.Process(self.process.pid).children()
        return next((one for one in children if one.name() == "caddy"), None)


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Started]]:
    need_proxy()
    began: list[Started] = []

    def begin(*asked: str, **how: Any) -> Started:
        began.append(Started(*asked, **how))
        return began[-1]

    yield begin
    for one in began:
        one.process.send_signal(signal.SIGTERM)
        one.process.communicate(timeout=60)


@pytest.mark.slow
def test_what_dies_is_started_again_and_what_is_silent_too_and_the_proxy(start: Callable[..., Started]) -> None:
    served = start()
    assert served.process.stdout is not None
    assert any("2 processes serve" in line for line in served.process.stdout), (
        "else one that dies says that none can start"
    )
    assert (served.asked(process=2)[0], served.asked()[0]) == ("2", "1"), "each its own"
    first, second = served.asked(process=1), served.asked(process=2)
    assert (first[0], first[2], second[0], second[2]) == ("1", "True", "2", "True")

    served.asked(process=1, method="POST")
    assert served.asked(process=1)[0] in ("1", "2"), "nobody answers for it"
    until(lambda: served.asked(process=1)[:1] == ["1"], "it is started again")
    assert served.asked(process=1)[1] != first[1]
    assert served.asked(process=2) == second

    silent = psutil.Process(int(second[1]))
    silent.suspend()
    until(lambda: not silent.is_running(), "one that does not answer is ended")
    until(lambda: served.asked(process=2)[:1] == ["2"], "and started again")

    proxy = served.proxy()
    assert proxy is not None
    proxy.kill()
    until(lambda: served.asked(process=2)[:1] == ["2"], "the proxy is started again")

    served.process.send_signal(signal.SIGINT)
    said = served.process.communicate(timeout=60)[1]
    assert served.process.returncode == 0
    for line in ("Process 1 has ended (exit code 3)", "Process 2 does not answer", "The proxy has ended (SIGKILL)"):
        assert said.count(line) == 1, said


def test_processes_that_cannot_start_end_it_with_their_exit_code(start: Callable[..., Started]) -> None:
    broken = start("broken")
    assert broken.process.wait(60) == 7


def test_one_that_ends_before_any_has_answered_is_started_again_while_others_are_left(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    served = start(f"once={tmp_path / 'ended'}")
    until(lambda: served.asked(process=1)[:1] == ["1"], "the first is started again")
    until(lambda: served.asked(process=2)[:1] == ["2"], "the second serves")


def test_one_that_cannot_be_started_again_does_not_end_the_others(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o700)
    served = start(python=str(python))
    assert served.process.stdout is not None
    assert any("2 processes serve" in line for line in served.process.stdout)
    python.rename(tmp_path / "elsewhere")
    served.asked(process=1, method="POST")
    assert served.process.stderr is not None
    assert any("Process 1 cannot be started: " in line for line in served.process.stderr)
    assert served.asked(process=2)[0] == "2"
    (tmp_path / "elsewhere").rename(python)
    until(lambda: served.asked(process=1)[:1] == ["1"], "it is started again as soon as that can be")


def test_a_full_disk_does_not_keep_the_proxy_from_serving(start: Callable[..., Started]) -> None:
    served = start("full")
    until(lambda: served.asked(process=2)[:1] == ["2"], "it serves")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_what_nohup_started_outlives_its_terminal(start: Callable[..., Started]) -> None:
    served = start(nohup=True)
    until(lambda: served.asked(process=1)[:1] == ["1"], "it serves")
    before = served.asked(process=1)
    served.process.send_signal(signal.SIGHUP)
    served.asked(process=1, method="POST")
    until(lambda: served.asked(process=1)[:1] == ["1"], "a process that died later is started again")
    assert served.asked(process=1)[1] != before[1]
    assert served.process.poll() is None


def test_a_port_that_is_taken_is_a_sentence(start: Callable[..., Started]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        served = start(port=port)
        said = served.process.communicate(timeout=60)[1]
    assert served.process.returncode == 1
    assert f"cannot serve on port {port}" in said
    assert "already in use" in said
    assert "Traceback" not in said


def test_a_home_is_served_once(start: Callable[..., Started]) -> None:
    first = start()
    until(first.asked, "it serves")
    second = start()
    assert "already" in second.process.communicate(timeout=60)[1]
    assert first.asked()
