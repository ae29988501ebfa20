"""The runs that the lesson keeps, in a home where it was done: the medians of its recipes."""

from __future__ import annotations

from lessonkit import runs
from lessonkit.analysis.recipes import recipes
from lessonkit.lesson.defaults import from_stage
from lessonkit.runs import Run
from lessonkit.spec import RunSpec


def stage() -> Run:
    """The frozen run that the lesson goes on from."""
    kept = (recipe.kept for recipe in recipes(runs.all_runs()).values())
    return next(run for run in kept if run and not run.spec().starts_from and not run.spec().marks)


def kept(spec: RunSpec) -> Run:
    """The run that is kept of a spec's recipe."""
    run = recipes(runs.all_runs())[spec.recipe].kept
    assert run is not None
    return run


def the_run(name: str) -> Run:
    """The run of this name that went on from the frozen one: one of `defaults.MORE`, `NAIVE`, `RIGHT`."""
    return kept(from_stage(stage().spec(), "cpu")[name])
