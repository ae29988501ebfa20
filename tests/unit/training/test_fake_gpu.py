"""The networks on a GPU, on a machine without one: PyTorch's fake tensors have a shape, a type and a device, and no numbers.

An operation whose tensors are on different devices raises, as on a GPU; memory is counted. docs/gpu.md says what this
cannot show.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lessonkit.architectures import ARCHITECTURES
from lessonkit.photos.progress import quiet
from lessonkit.spec import RunSpec
from lessonkit.training import batches, device, held_out, models
from lessonkit.training.augmentation import Augment

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
BATCH, BREEDS = 64, 37  # the lesson's own on a GPU
# What the forward pass of a training batch of 64 leaves in the GPU's memory for the backward pass, the weights with it, GB.
KEPT = {
    ("resnet34", 224): 1.21,
    ("resnet34", 299): 2.10,
    ("resnet50", 224): 2.96,
    ("resnet50", 299): 5.27,
    ("efficientnet_lite0", 224): 2.58,
    ("efficientnet_lite0", 299): 4.70,
}


class Memory(TorchDispatchMode):
    """Counts the bytes of the GPU's memory that tensors made in here hold, `now` and at the most, `peak`."""

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor) and tensor.device.type == "cuda":
                self._count(tensor.untyped_storage())
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self._known:
            return  # a view

        def gone() -> None:
            self._known.discard(key)
            self.now -= size

        self._known.add(key)
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, gone)


@pytest.fixture
def mixed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], torch.autocast]:
    """Mixed precision of a GPU that has bfloat16: PyTorch asks whether there is one when it is made, and not later."""
    # a transfer from pinned memory has no fake; that its own device is asked for is what is left to see
    monkeypatch.setattr(batches, "send", lambda tensor, where: tensor.to(where))

    def autocast(_: torch.device = CUDA) -> torch.autocast:
        with monkeypatch.context() as patch:
            patch.setattr(torch.cuda, "is_available", lambda: True)
            patch.setattr(torch.cuda, "is_bf16_supported", lambda *_, **__: True)
            return torch.autocast("cuda", torch.bfloat16)

    monkeypatch.setattr(device, "autocast", autocast)
    return autocast


def network(spec: RunSpec) -> nn.Sequential:
    """On the GPU from the first on: a fake parameter cannot be moved."""
    with CUDA:
        return models.build(spec, BREEDS, load_pretrained=False)


def photos(spec: RunSpec, count: int) -> Tensor:
    """A batch as the network takes it, made as `PhotoBatches` makes one that is not augmented."""
    squares = batches.to_float([np.zeros((spec.size, spec.size, 3), np.uint8)] * count, CUDA)
    return batches.Normalization(spec, CUDA)(squares).contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(("architecture", "size"), KEPT)
def test_a_training_batch_stays_on_the_gpu_and_takes_the_memory_that_is_said(architecture: str, size: int, mixed):
    spec = RunSpec("drawn", architecture=architecture, pretrained=False, size=size)
    with FakeTensorMode(), Memory() as memory:
        model = network(spec)
        batch = photos(spec, BATCH)
        with mixed():
            answer = model.train()(batch)
            loss = nn.functional.cross_entropy(answer, torch.zeros(BATCH, dtype=torch.int64, device=CUDA))
        assert (answer.device.type, answer.dtype, answer.shape) == ("cuda", torch.bfloat16, (BATCH, BREEDS))
        assert loss.device.type == "cuda"
        del batch
        assert memory.now / 1e9 == pytest.approx(KEPT[architecture, size], rel=0.02)
        with pytest.raises(RuntimeError, match="same device"):
            model(torch.zeros(2, 3, size, size))


@pytest.mark.parametrize(("architecture", "size"), KEPT)
def test_predictions_and_what_grad_cam_looks_at_stay_on_the_gpu_until_they_are_asked_for(architecture, size, mixed):
    spec = RunSpec("drawn", architecture=architecture, pretrained=False, size=size, frozen=False, precompute=False)
    with FakeTensorMode(), Memory() as memory:
        model, batch = network(spec), photos(spec, 16)
        valid = [(batch, torch.zeros(16, dtype=torch.int64, device=CUDA))] * 2
        made = memory.peak = memory.now
        setup: Any = SimpleNamespace(
            model=model,
            spec=spec,
            device=CUDA,
            dls=SimpleNamespace(valid=valid),
            photos=SimpleNamespace(valid=range(32)),
        )
        features, logits = held_out.predicted(setup, quiet)
        width = 2 * ARCHITECTURES[architecture].features
        assert (features.device, features.dtype, features.shape) == (CPU, torch.float32, (32, width))
        assert (logits.device, logits.dtype, logits.shape) == (CPU, torch.float32, (32, BREEDS))
        assert memory.now == made, "nothing of it stays on the GPU"
        assert (memory.peak - made) / 16 < KEPT[architecture, size] * 1e9 / BATCH, "less a photo than training takes"
        with torch.no_grad():
            maps = model[0](batch)
        head = models.head_of(model)
        logits = head[2:](head[:2](maps.detach().requires_grad_()))
        assert maps.device.type == logits.device.type == "cuda"
        assert maps.shape[1] == ARCHITECTURES[architecture].features


def test_augmentation_happens_on_the_gpu(mixed, monkeypatch: pytest.MonkeyPatch):
    drawn = Augment(224)._drawn(torch.Size((4, 3, 292, 292)))  # on the CPU, by fastai, whose tensors cannot be fake
    monkeypatch.setattr(Augment, "_drawn", lambda *_: torch.zeros(drawn.shape))
    monkeypatch.setattr("lessonkit.training.augmentation.send", lambda tensor, where: tensor.to(where))
    with FakeTensorMode():
        views = Augment(224)(torch.zeros(4, 3, 292, 292, device=CUDA))
        assert (views.device.type, views.shape) == ("cuda", (4, 3, 224, 224))
