"""Tables to take home, as CSV and Parquet: a run's predictions, and all runs of a dataset.

Names of breeds and photos are text, also to a spreadsheet, which runs a cell that begins with = + - or @. So in a CSV
file such a name has an apostrophe before it, and so has one that begins with an apostrophe itself: one less, and each
name is to the letter what it was. `read_csv` does that. A Parquet file holds every name as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from lessonkit import runs, spreadsheet
from lessonkit.analysis import predictions
from lessonkit.analysis.recipes import Recipe, recipes
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage

TEXT = (
    "photo", "actual", "predicted",
    "run", "recipe", "state", "dataset", "fingerprint", "pattern", "architecture", "starts_from", "normalize", "batch_norm", "marks",
    "split", "head", "device",
)  # fmt: skip
"""Columns of text; the others are numbers, truth values and TIMES."""
OF_TRAININGS = ("error_rate_mean", "error_rate_low", "error_rate_high")
TIMES = ("queued_at", "started_at", "ended_at")


def predictions_csv(run_id: str) -> bytes:
    """A run's answers on its held-out photos. Raises LessonError where it has no model."""
    return as_csv(_predictions(run_id))


def predictions_parquet(run_id: str) -> bytes:
    """The same as Parquet."""
    return as_parquet(_predictions(run_id))


def runs_csv(run_id: str) -> bytes:
    """All runs on the same dataset as this one. Raises LessonError where it has no model."""
    return as_csv(of_runs(lineage.finished(run_id).spec().dataset))


def runs_parquet(run_id: str) -> bytes:
    """The same as Parquet."""
    return as_parquet(of_runs(lineage.finished(run_id).spec().dataset))


def _predictions(run_id: str) -> pd.DataFrame:
    return predictions.read(lineage.finished(run_id))


def of_runs(dataset: str = "") -> pd.DataFrame:
    """All runs on this machine that can be read, the newest asked for first: a row a run.

    Columns: "run" (its id), "recipe" (the id that it shares with its repeats, which differ in the seed alone), "kept"
    (whether it is the one of them that is opened and taken home), "state"; the fields of `RunSpec`, of which
    "learning_rate" is the head's and "learning_rate_low" the first layers' (NaN where all have one rate); "epochs_done";
    "train_loss", "valid_loss" (nats), "error_rate" (0 to 1), all of the last epoch; "trainings" (of its recipe, that were
    trained to the end), "error_rate_mean", "error_rate_low", "error_rate_high" (of these, NaN for none); "seconds" that it
    took, the machine's sleep left out; "device"; "queued_at", "started_at" (where it went on: the last time), "ended_at"
    (UTC, NaT until known).

    Args:
        dataset: only runs on this one; "" for all.
    """
    found = runs.all_runs()
    here = recipes(found)
    rows = [_row(run, here[run.spec().recipe]) for run in found if dataset in ("", run.spec().dataset)]
    columns = ["run", "recipe", "kept", "state"]
    for field in fields(RunSpec):
        columns += [field.name, "learning_rate_low"] if field.name == "learning_rate" else [field.name]
    columns += ["epochs_done", "train_loss", "valid_loss", "error_rate", "trainings", *OF_TRAININGS]
    columns += ["seconds", "device", *TIMES]
    frame = pd.DataFrame(rows, columns=columns)
    for name in TIMES:
        frame[name] = pd.to_datetime(frame[name].where(frame[name] > 0).round(), unit="s", utc=True).dt.as_unit("ms")
    return frame


def _row(run: Run, recipe: Recipe) -> dict[str, object]:
    spec, status, history = run.spec(), run.status(), run.history()
    kept, ended = recipe.kept, recipe.summary
    rate = spec.learning_rate
    low, high = rate if isinstance(rate, tuple) else (float("nan"), rate)
    last = history[-1] if history else dict.fromkeys(("train_loss", "valid_loss", "error_rate"), float("nan"))
    seconds = status.seconds or float("nan")
    return {
        "run": run.id, "recipe": spec.recipe, "kept": kept is not None and kept.id == run.id, "state": status.state, **{field.name: getattr(spec, field.name) for field in fields(spec)},
        "learning_rate": high, "learning_rate_low": low, "epochs_done": len(history),
        **{name: last[name] for name in ("train_loss", "valid_loss", "error_rate")},
        "trainings": ended.n, **dict(zip(OF_TRAININGS, (ended.mean, ended.low, ended.high), strict=True)), "seconds": seconds,
        "device": status.device, **{name: getattr(status, name) for name in TIMES},
    }  # fmt: skip


def as_csv(frame: pd.DataFrame) -> bytes:
    """The table as CSV: UTF-8 with a byte order mark, by which Excel knows it; names that might run are guarded."""
    guarded = frame.copy()
    for name in set(TEXT) & set(frame.columns):
        guarded[name] = [spreadsheet.guarded(text) for text in frame[name].astype(str)]
    return guarded.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).encode("utf-8-sig")


def as_parquet(frame: pd.DataFrame) -> bytes:
    """The table as Parquet, every name as it is."""
    written = io.BytesIO()
    frame.to_parquet(written, index=False)
    return written.getvalue()


def read_csv(file: Path | BinaryIO) -> pd.DataFrame:
    """A table that `as_csv` wrote: names to the letter, also None, nan, 007, and those that were guarded."""
    types: dict[Hashable, Any] = dict.fromkeys(TEXT, "str")
    frame = pd.read_csv(file, dtype=types, keep_default_na=False, na_values=_gaps())
    for name in set(TEXT) & set(frame.columns):
        frame[name] = frame[name].str.replace(spreadsheet.GUARDED, "", regex=True)
    for name in set(TIMES) & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("ms")
    return frame


def _gaps() -> dict[str, list[str]]:
    """What stands for a number or a time that is none; in columns of text nothing does."""
    numbers = (
        "loss",
        "probability",
        "probability_actual",
        "learning_rate_low",
        "train_loss",
        "valid_loss",
        "error_rate",
        *OF_TRAININGS,
    )
    return dict.fromkeys((*numbers, "seconds", *TIMES), [""])
