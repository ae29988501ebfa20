"""`python -m lessonkit data add`: somebody's photos are read, and made a dataset where it is plain how they are labelled."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lessonkit.cli.progress_bars import bars
from lessonkit.errors import LessonError

MADE, REFUSED, ASKED = 0, 2, 3
"""Exit codes: the dataset was made; it was refused, with a sentence; an answer is needed, and nothing was made."""
LABELS = ("auto", "folder", "parent", "name", "csv")


def add_arguments(data: argparse.ArgumentParser) -> None:
    """The options of `data add`."""
    add = data.add_argument_group("data add ZIP_OR_FOLDER")
    add.add_argument("source", nargs="?", type=Path, metavar="ZIP_OR_FOLDER", help="the photos to make a dataset of")
    add.add_argument("--title", default="", help="what to call it (default: as the zip or folder)")
    add.add_argument(
        "--labels",
        choices=LABELS,
        default="auto",
        help="what names the breeds: the folder that a photo lies in, the outer one, the file names, a table "
        "(default: whatever is plain)",
    )
    add.add_argument("--pattern", default="", metavar="P", help="a regular expression whose first group is the breed; "
                     "with --labels csv, the table's column: COLUMN or FILE:COLUMN")  # fmt: skip
    add.add_argument(
        "--csv", metavar="FILE", help="a table with a line for each photo, on this disk or among the photos"
    )
    add.add_argument("--json", action="store_true", help="print one JSON object")


def add(arguments: argparse.Namespace) -> int:
    """Run it; returns MADE, REFUSED or ASKED."""
    from lessonkit.photos import imported, wishes
    from lessonkit.photos.layouts.reading import counted

    if arguments.source is None:
        raise LessonError("Which photos are to be added is not said.", "Name them: data add ZIP_OR_FOLDER.")
    try:
        with bars() as report:
            made = imported.add(arguments.source, arguments.title, report, _wish(arguments))
    except wishes.AnswerNeeded as asked:
        return _ask(asked.proposal, arguments)
    except LessonError as problem:
        if arguments.json:
            _print(
                {
                    "dataset": None,
                    "labelled_by": None,
                    "breeds": {},
                    "left_out": {},
                    "needs_answer": None,
                    "refused": str(problem),
                }
            )
        print(problem, file=sys.stderr)
        return REFUSED
    for note in made.notes:
        print(note, file=sys.stderr)
    breeds, left_out = made.reading.breeds, counted(made.left_out)
    if arguments.json:
        _print(
            {
                "dataset": made.name,
                "labelled_by": made.reading.labels,
                "breeds": breeds,
                "left_out": left_out,
                "needs_answer": None,
                **_alike(made.reading),
            }
        )
    else:
        print(f"{made.name}: {sum(breeds.values()):,} photos of {len(breeds)} breeds, labelled {made.reading.said}")
        _list(breeds, "  ")
        _say_left_out(left_out)
    return MADE


def _wish(arguments: argparse.Namespace) -> Any:
    from lessonkit.photos import sources, wishes

    if not arguments.csv:
        return wishes.Wish(arguments.labels, arguments.pattern)
    if arguments.labels not in ("auto", "csv"):
        raise LessonError(
            f"--csv gives a table, --labels {arguments.labels} does not read one.", "Leave one of them out."
        )
    if Path(arguments.csv).is_file():
        return wishes.Wish("csv", arguments.pattern, sources.table_of(Path(arguments.csv)))
    column = arguments.pattern if ":" in arguments.pattern else f"{arguments.csv}:{arguments.pattern}"
    return wishes.Wish("csv", column)


def _ask(proposal: Any, arguments: argparse.Namespace) -> int:
    from lessonkit.photos.layouts.reading import counted

    left_out = counted(proposal.left_out)
    readings = [{"labels": r.labels, "pattern": r.pattern, "breeds": r.breeds, **_alike(r)} for r in proposal.readings]
    if arguments.json:
        needs = {"question": proposal.question, "readings": readings}
        _print({"dataset": None, "labelled_by": None, "breeds": {}, "left_out": left_out, "needs_answer": needs})
    for note in proposal.notes:
        print(note, file=sys.stderr)
    print(proposal.question, file=sys.stderr)
    for reading in proposal.readings:
        pattern = f" --pattern {json.dumps(reading.pattern, ensure_ascii=False)}" if reading.pattern else ""
        print(f"--labels {reading.labels}{pattern} (labelled {reading.said}):", file=sys.stderr)
        _list(reading.breeds, "  ", sys.stderr)
    return ASKED


def _alike(reading: Any) -> dict[str, Any]:
    """{"taken_as_one": {breed: [its other spellings]}}; nothing where each breed has one spelling."""
    found = {group[0].strip(): list(group[1:]) for group in reading.alike}
    return {"taken_as_one": found} if found else {}


def _list(breeds: Mapping[str, int], before: str, where: Any = None) -> None:
    for breed, photos in breeds.items():
        print(f"{before}{photos:>7,}  {breed}", file=where)


def _say_left_out(left_out: Mapping[str, int]) -> None:
    for reason, files in left_out.items():
        print(f"Left out, {files:,}: {reason}")


def _print(value: Mapping[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)
