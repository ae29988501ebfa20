"""Heads trained as the product trains them, on activations computed once: what the measurements of luck and of recipes share."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

import fastai.callback.schedule  # noqa: F401  # gives a Learner its `fit_one_cycle`
import numpy as np
import pandas as pd
import torch
from fastai.losses import CrossEntropyLossFlat

from lessonkit.photos.progress import quiet
from lessonkit.spec import RunSpec
from lessonkit.training import models
from lessonkit.training.setup import learner, lr_max, prepare


class Trained(NamedTuple):
    """A head that was trained.

    Attributes:
        frame: its answers on the held-out photos: photo, correct, loss.
        seconds: what the training took, without what was set up before.
    """

    frame: pd.DataFrame
    seconds: float

    @property
    def error(self) -> float:
        """Error rate in percent."""
        return 100 * float(1 - self.frame["correct"].mean())


def train(spec: RunSpec) -> Trained:
    """Train the head of a frozen recipe whose activations are computed once, as `training.fit` does."""
    assert spec.precompute
    setup = prepare(spec, quiet)
    learn = learner(setup)
    begun = time.perf_counter()
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(spec.epochs, lr_max(spec))
    seconds = time.perf_counter() - begun
    tail = models.tail(setup.model).eval()
    with torch.inference_mode():
        logits = torch.cat([tail(batch) for batch, _ in setup.dls.valid]).double()
    targets = setup.photos.valid_targets
    losses = CrossEntropyLossFlat(reduction="none")(logits, targets)
    frame = pd.DataFrame(
        {"photo": setup.photos.valid, "correct": (logits.argmax(1) == targets).numpy(), "loss": losses.numpy()}
    )
    return Trained(frame, seconds)


def numbers(text: str) -> list[int]:
    """Whole numbers out of "3", "1,2,5" or "200-209"."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def spread(values: Iterable[float]) -> str:
    """Mean and standard deviation, "18.4 (1.9)"."""
    listed = np.array([*values])
    return f"{listed.mean():.1f} ({listed.std(ddof=1):.1f})" if len(listed) > 1 else f"{listed.mean():.1f}"
