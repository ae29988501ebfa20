"""Starts the processes that serve pages and the proxy before them, starts again what dies, and ends all with Ctrl-C."""

from __future__ import annotations

import json
import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil

from lessonkit import config, version
from lessonkit.errors import LessonError
from lessonkit.serving import held, proxy, worker
from lessonkit.serving.worker import Worker
from lessonkit.storage import locked, write_json

LOOK_EVERY = 5.0  # seconds between two looks whether each process answers
SILENT = 60.0  # seconds without an answer after which a process is ended, and started again
END_SECONDS = 10.0  # that a process has to end in, when it was asked to
SOON = 20.0  # seconds: one that lived shorter is started again after a pause
LONGEST_PAUSE = 30.0
# Until a process that died is started again: its learners' browsers have gone to another by then. One that starts has its
# port for seconds before it answers there, and whoever came for it would wait.
MOVED = 10.0
PROXY_SECONDS = 15.0  # for the proxy to listen
SECRET_BYTES = 32
NO_PROXY = "no proxy"  # what `ending` says where it cannot serve


def serve(command: Sequence[str], address: str, port: int, count: int, headless: bool) -> int:
    """Serve pages with `count` processes until Ctrl-C, or SIGTERM; returns the exit code.

    Args:
        command: starts a process that serves pages; its address and port are added.
        address, port: that browsers ask.
        headless: open no browser.

    Raises:
        LessonError: the home is served so already, or the proxy cannot be started.
    """
    folder = worker.folder()
    config.check_home()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(folder / "lock", _served_already), _ending() as ending:
        _end_left_over(folder)
        serving = _Serving(list(command), address, port, count, ending)
        try:
            return serving.run(headless)
        finally:
            serving.end()


