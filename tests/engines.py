"""Engines that tests start: one that trains with a stand-in, waiting for what it does, ending it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import psutil

STANDIN = Path(__file__).parent / "faults" / "standin"  # on PYTHONPATH, it stands where fastai would be
DEADLINE = 180.0  # seconds; long, for a machine that does much else


def until(condition: Callable[[], object], what: str) -> object:
    """What the condition gives once it gives something; fails with `what` after DEADLINE seconds."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


def end_engine(home: Path) -> None:
    """Kill the engine that serves this home, and its workers, if it still runs."""
    try:
        engine = psutil.Process(json.loads((home / "engine.json").read_text())["pid"])
        if "lessonkit" not in engine.cmdline():  # a test may have written another process's number there
            return
        family = [engine, *engine.children(recursive=True)]
    except (FileNotFoundError, psutil.NoSuchProcess):
        return
    for process in family:
        if process.is_running():
            process.kill()
    psutil.wait_procs(family, timeout=20)
