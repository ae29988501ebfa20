"""All that a class tried, as rows of one chart: a choice against the error rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from lessonkit.analysis.recipes import Recipe
from lessonkit.language import translatable
from lessonkit.spec import RunSpec

CHOICES = {
    "epochs": translatable("epochs"),
    "learning_rate": translatable("learning rate"),
    "size": translatable("size of a photo, pixels"),
    "views": translatable("views of each photo"),
    "batch_size": translatable("photos a batch"),
    "share": translatable("share of the photos"),
    "architecture": translatable("network"),
    "head": translatable("head"),
    "body": translatable("body"),
    "augment": translatable("augmentation"),
    "pretrained": translatable("pretrained"),
    "marks": translatable("labels"),
}
"""What can be set against the error rate, and how an axis names it, in English: `tr` says it."""
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
    """What a run has for a choice, a key of CHOICES: the head's rate where the layers have several; English words for what is no number, which
    `tr` says."""
    if choice == "learning_rate":
        return float(spec.learning_rate[1] if isinstance(spec.learning_rate, tuple) else spec.learning_rate)
    if choice in NUMBERS:
        return float(getattr(spec, choice))
    if choice == "body":
        if not spec.frozen:
            return translatable("unfrozen")
        return translatable("frozen, run once") if spec.precompute else translatable("frozen")
    if choice == "marks":
        return translatable("corrected") if spec.marks else translatable("as they were")
    found = getattr(spec, choice)
    if isinstance(found, bool):
        return translatable("yes") if found else translatable("no")
    return str(found)
