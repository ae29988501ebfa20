"""Whether the lesson can do its work just now: the engine, the disk, the queue. Looked at from outside; starts nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from lessonkit import config, jobs, runs
from lessonkit.engine import record, starting, workforce
from lessonkit.errors import LessonError
from lessonkit.storage import MIB

ANSWER_SECONDS = 2.0  # for the engine to answer in: whoever watches over a server asks every few seconds


@dataclass(frozen=True)
class Health:
    """How it stands.

    Attributes:
        engine: "answers"; "silent", its process lives but does not answer; "none": one is started when it is needed.
        disk_free: MiB that are free where photos and runs are kept; None where that cannot be said.
        runs, tasks: how many are {"waiting", "running"}.
        processes: how many serve pages {"of", "answering"}.
        problems: a sentence for each that somebody should look at, without names of files; empty where all is well.
    """

    engine: str
    disk_free: int | None
    runs: dict[str, int]
    tasks: dict[str, int]
    processes: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def look(serving: Sequence[bool] = ()) -> Health:
    """How it stands now; takes ANSWER_SECONDS at most where the engine is silent.

    Args:
        serving: of each process that serves pages whether it answers; () where there is one alone, or nobody knows.
    """
    problems: list[str] = []
    silent = len(serving) - sum(serving)
    if silent:
        problems.append(f"Of {len(serving)} processes that serve pages, {silent} do not answer.")
    free = _disk(problems)
    known = [(s.state, s.queued_at) for s in runs.statuses().values()] if free is not None else []
    tasks = [(job.state, job.queued_at) for job in jobs.all_jobs()] if free is not None else []
    engine = _engine()
    if engine == "silent":
        problems.append("The engine lives, but does not answer.")
    if engine == "answers" and workforce.problem():
        problems.append("No worker of the cluster may train for this lesson: lessonkit runs says why.")
    if engine == "none":
        late = time.time() - starting.START_SECONDS
        if any(state == runs.QUEUED and queued_at < late for state, queued_at in known + tasks):
            problems.append("Something waits, and there is no engine to do it.")
        if any(state == runs.RUNNING for state, _ in known + tasks):
            problems.append("The engine ended in the middle of something.")
    return Health(
        engine, free, _counted(known), _counted(tasks), {"of": len(serving), "answering": sum(serving)}, problems
    )


def _disk(problems: list[str]) -> int | None:
    try:
        config.check_home()
        folder = config.home()
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
    except (LessonError, OSError):
        problems.append("The folder for photos and runs cannot be used.")
        return None
    if free < config.disk_free():
        problems.append("The disk is full.")
    return free // MIB


def _engine() -> str:
    try:
        known = record.read()
    except LessonError:  # said of the folder already
        return "none"
    if known is None or not record.alive(known):
        return "none"
    return "answers" if starting.listens(known, ANSWER_SECONDS) else "silent"


def _counted(states: Sequence[tuple[str, float]]) -> dict[str, int]:
    return {
        "waiting": sum(state == runs.QUEUED for state, _ in states),
        "running": sum(state == runs.RUNNING for state, _ in states),
    }
