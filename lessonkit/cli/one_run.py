"""The run that a command is given by its id, or by as much of it as makes it clear."""

from __future__ import annotations

import argparse
import warnings

from lessonkit import runs
from lessonkit.errors import LessonError


def declare_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="a run's id, or as much of it as makes it clear")


def find_run(wanted: str) -> runs.Run:
    """The run of this id, or of the one id that begins so. Raises LessonError for none, or several."""
    found = [run for run in runs.all_runs() if run.id.startswith(wanted)]
    if not found:
        raise LessonError(f"There is no run “{wanted}” on this machine.", "`python -m lessonkit runs` lists them.")
    if len(found) > 1:
        raise LessonError(f"“{wanted}” begins {len(found)} runs' ids.", "Give more of it.")
    return found[0]


def finished(wanted: str) -> runs.Run:
    """The run of that id, which has a model. Raises LessonError for one that has none."""
    run = find_run(wanted)
    if not run.status().finished:
        raise LessonError(f"The run {run.id} has no model: it is {run.status().state}.", "Choose one that is done.")
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch")  # no news for whoever asks for a breed
    return run
