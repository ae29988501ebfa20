"""A worker's memory: kept while it computes, given back when it has done."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys

import pytest

from lessonkit.engine import memory, server

# As a run does: in a thread, arrays of a network's size, freed at the end. Prints megabytes held: before, freed, given back.
A_RUN = """
import json, threading
import numpy as np, psutil
from lessonkit.engine import memory
held = lambda: psutil.Process().memory_info().rss / 1e6
def run():
    arrays = [np.ones(40_000_000, np.uint8) for _ in range(6)]
at = [held()]
thread = threading.Thread(target=run); thread.start(); thread.join()
at.append(held())
memory.give_back()
at.append(held())
print(json.dumps(at))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is set is glibc's")
def test_what_a_run_freed_is_kept_for_the_next_batch_and_then_given_back():
    environment = {k: v for k, v in {**os.environ, **memory.environment()}.items() if v is not None}
    done = subprocess.run([sys.executable, "-c", A_RUN], env=environment, capture_output=True, text=True, check=True)
    before, freed, given_back = json.loads(done.stdout)
    assert freed > before + 200
    assert given_back < before + 40


def test_workers_are_begun_with_it():
    given = server._settings()["distributed.nanny.pre-spawn-environ"]
    assert memory.environment().items() <= given.items()


def test_a_wish_of_the_machines_owner_goes_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    assert memory.environment()["GLIBC_TUNABLES"] == "glibc.malloc.check=1"
