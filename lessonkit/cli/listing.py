"""`lessonkit runs`: the runs on this machine, listed or written as a table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lessonkit import runs, wording
from lessonkit.cli.files import write
from lessonkit.engine import workforce
from lessonkit.errors import LessonError


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", default="", metavar="NAME", help="only those on this dataset")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write them here as a table, with all their choices")
    parser.add_argument("--parquet", type=Path, metavar="FILE", help="the same as Parquet")


def command(arguments: argparse.Namespace) -> int:
    found = [run for run in runs.all_runs() if arguments.dataset in ("", run.spec().dataset)]
    if arguments.csv or arguments.parquet:
        from lessonkit.takehome import tables

        table, count = tables.of_runs(arguments.dataset), "1 run" if len(found) == 1 else f"{len(found)} runs"
        for file, written in ((arguments.csv, tables.as_csv), (arguments.parquet, tables.as_parquet)):
            if file:
                write(file, written(table), count)
        return 0
    if not found:
        print("No runs yet. `python -m lessonkit bake` does the lesson's own.", file=sys.stderr)
        return 0
    print(
        f"{'id':<12}  {'state':<11}  {'dataset':<10}  {'architecture':<17}  {'trains':<6}  epochs  seed   error   seconds"
    )
    for run in found:
        try:
            spec = run.spec()
        except LessonError as error:
            print(f"{run.id:<12}  {error}")
            continue
        status, history = run.status(), run.history()
        rate = f"{wording.percent(history[-1]['error_rate']):>7}" if history else "      –"
        seconds = f"{status.seconds:8.1f}" if status.ended and status.started_at else "       –"
        trains = "head" if spec.frozen else "all"
        print(
            f"{run.id:<12}  {status.state:<11}  {spec.dataset:<10}  {spec.architecture:<17}  {trains:<6}  "
            f"{len(history):>2}/{spec.epochs:<3}  {spec.seed:>4}  {rate}  {seconds}"
        )
    if any(run.status().state == runs.QUEUED for run in found) and (problem := workforce.problem()):
        print(problem, file=sys.stderr)
    return 0
