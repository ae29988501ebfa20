"""A run is a folder: what was asked for, what happened, what was learned. Read it, write it, list them.

Every file is written beside its place, fsynced and renamed, so that a reader sees the old or the new one
whole; two grow: `history.csv` is flushed after each epoch, `events.jsonl` ten times a second. A reader
leaves out a last line that is not finished.
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
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lessonkit import config
from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.json_files import Looked, Watched, damaged, read_json
from lessonkit.spec import RunSpec
from lessonkit.status import DONE as DONE
from lessonkit.status import ENDED as ENDED
from lessonkit.status import FAILED as FAILED
from lessonkit.status import FINISHED as FINISHED
from lessonkit.status import INTERRUPTED as INTERRUPTED
from lessonkit.status import QUEUED as QUEUED
from lessonkit.status import RUNNING as RUNNING
from lessonkit.status import STATES as STATES
from lessonkit.status import STOPPED as STOPPED
from lessonkit.status import Status as Status
from lessonkit.storage import locked, write_json

log = logging.getLogger(__name__)

SPEC, STATUS, HISTORY = "spec.json", "status.json", "history.csv"
MODEL = "model.safetensors"
# What the last finished epochs of a run left that trains; and the same, of a run whose training was lost.
CHECKPOINT, RESCUED = "checkpoint.safetensors", "rescued.safetensors"
_ID = re.compile(r"[0-9a-f]{12}")  # as `RunSpec.id` gives it
HISTORY_COLUMNS = ("epoch", "train_loss", "valid_loss", "error_rate", "seconds")


class Run:
    """One run's folder, to read and to write. Opening one touches nothing."""

    def __init__(self, run_id: str):
        self.id = run_id
        self.folder = config.runs_folder() / run_id

    def path(self, name: str) -> Path:
        return self.folder / name

    def exists(self) -> bool:
        return self.path(SPEC).is_file()

    # reading
    def spec(self) -> RunSpec:
        """What was asked for. Raises DamagedFileError, or SpecError where this version can make no run of it."""
        return _read_spec(self.path(SPEC))

    def status(self) -> Status:
        """The status as last written; a folder that is not there yet reads as queued. Raises DamagedFileError."""
        try:
            return _read_status(self.path(STATUS))
        except FileNotFoundError:
            return Status()

    def status_to_go_on(self) -> Status:
        """The status to write the next one from: as last written, or a fresh one where that file is damaged."""
        try:
            return self.status()
        except DamagedFileError as problem:
            log.warning("a fresh one is written: %s", problem)
            return Status()

    def history(self) -> list[dict[str, float]]:
        """The finished epochs: a dict a row, of HISTORY_COLUMNS; epochs count from 0, seconds are of that epoch.

        Raises:
            DamagedFileError: a row does not hold such numbers.
        """
        try:
            return _read_history(self.path(HISTORY))
        except FileNotFoundError:
            return []

    def events(self, start: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Batches reported since byte `start` of events.jsonl, and the byte to ask from next.

        A batch is {"epoch", "batch", "batches", "loss", "smooth_loss", "lr", "mom", "photos_per_second",
        "at"}: counts from 0, lr the head's rate, "at" seconds since 1970.

        Raises:
            DamagedFileError: a line does not hold such numbers.
        """
        path = self.path("events.jsonl")
        try:
            with path.open("rb") as f:
                f.seek(start)
                data = f.read()
        except FileNotFoundError:
            return [], start
        whole = data[: data.rfind(b"\n") + 1]
        try:
            batches = [json.loads(line) for line in whole.splitlines()]
        except (ValueError, RecursionError) as problem:
            raise damaged(path, str(problem)) from None
        if not all(isinstance(b, dict) and all(isinstance(v, int | float) for v in b.values()) for b in batches):
            raise damaged(path, "a line holds something else than a batch's numbers")
        return batches, start + len(whole)

    def vocab(self) -> list[str]:
        """The breeds in the order of the model's outputs. Raises DamagedFileError."""
        return read_json(self.path("vocab.json"), list[str])

    def weights_hash(self) -> str:
        """What the run learned, as 16 hexadecimal digits: trained again, it has others under the same id. "" for none."""
        path = self.path(MODEL)
        try:
            return _digest(str(path), path.stat().st_mtime_ns)
        except FileNotFoundError:
            return ""

    # writing
    def write_status(self, status: Status) -> None:
        status.heartbeat = time.time()
        write_json(self.path(STATUS), asdict(status))

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


def _read_spec(path: Path) -> RunSpec:
    return RunSpec.from_dict(read_json(path, dict[str, Any]))


def _read_status(path: Path) -> Status:
    return read_json(path, Status)


def _read_history(path: Path) -> list[dict[str, float]]:
    rows = []
    try:
        for line in path.read_text().split("\n")[1:-1]:
            values = dict(zip(HISTORY_COLUMNS, line.split(","), strict=True))
            rows.append({k: int(v) if k == "epoch" else float(v) for k, v in values.items()})
    except ValueError as problem:
        raise damaged(path, str(problem)) from None
    return rows


class Seen(Run):
    """A run as it was at one moment: its spec, its status and its finished epochs, read and checked."""

    def __init__(self, run_id: str, spec: RunSpec, status: Status, history: list[dict[str, float]]):
        super().__init__(run_id)
        self._spec, self._status, self._history = spec, status, history
        self._vocab: list[str] | None = None

    def exists(self) -> bool:
        return True

    def spec(self) -> RunSpec:
        return self._spec

    def status(self) -> Status:
        return replace(self._status)

    def history(self) -> list[dict[str, float]]:
        return list(self._history)

    def vocab(self) -> list[str]:
        if self._vocab is None:
            self._vocab = super().vocab()
        return list(self._vocab)


@dataclass(frozen=True)
class Snapshot:
    """All runs of this home as they were at one moment: a page takes it once, and hands it on.

    Attributes:
        runs: the newest asked for first.
        unreadable: id -> why that run is left out: a file of it is damaged, or of a newer version of the lesson.
    """

    runs: tuple[Seen, ...] = ()
    unreadable: Mapping[str, LessonError] = field(default_factory=dict)

    def find(self, run_id: str) -> Seen | None:
        """The run of that id, which may come from a URL; None where there is none, or it cannot be read."""
        return next((run for run in self.runs if run.id == run_id), None)


def snapshot() -> Snapshot:
    """All runs as they are now. Of their files only those are read that changed since the last look."""
    specs, statuses, histories = (_look(name) for name in (SPEC, STATUS, HISTORY))
    found, unreadable = [], {}
    for spec_file, spec in specs.found.items():
        folder = spec_file.parent
        status_file, history_file = folder / STATUS, folder / HISTORY
        if problem := statuses.unreadable.get(status_file) or histories.unreadable.get(history_file):
            unreadable[folder.name] = problem
        else:
            status, history = statuses.found.get(status_file, Status()), histories.found.get(history_file, [])
            found.append(Seen(folder.name, spec, status, history))
    unreadable |= {path.parent.name: why for path, why in specs.unreadable.items()}
    return Snapshot(tuple(sorted(found, key=lambda run: -run.status().queued_at)), unreadable)


def specs() -> dict[str, RunSpec]:
    """Each run's spec by its id, of those that can be read, whatever their statuses are."""
    return {path.parent.name: spec for path, spec in _look(SPEC).found.items()}


def under_way() -> dict[str, RunSpec]:
    """The specs of the runs that are queued or running, by their ids; one whose status cannot be read may be so."""
    known = statuses()
    return {run_id: spec for run_id, spec in specs().items() if run_id not in known or not known[run_id].ended}


def statuses() -> dict[str, Status]:
    """Each run's status by its id, of those that can be read: what the queue is looked at for. Leave them as they are."""
    return {path.parent.name: status for path, status in _look(STATUS).found.items()}


def _look(name: str) -> Looked:
    folder = config.runs_folder()
    try:
        runs = [entry.name for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except FileNotFoundError:
        runs = []
    return _watched[name].look(folder / run / name for run in runs)


_watched = {SPEC: Watched(_read_spec), STATUS: Watched(_read_status), HISTORY: Watched(_read_history)}


def find(run_id: str) -> Seen | None:
    """The run of that id, which may come from a URL; None where there is none that this version can read."""
    if not _ID.fullmatch(run_id):
        return None
    run = Run(run_id)
    try:
        return Seen(run_id, run.spec(), run.status(), run.history())
    except FileNotFoundError:
        return None
    except LessonError as problem:
        log.warning("run %s cannot be read: %s", run_id, problem)
        return None


def all_runs() -> list[Seen]:
    """Every run on this machine that can be read, the newest asked for first."""
    return list(snapshot().runs)


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
    found, known = [run], specs()
    for earlier in found:
        found += [Run(i) for i, spec in known.items() if spec.starts_from == earlier.id]
    return found[1:]


def _queueing() -> AbstractContextManager[None]:
    """Held while it is looked whether a run is there, and queued: two who ask at once would queue it twice."""
    config.home().mkdir(parents=True, exist_ok=True)
    return locked(config.home() / "queueing.lock")


def _queue(spec: RunSpec) -> Run:
    run = Run(spec.id)
    waiting = config.runs_folder() / f".{spec.id}.{uuid.uuid4().hex[:8]}"
    waiting.mkdir(parents=True)
    write_json(waiting / SPEC, spec.to_dict())
    write_json(waiting / STATUS, asdict(Status(queued_at=time.time(), heartbeat=time.time())))
    if run.exists():
        shutil.rmtree(run.folder, ignore_errors=True)
    os.rename(waiting, run.folder)
    return run
