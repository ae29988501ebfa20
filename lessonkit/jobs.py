"""Jobs: long work that is no run (a download, decoding photos, a search for a learning rate).

A job is one file, `jobs/<kind>-<key>.json` in the lesson's home, written by the worker that does it and read
by whoever follows it: a page, a second tab, a command line.
"""

from __future__ import annotations

import json
import logging
import math
import re
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import NonNegativeFloat, NonNegativeInt

from lessonkit import awake, config
from lessonkit.errors import DamagedFileError
from lessonkit.json_files import Said, Watched, check, in_parts, read_json
from lessonkit.language import translatable
from lessonkit.storage import locked, write_json

State = Literal["queued", "running", "done", "failed", "stopped"]
QUEUED, RUNNING, DONE, FAILED, STOPPED = STATES = ("queued", "running", "done", "failed", "stopped")
ASKED = translatable("Stopped, as was asked.")
TRAINING = ("find_rate", "measure")  # these take a training worker for themselves; the others share the preview worker
WRITES_A_SECOND = 5
LINES_KEPT = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RateFound:
    """What the job "find_rate" found: see `training.rate_finder.lr_find`."""

    lrs: list[float]
    losses: list[float]
    suggestion: float | None = None

    @property
    def lowest(self) -> float:
        """The rate at which the loss was lowest; NaN where there is no loss."""
        return min(zip(self.losses, self.lrs, strict=True), default=(math.nan, math.nan))[1]


@dataclass
class Job:
    """One job, as last written.

    Attributes:
        kind: what is done: a name in `tasks.JOBS` ("obtain", "cache", "find_rate").
        key: what it is done to; with `kind` it names the job's file.
        args: what the task is called with.
        state: one of STATES.
        stage: what it is busy with, a name in `stages.STAGES`; "" before the first.
        done, total: how far the stage is, in its unit; total 0 if unknown.
        sentence, way_out: why it failed and what to do, for the learner.
        queued_at, started_at, ended_at, heartbeat: seconds since 1970; 0 until known.
        stage_at, stage_from: when the stage began, and at which `done` (a download that goes on where it
            stopped does not begin at 0).
        stage_seconds: for how long it has gone on, the machine's sleep left out.
        log: the stages so far, {"at", "stage", "done", "total", "seconds"} each.
        result: what the task returned, if it is JSON; None until done.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"allow_inf_nan": False}

    kind: str
    key: str
    args: list[Any] = field(default_factory=list)
    state: State = QUEUED
    stage: str = ""
    done: NonNegativeInt = 0
    total: NonNegativeInt = 0
    sentence: Said = ""
    way_out: Said = ""
    queued_at: NonNegativeFloat = 0.0
    started_at: NonNegativeFloat = 0.0
    ended_at: NonNegativeFloat = 0.0
    heartbeat: NonNegativeFloat = 0.0
    stage_at: NonNegativeFloat = 0.0
    stage_from: NonNegativeInt = 0
    stage_seconds: NonNegativeFloat = 0.0
    log: list[dict[str, Any]] = field(default_factory=list)
    result: Any = None

    @property
    def ended(self) -> bool:
        return self.state in (DONE, FAILED, STOPPED)

    @property
    def path(self) -> Path:
        return _path(self.kind, self.key)

    @property
    def stop_path(self) -> Path:
        """A file that is there once somebody asked to stop the job."""
        return self.path.with_suffix(".stop")

    def stop_asked(self) -> bool:
        return self.stop_path.exists()

    @property
    def rate(self) -> float:
        """Units of the stage a second since it began; 0 while that is not known."""
        return max(0.0, (self.done - self.stage_from) / self.stage_seconds) if self.stage_seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the stage ends at the rate so far; None while that is not known."""
        return (self.total - self.done) / self.rate if self.total and self.rate else None

    def rate_found(self) -> RateFound:
        """The result of a job "find_rate" that is done. Raises DamagedFileError where its file holds something else."""
        return check(json.dumps(self.result).encode(), RateFound, self.path)

    def now(self) -> Job:
        """The same job as it is written down now."""
        return read(self.kind, self.key) or self

    def write(self) -> None:
        self.heartbeat = time.time()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.path, asdict(self) | in_parts({"sentence": self.sentence, "way_out": self.way_out}))


def folder() -> Path:
    return config.home() / "jobs"


