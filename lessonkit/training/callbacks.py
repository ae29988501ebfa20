"""What happens besides training, as fastai callbacks of one concern each."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.tracker import TerminateOnNaNCallback
from fastai.callback.training import bn_types
from fastai.torch_core import to_detach
from safetensors.torch import save
from torch import Tensor, nn

from lessonkit import awake
from lessonkit.photos.progress import Report
from lessonkit.run_folder import EVENTS, HISTORY
from lessonkit.runs import HISTORY_COLUMNS, Run
from lessonkit.spec import RunSpec
from lessonkit.training import draws

WRITES_A_SECOND = 10.0
AFTER_RECORDER = 70  # Recorder is at 50, the schedule at 60: their numbers of the batch and epoch are in then


class FixedBatchNorm(Callback):
    """Keep the body's batch norm statistics as they are; its scale and shift train where they are unfrozen."""

    def __init__(self, body: nn.Module):
        self.layers = [m for m in body.modules() if isinstance(m, bn_types)]

    def before_train(self) -> None:
        for layer in self.layers:
            layer.eval()


class MakeNextBatch(Callback):
    """Make the next batch once a batch's work is handed to the device, and before its loss is read.

    fastai's Recorder waits for the loss after each batch: made after that, a batch would keep a GPU waiting.
    """

    order = 20  # behind mixed precision, which ends in `after_loss`

    def after_step(self) -> None:
        self.dl.make_next()

    def after_loss(self) -> None:
        if not self.training:
            self.dl.make_next()


class SeedDropout(Callback):
    """Seed torch's own generators before each epoch: what dropout draws depends on the run's seed and the epoch alone."""

    def __init__(self, spec: RunSpec):
        self.spec = spec

    def before_train(self) -> None:
        torch.manual_seed(draws.at(self.spec, draws.DROPOUT, self.epoch))


class StopOnRequest(Callback):
    """End the training before the next batch once someone asked for it; the unfinished epoch does not count."""

    def __init__(self, stop_asked: Any):
        self.stop_asked, self.stopped = stop_asked, False

    def before_batch(self) -> None:
        if self.stop_asked():
            self.stopped = True
            raise CancelFitException


class StopWhenDiverged(TerminateOnNaNCallback):
    """fastai's own end of a training whose loss is not a number any more, with a note that this was why it ended."""

    diverged = False

    def after_batch(self) -> None:
        try:
            super().after_batch()
        except CancelFitException:
            self.diverged = True
            raise


class ReportBatches(Callback):
    """Write each training batch to events.jsonl, ten times a second, and tell the stage's progress.

    Those of earlier epochs stay where the run goes on (`Learner.fit(start_epoch=)`). The file is closed each time: on NFS
    other machines see what was written when it is closed, and seconds later while it stays open.
    """

    order, run_valid = AFTER_RECORDER, False

    def __init__(self, run: Run, report: Report, first: int = 0):
        self.run_folder, self.report, self.first = run, report, first

    def before_fit(self) -> None:
        before = self.run_folder.events()[0] if self.first else []
        if not self.first:
            self.run_folder.path(EVENTS).write_bytes(b"")
        self.lines: list[str] = []
        self.written = 0.0
        self.begun = awake.seconds() - (before[-1]["seconds"] if before else 0.0)

    def before_train(self) -> None:
        self.last = awake.seconds()

    def after_batch(self) -> None:
        now = awake.seconds()
        hypers = self.opt.hypers[-1]
        event = {
            "epoch": self.epoch,
            "batch": self.iter,
            "batches": self.n_iter,
            "loss": round(float(to_detach(self.learn.loss)), 6),
            "smooth_loss": round(float(self.learn.smooth_loss), 6),
            "lr": hypers["lr"],
            "mom": hypers["mom"],
            "photos_per_second": round(len(self.yb[0]) / max(now - self.last, 1e-9), 1),
            "at": round(time.time(), 3),
            "seconds": round(now - self.begun, 3),
        }
        self.last = now
        self.lines.append(json.dumps(event, allow_nan=False) + "\n")
        if now - self.written > 1 / WRITES_A_SECOND:
            self._write()
            self.written = now
        self.report("training", self.epoch * self.n_iter + self.iter + 1, self.n_epoch * self.n_iter)

    def after_epoch(self) -> None:
        self._write()

    def after_fit(self) -> None:
        self._write()

    def _write(self) -> None:
        if self.lines:
            _append(self.run_folder.path(EVENTS), "".join(self.lines))
            self.lines = []


class ReportSteps(Callback):
    """Tell how many training batches are done of those that there will be."""

    order, run_valid = AFTER_RECORDER, False

    def __init__(self, report: Report, stage: str, steps: int):
        self.report, self.stage, self.steps = report, stage, steps

    def after_batch(self) -> None:
        self.report(self.stage, min(self.train_iter, self.steps), self.steps)


class WriteHistory(Callback):
    """Write each finished epoch as a row of history.csv; one whose numbers are none counts as not finished.

    fastai's CSVLogger writes whole seconds: "00:00" for an epoch on activations, which takes 0.1 s.

    Args:
        earlier: the lines of epochs that were finished before the run goes on; they are in the file.

    Attributes:
        lines: of all finished epochs.
    """

    order = AFTER_RECORDER

    def __init__(self, run: Run, earlier: Sequence[str] = ()):
        self.run_folder, self.first, self.lines = run, len(earlier), list(earlier)

    def before_fit(self) -> None:
        if not self.first:
            self.run_folder.path(HISTORY).write_text(",".join(HISTORY_COLUMNS) + "\n")

    def before_epoch(self) -> None:
        self.begun = awake.seconds()

    def after_epoch(self) -> None:
        if self.epoch < self.first:
            return  # fastai passes over it
        train_loss, valid_loss, error_rate = (float(v) for v in self.recorder.values[-1])
        seconds = awake.seconds() - self.begun
        line = f"{self.epoch},{train_loss:.6f},{valid_loss:.6f},{error_rate:.6f},{seconds:.3f}"
        _append(self.run_folder.path(HISTORY), f"{line}\n")
        self.lines.append(line)


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def packed(weights: dict[str, Tensor], **about: str) -> bytes:
    """Weights as a safetensors file's bytes, with what else is to be known."""
    return save({name: t.detach().cpu().contiguous() for name, t in weights.items()}, about or None)
