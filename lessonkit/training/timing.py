"""What an epoch costs on this machine, measured on a few batches of random pixels."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from lessonkit.architectures import ARCHITECTURES
from lessonkit.photos.progress import Report, quiet
from lessonkit.spec import RunSpec
from lessonkit.training import device, models

BATCH, BATCHES = 16, 2


def time_architectures(size: int | None = None, report: Report = quiet) -> dict[str, dict[str, float]]:
    """Seconds a photo, by architecture.

    Args:
        size: side of the square that the network sees, pixels; None for what this device trains at by default.
        report: told ("measure", steps, steps), before each step.

    Returns:
        {architecture: {"frozen": the body forward, as activations are computed: once for each photo and view;
        "unfrozen": a whole step: forward, backward and the optimizer's; "size": pixels}}. The head on activations
        costs next to nothing. The weights are random: what they are does not change what they cost.
    """
    where = device.choose()
    device.prepare(where)
    size = size or (160 if where.type == "cpu" else 224)
    steps, done = 2 * (1 + BATCHES) * len(ARCHITECTURES), itertools.count()

    def next_step() -> None:
        report("measure", next(done), steps)

    try:
        return {name: _seconds_a_photo(name, size, where, next_step) | {"size": size} for name in ARCHITECTURES}
    finally:
        device.empty_caches()


def _seconds_a_photo(
    architecture: str, size: int, where: torch.device, next_step: Callable[[], None]
) -> dict[str, float]:
    spec = RunSpec("drawn", architecture=architecture, pretrained=False, size=size)
    model = models.build(spec, 37)
    body = models.folded(models.pooled_body(model)).to(where).to(memory_format=torch.channels_last)
    model.to(where).to(memory_format=torch.channels_last)
    adam = torch.optim.AdamW(model.parameters(), fused=True)
    photos = torch.randn(BATCH, 3, size, size, device=where).contiguous(memory_format=torch.channels_last)
    breeds = torch.randint(37, (BATCH,), device=where)

    def forward() -> None:
        with torch.inference_mode(), device.autocast(where):
            body(photos)

    def whole_step() -> None:
        with device.autocast(where):
            loss = F.cross_entropy(model.train()(photos), breeds)
        loss.backward()
        adam.step()
        adam.zero_grad()

    frozen, unfrozen = (_seconds(step, where, next_step) / BATCH for step in (forward, whole_step))
    return {"frozen": frozen, "unfrozen": unfrozen}


def _seconds(step: Callable[[], None], where: torch.device, next_step: Callable[[], None]) -> float:
    """Of one step, after one that warms up. `next_step` is called before each, which is not measured."""
    took = []
    for _ in range(1 + BATCHES):
        next_step()
        begun = time.perf_counter()
        step()
        device.finish(where)
        took.append(time.perf_counter() - begun)
    return sum(took[1:]) / BATCHES
