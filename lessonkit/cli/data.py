"""`lessonkit data`: list the datasets, get one or delete it; `data add` makes one of somebody's photos."""

from __future__ import annotations

import argparse

from lessonkit import corrections
from lessonkit.cli import add
from lessonkit.cli.progress_bars import bars
from lessonkit.errors import LessonError
from lessonkit.photos import catalog, labels
from lessonkit.photos.dataset import Dataset


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="the dataset to get; none: list them; `add`: make one")
    parser.add_argument("--remove", action="store_true", help="delete it: one made of somebody's own photos, whole")
    add.add_arguments(parser)


def command(arguments: argparse.Namespace) -> int:
    if arguments.name == "add":
        return add.add(arguments)
    if arguments.remove:
        if arguments.name is None:
            raise LessonError("Which dataset is to be deleted is not said.", "Name it: data NAME --remove.")
        corrections.remove_dataset(arguments.name)
        print(f"{arguments.name} is deleted, with its photos and marks. Its runs stay.")
        return 0
    if arguments.name is None:
        for name, found in catalog.all_datasets().items():
            print(_listed(name, found))
        return 0
    catalog.resolve(arguments.name)
    with bars() as report:
        got = catalog.obtain(arguments.name, report)
    print(f"{got.name}: {len(got.names):,} photos in {got.folder}")
    return 0


def _listed(name: str, found: Dataset) -> str:
    """A dataset in a line: how much of it is here; how large it would be, where it is not."""
    facts = found.description
    size = f"{facts.bytes / 1e6:,.0f} MB to download" if facts.url else "nothing to download"
    photos, breeds = (
        (len(found.names), len(labels.label_dataset(found).breeds))
        if found.present
        else (catalog.offered(facts), facts.breeds)
    )
    of = (
        f" (the whole dataset has {facts.photos:,} photos)"
        if found.present and facts.url and photos < facts.photos
        else ""
    )
    here = "on this machine" if found.present else size
    return f"{name:<12} {photos:>7,} photos  {breeds:>3} breeds  {here:<24} {facts.title}{of}"
