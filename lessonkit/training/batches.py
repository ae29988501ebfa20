"""Photo cache -> batches: squares cut from the cached photos, then fastai's augmentation on the whole batch.

The cached photos are larger than what the network sees (`cache.side_for`: 1.3 times), as with fastai's presizing.
To validate, the middle `size` x `size` pixels are taken as they are, nothing resampled: fastai's
`RandomResizedCrop` leaves an edge off too (`val_xtra`). To train, a square as high as the photo is cut at random
along its longer side, and one interpolation flips, turns, warps, zooms and resizes it (`aug_transforms`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from fastai.data.core import DataLoaders
from torch import Tensor

from lessonkit.architectures import ARCHITECTURES
from lessonkit.photos.cache import PhotoCache
from lessonkit.spec import RunSpec
from lessonkit.training import gpu_photos, rungs
from lessonkit.training.augmentation import Augment
from lessonkit.training.device import send
from lessonkit.training.draws import ORDER, VIEWS, at, drawn_by

Pixels = np.ndarray | Tensor
"""A photo, or a part of one: (height, width, 3) of uint8."""
Assemble = Callable[[np.ndarray], Tensor]
"""positions among the loader's photos -> float32 (photos, 3, size, size), as the network takes them."""


@runtime_checkable
class Counting(Protocol):
    """An `Assemble` whose batches depend on how many it made before."""

    def pass_over(self, positions: np.ndarray) -> None:
        """Count a batch of these photos as made."""


class Normalization:
    """(x - mean) / std per channel, by what the architecture's weights expect; for "none" nothing happens."""

    def __init__(self, spec: RunSpec, device: torch.device):
        facts = ARCHITECTURES[spec.architecture]
        wanted = spec.normalize == "model"
        self.mean = torch.tensor(facts.mean if wanted else (0.0,) * 3, device=device).view(1, 3, 1, 1)
        self.std = torch.tensor(facts.std if wanted else (1.0,) * 3, device=device).view(1, 3, 1, 1)

    def __call__(self, batch: Tensor) -> Tensor:
        return batch.sub(self.mean).div_(self.std)


def centre(photo: Pixels, size: int) -> Pixels:
    """The middle (size, size, 3) of (height, width, 3), both at least `size`: a view."""
    top, left = (photo.shape[0] - size) // 2, (photo.shape[1] - size) // 2
    return photo[top : top + size, left : left + size]


def random_square(photo: Pixels) -> Pixels:
    """A square as wide as the shorter side, somewhere along the longer one (by torch's generator): a view."""
    height, width = photo.shape[:2]
    side = min(height, width)
    at = int(torch.randint(max(height, width) - side + 1, ()))
    return photo[at : at + side] if height > width else photo[:, at : at + side]


def to_float(squares: Sequence[Pixels], device: torch.device) -> Tensor:
    """(height, width, 3) uint8 each, of one size -> (photos, 3, height, width) float32 of 0 to 1, channels last."""
    on_device = [square for square in squares if isinstance(square, Tensor)]
    batch = torch.stack(on_device) if on_device else send(torch.from_numpy(np.stack(squares)), device)
    return batch.permute(0, 3, 1, 2).float().div_(255)


class PhotoBatches:
    """Photos of a cache as batches that a network takes.

    Args:
        photos: names in the cache.
        augment: a changed view of each, drawn again each time; else its middle.
    """

    def __init__(self, cache: PhotoCache, photos: Sequence[str], spec: RunSpec, device: torch.device, augment: bool):
        self.pixels, self.photos, self.size, self.device = gpu_photos.source(cache, device), photos, spec.size, device
        self.spec, self.made = spec, 0
        self.augment = Augment(spec.size) if augment else None
        self.normalize = Normalization(spec, device)

    def __call__(self, positions: np.ndarray) -> Tensor:
        pixels = [self.pixels[self.photos[i]] for i in positions.tolist()]
        if self.augment is None:
            batch = to_float([centre(p, self.size) for p in pixels], self.device)
        else:
            with drawn_by(at(self.spec, VIEWS, self.made)):
                batch = self.augment(to_float([random_square(p) for p in pixels], self.device))
            self.made += 1
        return self.normalize(batch).contiguous(memory_format=torch.channels_last)  # as the network's weights lie

    def pass_over(self, positions: np.ndarray) -> None:
        """Count a batch of these photos as made."""
        self.made += 1


