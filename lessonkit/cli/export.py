"""`lessonkit export`: what a learner takes home of a run, written to files."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

from lessonkit import config, language
from lessonkit.cli.files import write
from lessonkit.cli.one_run import declare_run, find_run
from lessonkit.errors import LessonError

EXPORTS = {
    "notebook": "the lesson as a notebook in plain fastai",
    "html": "the whole lesson as one page",
    "safetensors": "the model's weights, with its breeds",
    "learner": "the model as fastai's learn.export()",
    "onnx": "the model as ONNX, which runs without torch",
    "app": "an app of the model, as a zip that a Hugging Face Space takes",
    "predictions": "its answers on the held-out photos, as a table: .csv or .parquet",
}


def declare(parser: argparse.ArgumentParser) -> None:
    declare_run(parser)
    for kind, what in EXPORTS.items():
        parser.add_argument(f"--{kind}", type=Path, metavar="FILE", help=what)
    parser.add_argument(
        "--language",
        default="en",
        metavar="CODE",
        help="of the notebook, the page and the app: en, de, es (default: en)",
    )


def command(arguments: argparse.Namespace) -> int:
    wanted = {kind: file for kind in EXPORTS if (file := getattr(arguments, kind))}
    if not wanted:
        raise LessonError(
            "There is nothing to write.", f"Name a file: {', '.join(f'--{kind} FILE' for kind in EXPORTS)}."
        )
    run, speaks = find_run(arguments.run), arguments.language.replace("-", "_")
    language.take_from(config.texts())
    if speaks != language.ENGLISH and not (speaks.isidentifier() and language.files(speaks)):
        raise LessonError(
            f"There are no texts in the language “{speaks[:40]}”.", "`lessonkit texts` writes them, to be translated."
        )
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch")
    from lessonkit.takehome.export import take_home

    for kind, file in wanted.items():
        of = _table_kind(kind, file) if kind == "predictions" else kind
        with language.speaking(speaks):
            made = take_home(run.id, of)
        write(file, made, EXPORTS[kind])
    return 0


def _table_kind(name: str, file: Path) -> str:
    """The kind of table that a file's ending asks for. Raises LessonError for one that is none."""
    ending = file.suffix.lower().removeprefix(".")
    if ending not in ("csv", "parquet"):
        raise LessonError(f"A table ends in .csv or .parquet, and {file.name} does not.", "Name the file so.")
    return f"{name}_{ending}"
