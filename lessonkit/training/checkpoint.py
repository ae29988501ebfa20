"""What is saved of a run while it trains, so that it goes on where it was if its process ends: written, read, put back.

A run that goes on ends as it would have ended (on a CPU bit for bit): what an epoch draws depends on its number alone
(`draws`), and all else that an epoch hands to the next is saved. That is the weights with batch norm's statistics, the
optimizer's averages, the smoothed loss and the lines of the history; where the schedule and the photos' views are is
known from the number of epochs. Tensors are in safetensors, the rest as JSON in its header (`run_folder.Saved`).
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

import torch
from fastai.callback.core import Callback
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from lessonkit.errors import CheckpointError, DamagedFileError
from lessonkit.language import tr
from lessonkit.run_folder import CHECKPOINT, Run, Saved
from lessonkit.storage import write_bytes
from lessonkit.training.batches import Loader
from lessonkit.training.callbacks import AFTER_RECORDER, WriteHistory, packed
from lessonkit.training.optimizer import FusedAdam
from lessonkit.training.setup import Setup

STOPPED, DIVERGED = "stopped", "diverged"  # why a training was over before its last epoch
SECONDS = 10.0  # between two savings, at least
MOST_OF_THE_TIME = 0.05  # that saving takes
WEIGHTS, AVERAGES, SMOOTHED = "weights/", "averages/", "smoothed"


class Loaded:
    """A checkpoint as it was read.

    Attributes:
        about: what it says of itself.
        weights: of what the Learner holds, by name.
    """

    def __init__(self, about: Saved, tensors: dict[str, Tensor]):
        self.about, self._tensors = about, tensors
        self.weights = {name.removeprefix(WEIGHTS): t for name, t in tensors.items() if name.startswith(WEIGHTS)}

    def averages(self, model: nn.Module) -> dict[nn.Parameter, dict[str, Tensor]]:
        """What `FusedAdam.averages` gave, of this model's parameters."""
        found: dict[nn.Parameter, dict[str, Tensor]] = {}
        named = dict(model.named_parameters())
        for name, tensor in self._tensors.items():
            if name.startswith(AVERAGES):
                parameter, kind = name.removeprefix(AVERAGES).rsplit("/", 1)
                found.setdefault(named[parameter], {})[kind] = tensor
        return found

    @property
    def smoothed(self) -> Tensor:
        return self._tensors[SMOOTHED]


def read(run: Run, setup: Setup) -> Loaded | None:
    """A run's checkpoint; None where there is none.

    Raises:
        CheckpointError: it is damaged, or of other photos or weights than this setup's.
    """
    file = run.path(CHECKPOINT)
    try:
        about = run.saved()
        if about is None:
            return None
        tensors = load_file(file)
    except (DamagedFileError, SafetensorError, OSError) as problem:
        raise CheckpointError(tr("What was saved of this run cannot be read."), tr("Train it again.")) from problem
    if _checksum(tensors) != about.checksum:
        raise CheckpointError(tr("What was saved of this run is damaged."), tr("Train it again."))
    if about.made_of != made_of(setup):
        raise CheckpointError(
            tr("The photos, or the run that this one goes on from, have changed since this run was saved."),
            tr("Train it again."),
        )
    return Loaded(about, tensors)


def made_of(setup: Setup) -> str:
    """A digest of the photos and their breeds, and of the weights that the run began with."""
    photos = setup.photos
    facts = [
        photos.vocab, photos.train, photos.train_targets.tolist(), photos.valid, photos.valid_targets.tolist(),
        Run(setup.spec.starts_from).weights_hash() if setup.spec.starts_from else "",
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


class Checkpoint(Callback):
    """Keep the weights of the last finished epoch, and save what the next one needs in case the process dies.

    That is done now and then. Short runs are not: they are trained again as quickly.

    Args:
        history: writes the epochs down.
        loaded: what the run goes on from.

    Attributes:
        kept: the weights after the last finished epoch; None before the first.
        epochs: how many are finished.
    """

    order = AFTER_RECORDER + 5  # only of an epoch that was written down

    def __init__(self, run: Run, setup: Setup, history: WriteHistory, loaded: Loaded | None = None):
        self.run_folder, self.setup, self.history = run, setup, history
        self.first = self.epochs = loaded.about.epochs if loaded else 0
        self.kept = loaded.weights if loaded else None
        self.made_of, self.every, self.saved = made_of(setup), SECONDS, time.perf_counter()

    def after_epoch(self) -> None:
        if self.epoch < self.first:
            return  # fastai passes over it
        self.kept = {name: t.detach().clone() for name, t in self.setup.trained.state_dict().items()}
        self.epochs = self.epoch + 1
        begun = time.perf_counter()
        if self.epochs < self.n_epoch and begun - self.saved > self.every:
            self._write(self._to_go_on(), averaged=self.recorder.smooth_loss.count, scaler=_scaler(self.learn))
            self.saved = time.perf_counter()
            self.every = max(SECONDS, (self.saved - begun) / MOST_OF_THE_TIME)

    def close(self, over: str) -> None:
        """Save what was learned, once the training is over: what is left to do takes a while too.

        Args:
            over: STOPPED or DIVERGED; "" where all epochs are finished.
        """
        self._write({}, over=over)

    def _to_go_on(self) -> dict[str, Tensor]:
        names = {parameter: name for name, parameter in self.setup.trained.named_parameters()}
        averages = {
            f"{AVERAGES}{names[parameter]}/{kind}": tensor
            for parameter, of_it in cast(FusedAdam, self.opt).averages().items()
            for kind, tensor in of_it.items()
        }
        return averages | {SMOOTHED: torch.as_tensor(self.recorder.smooth_loss.val)}

    def _write(self, more: Mapping[str, Tensor], **about: Any) -> None:
        assert self.kept is not None
        tensors = {f"{WEIGHTS}{name}": tensor for name, tensor in self.kept.items()} | dict(more)
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        saved = Saved(self.epochs, self.history.lines, made_of=self.made_of, checksum=_checksum(tensors), **about)
        write_bytes(self.run_folder.path(CHECKPOINT), packed(tensors, about=json.dumps(asdict(saved))))


class GoOn(Callback):
    """Have the Learner be as it was after the epochs that a checkpoint holds; `fit(start_epoch=)` goes on from there."""

    order = AFTER_RECORDER + 5  # Recorder and mixed precision have begun again by then

    def __init__(self, loaded: Loaded):
        self.loaded = loaded

    def before_fit(self) -> None:
        about, where = self.loaded.about, self.dls.device
        self.model.load_state_dict(self.loaded.weights)
        cast(FusedAdam, self.opt).remember(self.loaded.averages(self.model))
        self.recorder.smooth_loss.val, self.recorder.smooth_loss.count = self.loaded.smoothed.to(where), about.averaged
        train = cast(Loader, self.dls.train)
        train.pass_over(about.epochs)
        self.learn.train_iter = about.epochs * len(train)
        if about.scaler and (scaler := getattr(self.learn, "scaler", None)):
            scaler.load_state_dict(about.scaler)


def _scaler(learn: Any) -> dict[str, float] | None:
    """State of the loss scaler that float16 needs; None without one."""
    scaler = getattr(learn, "scaler", None)
    return (scaler.state_dict() or None) if scaler else None


def _checksum(tensors: Mapping[str, Tensor]) -> int:
    found = 0
    for name in sorted(tensors):
        data = cast(Any, tensors[name].numpy().reshape(-1).view("uint8"))
        found = zlib.crc32(data, zlib.crc32(name.encode(), found))
    return found