def _lock() -> AbstractContextManager[None]:
    """Held while a job is queued, taken or stopped: two who ask at once would queue it twice."""
    config.home().mkdir(parents=True, exist_ok=True)
    return locked(config.home() / "jobs.lock")


def _path(kind: str, key: str) -> Path:
    return folder() / f"{kind}-{re.sub(r'[^A-Za-z0-9._-]', '_', key)}.json"


def read(kind: str, key: str) -> Job | None:
    """The job, or None where nobody asked for it yet, or its file is damaged: asked for again, it is done again."""
    try:
        return _read(_path(kind, key))
    except FileNotFoundError:
        return None
    except DamagedFileError as problem:
        log.warning("%s", problem)
        return None


def all_jobs() -> list[Job]:
    """Every job that was asked for, the oldest first. Of their files only those are read that changed since."""
    return sorted(
        map(replace, _watched.read_all(folder().glob("[!.]*.json")).found.values()), key=lambda j: j.queued_at
    )


def create(kind: str, key: str, *args: Any) -> Job:
    """Queue a job; one that is queued or running already is returned as it is, one that ended is done again."""
    with _lock():
        known = read(kind, key)
        if known and not known.ended:
            return known
        job = Job(kind, key, list(args), queued_at=time.time())
        for path in (job.stop_path, job.path.with_suffix(".asked")):
            path.unlink(missing_ok=True)  # the wish to stop, and who asked, were of the one before
        job.write()
        return job


def begin(kind: str, key: str) -> Job | None:
    """Take a job out of the queue to do it; None where it was stopped or taken before."""
    with _lock():
        job = read(kind, key)
        if job is None or job.state != QUEUED:
            return None
        job.state, job.started_at = RUNNING, time.time()
        job.write()
        return job


def stop(kind: str, key: str) -> None:
    """Have a job stop: one that waits ends here and now, one that is done is asked to; one that ended stays so."""
    with _lock():
        job = read(kind, key)
        if job is None or job.ended:
            return
        if job.state == QUEUED:
            job.state, job.ended_at, job.sentence = STOPPED, time.time(), ASKED
            job.write()
        else:
            job.stop_path.touch()


def asked_by(kind: str, key: str) -> list[str]:
    """In a class, the keys of the learners who asked for a job; [] where nobody knows. Raises DamagedFileError."""
    try:
        return read_json(_path(kind, key).with_suffix(".asked"), list[str])
    except FileNotFoundError:
        return []


def note_asked(kind: str, key: str, who: str, asks: bool = True) -> None:
    """Note that a learner asked for a job, besides those who did before it ended; or does so no more."""
    with _lock():
        others = [one for one in asked_by(kind, key) if one != who]
        write_json(_path(kind, key).with_suffix(".asked"), [*others, who] if asks else others)


def _read(path: Path) -> Job:
    return read_json(path, Job)


_watched = Watched(_read)


class Reporter:
    """A `Report` (stage, done, total) that writes a job's file, at most WRITES_A_SECOND times a second.

    A stage's first and last report are always written, so that a reader never sees a stage left unfinished.
    Safe to call from several threads.
    """

    def __init__(self, job: Job):
        self.job = job
        self._lock = threading.Lock()
        self._written = 0.0
        self._begun = awake.seconds()

    def __call__(self, stage: str, done: int, total: int) -> None:
        with self._lock:
            job, now = self.job, time.time()
            changed = stage != job.stage
            if changed:
                self._close_stage()
                job.stage, job.stage_at, job.stage_from, self._begun = stage, now, done, awake.seconds()
            job.done, job.total, job.stage_seconds = done, total, awake.seconds() - self._begun
            if changed or (total and done >= total) or now - self._written >= 1 / WRITES_A_SECOND:
                self._written = now
                job.write()

    def end(self, state: State, sentence: str = "", way_out: str = "", result: Any = None) -> None:
        """Write the job's end: DONE, FAILED or STOPPED, with the sentence for the learner."""
        with self._lock:
            job, now = self.job, time.time()
            self._close_stage()
            job.state, job.sentence, job.way_out, job.result, job.ended_at = state, sentence, way_out, result, now
            job.write()

    def _close_stage(self) -> None:
        job = self.job
        if job.stage:
            entry = {"at": job.stage_at, "stage": job.stage, "done": job.done, "total": job.total}
            seconds = round(awake.seconds() - self._begun, 3)
            job.log = [*job.log, {**entry, "seconds": seconds}][-LINES_KEPT:]
