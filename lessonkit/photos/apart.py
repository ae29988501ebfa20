"""Photos too large for the process that asks: decoded in a child process whose memory and time are bounded.

A HEIC of 48 megapixels takes some 500 MB while it is decoded, an AVIF may hold more than its header says. In a process of
its own that can be refused without harm; what comes back is no larger than what was asked for.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image

from lessonkit.errors import PhotoError, PhotoNotReadError
from lessonkit.photos.decoding import SMALLER

MOST_MEMORY = 2_000_000_000  # bytes of address space: a HEIC of 100 megapixels opens, measured
PATIENCE = 40.0  # seconds; 50 megapixels take 3 to 5 on one slow core


def open_apart(data: bytes, max_side: int | None, enough: int | None) -> Image.Image:
    """As `images.open_photo` does, but elsewhere.

    Raises:
        PhotoError: as `open_photo`; and where MOST_MEMORY or PATIENCE did not suffice.
        PhotoNotReadError: no process can be started now, or it was killed from outside, as for want of memory.
    """
    command = [sys.executable, "-m", "lessonkit.photos.apart_child"]
    command += [str(max_side or 0), str(enough or 0), str(MOST_MEMORY)]
    top = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [top, os.environ.get("PYTHONPATH")]))}
    environment["OPENBLAS_NUM_THREADS"] = "1"  # numpy's threads would take address space, and compute nothing here
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise PhotoError(f"The photo takes longer than {PATIENCE:.0f} s to open.", SMALLER) from None
    except OSError as problem:
        raise PhotoNotReadError(
            f"The photo cannot be opened now ({problem.strerror}).", "Close other programs, then try again."
        ) from problem
    if done.returncode == -getattr(signal, "SIGKILL", 9):  # by somebody else: its own bound on memory kills nobody
        raise PhotoNotReadError("The photo's decoding was ended from outside.", "Close other programs, then try again.")
    head, _, pixels = done.stdout.partition(b"\n")
    try:
        said = json.loads(head)
    except ValueError:  # killed, or it could not even start: by the bound on its memory
        raise PhotoError("The photo needs more memory to open than a photo should.", SMALLER) from None
    if "sentence" in said:
        raise PhotoError(said["sentence"], said["way_out"])
    return Image.frombytes("RGB", (said["width"], said["height"]), pixels)
