"""The device to train on: which one, by what name, and how it is used well."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from lessonkit import config
from lessonkit.errors import LessonError

if TYPE_CHECKING:
    from fastai.learner import Learner


def choose() -> torch.device:
    """The device that training uses: the one that `LESSONKIT_DEVICE` names, else CUDA, else MPS, else the CPU.

    Raises:
        LessonError: the device that was asked for is not on this machine.
    """
    wish = config.device()
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wish == "auto":
        return torch.device(next(kind for kind, present in here.items() if present))
    if not here[wish]:
        raise LessonError(
            f"LESSONKIT_DEVICE asks for “{wish}”, and this machine has none that PyTorch can use.",
            "Leave it at auto, or set it to cpu.",
        )
    return torch.device(wish)


def name(device: torch.device) -> str:
    """The device as its maker calls it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"{_cpu_name()} (GPU)"
    return f"{_cpu_name()}, {cores()} cores"


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare(device: torch.device) -> None:
    """Set what is set once a process: a thread a core (a Dask worker starts with one), cuDNN's own choice of kernels."""
    if torch.get_num_threads() != cores():
        torch.set_num_threads(cores())
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


def autocast(device: torch.device) -> torch.autocast:
    """Mixed precision for a forward pass; does nothing but on CUDA (bfloat16 on most CPUs is ten times slower)."""
    return torch.autocast("cuda" if device.type == "cuda" else "cpu", _half(), enabled=device.type == "cuda")


def mixed_precision(learn: Learner, device: torch.device) -> Learner:
    """Have a Learner train in mixed precision on CUDA: bfloat16 where the chip has it, else float16 with scaling."""
    if device.type == "cuda":
        return learn.to_bf16() if _half() is torch.bfloat16 else learn.to_fp16()
    return learn


def _half() -> torch.dtype:
    return torch.float16 if torch.cuda.is_available() and not torch.cuda.is_bf16_supported() else torch.bfloat16


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine() or "CPU"
