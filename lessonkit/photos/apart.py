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
import threading
import time
from pathlib import Path

from PIL import Image

from lessonkit import language
from lessonkit.errors import PhotoError, PhotoNotReadError
from lessonkit.language import tr
from lessonkit.photos.decoding import MORE_MEMORY, SMALLER

MOST_MEMORY = 2_000_000_000  # bytes of address space: a HEIC of 100 megapixels opens, measured
PATIENCE = 40  # seconds of processor time; 50 megapixels take 3 to 5 on one slow core
LONGEST_WAIT = 300.0  # seconds by the clock: a machine that does other things as well is slow, and the photo is not bad
CHILD = "lessonkit.photos.apart_child"
_spent = threading.local()


def processor_seconds() -> float:
    """Processor time that this thread took since it began, here and for its photos in processes apart, in seconds."""
    return time.thread_time() + getattr(_spent, "seconds", 0.0)


def open_apart(data: bytes, max_side: int | None, enough: int | None) -> Image.Image:
    """As `images.open_photo` does, but elsewhere.

    Raises:
        PhotoError: as `open_photo`; and where MOST_MEMORY or PATIENCE did not suffice.
        PhotoNotReadError: no process can be started now, it was killed from outside, as for want of memory, or it got too
            little of a busy processor.
    """
    command = [sys.executable, "-m", CHILD, str(max_side or 0), str(enough or 0), str(MOST_MEMORY), str(PATIENCE)]
    top = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [top, os.environ.get("PYTHONPATH")]))}
    environment["OPENBLAS_NUM_THREADS"] = "1"  # numpy's threads would take address space, and compute nothing here
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=LONGEST_WAIT, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        _spend(PATIENCE)
        raise PhotoNotReadError(
            tr(
                "The photo was not open after {seconds} s: this computer has much else to do.",
                seconds=language.decimal(LONGEST_WAIT),
            ),
            tr("Try again later. If that does not help: {smaller}", smaller=tr(SMALLER)),
        ) from None
    except OSError as problem:
        raise PhotoNotReadError(
            tr("The photo cannot be opened now ({why}).", why=problem.strerror),
            tr("Close other programs, then try again."),
        ) from problem
    if done.returncode == -getattr(signal, "SIGKILL", 9):  # by somebody else: its own bound on memory kills nobody
        raise PhotoNotReadError(
            tr("The photo's decoding was ended from outside."), tr("Close other programs, then try again.")
        )
    if done.returncode == -getattr(signal, "SIGXCPU", 24):
        _spend(PATIENCE)
        raise PhotoError(tr("The photo takes longer than {seconds} s to open.", seconds=PATIENCE), tr(SMALLER))
    head, _, pixels = done.stdout.partition(b"\n")
    try:
        said = json.loads(head)
        _spend(said["seconds"])
    except ValueError:  # killed, or it could not even start: by the bound on its memory
        _spend(PATIENCE)
        raise PhotoError(tr(MORE_MEMORY), tr(SMALLER)) from None
    if "sentence" in said:
        raise PhotoError(*(language.again(language.from_parts(said[of])) for of in ("sentence", "way_out")))
    return Image.frombytes("RGB", (said["width"], said["height"]), pixels)


def _spend(seconds: float) -> None:
    _spent.seconds = getattr(_spent, "seconds", 0.0) + seconds
