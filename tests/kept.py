"""The runs that the lesson keeps, in a home where it was done: the medians of its recipes."""

from __future__ import annotations

import shutil

import pandas as pd

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


def all_wrong(run: Run, seed: int) -> Run:
    """A run's folder as that of a training of its recipe with another seed, all of whose answers are wrong."""
    other = Run(run.spec().but(seed=seed).id)
    shutil.copytree(run.folder, other.folder, ignore=shutil.ignore_patterns("features*"))
    other.path("spec.json").write_text(run.spec().but(seed=seed).canonical())
    frame = pd.read_parquet(other.path("predictions.parquet"))
    breeds = sorted(set(frame["actual"]))
    wrongly = [breeds[breeds.index(actual) - 1] for actual in frame["actual"]]
    frame.assign(predicted=wrongly, correct=False, loss=9.0).to_parquet(other.path("predictions.parquet"))
    return other
