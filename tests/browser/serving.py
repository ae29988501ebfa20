"""The app on loopback and the browser that looks at it, for the tests and the benchmark."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from lessonkit.serving import proxy
from tests.engines import end_engine

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The installed Chromium: LESSONKIT_CHROMIUM, else the first of the usual names."""
    wish = os.environ.get("LESSONKIT_CHROMIUM")
    return wish or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def need_proxy() -> None:
    """Skip a test where several processes cannot serve, since their proxy is not here; in CI on Linux it fails."""
    if proxy.program() is None:
        said = f"several processes need Caddy: {proxy.HOW}"
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(said)
        pytest.skip(said)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def healthy(url: str) -> bool:
    """Whether an app answers there."""
    try:
        return urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).status == 200
    except OSError:  # refused, or too busy to answer in time
        return False


class Server:
    """The app on loopback, with a home of its own; ends itself and its engine.

    Args:
        home: an empty folder, or one in which the lesson's runs have been done.
        script: what Streamlit serves, below the project's folder.
        address: of the network interface that it answers on; "0.0.0.0" serves a class.
        workers: processes that serve a class; 0 for one alone, without `lessonkit app`.
        environment: settings for the server and its engine.
    """

    def __init__(
        self,
        home: Path,
        script: str = "streamlit_app.py",
        address: str = "127.0.0.1",
        workers: int = 0,
        **environment: str,
    ):
        self.home, self.port = home, free_port()
        self.environment = {**os.environ, "LESSONKIT_HOME": str(home), **environment}
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true"]
        command += [f"--server.port={self.port}", f"--server.address={address}"]
        if workers:
            command = [sys.executable, "-m", "lessonkit", "app", "--classroom", f"--workers={workers}", "--headless"]
            command += [f"--port={self.port}"]
        self.log = (home / "server.log").open("wb")
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        while not (healthy(self.url) and (not workers or f"{workers} processes serve" in self.logged())):
            with suppress(subprocess.TimeoutExpired):  # asked again without a pause, this would take the server's time
                self.process.wait(0.05)
                raise RuntimeError(self.logged())

    def logged(self) -> str:
        """All that the server has said so far."""
        return (self.home / "server.log").read_text()

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
        end_engine(self.home)
