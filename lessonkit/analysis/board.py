"""All that a class tried, as rows of one chart: a choice against the error rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from lessonkit.analysis.recipes import Recipe
from lessonkit.spec import RunSpec

CHOICES = {
    "epochs": "epochs",
    "learning_rate": "learning rate",
    "size": "size of a photo, pixels",
    "views": "views of each photo",
    "batch_size": "photos a batch",
    "share": "share of the photos",
    "architecture": "network",
    "head": "head",
    "body": "body",
    "augment": "augmentation",
    "pretrained": "pretrained",
    "marks": "labels",
}
"""What can be set against the error rate, and how an axis names it."""
NUMBERS = ("epochs", "learning_rate", "size", "views", "batch_size", "share")
COLUMNS = ("recipe", "name", "run", "seed", "choice", "error_rate")


def rows(recipes: Iterable[Recipe], choice: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Each training that was done: a row with COLUMNS.

    Args:
        choice: a key of CHOICES. Numbers are floats, all others text.
        names: of recipes by their ids; their ids where there is none.
    """
    found = [
        (one.id, names.get(one.id, one.id), run.id, run.spec().seed, value(run.spec(), choice), run.history()[-1]["error_rate"])
        for one in recipes
        for run in one.done
    ]  # fmt: skip
    return pd.DataFrame(found, columns=list(COLUMNS))


def differing(recipes: Iterable[Recipe]) -> list[str]:
    """The choices that were tried with more than one value, as keys of CHOICES; the epochs where nothing differs."""
    specs = [one.runs[0].spec() for one in recipes if one.done]
    return [choice for choice in CHOICES if len({value(spec, choice) for spec in specs}) > 1] or ["epochs"]


def value(spec: RunSpec, choice: str) -> float | str:
    """What a run has for a choice, a key of CHOICES: the head's rate where the layers have several; words for what is no number."""
    if choice == "learning_rate":
        return float(spec.learning_rate[1] if isinstance(spec.learning_rate, tuple) else spec.learning_rate)
    if choice in NUMBERS:
        return float(getattr(spec, choice))
    if choice == "body":
        return "unfrozen" if not spec.frozen else "frozen, run once" if spec.precompute else "frozen"
    if choice == "marks":
        return "corrected" if spec.marks else "as they were"
    found = getattr(spec, choice)
    return ("yes" if found else "no") if isinstance(found, bool) else str(found)
