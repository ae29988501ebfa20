"""The one door: a run and a kind in, a file's bytes out. Runs in the preview worker, or in the command line's process."""

from __future__ import annotations

import importlib

from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.photos.progress import Report, quiet
from lessonkit.takehome.lineage import Quiz

KINDS = {
    "notebook": "lessonkit.takehome.notebook.document:notebook",
    "html": "lessonkit.takehome.html.page:page",
    "safetensors": "lessonkit.takehome.model:safetensors",
    "learner": "lessonkit.takehome.model:learner",
    "onnx": "lessonkit.takehome.onnx_model:onnx_file",
    "app": "lessonkit.takehome.app.folder:app",
    "predictions_csv": "lessonkit.takehome.tables:predictions_csv",
    "predictions_parquet": "lessonkit.takehome.tables:predictions_parquet",
    "runs_csv": "lessonkit.takehome.tables:runs_csv",
    "runs_parquet": "lessonkit.takehome.tables:runs_parquet",
}
SPEAKING = ("notebook", "html", "app")  # in the language of who asks; the others are read by programs
CHECKED = ("onnx",)  # on all held-out photos, which takes a while


def take_home(run_id: str, kind: str, quiz: Quiz | None = None, report: Report = quiet) -> bytes:
    """A file to take home, in the language of now where it tells something (SPEAKING).

    Args:
        kind: one of KINDS.
        quiz: for the page.
        report: told ("making", 0, 0), and ("comparing", photos, photos) where a model's file is checked. What it raises
            ends the work.

    Raises:
        LessonError: the run has no model, or its photos or the runs before it are gone; there is no such kind.
    """
    check(kind)
    module, name = KINDS[kind].split(":")
    report("making", 0, 0)
    make = getattr(importlib.import_module(module), name)
    if kind == "html":
        return make(run_id, quiz)
    return make(run_id, report) if kind in CHECKED else make(run_id)


def check(kind: str) -> None:
    """Raises LessonError where there is no such kind."""
    if kind not in KINDS:
        raise LessonError(
            tr("There is no “{kind}” to take home.", kind=kind[:40]),
            tr("Choose one of {kinds}.", kinds=", ".join(KINDS)),
        )
