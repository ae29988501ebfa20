"""Photos kept as uint8 in the GPU's memory, so that a batch never waits for the disk or the bus."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lessonkit.photos.cache import PhotoCache
from lessonkit.training import rungs
from lessonkit.training.device import empty_caches

# What training itself takes is the larger part: resnet50 at 299 in batches of 64 some 10 GB.
SHARE = 0.3  # of the memory that is free
_PIECE = 1 << 26  # bytes sent at once


class ResidentPhotos:
    """A cache's photos on a device.

    `photos["Abyssinian_1.jpg"]` is a tensor (height, width, 3) of uint8, a view into one that holds them all.
    """

    def __init__(self, cache: PhotoCache, device: torch.device):
        self._shapes = cache.shapes
        self._starts = [0, *np.cumsum([height * width * 3 for height, width, _ in cache.shapes]).tolist()]
        self._row = {name: row for row, name in enumerate(cache.names)}
        self._flat = torch.empty(cache.bytes, dtype=torch.uint8, device=device)
        if cache.enlarged:
            for row, name in enumerate(cache.names):
                pixels = torch.from_numpy(np.array(cache[name]).reshape(-1))
                self._flat[self._starts[row] : self._starts[row + 1]] = pixels
            return
        for start in range(0, cache.flat.size, _PIECE):
            self._flat[start : start + _PIECE] = torch.from_numpy(np.array(cache.flat[start : start + _PIECE]))

    def __getitem__(self, photo: str) -> Tensor:
        i = self._row[photo]
        return self._flat[self._starts[i] : self._starts[i + 1]].view(self._shapes[i])


def source(cache: PhotoCache, device: torch.device) -> PhotoCache | ResidentPhotos:
    """Where batches for this device are cut from: the device's memory where the photos fit, else the decoded file.

    The photos sent stay for the rest of the run, which `drop` ends.
    """
    if device.type != "cuda" or not rungs.in_force().resident:
        return cache
    key = (str(cache.folder), device)
    if key not in _kept:
        drop()
        empty_caches()  # what PyTorch keeps for later is not free otherwise
        if not fits(cache.bytes, torch.cuda.mem_get_info(device)[0]):
            return cache
        _kept[key] = ResidentPhotos(cache, device)
    return _kept[key]


def drop() -> None:
    """Let go of the photos that were sent."""
    _kept.clear()


def fits(photos: int, free: int) -> bool:
    """Whether photos of so many bytes leave enough of the free memory, in bytes, to train in."""
    return photos <= SHARE * free


_kept: dict[tuple[str, torch.device], ResidentPhotos] = {}
