"""What there is to train on, counted without torch: the engine's own process stays small."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

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


def likely() -> str:
    """ "cuda", "mps" or "cpu": what training will most likely choose (`training.device.choose`), before it has said."""
    wish = config.device()
    if wish != "auto":
        return wish
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return "cuda" if gpus() else "mps" if apple else "cpu"
