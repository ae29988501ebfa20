"""What the pages know of a dataset, read once and shared by all learners."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from lessonkit import language
from lessonkit.analysis import predictions as tables
from lessonkit.analysis import previews, repeats
from lessonkit.analysis.comparison import Outcome, Pairs, outcome_on, paired
from lessonkit.analysis.repeats import Levels, RepeatComparison
from lessonkit.errors import PhotoError, PhotoNotReadError
from lessonkit.photos import cache, copies, images, labels
from lessonkit.photos import halves as splits
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import snapshot

T = TypeVar("T")


def halves(dataset: Dataset, pattern: str, seed: int, split: str = "random") -> tuple[int, int]:
    """How many photos a run with this seed is trained on, and how many it is tested with. Raises PatternError."""
    return _halves(dataset, dataset.fingerprint, pattern, seed, split)


@st.cache_data(show_spinner=False, max_entries=32)
def _halves(_dataset: Dataset, fingerprint: str, pattern: str, seed: int, split: str) -> tuple[int, int]:
    _, train, valid = labelled_halves(_dataset, pattern, seed, split)
    return len(train), len(valid)


@st.cache_data(show_spinner=False, max_entries=32)
def some_learned(
    _dataset: Dataset, fingerprint: str, pattern: str, seed: int, split: str, number: int
) -> tuple[str, ...]:
    """So many of the photos that a run with this seed is trained on, drawn at random; all where there are not as many."""
    _, train, _ = labelled_halves(_dataset, pattern, seed, split)
    return tuple(random.Random(seed).sample(train, min(number, len(train))))


def labelled_halves(
    dataset: Dataset, pattern: str, seed: int, split: str = "random"
) -> tuple[labels.Labels, list[str], list[str]]:
    """A dataset's labels, and the photos that a run with this seed is trained on and tested with; worked out on each call.

    Args:
        pattern: "" for the dataset's own way of labelling. split: as `RunSpec.split`.

    Raises:
        PatternError: see `labels.check_pattern`. LessonError: the dataset is not on this machine.
    """
    found = labels.label_dataset(dataset, pattern)
    train, valid = labels.split(list(found.of), found, seed, given=splits.wanted(dataset, split, found, seed))
    return found, train, valid


def tested_with_a_copy(dataset: Dataset, pattern: str, seed: int) -> int:
    """How many photos a random split holds out although a copy of them, a little changed, is trained on."""
    looked = copies.known(dataset.fingerprint) is not None
    return _tested_with_a_copy(dataset, dataset.fingerprint, pattern, seed) if looked else 0


@st.cache_data(show_spinner=False, max_entries=32)
def _tested_with_a_copy(_dataset: Dataset, fingerprint: str, pattern: str, seed: int) -> int:
    return len(splits.tested_with_a_copy(_dataset, labels.label_dataset(_dataset, pattern), seed))


def predictions(run: Run) -> pd.DataFrame:
    """A finished run's predictions on the validation photos."""
    return _predictions(run.id, run.status().ended_at).copy(deep=False)  # as below


@st.cache_resource(show_spinner=False, max_entries=64)
def _predictions(run_id: str, ended_at: float) -> pd.DataFrame:
    return tables.read(Run(run_id))


def made_of(what: Callable[..., T], *of: Run, more: tuple[Hashable, ...] = ()) -> T:
    """What a function makes of finished runs' predictions, made once for all learners of a language.

    Args:
        what: called with each run's predictions, then with `more`; one of a module's own, told from others by its name.
    """
    ended = tuple((run.id, run.status().ended_at) for run in of)
    name = f"{what.__module__}.{what.__qualname__}"
    made: Any = _made_of(name, language.current(), ended, more, what, of)
    if isinstance(made, pd.DataFrame):
        made = made.copy(deep=False)  # pandas copies what is written to
    return made


@st.cache_resource(show_spinner=False, max_entries=256)
def _made_of(
    name: str, language: str, ended: Hashable, more: tuple[Any, ...], _what: Callable[..., Any], _of: Iterable[Run]
) -> Any:
    return _what(*map(predictions, _of), *more)


def curve(run: Run) -> tuple[pd.DataFrame, tables.Verdict | None]:
    """The learning curve of a run and of those that it goes on from, and whether it overfits."""
    chain = tables.chain(run, snapshot.find)
    made = tuple((one.id, one.status().ended_at, len(one.history())) for one in chain)
    frame, verdict = _curve(made, chain)
    return frame.copy(deep=False), verdict


@st.cache_resource(show_spinner=False, max_entries=64)
def _curve(made: Hashable, _chain: list[Run]) -> tuple[pd.DataFrame, tables.Verdict | None]:
    frame = tables.learning_curve(_chain)
    return frame, tables.overfitting(frame)


def outcome(run: Run, name: str) -> Outcome:
    """How a finished run ended; seconds are the mean of its epochs."""
    return replace(_outcome(run.id, run.status().ended_at, run), name=name)


