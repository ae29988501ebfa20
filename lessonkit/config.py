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


def check_home(to_write: bool = True) -> None:
    """See that the home can be used: it is a folder that this user may read, and write if asked, or can be made.

    Raises:
        LessonError: it is a file, or shut.
    """
    wanted = home()
    there = next(path for path in (wanted, *wanted.parents) if os.path.lexists(path))
    if not os.path.isdir(there):
        what = f"is at {wanted}, but {there} is a file, not a folder"
    elif os.access(there, os.X_OK | (os.R_OK if there == wanted else 0) | (os.W_OK if to_write else 0)):
        return
    else:
        what = f"is at {wanted}, but this user may not use {there}"
    raise LessonError(
        f"The folder for photos and runs {what}.", "Change that, or set LESSONKIT_HOME to another folder."
    )


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
