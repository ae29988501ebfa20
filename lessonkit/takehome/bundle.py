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
Quiz = tuple[int, int]
"""Of the photos that the learner guessed: how many, and how many of them wrongly."""


def take_home(run_id: str, kind: str, quiz: Quiz | None = None) -> bytes:
    """A file to take home.

    Args:
        kind: one of KINDS.
        quiz: for the page.

    Raises:
        LessonError: the run has no model, or its photos or the runs before it are gone; there is no such kind.
    """
    check(kind)
    module, name = KINDS[kind].split(":")
    make = getattr(importlib.import_module(module), name)
    return make(run_id, quiz) if kind == "html" else make(run_id)


def check(kind: str) -> None:
    """Raises LessonError where there is no such kind."""
    if kind not in KINDS:
        raise LessonError(f"There is no “{kind[:40]}” to take home.", f"Choose one of {', '.join(KINDS)}.")
