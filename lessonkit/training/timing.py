"""What an epoch costs on this machine, measured on a few batches of random pixels."""

from __future__ import annotations

import time

import torch
import torch.nn.functional as F

from lessonkit.training import device, models
from lessonkit.training.architectures import ARCHITECTURES
from lessonkit.training.spec import RunSpec

BATCH, BATCHES = 16, 2


def time_architectures() -> dict[str, dict[str, float]]:
    """Seconds a photo, by architecture, at the size that this device trains at by default.

    Returns:
        {architecture: {"frozen": body and head forward, "unfrozen": forward, backward and no step}}. The weights are
        random: what they are does not change what they cost.
    """
    where = device.choose()
    device.prepare(where)
    size = 160 if where.type == "cpu" else 224
    return {name: _seconds_a_photo(name, size, where) for name in ARCHITECTURES}


def _seconds_a_photo(architecture: str, size: int, where: torch.device) -> dict[str, float]:
    spec = RunSpec("drawn", architecture=architecture, pretrained=False, size=size)
    model = models.build(spec, 37).to(where, memory_format=torch.channels_last)
    photos = torch.randn(BATCH, 3, size, size, device=where).contiguous(memory_format=torch.channels_last)
    breeds = torch.randint(37, (BATCH,), device=where)

    def forward() -> None:
        with torch.inference_mode(), device.autocast(where):
            model.eval()(photos)

    def both_ways() -> None:
        with device.autocast(where):
            loss = F.cross_entropy(model.train()(photos), breeds)
        loss.backward()
        model.zero_grad()

    return {"frozen": _seconds(forward, where) / BATCH, "unfrozen": _seconds(both_ways, where) / BATCH}


def _seconds(step, where: torch.device) -> float:
    """Of one step, after one that warms up."""
    step()
    _wait(where)
    begun = time.perf_counter()
    for _ in range(BATCHES):
        step()
    _wait(where)
    return (time.perf_counter() - begun) / BATCHES


def _wait(where: torch.device) -> None:
    if where.type == "cuda":
        torch.cuda.synchronize()
    elif where.type == "mps":
        torch.mps.synchronize()
