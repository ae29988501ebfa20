"""A finished run's model on photos that are not in the dataset."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lessonkit.errors import LessonError, PhotoError
from lessonkit.language import tr
from lessonkit.photos import cache
from lessonkit.photos.images import open_photo
from lessonkit.runs import MODEL, Run
from lessonkit.spec import RunSpec
from lessonkit.training import batches, device, models

BATCH = 32
MOST_LIKELY = 5
CPU = torch.device("cpu")


def predict(run_id: str, photos: Sequence[tuple[str, bytes | Path]]) -> list[dict[str, Any]]:
    """Name the breed on photos, on the CPU, each photo seen as validation sees it: its middle.

    Args:
        photos: (a name to answer with, the file's bytes or its path).

    Returns:
        a dict a photo, in their order: {"photo", "breed", "probability", "top": [[breed, probability], ...]}, the
        five likeliest first (fewer where there are fewer breeds); {"photo", "error"} for one that does not open.

    Raises:
        LessonError: there is no such run, or it has no model.
    """
    spec, vocab, model = model_of(run_id)
    answers: list[dict[str, Any]] = []
    for start in range(0, len(photos), BATCH):
        squares: list[np.ndarray] = []
        opened: list[dict[str, Any]] = []
        for name, source in photos[start : start + BATCH]:
            answers.append({"photo": name})
            try:
                squares.append(middle(source, spec.size))
                opened.append(answers[-1])
            except PhotoError as problem:
                answers[-1]["error"] = str(problem)
        for answer, probabilities in zip(opened, _probabilities(model, spec, squares), strict=True):
            top = [[vocab[i], float(probabilities[i])] for i in np.argsort(-probabilities)[:MOST_LIKELY]]
            answer.update(breed=top[0][0], probability=top[0][1], top=top)
    return answers


def middle(source: bytes | Path, size: int) -> np.ndarray:
    """A photo's middle as validation sees it, (size, size, 3) uint8. Raises PhotoError for one that does not open."""
    side = cache.side_for(size)
    return np.asarray(batches.centre(cache.fitted(open_photo(source, enough=side), side), size))


@torch.inference_mode()
def _probabilities(model: nn.Module, spec: RunSpec, squares: Sequence[np.ndarray]) -> np.ndarray:
    if not squares:
        return np.empty((0, 0), np.float32)
    batch = batches.Normalization(spec, CPU)(batches.to_float(squares, CPU))
    return torch.softmax(model(batch), 1).numpy()


def model_of(run_id: str) -> tuple[RunSpec, list[str], nn.Sequential]:
    """A run's spec, its breeds in the order of the outputs, and its model: on the CPU, in eval mode, the last three kept.

    Raises:
        LessonError: there is no such run, or it has no model.
    """
    run = Run(run_id)
    path = run.path(MODEL)
    if not run.exists() or not path.is_file():
        raise LessonError(
            tr("The run {run} has no model.", run=run_id), tr("Train one first, or choose a run that is done.")
        )
    return _loaded(str(run.folder), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=3)
def _loaded(folder: str, written: int) -> tuple[RunSpec, list[str], nn.Sequential]:
    device.prepare(CPU)
    run = Run(Path(folder).name)
    spec, vocab = run.spec(), run.vocab()
    with torch.device("meta"):  # every weight comes from the file: half a second less of drawing random ones (resnet50)
        model = models.build(spec, len(vocab), load_pretrained=False)
    models.load_run(model.to_empty(device=CPU), run.id)
    return spec, vocab, model.eval().to(memory_format=torch.channels_last)