class Loader:
    """What fastai's Learner needs of a DataLoader, over an `Assemble`: no worker processes, no item by item.

    Iterating gives (inputs, targets), on the device. Shuffled, each epoch's order is drawn by a seed of its own (`draws.at`) and a last
    batch that is not full is left out, as fastai does; photos fewer than a batch make one batch. A batch is made when
    it is asked for, or before, by `make_next` (`callbacks.MakeNextBatch`).

    Args:
        targets: the breed's number of each photo, int64 (photos,).
        shuffled_by: the run whose seed decides the order; None: the photos' own order.
    """

    def __init__(
        self,
        assemble: Assemble,
        targets: Tensor,
        batch_size: int,
        device: torch.device,
        shuffled_by: RunSpec | None = None,
    ):
        self.assemble, self.targets, self.device = assemble, targets, device
        self.shuffled_by, self.shuffle, self.epoch = shuffled_by, shuffled_by is not None, 0
        self.bs = min(batch_size, len(targets)) if self.shuffle else batch_size
        self.dataset = range(len(targets))
        self._begun: _Batches | None = None

    def __len__(self) -> int:
        n = len(self.targets)
        return n // self.bs if self.shuffle else -(-n // self.bs)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        self._begun = _Batches(self._made, self._chosen(), self.device)
        return self._begun

    def pass_over(self, epochs: int) -> None:
        """Go on as after so many epochs; none of their batches is made."""
        for _ in range(epochs):
            chosen = self._chosen()
            if isinstance(self.assemble, Counting):
                for positions in chosen:
                    self.assemble.pass_over(positions.numpy())

    def _chosen(self) -> list[Tensor]:
        """The positions of each batch of the next epoch."""
        n = len(self.targets)
        if self.shuffled_by is None:
            order = torch.arange(n)
        else:
            drawn = torch.Generator().manual_seed(at(self.shuffled_by, ORDER, self.epoch))
            order, self.epoch = torch.randperm(n, generator=drawn), self.epoch + 1
        return [order[batch * self.bs : (batch + 1) * self.bs] for batch in range(len(self))]

    def make_next(self) -> None:
        """Make the batch that will be asked for next, of the iteration begun last; nothing where there is none."""
        if self._begun:
            self._begun.make()

    def _made(self, chosen: Tensor) -> tuple[Tensor, Tensor]:
        return self.assemble(chosen.numpy()), send(self.targets[chosen], self.device)

    def to(self, device: torch.device) -> None:
        """fastai asks; the batches are made on their device already."""


class _Batches(Iterator[tuple[Tensor, Tensor]]):
    """One iteration of a Loader. On CUDA batches are made on a stream of their own, beside the network's step."""

    def __init__(self, made: Callable[[Tensor], tuple[Tensor, Tensor]], chosen: list[Tensor], device: torch.device):
        self.made, self.left = made, deque(chosen)
        self.ready: tuple[Tensor, Tensor] | None = None
        own = device.type == "cuda" and rungs.in_force().own_stream
        self.stream = torch.cuda.Stream(device) if own else None
        if self.stream:
            self.stream.wait_stream(torch.cuda.current_stream())  # the photos are on their way to the GPU, perhaps

    def make(self) -> None:
        if self.ready is None and self.left:
            with torch.cuda.stream(self.stream) if self.stream else nullcontext():
                self.ready = self.made(self.left.popleft())

    def __next__(self) -> tuple[Tensor, Tensor]:
        self.make()
        if self.ready is None:
            raise StopIteration
        batch, self.ready = self.ready, None
        if self.stream:
            step = torch.cuda.current_stream()
            step.wait_stream(self.stream)
            for tensor in batch:
                tensor.record_stream(step)  # else its memory would be the next batch's while the step reads it
        return batch


def loaders(
    train: Assemble,
    train_targets: Tensor,
    valid: Assemble,
    valid_targets: Tensor,
    spec: RunSpec,
    device: torch.device,
) -> DataLoaders:
    """fastai's DataLoaders: training batches of the spec's size, shuffled; validation batches of twice that, in order.

    On a rung that says so, both are smaller.
    """
    size = max(2, spec.batch_size // rungs.in_force().parts)
    return DataLoaders(
        Loader(train, train_targets, size, device, shuffled_by=spec),
        Loader(valid, valid_targets, 2 * size, device),
        device=device,
    )
