"""Ending the engine that a test's home started."""

from __future__ import annotations

import json
from pathlib import Path

import psutil


def end_engine(home: Path) -> None:
    """Take its record away, so that it ends itself; what is left after that is killed."""
    record = home / "engine.json"
    try:
        pid = json.loads(record.read_text())["pid"]
        engine = psutil.Process(pid)
        family = [engine, *engine.children(recursive=True)]
    except (FileNotFoundError, psutil.NoSuchProcess):
        return
    record.unlink(missing_ok=True)
    _, left = psutil.wait_procs(family, timeout=15)
    for process in left:
        process.kill()
