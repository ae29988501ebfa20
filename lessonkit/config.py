"""Settings, all from the environment, and the folders that follow from them.

Read anew at each call: a test or a teacher may change the environment, and reading it costs nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from lessonkit.errors import LessonError

DEVICES = ("auto", "cuda", "mps", "cpu")


def home() -> Path:
    """Folder that holds datasets, caches and runs (`LESSONKIT_HOME`; default: the user's data folder)."""
    wish = os.environ.get("LESSONKIT_HOME")
    return Path(wish).expanduser().resolve() if wish else Path(platformdirs.user_data_dir("lessonkit", False))


def mirror() -> str | None:
    """Where archives come from instead of their home: a URL or a folder (`LESSONKIT_MIRROR`)."""
    return os.environ.get("LESSONKIT_MIRROR") or None


def scheduler() -> str | None:
    """Address of a Dask scheduler to use instead of one of our own (`LESSONKIT_SCHEDULER`)."""
    return os.environ.get("LESSONKIT_SCHEDULER") or None


def device() -> str:
    """The device to train on (`LESSONKIT_DEVICE`): one of `DEVICES`.

    Raises:
        LessonError: the variable names no such device.
    """
    wish = os.environ.get("LESSONKIT_DEVICE", "auto").strip().lower() or "auto"
    if wish not in DEVICES:
        raise LessonError(
            f"LESSONKIT_DEVICE is “{wish}”, which is no device.", f"Set it to one of {', '.join(DEVICES)}."
        )
    return wish


def datasets_folder() -> Path:
    return home() / "datasets"


def cache_folder() -> Path:
    return home() / "cache"


def runs_folder() -> Path:
    return home() / "runs"
