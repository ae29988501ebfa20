"""What an epoch costs on this machine, measured on a few batches of random pixels."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from lessonkit.architectures import ARCHITECTURES
from lessonkit.spec import RunSpec
from lessonkit.training import device, models

BATCH, BATCHES = 16, 2


def time_architectures(size: int | None = None) -> dict[str, dict[str, float]]:
    """Seconds a photo, by architecture.

    Args:
        size: side of the square that the network sees, pixels; None for what this device trains at by default.

    Returns:
        {architecture: {"frozen": the body forward, as activations are computed: once for each photo and view;
        "unfrozen": a whole step: forward, backward and the optimizer's; "size": pixels}}. The head on activations
        costs next to nothing. The weights are random: what they are does not change what they cost.
    """
    where = device.choose()
    device.prepare(where)
    size = size or (160 if where.type == "cpu" else 224)
    try:
        return {name: _seconds_a_photo(name, size, where) | {"size": size} for name in ARCHITECTURES}
    finally:
        device.empty_caches()


def _seconds_a_photo(architecture: str, size: int, where: torch.device) -> dict[str, float]:
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

    return {"frozen": _seconds(forward, where) / BATCH, "unfrozen": _seconds(whole_step, where) / BATCH}


def _seconds(step: Callable[[], None], where: torch.device) -> float:
    """Of one step, after one that warms up."""
    step()
    device.finish(where)
    begun = time.perf_counter()
    for _ in range(BATCHES):
        step()
    device.finish(where)
    return (time.perf_counter() - begun) / BATCHES
