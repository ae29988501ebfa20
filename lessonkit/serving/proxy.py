"""The proxy in front of several processes: Caddy, as a program of this machine, told what to do on its stdin.

A browser's cookie names the process that has its session, and each of its requests goes there, over HTTP and websocket
alike; to the next one where that process does not answer. Who has no such cookie yet gets the process with the fewest
connections for its first page, and the first one for all else, so that a browser that keeps no cookies meets one process.

Caddy, since it is one file on Linux, macOS and Windows; nginx keeps cookies apart only in its paid edition and does not
carry such load on Windows, HAProxy runs on no Windows at all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lessonkit.serving.worker import COOKIE, HEADER

NAME = "caddy"
HOW = "install it (Debian, Ubuntu: apt-get install caddy; macOS: brew install caddy; Windows: winget install CaddyServer.Caddy)"
RETRY = "15s"  # for a process to answer; all of them may be starting
AGAIN = "50ms"
DOWN_AFTER, DOWN_FOR = 3, "3s"  # refused so often, a process is not asked for so long
END_WITHIN = "1s"  # for what is under way when all is ended; unset, a download holds the end up
NUMBERS = {"0.0.0.0": "tcp4"}  # the network interfaces that one process alone answers on too
IDLE = "3s"  # less than the processes keep a connection open (5 s): none is closed while it is asked


def program() -> str | None:
    """Where Caddy is on this machine; None where it is not."""
    return shutil.which(NAME)


def settings(address: str, port: int, workers: Sequence[int], secret: str, folder: Path) -> dict[str, Any]:
    """Caddy's settings, in its own words.

    Args:
        address, port: that browsers ask.
        workers: the processes' ports on loopback.
        secret: that goes into each request that is passed on.
        folder: for Caddy's own files.
    """
    rings = [[*workers[n:], *workers[:n]] for n in range(len(workers))]
    of_cookie = [
        {
            "match": [{"header_regexp": {"Cookie": {"pattern": rf"(?:^|;\s*){COOKIE}={n}(?:\s*;|\s*$)"}}}],
            "handle": [_passed_on(ring, "first", secret)],
            "terminal": True,
        }
        for n, ring in enumerate(rings, start=1)
    ]
    first_page = {
        "match": [{"method": ["GET"], "header": {"Accept": ["*text/html*"]}}],
        "handle": [_passed_on(workers, "least_conn", secret)],
        "terminal": True,
    }
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(folder)},
        # not each request that met a process that had just died: it would tell who asked
        "logging": {"logs": {"default": {"level": "ERROR", "exclude": ["http.log", "http.handlers"]}}},
        "apps": {
            "http": {
                "grace_period": END_WITHIN,
                "servers": {
                    "lesson": {
                        "listen": [f"{NUMBERS.get(address, 'tcp')}/{address}:{port}"],
                        "protocols": ["h1"],
                        "automatic_https": {"disable": True},
                        "routes": [*of_cookie, first_page, {"handle": [_passed_on(workers, "first", secret)]}],
                    }
                },
            }
        },
    }


def start(told: dict[str, Any], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start Caddy with these settings; it writes what is wrong into `log`. Raises OSError where it cannot be started.

    One that does not read all of its settings is ended.
    """
    found = program()
    assert found is not None
    own = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with log.open("ab") as file:
        process = subprocess.Popen(
            [found, "run", "--config", "-"], stdin=subprocess.PIPE, stdout=file, stderr=file, env={**os.environ, **own},
            start_new_session=True,
        )  # fmt: skip
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(told).encode())
        process.stdin.close()
    except OSError:  # it has ended, or closed its stdin; with half of its settings it must not serve
        process.kill()
    return process


def _passed_on(workers: Sequence[int], policy: str, secret: str) -> dict[str, Any]:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{port}"} for port in workers],
        "load_balancing": {
            "selection_policy": {"policy": policy},
            "try_duration": RETRY,
            "try_interval": AGAIN,
        },
        "health_checks": {"passive": {"max_fails": DOWN_AFTER, "fail_duration": DOWN_FOR}},
        # a proxy in front of this one, on this machine, says who asks; nobody else is believed
        "trusted_proxies": ["127.0.0.0/8", "::1/128"],
        "headers": {"request": {"set": {HEADER: [secret]}}},
        "transport": {"protocol": "http", "compression": False, "keep_alive": {"idle_timeout": IDLE}},
    }
