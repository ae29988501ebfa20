"""What a process is told that serves pages beside others: its number, where the others listen, how it knows their proxy."""

from __future__ import annotations

import functools
import hmac
import http.client
import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from lessonkit import config

TOLD = "LESSON_SERVES_AS"  # the variable of a process's environment in which `Worker` stands, as JSON
HEADER = "x-lesson-proxy"  # a request's, in which the proxy says the secret
COOKIE = "lessonkit_process"  # the number of the process that has this browser's session
ASK_SECONDS = 2.0
LAST_WORDS = 10.0  # seconds in which a process ends whose starter has gone
ALIVE = "/_stcore/health"


@dataclass(frozen=True)
class Worker:
    """One of several processes.

    Attributes:
        number: from 1.
        ports: on loopback, one a process.
        port: of the proxy, that browsers ask.
        secret: that the proxy puts into each request; a process answers none without it.
        code: of the lesson, by which the first of them began; one that is started again after an update has another.
        announces: whether it makes the teacher's PIN and says it on the console: the first one, once.
    """

    number: int
    ports: tuple[int, ...]
    port: int
    secret: str
    code: str = ""
    announces: bool = False

    def knows(self, given: bytes | None) -> bool:
        """Whether a request that says this was passed on by the proxy."""
        return given is not None and hmac.compare_digest(given, self.secret.encode())

    def environment(self) -> dict[str, str]:
        """What the process finds in its environment."""
        return {TOLD: json.dumps(asdict(self))}


@functools.cache
def told() -> Worker | None:
    """What this process was told; None where it serves alone. What this process starts is told nothing."""
    text = os.environ.pop(TOLD, "")
    if not text:
        return None
    found = json.loads(text)
    return Worker(
        found["number"], tuple(found["ports"]), found["port"], found["secret"], found["code"], found["announces"]
    )


def folder() -> Path:
    """Where in the home it lies what the processes share besides the lesson's own files."""
    return config.home() / "serving"


def answers(port: int, secret: str, seconds: float = ASK_SECONDS) -> bool:
    """Whether the process on that port of this machine answers."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        asked.request("GET", ALIVE, headers={HEADER: secret})
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def answering(me: Worker) -> list[bool]:
    """Of each process in turn whether it answers; this one does. Takes ASK_SECONDS at most."""
    with ThreadPoolExecutor(len(me.ports)) as asking:
        return list(
            asking.map(lambda one: one[0] == me.number or answers(one[1], me.secret), enumerate(me.ports, start=1))
        )


def end_with_starter() -> None:
    """End this process where the one that started it is gone, however it went: their pipe closes then."""
    if told() is not None:
        threading.Thread(target=_wait_for_the_end, name="end with who started it", daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(0, 1):  # not sys.stdin: Python waits for its lock as it ends
        pass
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(LAST_WORDS)
    os._exit(1)
