"""The one door: a run and a kind in, a file's bytes out. Runs in the preview worker, or in the command line's process."""

from __future__ import annotations

import importlib

from lessonkit.errors import LessonError

KINDS = {
    "notebook": "lessonkit.takehome.notebook:notebook",
    "html": "lessonkit.takehome.page:page",
    "safetensors": "lessonkit.takehome.model:safetensors",
    "learner": "lessonkit.takehome.model:learner",
}


def take_home(run_id: str, kind: str) -> bytes:
    """A file to take home.

    Args:
        kind: one of KINDS.

    Raises:
        LessonError: the run has no model, or its photos or the runs before it are gone; there is no such kind.
    """
    if kind not in KINDS:
        raise LessonError(f"There is no “{kind[:40]}” to take home.", f"Choose one of {', '.join(KINDS)}.")
    module, name = KINDS[kind].split(":")
    return getattr(importlib.import_module(module), name)(run_id)
