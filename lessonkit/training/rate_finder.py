"""fastai's `lr_find` for a spec: the rates that were tried, their losses, and the rate that it suggests."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import torch
from fastai.callback.schedule import SuggestionMethod
from fastai.learner import Learner

from lessonkit.photos.progress import Report, quiet
from lessonkit.spec import RunSpec
from lessonkit.training import callbacks, device, rungs
from lessonkit.training.setup import learner, prepare

LR_FIND_STEPS = 100


def lr_find(spec: RunSpec, report: Report = quiet) -> dict[str, Any]:
    """fastai's `lr_find` for a spec: the rate raised from 1e-7 to 10 over 100 batches; what is learned is dropped.

    Args:
        report: told what `fit` tells before training, then ("lr_find", batches, batches).

    Returns:
        {"lrs", "losses" (smoothed), a number a batch until the loss exploded; "suggestion": the rate that fastai's
        "valley" proposes, None where the curve is too short for it}.

    Raises:
        LessonError: as `fit`.
    """
    with rungs.on(rungs.first()):
        return _lr_find(spec, report)


def _lr_find(spec: RunSpec, report: Report) -> dict[str, Any]:
    setup = prepare(spec, report)
    learn = learner(setup)
    learn.add_cb(callbacks.ReportSteps(report, "lr_find", LR_FIND_STEPS))
    with tempfile.TemporaryDirectory() as folder, device.contained():
        learn.path = Path(folder)  # where fastai keeps the weights to put back afterwards
        learn.lr_find(num_it=LR_FIND_STEPS, show_plot=False, suggest_funcs=None)
    suggestion = _valley(learn)
    curve = [(float(r), float(loss)) for r, loss in zip(learn.recorder.lrs, learn.recorder.losses, strict=True)]
    curve = [(rate, loss) for rate, loss in curve if math.isfinite(loss)]
    return {"lrs": [rate for rate, _ in curve], "losses": [loss for _, loss in curve], "suggestion": suggestion}


def _valley(learn: Learner) -> float | None:
    """fastai's suggestion from what `lr_find` recorded, the batches chosen as there; None where they are too few."""
    rates, losses = (
        torch.tensor([float(v) for v in of[LR_FIND_STEPS // 10 : -5]])
        for of in (learn.recorder.lrs, learn.recorder.losses)
    )
    finite = int(losses.isfinite().cumprod(0).sum())
    try:
        return float(SuggestionMethod.Valley(rates[:finite], losses[:finite], LR_FIND_STEPS)[0])
    except (IndexError, RuntimeError, ValueError):  # the loss exploded within a few batches
        return None
