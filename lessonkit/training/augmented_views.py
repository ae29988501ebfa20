"""How training sees a photo: its augmented views, and what the pretrained network says of it."""

from __future__ import annotations

import functools
import zlib

import numpy as np
import torch
from timm.data import ImageNetInfo
from torch import nn

from lessonkit.photos import cache, catalog
from lessonkit.photos.images import open_photo
from lessonkit.spec import RunSpec
from lessonkit.training import batches, device, models, weights
from lessonkit.training.augmentation import Augment
from lessonkit.training.draws import drawn_by
from lessonkit.training.predict import CPU, MOST_LIKELY, middle

_CLEARER = {"ear": "ear of corn"}  # ImageNet's "ear, spike, capitulum"
IMAGENET_SIZE = 224  # what the three architectures' published weights were tested at


def augmented(dataset: str, photo: str, size: int, views: int = 9) -> list[np.ndarray]:
    """Views of one photo as training sees it, by fastai's own transforms; the same photo gives the same views.

    Args:
        dataset: its name. photo: one of its photos.
        size: side of the views, pixels.

    Returns:
        `views` arrays (size, size, 3) of uint8.

    Raises:
        LessonError: no such dataset here. PhotoError: the photo does not open.
    """
    side = cache.side_for(size)
    pixels = cache.fitted(open_photo(catalog.resolve(dataset).path(photo), enough=side), side)
    with drawn_by(zlib.crc32(photo.encode())):
        batch = batches.to_float([batches.random_square(pixels) for _ in range(views)], CPU)
        changed = Augment(size)(batch)
    return list((changed.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy())


@torch.inference_mode()
def pretrained_says(dataset: str, photo: str, architecture: str) -> dict[str, list[list[str | float]]]:
    """What a network pretrained on ImageNet says of a photo, with its normalization and without.

    Returns:
        {"normalized": [[ImageNet's name, probability], ...] the five likeliest first, "raw": the same for pixels
        that were only scaled to 0..1}.

    Raises:
        LessonError: no such dataset here. PhotoError: the photo does not open. WeightsError: no weights.
    """
    square = middle(catalog.resolve(dataset).path(photo), IMAGENET_SIZE)
    pixels = batches.to_float([square], CPU)
    spec = RunSpec(dataset, architecture=architecture)
    model = _imagenet(architecture)
    views = {"normalized": batches.Normalization(spec, CPU)(pixels), "raw": pixels}
    return {name: _top(torch.softmax(model(view)[0], 0)) for name, view in views.items()}


def _top(probabilities: torch.Tensor) -> list[list[str | float]]:
    values, places = probabilities.topk(MOST_LIKELY)
    names = _names()
    return [[names[i], float(p)] for i, p in zip(places.tolist(), values.tolist(), strict=True)]


@functools.lru_cache(maxsize=1)
def _names() -> list[str]:
    """ImageNet's 1,000 classes, each by the first of its names, where that is not taken for a part of a pet."""
    info = ImageNetInfo()
    first = [info.index_to_description(i).split(",")[0] for i in range(info.num_classes())]
    return [_CLEARER.get(name, name) for name in first]


@functools.lru_cache(maxsize=2)
def _imagenet(architecture: str) -> nn.Module:
    weights.require(architecture)  # a download would hold up other questions: it is a job
    device.prepare(CPU)
    return models.imagenet_model(architecture).eval().to(memory_format=torch.channels_last)
