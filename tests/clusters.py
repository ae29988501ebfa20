"""Dask clusters that tests start: a scheduler on this machine, and workers of Dask's command or of the lesson's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
from distributed import Client

from lessonkit.engine import asking
from tests.engines import STANDIN, until

ROOT = Path(__file__).parents[1]


class Scheduler:
    """A scheduler of Dask's own command, and workers for it.

    Attributes:
        word: the file in which it says where it listens.
    """

    def __init__(self, folder: Path):
        self.word, self._folder = folder / "scheduler.json", folder
        self._started: list[subprocess.Popen[bytes]] = []
        where = ("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        self._begin("dask", "scheduler", *where, "--scheduler-file", str(self.word))
        until(lambda: self.word.exists() and self.word.read_text().rstrip().endswith("}"), "the scheduler serves")

    @property
    def address(self) -> str:
        return json.loads(self.word.read_text())["address"]

    def dask_worker(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        """One of Dask's own command; what is to be otherwise in its environment."""
        options = ("--name", name, "--no-dashboard", "--nthreads", "1")
        return self._begin("dask", "worker", *options, "--scheduler-file", str(self.word), **environment)

    def lesson_worker(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """One of the lesson's command."""
        return self._begin("lessonkit", "worker", *options, self.address, **environment)

    def names(self) -> set[str]:
        """Of the workers that are connected."""
        with Client(self.address, set_as_default=False) as client:
            return set(asking.names(asking.workers(client)).values())

    def close(self) -> None:
        for process in self._started:
            family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            for one in [process, *family]:
                one.kill()
            process.wait(timeout=20)

    def _begin(self, module: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        usual = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{STANDIN}"}
        started = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=usual | environment,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name == "posix",  # a group of their own, as a terminal's
        )
        self._started.append(started)
        return started