@st.cache_resource(show_spinner=False, max_entries=256)
def _outcome(run_id: str, ended_at: float, _run: Run) -> Outcome:
    return outcome_on("", predictions(_run), _run.history())


def levels(named: Mapping[str, Run]) -> Levels:
    """How the recipes of some runs lie beside one another: as `outcome`, by all their trainings that count.

    Args:
        named: runs by what their recipes are called.
    """
    made = tuple(
        (name, run.id, tuple((one.id, one.status().ended_at) for one in trained(run))) for name, run in named.items()
    )
    return _levels(made, named)


@st.cache_resource(show_spinner=False, max_entries=256)
def _levels(made: Hashable, _named: Mapping[str, Run]) -> Levels:
    ended = [{one.spec().seed: _ended(one) for one in trained(run)} for run in _named.values()]
    return repeats.levels([outcome(run, name) for name, run in _named.items()], ended)


def _ended(run: Run) -> tuple[float, float]:
    one = outcome(run, "")
    return one.error_rate, one.valid_loss


def turned(before: Run, after: Run) -> Pairs:
    """What the same photos say of two runs: how many turned right and wrong, and each one's change of loss."""
    return made_of(paired, before, after)


def trained(run: Run) -> list[Run]:
    """All trainings of a run's recipe that got to their end, by seed; the run alone where it did not."""
    done = snapshot.recipe(run).done
    return [*done] if any(one.id == run.id for one in done) else [run]


def trainings(run: Run) -> dict[int, pd.DataFrame]:
    """The predictions of each of `trained`, by its seed."""
    return {one.spec().seed: predictions(one) for one in trained(run)}


def compared(before: Run, after: Run, beside: Sequence[Run] = ()) -> RepeatComparison:
    """Whether the recipe of one run does better than that of another, by all trainings of both.

    Args:
        beside: runs of other recipes that are compared at the same place: there the same trainings count in all numbers.
    """
    made_of = tuple(
        tuple((one.id, one.status().ended_at) for one in (*snapshot.recipe(run).done, run))
        for run in (before, after, *beside)
    )
    return _compared(made_of, before, after, beside)


@st.cache_data(show_spinner=False, max_entries=64)
def _compared(made_of: Hashable, _before: Run, _after: Run, _beside: Sequence[Run]) -> RepeatComparison:
    counting = repeats.paired(*({one.spec().seed: one for one in trained(run)} for run in (_before, _after, *_beside)))
    one, other = ({seed: predictions(run) for seed, run in recipe.items()} for recipe in counting[:2])
    return repeats.compare(one, other)


def dataset_stats(dataset: Dataset, size: int) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """The photos' own mean and deviation a channel, pixels 0 to 1; None until they are decoded for this size."""
    built = cache.is_built(dataset, cache.side_for(size))
    return _stats(dataset, dataset.fingerprint, size) if built else None


@st.cache_data(show_spinner=False, max_entries=8)
def _stats(_dataset: Dataset, fingerprint: str, size: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    photos = cache.open_cache(_dataset, cache.side_for(size))
    return previews.dataset_stats(photos, photos.names)


def bad_photos(dataset: Dataset, side: int) -> dict[str, str]:
    """Photos that would not open when they were decoded for that side -> why. Raises LessonError before they are."""
    return _bad_photos(dataset, dataset.fingerprint, side)


@st.cache_data(show_spinner=False, max_entries=8)
def _bad_photos(_dataset: Dataset, fingerprint: str, side: int) -> dict[str, str]:
    return cache.open_cache(_dataset, side).bad


def photo_size(dataset: Dataset, name: str) -> tuple[int, int] | None:
    """Height and width of a photo in pixels, by its header alone; None when it does not open."""
    try:
        return _photo_size(dataset, dataset.fingerprint, name)
    except PhotoNotReadError:  # not kept: it may open the next time
        return None


@st.cache_data(show_spinner=False, max_entries=1024)
def _photo_size(_dataset: Dataset, fingerprint: str, name: str) -> tuple[int, int] | None:
    try:
        return images.upright_size(_dataset.path(name))
    except PhotoNotReadError:
        raise
    except PhotoError:
        return None


def is_square(dataset: Dataset, name: str) -> bool:
    """Whether a photo is as high as it is wide: then crop, squish and pad are one."""
    height, width = photo_size(dataset, name) or (1, 1)
    return abs(height - width) <= 0.05 * max(height, width)


def shown_array(dataset: Dataset, name: str, longest: int = 640) -> np.ndarray:
    """A photo no larger than a page shows it, (height, width, 3) uint8. Raises PhotoError when it does not open."""
    return _shown_array(dataset, dataset.fingerprint, name, longest)


@st.cache_data(show_spinner=False, max_entries=64)
def _shown_array(_dataset: Dataset, fingerprint: str, name: str, longest: int) -> np.ndarray:
    return np.asarray(images.open_photo(_dataset.path(name), max_side=longest))