class _Serving:
    """The proxy and the processes, each with a thread that waits for its end."""

    def __init__(self, command: list[str], address: str, port: int, count: int, ending: queue.Queue[str]):
        self.command, self.address, self.port, self.count, self.ending = command, address, port, count, ending
        self.ports = _free_ports(count)
        self.secret, self.cookies = secrets.token_urlsafe(SECRET_BYTES), secrets.token_urlsafe(SECRET_BYTES)
        self.folder, self.code = worker.folder(), version.lesson().fingerprint
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._living: dict[str, subprocess.Popen[bytes]] = {}
        self._answered = [False] * count  # ever
        self._here = [False] * count  # since it was started last: one that starts may take long
        self._failed: set[str] = set()  # ended, or could not be started, before any had answered
        self._said = False  # that all serve
        self._threads: list[threading.Thread] = []

    def run(self, headless: bool) -> int:
        """Until somebody ends it: 0; or until it is clear that no process can serve: its exit code.

        Raises:
            LessonError: the proxy cannot serve.
        """
        if said := _taken(self.address, self.port):
            raise self._no_proxy(said)
        self._start("proxy", self._proxy)
        self._wait_for_proxy()
        for number in range(1, self.count + 1) if self.ending.empty() else ():
            self._start(str(number), lambda n=number: self._worker(n))
        watching = threading.Thread(target=self._watch, args=(headless,), name="watch the processes", daemon=True)
        watching.start()
        said = self.ending.get()
        if said == NO_PROXY:
            raise self._no_proxy()
        return int(said) if said else 0

    def end(self) -> None:
        """End all: the proxy first, so that nobody new comes."""
        self.over.set()
        with self._lock:
            left = list(self._living.items())
        for name, process in sorted(left, key=lambda one: one[0] != "proxy"):
            with suppress(OSError):
                process.send_signal(signal.SIGTERM if name == "proxy" or os.name != "posix" else signal.SIGINT)
        until = time.monotonic() + END_SECONDS
        for _, process in left:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join(1.0)
        (self.folder / "proxy.json").unlink(missing_ok=True)

    def _start(self, name: str, begin: Callable[[], subprocess.Popen[bytes]]) -> None:
        thread = threading.Thread(target=self._keep, args=(name, begin), name=f"keep {name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _keep(self, name: str, begin: Callable[[], subprocess.Popen[bytes]]) -> None:
        """Start a process, wait for its end, start it again: until it is over."""
        pause = 0.0
        while not self.over.wait(pause):
            begun = time.monotonic()
            try:
                code = self._until_it_ends(name, begin)
                said = f"has ended ({_how(code)})"
            except OSError as problem:
                code, said = 1, f"cannot be started: {problem}"
            if self.over.is_set():
                return
            if not any(self._answered) and self._none_is_left(name):
                if said.startswith("cannot"):
                    print(f"{_called(name)} {said}", file=sys.stderr, flush=True)
                self.ending.put(NO_PROXY if name == "proxy" else str(code if code > 0 else 1))  # it has said why
                return
            longer = 2 * pause if time.monotonic() - begun < SOON else 0.0
            pause = min(LONGEST_PAUSE, max(0.1 if name == "proxy" else MOVED, longer))
            print(f"{_called(name)} {said}; it is started again.", file=sys.stderr, flush=True)

    def _until_it_ends(self, name: str, begin: Callable[[], subprocess.Popen[bytes]]) -> int:
        """Start a process and wait for its end; its exit code. Raises OSError where it cannot be started."""
        with self._lock:
            if self.over.is_set():
                return 0
            process = begin()
            self._living[name] = process
        code = process.wait()
        with self._lock:
            del self._living[name]
        if name != "proxy":
            held.forget(int(name))
            self._here[int(name) - 1] = False
        return code

    def _none_is_left(self, name: str) -> bool:
        """Whether, with this one, nothing can be served: the proxy is gone, or each process has failed."""
        with self._lock:
            self._failed.add(name)
            return name == "proxy" or len(self._failed - {"proxy"}) == self.count

    def _proxy(self) -> subprocess.Popen[bytes]:
        told = proxy.settings(self.address, self.port, self.ports, self.secret, self.folder / "caddy")
        process = proxy.start(told, self.folder / "caddy", self.folder / "proxy.log")
        with suppress(psutil.Error, OSError, LessonError):  # a full disk: it serves all the same
            write_json(self.folder / "proxy.json", [process.pid, psutil.Process(process.pid).create_time()])
        return process

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        told = Worker(number, self.ports, self.port, self.secret, self.code, number == 1 and not self._answered[0])
        environment = {**os.environ, **told.environment(), "STREAMLIT_SERVER_COOKIE_SECRET": self.cookies}
        asked = [*self.command, "--server.address=127.0.0.1", f"--server.port={self.ports[number - 1]}"]
        asked += ["--server.headless=true", "--logger.hideWelcomeMessage=true"]
        # A pipe that nobody writes into: it closes when this process ends, however that comes, and so do they.
        return subprocess.Popen(asked, env=environment, stdin=subprocess.PIPE, start_new_session=True)

    def _wait_for_proxy(self) -> None:
        until = time.monotonic() + PROXY_SECONDS
        there = "127.0.0.1" if self.address in ("0.0.0.0", "") else self.address
        while not _listens(there, self.port):
            if not self.ending.empty():
                return  # it has ended, or somebody ends all
            if time.monotonic() > until:
                raise self._no_proxy()
            time.sleep(0.05)

    def _no_proxy(self, said: str = "") -> LessonError:
        """The error where Caddy cannot serve, with what it said last."""
        with suppress(OSError):
            lines = (self.folder / "proxy.log").read_text("utf-8", "replace").strip().splitlines()
            said = said or (lines[-1] if lines else "it ended")
        return LessonError(
            f"Caddy, the proxy before several processes, cannot serve on port {self.port}: {said}.",
            "Choose another port, or let one process serve: LESSONKIT_WORKERS=1.",
        )

    def _watch(self, headless: bool) -> None:
        """Note which processes answer, and end one that has not for long: its thread starts it again."""
        last = [time.monotonic()] * self.count
        while not self.over.wait(LOOK_EVERY if all(self._answered) else 0.2):
            for place, port in enumerate(self.ports):
                if worker.answers(port, self.secret):
                    last[place] = time.monotonic()
                    if not any(self._answered) and not headless:
                        webbrowser.open(f"http://127.0.0.1:{self.port}")
                    self._answered[place] = self._here[place] = True
                    if all(self._answered) and not self._said:
                        self._said = True
                        print(f"{self.count} processes serve the lesson.\n", flush=True)
                elif self._here[place] and time.monotonic() - last[place] > SILENT:
                    self._here[place] = False
                    with self._lock:
                        silent = self._living.get(str(place + 1))
                    if silent is not None:
                        print(f"{_called(str(place + 1))} does not answer and is ended.", file=sys.stderr, flush=True)
                        silent.kill()


def _served_already() -> None:
    raise LessonError(
        "The lesson is served from this folder by several processes already.",
        "End that one, or set LESSONKIT_HOME to another folder.",
    )


@contextmanager
def _ending() -> Iterator[queue.Queue[str]]:
    """What says that all is to end: "" where somebody asked for it (Ctrl-C, SIGTERM), else an exit code."""
    found: queue.Queue[str] = queue.Queue()

    def asked(_number: int, _frame: FrameType | None) -> None:
        found.put("")

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    if (
        "SIGHUP" in names and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    ):  # started by nohup, to outlive a terminal
        names.remove("SIGHUP")
    before = {name: signal.signal(getattr(signal, name), asked) for name in names}
    try:
        yield found
    finally:
        for name, one in before.items():
            signal.signal(getattr(signal, name), one)


def _end_left_over(folder: Path) -> None:
    """End the proxy of an earlier start that was killed: it holds the port, and leads nowhere."""
    try:
        pid, created = json.loads((folder / "proxy.json").read_bytes())
        left = psutil.Process(int(pid))
        if abs(left.create_time() - created) < 1.0 and left.name().startswith(proxy.NAME):
            left.terminate()
            left.wait(END_SECONDS)
    except (OSError, ValueError, TypeError, psutil.Error):
        pass
    for file in folder.glob("held-*"):
        file.unlink(missing_ok=True)
    (folder / "proxy.log").unlink(missing_ok=True)


def _free_ports(count: int) -> tuple[int, ...]:
    held_open = [socket.socket() for _ in range(count)]
    try:
        for one in held_open:
            one.bind(("127.0.0.1", 0))
        return tuple(one.getsockname()[1] for one in held_open)
    finally:
        for one in held_open:
            one.close()


def _taken(address: str, port: int) -> str:
    """Why nothing can listen there; "" where something can."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as mine:
        if os.name == "posix":
            mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was closed just now is no hindrance
        try:
            mine.bind((address, port))
        except OSError as problem:
            return problem.strerror or str(problem)
        except OverflowError:
            return "it is no port"
    return ""


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _called(name: str) -> str:
    return "The proxy" if name == "proxy" else f"Process {name}"


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
