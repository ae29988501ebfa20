"""Runs that the stand-in trains (`standin/standin.py`): asking for them, and what became of them."""

from __future__ import annotations

from pathlib import Path

import psutil

from lessonkit import runs
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from tests.engines import until

split_seed = 0  # another number in each test that shares an engine: its runs are none that a test before had


def spec(pattern: str, seed: int, starts_from: str = "") -> RunSpec:
    return RunSpec(dataset="drawn", pattern=pattern, split_seed=split_seed, seed=seed, starts_from=starts_from)


def trained(home: Path) -> list[str]:
    """Ids of the runs that a worker began, in order."""
    path = home / "order.txt"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def worker_of(home: Path, run: Run) -> psutil.Process:
    """The process that began this run."""
    lines = dict(line.split() for line in (home / "order.txt").read_text().splitlines())
    return psutil.Process(int(lines[run.id]))


def wait_end(run: Run) -> runs.Status:
    until(lambda: run.status().ended, f"{run.id} ended")
    return run.status()
