"""A run's folder: what was asked for, what happened, what was learned. Read it, write it.

Every file is written beside its place, fsynced and renamed, so that a reader sees the old or the new one
whole; two grow: `history.csv` after each epoch, `events.jsonl` ten times a second, each closed in between. A reader
leaves out a last line that is not finished.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import NonNegativeInt

from lessonkit import config
from lessonkit.errors import DamagedFileError
from lessonkit.json_files import check, damaged, read_json
from lessonkit.language import joined, tr, translatable, trn
from lessonkit.spec import RunSpec
from lessonkit.status import FINISHED, INTERRUPTED, State, Status
from lessonkit.storage import read_bytes, write_bytes, write_json

log = logging.getLogger(__name__)

SPEC, STATUS, HISTORY = "spec.json", "status.json", "history.csv"
MODEL = "model.safetensors"
EVENTS = "events.jsonl"
CHECKPOINT = "checkpoint.safetensors"  # what the finished epochs left, until there is a model
MOST_OF_A_HEADER = 100_000_000  # bytes, as safetensors has it
# What a run had learned before it is trained again lies here until it has learned that: `.part` until it is moved.
BEFORE, BEFORE_PART = "before", "before.part"
REPEATS = "repeats.json"  # how many repeats of its recipe are to follow once it is done
ASKED_BY = "asked_by.json"  # in a class: the keys of the learners who asked for it
STAYS = (SPEC, STATUS, REPEATS, ASKED_BY, "stop", BEFORE, BEFORE_PART)
ASKED = translatable("Stopped, as was asked.")
TOO_EARLY = (
    translatable("This run was stopped before it had finished an epoch."),
    translatable("Train it again to have it."),
)
NEVER_BEGAN = (translatable("This run was stopped before it began."), translatable("Train it again to have it."))
STILL_SAVED = (
    translatable("This run was stopped before its saved epochs became a model."),
    translatable("They are kept: go on from them."),
)
LEFTOVER_SECONDS = 3600.0  # after which a file that is half written belongs to a process that was killed
HISTORY_COLUMNS = ("epoch", "train_loss", "valid_loss", "error_rate", "seconds")


@dataclass(frozen=True)
class Saved:
    """What a checkpoint says of itself, beside its tensors (`training.checkpoint`).

    Attributes:
        epochs: how many were finished.
        history: the lines of history.csv about them: that file may have lost its last ones to a power cut.
        over: why the training was over then, one of `training.checkpoint`'s; "" where it goes on.
        made_of: digest of the photos that it was trained on and measured by, and of the weights that it began with.
        checksum: CRC-32 of its tensors.
        averaged: batches that are in the smoothed loss.
        scaler: state of the loss scaler; None without one.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"allow_inf_nan": False}

    epochs: NonNegativeInt
    history: list[str]
    over: str = ""
    made_of: str = ""
    checksum: NonNegativeInt = 0
    averaged: NonNegativeInt = 0
    scaler: dict[str, int | float] | None = None


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
        return read_spec(self.path(SPEC))

    def status(self) -> Status:
        """The status as last written; a folder that is not there yet reads as queued. Raises DamagedFileError."""
        try:
            return read_status(self.path(STATUS))
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
            return read_history(self.path(HISTORY))
        except FileNotFoundError:
            return []

    def events(self, start: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Batches reported since byte `start` of events.jsonl, and the byte to ask from next.

        A batch is {"epoch", "batch", "batches", "loss", "smooth_loss", "lr", "mom", "photos_per_second",
        "at", "seconds"}: counts from 0, lr the head's rate, "at" seconds since 1970, "seconds" since the training began,
        the machine's sleep left out.

        Raises:
            DamagedFileError: a line does not hold such numbers.
        """
        path = self.path(EVENTS)
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
            raise damaged(path, tr("a line holds something else than a batch's numbers"))
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
        write_json(self.path(STATUS), status.as_json())

    def ask_to_stop(self) -> None:
        """Ask a run to stop after the batch it is at; the epochs it finished stay."""
        self.path("stop").touch()

    def stop_asked(self) -> bool:
        return self.path("stop").exists()

    def forget_stop(self) -> None:
        """Drop a request to stop: it was followed, or it was made before the run was queued again."""
        self.path("stop").unlink(missing_ok=True)

    def repeats_wanted(self) -> int:
        """How many repeats of its recipe there are to be once it is done; 0 where nobody asked, or they were queued.

        Raises DamagedFileError.
        """
        try:
            return read_json(self.path(REPEATS), int)
        except FileNotFoundError:
            return 0

    def want_repeats(self, repeats: int) -> None:
        """Note how many repeats there are to be, or, with 0, that they were queued."""
        if repeats:
            write_json(self.path(REPEATS), repeats)
        else:
            self.path(REPEATS).unlink(missing_ok=True)

    def asked_by(self) -> list[str]:
        """In a class, the keys of those who asked for it; [] for a run of somebody alone. Raises DamagedFileError."""
        try:
            return read_json(self.path(ASKED_BY), list[str])
        except FileNotFoundError:
            return []

    def write_asked_by(self, people: list[str]) -> None:
        write_json(self.path(ASKED_BY), people)

    def has_checkpoint(self) -> bool:
        """Whether epochs were saved that it can go on from."""
        return self.path(CHECKPOINT).is_file()

    def saved(self) -> Saved | None:
        """What its checkpoint says of itself; None where there is none. Raises DamagedFileError."""
        try:
            return read_saved(self.path(CHECKPOINT))
        except FileNotFoundError:
            return None

    def keep_saved_epochs(self, saved: Saved | None) -> None:
        """Have the history and the batches of the saved epochs, and of no later one."""
        history, events = self.path(HISTORY), self.path(EVENTS)
        if saved is None or not saved.epochs:
            for path in (history, events):
                path.unlink(missing_ok=True)
            return
        write_bytes(history, "".join(f"{line}\n" for line in (",".join(HISTORY_COLUMNS), *saved.history)).encode())
        with suppress(FileNotFoundError):
            known = events.read_bytes()
            first = known.find(b'{"epoch": %d,' % saved.epochs)
            kept = known[: first if first >= 0 else known.rfind(b"\n") + 1]
            if len(kept) < len(known):
                write_bytes(events, kept)

    def end(self, state: State, sentence: str = "", way_out: str = "") -> None:
        """Write that the run ended in `state`, one of ENDED, and why.

        One that was trained again and has no model has its earlier result again, and says so.
        """
        if state not in FINISHED and (self.path(BEFORE).is_dir() or self.path(BEFORE_PART).is_dir()):
            self._bring_back(sentence)
            return
        status = self.status_to_go_on()
        status.state, status.finishing, status.stage, status.ended_at = state, False, "", time.time()
        status.sentence, status.way_out = sentence, way_out
        self.write_status(status)  # before anything is deleted that the run could be finished from
        self.tidy()

    def end_unbegun(self) -> None:
        """Write that the run was stopped while it waited."""
        self.end(INTERRUPTED, *(STILL_SAVED if self.has_checkpoint() else NEVER_BEGAN))

    def tidy(self) -> None:
        """Delete what a finished run needs no more: its checkpoint, its earlier result, halves of files."""
        if self.status_to_go_on().finished:
            self.path(CHECKPOINT).unlink(missing_ok=True)
            for old in (BEFORE, BEFORE_PART):
                shutil.rmtree(self.path(old), ignore_errors=True)
        for half in self.folder.glob(".*"):
            with suppress(FileNotFoundError):  # it is whole now
                if time.time() - half.stat().st_mtime > LEFTOVER_SECONDS:
                    half.unlink()

    def keep_result(self) -> None:
        """Note the result that there is, so that it can be put aside when the training begins: it stays until then."""
        self.path(BEFORE_PART).mkdir(exist_ok=True)
        write_json(self.path(BEFORE_PART) / STATUS, self.status().as_json())
        self.path(CHECKPOINT).unlink(missing_ok=True)

    def put_aside(self) -> None:
        """Move the result that was noted (`keep_result`) out of the way of the training that begins, once."""
        part = self.path(BEFORE_PART)
        if part.is_dir():
            for path in self.folder.iterdir():
                if path.name not in (*STAYS, CHECKPOINT):
                    os.replace(path, part / path.name)
            os.rename(part, self.path(BEFORE))

    def _bring_back(self, why: str) -> None:
        """Have the earlier result again; killed in the midst of it, it can be done once more."""
        part = self.path(BEFORE_PART)
        old = part if part.is_dir() else self.path(BEFORE)
        status = read_json(old / STATUS, Status)
        for path in old.iterdir():
            if path.name != STATUS:
                os.replace(path, self.path(path.name))
        epochs = len(self.history())
        kept = trn(
            "What it had learned before, in {n} epoch, is kept.",
            "What it had learned before, in {n} epochs, is kept.",
            epochs,
        )
        status.sentence = joined(tr("Trained again, it did not finish."), why, kept)
        self.write_status(status)
        self.forget_stop()
        self.tidy()


@functools.lru_cache(maxsize=256)
def _digest(path: str, stamp: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def read_spec(path: Path) -> RunSpec:
    return RunSpec.from_dict(read_json(path, dict[str, Any]))


def read_status(path: Path) -> Status:
    return read_json(path, Status)


def read_saved(path: Path) -> Saved:
    """What a checkpoint says of itself, by its first bytes. Raises DamagedFileError, OSError."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not size or size > MOST_OF_A_HEADER:
            raise damaged(path, tr("it does not begin as it should"))
        header = file.read(size)
    try:
        about = json.loads(header)["__metadata__"]["about"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise damaged(path, tr("it does not say what is in it")) from None
    saved = check(str(about).encode(), Saved, path)
    if len(saved.history) != saved.epochs:
        raise damaged(path, tr("its history is of other epochs"))
    return saved


def read_history(path: Path) -> list[dict[str, float]]:
    rows = []
    try:
        for line in read_bytes(path).decode().split("\n")[1:-1]:
            values = dict(zip(HISTORY_COLUMNS, line.split(","), strict=True))
            rows.append({k: int(v) if k == "epoch" else float(v) for k, v in values.items()})
    except ValueError as problem:
        raise damaged(path, str(problem)) from None
    return rows
