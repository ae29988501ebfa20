"""What there is to train on: the GPUs (counted without torch), and the device by its name."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from lessonkit import config


def gpus() -> list[str]:
    """The GPUs that training may use, as CUDA_VISIBLE_DEVICES names them; none when a CPU was asked for.

    Asked of the driver's own program, since importing torch in the engine's process would cost 500 MB.
    """
    if config.device() in ("cpu", "mps"):
        return []
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [name.strip() for name in chosen.split(",") if name.strip() not in ("", "-1")]
    try:
        asked = subprocess.run(
            ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return asked.stdout.split() if asked.returncode == 0 else []


def describe() -> dict[str, Any]:
    """The device that this worker trains on: {"kind": "cuda", "mps" or "cpu", "name"}. Imports torch."""
    import torch

    wish = config.device()
    if wish in ("auto", "cuda") and torch.cuda.is_available():
        return {"kind": "cuda", "name": torch.cuda.get_device_name(0)}
    if wish in ("auto", "mps") and torch.backends.mps.is_available():
        return {"kind": "mps", "name": f"{cpu_name()} (GPU)"}
    return {"kind": "cpu", "name": f"{cpu_name()}, {cores()} cores"}


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_name() -> str:
    """The processor as its maker calls it, else its family."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine() or "CPU"
