"""What people called recipes."""

from __future__ import annotations

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.json_files import Watched, read_json
from lessonkit.language import tr, trn
from lessonkit.runs import queueing
from lessonkit.storage import write_json

NAMES = "names.json"  # in the home: what people called recipes
LONGEST_NAME = 40
_names = Watched(lambda path: read_json(path, dict[str, str]))


def names() -> dict[str, str]:
    """What people called recipes, by `RunSpec.recipe`; a file of names that is damaged counts as none, and the log says so."""
    return next(iter(_names.read_all([config.home() / NAMES]).found.values()), {})


def rename(recipe: str, name: str) -> None:
    """Call a recipe by a name; "" takes its name away.

    Raises:
        LessonError: the name is longer than LONGEST_NAME, or has signs that cannot be printed.
    """
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise LessonError(
            trn("This name has {n} letter.", "This name has {n} letters.", len(name)),
            tr("Use at most {most} letters.", most=LONGEST_NAME),
        )
    if not name.isprintable():
        raise LessonError(
            tr("This name has signs in it that cannot be shown."), tr("Type it with letters and numbers.")
        )
    with queueing():
        known = names() | {recipe: name}
        write_json(config.home() / NAMES, {key: value for key, value in known.items() if value})
