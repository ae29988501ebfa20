"""A run is a folder: what was asked for, what happened, what was learned. Read it, write it, list them.

Every file is written beside its place, fsynced and renamed, so that a reader sees the old or the new one
whole; the two that grow (`history.csv`, `events.jsonl`) are flushed line by line, and a reader leaves out a
last line that is not finished.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
import re
import shutil
import time
import uuid
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.spec import RunSpec
from lessonkit.storage import locked, write_json

log = logging.getLogger(__name__)

QUEUED, RUNNING, DONE, STOPPED, FAILED, INTERRUPTED = STATES = (
    "queued", "running", "done", "stopped", "failed", "interrupted",
)  # fmt: skip
FINISHED = (DONE, STOPPED)  # has a model and predictions
ENDED = (DONE, STOPPED, FAILED, INTERRUPTED)
MODEL = "model.safetensors"
# What the last finished epochs of a run left that trains; and the same, of a run whose training was lost.
CHECKPOINT, RESCUED = "checkpoint.safetensors", "rescued.safetensors"
_ID = re.compile(r"[0-9a-f]{12}")  # as `RunSpec.id` gives it
HISTORY_COLUMNS = ("epoch", "train_loss", "valid_loss", "error_rate", "seconds")


@dataclass
class Status:
    """What a run is doing now.

    Attributes:
        state: one of STATES.
        stage: what it is busy with: "photos", "activations", "training", "predicting"; "" when not running.
        done, total: how far the stage is, in photos (in batches while training).
        sentence, way_out: why it failed or stopped, and what to do, for the learner.
        device: the device by name, once known.
        queued_at, started_at, ended_at, heartbeat: seconds since 1970; 0 until known.
    """

    state: str = QUEUED
    stage: str = ""
    done: int = 0
    total: int = 0
    sentence: str = ""
    way_out: str = ""
    device: str = ""
    queued_at: float = 0.0
    started_at: float = 0.0
    ended_at: float = 0.0
    heartbeat: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


class Run:
    """One run's folder, to read and to write. Opening one touches nothing."""

    def __init__(self, run_id: str):
        self.id = run_id
        self.folder = config.runs_folder() / run_id

    def path(self, name: str) -> Path:
        return self.folder / name

    def exists(self) -> bool:
        return self.path("spec.json").is_file()

    # reading
    def spec(self) -> RunSpec:
        return RunSpec.from_dict(json.loads(self.path("spec.json").read_text()))

    def status(self) -> Status:
        """The status as last written; a folder that is not there yet reads as queued."""
        try:
            return Status(**json.loads(self.path("status.json").read_text()))
        except FileNotFoundError:
            return Status()

    def history(self) -> list[dict[str, float]]:
        """The finished epochs: a dict a row, of HISTORY_COLUMNS; epochs count from 0, seconds are of that epoch."""
        try:
            lines = self.path("history.csv").read_text().split("\n")[1:-1]
        except FileNotFoundError:
            return []
        rows = []
        for line in lines:
            values = dict(zip(HISTORY_COLUMNS, line.split(","), strict=True))
            rows.append({k: int(v) if k == "epoch" else float(v) for k, v in values.items()})
        return rows

    def events(self, start: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Batches reported since byte `start` of events.jsonl, and the byte to ask from next.

        A batch is {"epoch", "batch", "batches", "loss", "smooth_loss", "lr", "mom", "photos_per_second",
        "at"}: counts from 0, lr the head's rate, "at" seconds since 1970.
        """
        try:
            with self.path("events.jsonl").open("rb") as f:
                f.seek(start)
                data = f.read()
        except FileNotFoundError:
            return [], start
        whole = data[: data.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines()], start + len(whole)

    def vocab(self) -> list[str]:
        """The breeds in the order of the model's outputs."""
        return json.loads(self.path("vocab.json").read_text())

    def weights(self) -> str:
        """What the run learned, as 16 hexadecimal digits: trained again, it has others under the same id. "" for none."""
        path = self.path(MODEL)
        try:
            return _digest(str(path), path.stat().st_mtime_ns)
        except FileNotFoundError:
            return ""

    # writing
    def write_status(self, status: Status) -> None:
        status.heartbeat = time.time()
        write_json(self.path("status.json"), asdict(status))

    def ask_to_stop(self) -> None:
        """Ask a run to stop after the batch it is at; the epochs it finished stay."""
        self.path("stop").touch()

    def stop_asked(self) -> bool:
        return self.path("stop").exists()

    def rescue(self) -> bool:
        """Put the checkpoint by, so that the run can be finished from it; whether there was one. Once for each."""
        try:
            os.replace(self.path(CHECKPOINT), self.path(RESCUED))
        except OSError:
            return False
        self.path("stop").unlink(missing_ok=True)  # it stopped; what it learned is still to be kept
        return True


@functools.lru_cache(maxsize=256)
def _digest(path: str, stamp: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def find(run_id: str) -> Run | None:
    """The run of that id, which may come from a URL; None where there is none that this version can read."""
    if not _ID.fullmatch(run_id):
        return None
    run = Run(run_id)
    return run if run.exists() and _readable(run) else None


def create(spec: RunSpec) -> Run:
    """The run of this spec, queued now if it is new; one that ended without a model is queued again.

    A run that is queued, running or finished is returned as it is: the same choice is the same run, whoever asks, and
    in the same moment too.
    """
    with _queueing():
        return _create(spec)


def _create(spec: RunSpec) -> Run:
    run = Run(spec.id)
    if run.exists() and not (run.status().ended and not run.status().finished):
        return run
    return _queue(spec)


def create_anew(spec: RunSpec) -> Run:
    """The run of this spec, queued again if it was stopped, with all that go on from it: they began from its weights.

    Raises:
        LessonError: a run that goes on from it is under way.
    """
    with _queueing():
        run = Run(spec.id)
        if not run.exists() or run.status().state != STOPPED:
            return _create(spec)
        further = going_on_from(run)
        if any(r.status().state == RUNNING for r in further):
            raise LessonError("A run that goes on from this one is under way.", "Wait for its end, or stop it first.")
        specs = [spec, *(r.spec() for r in further)]
        return [_queue(s) for s in specs][0]


def going_on_from(run: Run) -> list[Run]:
    """The runs that began from this one's weights, directly or not, each after the one that it began from."""
    found, rest = [run], all_runs()
    for earlier in found:
        found += [r for r in rest if r.spec().starts_from == earlier.id]
    return found[1:]


def _queueing() -> AbstractContextManager[None]:
    """Held while it is looked whether a run is there, and queued: two who ask at once would queue it twice."""
    config.home().mkdir(parents=True, exist_ok=True)
    return locked(config.home() / "queueing.lock")


def _queue(spec: RunSpec) -> Run:
    run = Run(spec.id)
    waiting = config.runs_folder() / f".{spec.id}.{uuid.uuid4().hex[:8]}"
    waiting.mkdir(parents=True)
    write_json(waiting / "spec.json", spec.to_dict())
    write_json(waiting / "status.json", asdict(Status(queued_at=time.time(), heartbeat=time.time())))
    if run.exists():
        shutil.rmtree(run.folder, ignore_errors=True)
    os.rename(waiting, run.folder)
    return run


def all_runs() -> list[Run]:
    """Every run on this machine, the newest asked for first."""
    folder = config.runs_folder()
    if not folder.is_dir():
        return []
    found = [Run(p.name) for p in folder.iterdir() if not p.name.startswith(".") and (p / "spec.json").is_file()]
    return sorted(filter(_readable, found), key=lambda r: -r.status().queued_at)


def _readable(run: Run) -> bool:
    """Whether this version of the lesson can read the run; one that it cannot is left alone, and said in the log."""
    try:
        run.spec()
        run.status()
    except (LessonError, ValueError, TypeError) as problem:
        log.warning("run %s cannot be read: %s", run.id, problem)
        return False
    return True
