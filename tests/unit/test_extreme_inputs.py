"""Every figure, verdict and table on inputs at the edge: none, one, all alike, zeros, tiny, huge, NaN, infinite.

The functions are found by looking for them, so that a new one cannot be forgotten: it fails here until INPUTS says
what it is called with.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import json
import math
import pkgutil
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from lessonkit import analysis, figures, wording
from lessonkit.analysis import (
    agreement,
    board,
    calibration,
    comparison,
    embeddings,
    predictions,
    previews,
    recipes,
    repeats,
)
from lessonkit.errors import LessonError
from lessonkit.lesson import error_rates, how_trained, luck, overfitting, suggested_rate, two_runs, unfreezing
from lessonkit.lesson import trainings as train_words
from lessonkit.runs import HISTORY_COLUMNS, Run, Status, find
from lessonkit.spec import RunSpec
from lessonkit.storage import write_json

NAN, INF = math.nan, math.inf
SERIES = {
    "empty": [],
    "single": [0.7],
    "constant": [0.5, 0.5, 0.5],
    "zero": [0.0, 0.0, 0.0],
    "from zero": [0.0, 1e-9, 0.4],
    "to zero": [0.4, 1e-320, 0.0],
    "huge": [3e38, 1e38, 2e38],
    "NaN": [NAN, NAN],
    "infinite": [INF, INF],
    "ends in NaN": [0.5, 0.4, NAN],
    "NaN first": [NAN, 0.5, 0.4],
    "mixed": [0.5, NAN, INF, 0.0],
    "long and zero": [0.0] * 40,
    "long": [0.5, 0.0, *[k / 1e6 for k in range(38)]],
}
SCALARS = (0.0, 1e-9, 0.4, 1.0, 3e38, NAN, INF)
SHARES = (0.0, 0.5, 1.0, NAN)
CASES = list(SERIES)


def public(module: ModuleType) -> dict[str, Callable]:
    """The module's own functions that others may call, by "module.function"."""
    short = module.__name__.rsplit(".", 1)[-1]
    return {
        f"{short}.{name}": value
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.isclass(value) and callable(value)
        if getattr(value, "__module__", None) == module.__name__
    }


@functools.cache
def functions() -> dict[str, Callable]:
    modules = [error_rates, how_trained, luck, overfitting, suggested_rate, train_words, two_runs, unfreezing, wording]
    for package in (figures, analysis):
        modules += [import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    return {name: function for module in modules for name, function in public(module).items()}


# what the functions are called with, by the case


def share(value: float) -> float:
    """A loss as a share: what is no number stays none."""
    return NAN if math.isnan(value) else min(value, 1.0)


def history(case: str) -> pd.DataFrame:
    values = SERIES[case]
    errors = [share(v) for v in values]
    columns = (range(len(values)), values, values, errors, values)
    return pd.DataFrame(dict(zip(HISTORY_COLUMNS, columns, strict=True)))


def histories(case: str) -> Iterator[pd.DataFrame]:
    yield history(case)
    frame = history(case)
    yield frame.assign(run="a")
    yield frame.assign(run=["a"] * min(1, len(frame)) + ["b"] * max(0, len(frame) - 1))
    yield frame.assign(train_loss=[1 / (k + 1) for k in range(len(frame))])
    yield frame.assign(train_loss=float("nan"))
    yield frame.assign(valid_loss=frame["valid_loss"][::-1].to_numpy(), error_rate=float("nan"))


def events(case: str) -> pd.DataFrame:
    values = SERIES[case]
    where = {"epoch": 0, "batch": range(len(values)), "batches": len(values)}
    return pd.DataFrame({**where, "loss": values, "smooth_loss": values, "lr": values, "mom": values})


def answers(case: str) -> pd.DataFrame:
    """Predictions: a photo each, of two breeds, the losses of the case."""
    values = SERIES[case]
    right = [k % 2 == 0 for k in range(len(values))]
    frame = {
        "photo": [f"{k}.jpg" for k in range(len(values))],
        "actual": ["pug"] * len(values),
        "predicted": ["pug" if r else "beagle" for r in right],
        "loss": values,
        "probability": [share(v) for v in values],
        "probability_actual": [share(v) for v in values],
        "correct": pd.array(right, dtype=bool),
    }
    return pd.DataFrame(frame)


def both_answers(case: str) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    for other in (case, "empty", "single", "mixed", "long"):
        yield answers(case), answers(other)


def repeated(case: str) -> Iterator[tuple[dict[int, pd.DataFrame], dict[int, pd.DataFrame]]]:
    """Trainings of two recipes by their seeds, some of each or none, with the same seeds or others."""
    for one, other in both_answers(case):
        sizes = ((0, 0), (0, 1), (1, 1), (1, 3), (3, 2))
        yield from ((dict.fromkeys(range(n), one), dict.fromkeys(range(m), other)) for n, m in sizes)
        yield {0: one, 1: other}, {0: other, 1: one}
        yield {0: one, 1: other}, {1: other, 7: one}
        yield {0: one}, {7: other}


def compared_repeats(case: str) -> Iterator[repeats.RepeatComparison]:
    return (repeats.compare(one, other) for one, other in repeated(case))


def tried(case: str) -> Iterator[pd.DataFrame]:
    """A class's trainings: a recipe each, or all of one; choices as numbers, and as words."""
    errors = [share(v) for v in SERIES[case]]
    frame = pd.DataFrame({"error_rate": errors, "seed": range(len(errors)), "run": "a", "name": "<b>"})
    for recipe in (["r"] * len(errors), [f"r{n}" for n in range(len(errors))]):
        for choice in (errors, [4.0] * len(errors), ["pug"] * len(errors)):
            yield frame.assign(recipe=recipe, choice=choice)


def vectors(case: str, width: int = 3) -> np.ndarray:
    return np.array([[v] * width for v in SERIES[case]], dtype=np.float32).reshape(len(SERIES[case]), width)


def planes(case: str) -> pd.DataFrame:
    frame = answers(case).assign(x=SERIES[case], y=SERIES[case])
    return frame.assign(part=["train" if k % 2 else "valid" for k in range(len(frame))])


def counts(case: str) -> Iterator[pd.DataFrame]:
    """Confusion matrices: of no breed, of one, of two."""
    whole = [int(min(v, 1e6)) if math.isfinite(v) else 0 for v in SERIES[case]]
    for breeds in ([], ["pug"], ["pug", "beagle"], [str(k) for k in range(20)]):
        frame = pd.DataFrame(0, index=breeds, columns=breeds)
        for k, n in enumerate(whole[: len(breeds)]):
            frame.iloc[k, -1] = n
        yield frame


def outcomes() -> Iterator[comparison.Outcome]:
    for error, loss, photos in itertools.product(SHARES, SCALARS, (0, 9)):
        yield comparison.Outcome("one", error, loss, loss, photos)


def pairs() -> Iterator[comparison.Pairs | tuple[int, int] | None]:
    yield None
    yield from ((0, 0), (1, 0), (0, 900), (1, 2000))
    for case in CASES:
        yield comparison.Pairs(1, 2, np.array(SERIES[case]))


def compared() -> Iterator[tuple]:
    few = [*outcomes()][::3]
    yield from ((a, b, None) for a, b in itertools.product(outcomes(), few))
    yield from ((a, b, turned) for a, b, turned in itertools.product(few, few[::3], pairs()))


def unfrozen() -> Iterator[tuple]:
    few = [*outcomes()][::5]
    for a, b, c in itertools.product(few, few[::2], few[::2]):
        yield a, b, c, None, None, "fixed"
        yield a, b, c, comparison.Pairs(1, 0, (a.valid_loss, 0.0)), (0, 0), "trained"


def judged(case: str) -> Iterator[tuple]:
    yield (None,)
    for frame in histories(case):
        yield predictions.overfitting(frame), 0
        yield predictions.overfitting(frame), 9
    if case != "single":
        return
    train = ((0.0, 0.0), (0.4, 0.0), (0.0, 0.4), (NAN, 0.4), (0.4, INF))
    errors = ((0.0, 0.0), (0.0, 1.0), (0.5, NAN), (NAN, NAN))
    for best, last in itertools.product(SCALARS, repeat=2):
        for (then, now), rates in itertools.product(train, errors):
            frame = pd.DataFrame({"epoch": [0, 1], "train_loss": [then, now], "valid_loss": [best, last]})
            yield predictions.overfitting(frame.assign(error_rate=rates, seconds=1.0)), 9


def rows(case: str) -> Iterator[pd.DataFrame]:
    """Runs to compare, without and with how many photos they were validated on."""
    values = SERIES[case]
    frame = pd.DataFrame({"name": [f"run {k}" for k in range(len(values))], "valid_loss": values})
    frame = frame.assign(error_rate=[share(v) for v in values], seconds_an_epoch=values)
    yield frame
    yield frame.assign(photos=0)
    yield frame.assign(photos=9)


def picture(case: str) -> Iterator[np.ndarray]:
    values = [min(v, 1.0) if math.isfinite(v) else 1.0 for v in SERIES[case] or [0.0]]
    yield np.array([[[v * 255] * 3 for v in values]]).astype(np.uint8)
    yield np.array([[[v] * 3 for v in values]], dtype=np.float32)
    yield np.full((5, 7, 3), 170, np.uint8)


def a_run(case: str, run_id: str) -> Run:
    """A run's folder with the case's history and predictions in it."""
    run = Run(run_id)
    run.folder.mkdir(parents=True, exist_ok=True)
    write_json(run.path("spec.json"), RunSpec("drawn").to_dict())
    run.write_status(Status("done"))
    history(case).to_csv(run.path("history.csv"), index=False, header=True, na_rep="nan", lineterminator="\n")
    answers(case).to_parquet(run.path("predictions.parquet"))
    np.save(run.path("probabilities.npy"), vectors(case))
    write_json(run.path("vocab.json"), ["pug", "beagle", "boxer"])
    return run


def runs(case: str) -> list[Run]:
    return [a_run(case, "a" * 12), a_run(case, "b" * 12), Run("c" * 12)]


def placed(case: str, part: int = 2) -> tuple:
    """What `embeddings.save` writes."""
    found = vectors(case)
    names = [f"{k}.jpg" for k in range(len(found))]
    return (a_run(case, "a" * 12), names, ["pug"] * len(found), len(found) // part, found, {"grey": found})


def saved(case: str) -> Iterator[str]:
    for part in (1, 2, 1000):
        arguments = placed(case, part)
        arguments[0].path(embeddings.PHOTOS).unlink(missing_ok=True)
        with contextlib.suppress(LessonError):  # of features that are not of numbers there is nothing to read
            embeddings.save(*arguments)
        yield arguments[0].id


def charted(case: str) -> Iterator[tuple]:
    yield (previews.histograms(np.zeros((0, 0, 3), np.float32)),)
    for photo in picture(case):
        yield previews.histograms(photo), previews.histograms(photo.astype(np.float32) - 0.5)


def trainings(case: str) -> Iterator[pd.DataFrame]:
    values = SERIES[case]
    frame = pd.DataFrame(
        {
            "recipe": "<b>one",
            "seed": range(len(values)),
            "error_rate": values,
            "kept": [k == 1 for k in range(len(values))],
            "mine": False,
        }
    )
    yield frame
    yield frame.assign(recipe=[str(k % 2) for k in range(len(frame))], mine=True)


def mapped(case: str) -> Iterator[tuple]:
    yield (planes(case),)
    yield planes(case), ("pug", "beagle"), "0.jpg"
    yield planes(case), ("none of them",), "none"


Calls = Callable[[str], Iterator[tuple]]
SURE = (None, 0.0, 0.5, 1.0)
INPUTS: dict[str, Calls] = {
    # figures
    "breeds.photos_a_breed": lambda case: ((dict.fromkeys(c.columns, int(c.to_numpy().sum())),) for c in counts(case)),
    "channels.channel_histograms": charted,
    "compare.runs_side_by_side": lambda case: ((frame,) for frame in rows(case)),
    "confusion.confusion_matrix": lambda case: itertools.product(counts(case), [("pug", "x")], (False, True)),
    "confusion.difference": lambda case: (
        (a, b, ("pug", "pug"))
        for a, b in (itertools.product if case == "single" else zip)(counts(case), counts("single"))
    ),
    "confidence.reliability_diagram": lambda case: ((calibration.reliability(answers(case)),) for _ in "1"),
    "confidence.selective_accuracy": lambda case: ((calibration.coverage(answers(case)), chosen) for chosen in SURE),
    "embedding_map.photo_map": mapped,
    "ideas.layers": lambda case: iter([((None, None, 1e-8),), ((1e-8, 3e-5, 10.0), True)]),
    "ideas.held_out": lambda case: iter([(len(SERIES[case]), 1), (0, len(SERIES[case]))]),
    "ideas.loss_of_probability": lambda case: iter([(answers(case),)]),
    "moving.steps": lambda case: iter([()]),
    "moving.places": lambda case: ((v,) for v in SERIES[case] if math.isfinite(v)),
    "moving.epoch": lambda case: iter([([], len(SERIES[case]), 64, 1), (["/a?b&c.webp"] * 40, 590, 64, 4), (["/a.webp"], 0, 0, 0)]),
    "moving.epoch_words": lambda case: iter([(0, 0, 0), (len(SERIES[case]), 64, 1), (7390, 7390, 200)]),
    "moving.rate_at": lambda case: iter([(0.0,), (1.0,)]),
    "moving.momentum_at": lambda case: iter([(0.0,), (1.0,)]),
    "moving.one_cycle": lambda case: iter([(1e-8, 1), (10.0, 200)]),
    "moving.by_heart": lambda case: iter([()]),
    "moving.row_and_column": lambda case: iter([(["<b>", "pug"], [[0, 1], [0, 0]], (0, 1))]),
    "moving.cell_words": lambda case: iter([(["<b>", "pug"], [[0, 1], [0, 0]], (0, 1))]),
    "losses.loss_curves": lambda case: (
        (frame, *marks)
        for n, frame in enumerate([*histories(case)][::2])
        for marks in ((None, None), (0, [1]), (39, [39]))[: 1 if n else 3]
    ),
    "losses.batch_losses": lambda case: iter([(events(case),)]),
    "losses.rates": lambda case: iter([(events(case),)]),
    "losses.lr_finder": lambda case: (
        (lrs, SERIES[case], suggestion)
        for lrs in (SERIES[case], [1e-3, 1e-2, 1e-1])
        for suggestion in (None, 0.0, 0.4, NAN, INF)
    ),
    "probabilities.top_breeds": lambda case: itertools.product(
        ([(f"breed {k}", share(v)) for k, v in enumerate(SERIES[case])],), (None, "breed 0", "x")
    ),
    "repeats.error_rates": lambda case: ((frame,) for frame in trainings(case)),
    "style.rgba": lambda case: ((("#102030", share(v))) for v in SERIES[case] if v == v),
    "style.finish": lambda case: iter([(go.Figure(), 100)]),
    "style.legend_lines": lambda case: iter([([""],), (["pug"] * 3,), (["long " * 40],)]),
    "style.larger": lambda case: iter([(go.Figure(),), (go.Figure(go.Bar(x=SERIES[case], y=SERIES[case])),)]),
    "style.empty": lambda case: iter([("Nothing.",), ("",)]),
    "style.plain_name": lambda case: iter([("",), ("_",), ("pug",)]),
    "style.shown": lambda case: iter([("",), ("<b>&",)]),
    "style.breed_name": lambda case: iter([("",), ("_",), ("<b>_&",)]),
    "style.short_names": lambda case: iter([([],), ([""],), (["pug"] * 3,)]),
    "style.wrap": lambda case: iter([("",), (" ",), ("one " * 40,)]),
    # the words on them
    "wording.percent": lambda case: ((share(v),) for v in SERIES[case]),
    "wording.loss": lambda case: ((v,) for v in SERIES[case]),
    "wording.rate": lambda case: iter([(1e-8,), (10.0,), ((1e-8, 10.0),)]),
    "wording.rate_said": lambda case: iter([(1e-8,), (10.0,), ((1e-8, 10.0),)]),
    "wording.higher": lambda case: itertools.product(SERIES[case], SCALARS),
    "wording.photos": lambda case: ((len(SERIES[case]),) for _ in "1"),
    "wording.count": lambda case: ((len(SERIES[case]),) for _ in "1"),
    "wording.listed": lambda case: iter([([],), (["Pug"],), (["Pug", "Boxer", ""],)]),
    "wording.separators": lambda case: iter([()]),
    "wording.pointed": lambda case: ((f"{v:.3f}",) for v in SERIES[case] if math.isfinite(v)),
    "wording.number": lambda case: ((v,) for v in (*SERIES[case], *(-v for v in SERIES[case]))),
    "wording.seconds": lambda case: ((v,) for v in SERIES[case]),
    "luck.repeats_words": lambda case: (("one", "two", found) for found in compared_repeats(case)),
    "luck.apart": lambda case: ((found,) for found in compared_repeats(case)),
    "luck.count_words": lambda case: ((found,) for found in compared_repeats(case)),
    "luck.once_words": lambda case: ((["one", "two", "three"][:n],) for n in range(4)),
    "luck.left_out_words": lambda case: ((n,) for n in (0, 1, 40)),
    "trainings.means_words": lambda case: (
        (["one", "two", "three"][: len(counted)], counted, left_out)
        for counted in ((), (1,), (1, 1), (5, 5), (5, 1, 5))
        for left_out in (0, 1, 40)
    ),
    "trainings.question": lambda case: ((n,) for n in (None, 2, 3, 5, 40)),
    "trainings.spread_words": lambda case: (
        (repeats.summary([share(v) for v in SERIES[case]][:n], SERIES[case][:n]),) for n in (0, 1, 40)
    ),
    "trainings.luck_words": lambda case: (
        (repeats.summary([share(v) for v in SERIES[case]][:n], SERIES[case][:n]), photos)
        for n in (0, 1, 2, 40)
        for photos in (0, 1, 200)
    ),
    "trainings.guess_words": lambda case: (
        (guess, repeats.summary([share(v) for v in SERIES[case]], SERIES[case])) for guess in ("", "over 8", "x")
    ),
    "trainings.which_words": lambda case: itertools.product((False, True), (False, True)),
    "trainings.kept_words": lambda case: (
        (share(v), [share(v) for v in SERIES[case]][:n], 0, still)
        for v in SERIES[case][:1] for n in (0, 1, 2, 40) for still in (False, True)
    ),
    "two_runs.comparison_words": lambda case: compared() if case == "single" else iter(()),
    "two_runs.loss_proof": lambda case: (
        (comparison.compare(before, after, turned), before) for before, after, turned in (compared() if case == "single" else ())
    ),
    "unfreezing.unfreezing_words": lambda case: unfrozen() if case == "single" else iter(()),
    "unfreezing.batch_norm_words": lambda case: compared() if case == "single" else iter(()),
    "error_rates.baseline_words": lambda case: (
        itertools.product((0.0, 0.5, 1.0, math.nan), ("Rex", ""), (0.0, 0.5, math.nan), (0, 1, 200))
        if case == "single"
        else iter(())
    ),
    "error_rates.noise_words": lambda case: ((o,) for o in outcomes()) if case == "single" else iter(()),
    "overfitting.overfitting_words": judged,
    "overfitting.rise_words": lambda case: itertools.product(
        (v for v, *_ in judged(case)), [None, *itertools.islice(compared_repeats(case), 3)]
    ),
    "overfitting.judged_words": lambda case: itertools.product(
        (v for v, *_ in judged(case)), (0, 200), [None, *itertools.islice(compared_repeats(case), 3)]
    ),
    "suggested_rate.rate_words": lambda case: itertools.product(SCALARS, SCALARS, SCALARS) if case == "single" else iter(()),
    "how_trained.rung_words": lambda case: iter([({},), ({"rung": "on the CPU", "let_go": ["x"] * len(SERIES[case])},)]),
    "how_trained.compiled_words": lambda case: iter(
        [({},), ({"problem": "x"},), *(({"wait": v, "gain": v, "kept": True},) for v in SERIES[case] if v < 1e9)]
    ),
    # tables in, numbers out
    "calibration.reliability": lambda case: itertools.product((answers(case),), (1, 10)),
    "calibration.calibration_error": lambda case: iter([(calibration.reliability(answers(case)),)]),
    "calibration.coverage": lambda case: itertools.product((answers(case),), (1, 200)),
    "calibration.at_threshold": lambda case: itertools.product((answers(case),), SCALARS),
    "agreement.shared": both_answers,
    "agreement.agreement": both_answers,
    "agreement.agreement_counts": lambda case: iter([(agreement.agreement(answers(case), answers(case)),)]),
    "likeness.nearest": lambda case: (
        (vectors(case), np.array([v, 0, 0]), k) for v, k in itertools.product(SCALARS, (0, 1, 9))
    ),
    "likeness.other_labels": lambda case: ((vectors(case), ["pug"] * len(SERIES[case]), k) for k in (0, 1, 9)),
    "likeness.distance_threshold": lambda case: ((np.array(SERIES[case]), kept) for kept in (0, 0.95, 1)),
    "likeness.lengths": lambda case: ((vectors(case, width),) for width in (0, 1, 3)),
    "likeness.nearest_rows": lambda case: ((vectors(case), vectors(other)) for other in (case, "empty", "single", "zero")),
    "likeness.flat_map": lambda case: ((vectors(case, width),) for width in (0, 1, 3)),
    "likeness.on_the_map": lambda case: (
        (planes(case)[["photo", "part", "x", "y"]].assign(breed="pug"), answers(other)) for other in ("empty", "single", "mixed", case)
    ),
    "comparison.outcome_on": lambda case: (("one", answers(case), history(other).to_dict("records")) for other in CASES),
    "comparison.outcomes": lambda case: (
        (("one", a, history(case).to_dict("records")), ("two", b, [])) for a, b in both_answers(case)
    ),
    "comparison.paired": both_answers,
    "comparison.compare": lambda case: compared() if case == "single" else iter(()),
    "comparison.about_the_same": lambda case: itertools.product(SCALARS, SCALARS),
    "embeddings.ready": lambda case: ((run,) for run in saved(case)),
    "embeddings.load": lambda case: ((run,) for run in saved(case)),
    "embeddings.save": lambda case: (placed(case, part) for part in (1, 2, 1000)),
    "embeddings.suspects": lambda case: ((run,) for run in saved(case)),
    "embeddings.twins": lambda case: ((run,) for run in saved(case)),
    "embeddings.nearest": lambda case: (
        (run, query, k, breeds)
        for run in saved(case)
        for query in ("0.jpg", "other.jpg", np.zeros(3), np.full(3, NAN))
        for k, breeds in ((6, None), (0, []), (6, ["pug"]))
    ),
    "embeddings.familiarity": lambda case: ((run,) for run in saved(case)),
    "embeddings.threshold": lambda case: itertools.product((vectors(case),), (vectors("single"), vectors(case))),
    "embeddings.to_nearest": lambda case: itertools.product((vectors(case),), (vectors("single"), vectors(case))),
    "embeddings.flat_map": lambda case: ((run,) for run in saved(case)),
    "look_alikes.likeness": lambda case: (
        (answers(case), vectors(case, len(vocab)), vocab) for vocab in ([], ["pug"], ["beagle", "pug"])
    ),
    "predictions.read": lambda case: ((run,) for run in runs(case)),
    "predictions.probabilities": lambda case: ((run,) for run in runs(case)),
    "predictions.finished_probabilities": lambda case: ((run,) for run in runs(case)),
    "predictions.error_rate": lambda case: iter([(answers(case),)]),
    "predictions.commonest": lambda case: iter([(answers(case),)]),
    "predictions.top_losses": lambda case: itertools.product((answers(case),), (None, 0, 2), (None, "pug", "x")),
    "predictions.in_cell": lambda case: itertools.product((answers(case),), (None, "pug", "x"), (None, "pug")),
    "predictions.confusion": lambda case: itertools.product((answers(case),), ([], ["pug"], ["pug", "beagle"])),
    "predictions.most_confused": lambda case: itertools.product((answers(case),), (0, 1, 9)),
    "predictions.confused_either_way": lambda case: ((answers(case),),),
    "predictions.changed_sides": both_answers,
    "predictions.history": lambda case: ((run,) for run in runs(case)),
    "predictions.chain": lambda case: ((run,) for run in runs(case)[:2]),
    "predictions.learning_curve": lambda case: ((runs(case)[first:],) for first in range(4)),
    "predictions.starts": lambda case: iter([(predictions.learning_curve(runs(case)),)]),
    "predictions.overfitting": lambda case: ((frame,) for frame in histories(case)),
    "predictions.planted_found": lambda case: itertools.product((answers(case),), ([], ["0.jpg"]), (0.05, 1.0)),
    "previews.squares": lambda case: ((photo, size) for photo in picture(case) if photo.dtype == np.uint8 for size in (1, 9)),
    "previews.scaled": lambda case: ((photo,) for photo in picture(case)),
    "previews.channel_stats": lambda case: ((photo,) for photo in picture(case)),
    "previews.normalize": lambda case: ((p, (v, v, v), (d, d, d)) for p in picture(case) for v in (0, 1) for d in (1, 1e-9)),
    "previews.displayable": lambda case: ((photo,) for photo in picture(case)),
    "previews.histograms": lambda case: ((photo, bins) for photo in picture(case) for bins in (1, 64)),
    "previews.dataset_stats": lambda case: (({"a": p, "b": p}, ["a", "b"]) for p in picture(case) if p.dtype == np.uint8),
    "previews.overlay": lambda case: (
        (np.full((4, 4, 3), 99, np.uint8), np.minimum(vectors(case), 1), opacity, box)
        for opacity in (0.0, 1.0)
        for box in (None, (0, 0, 0, 0), (-9, -9, 99, 99))
        if len(vectors(case))
    ),
    "answers.spread": lambda case: (
        ([("a", v) for v in ("", "a", "b", "x")][:n], choices) for n in (0, 1, 4) for choices in ([], ["a"], ["a", "b"])
    ),
    "class_answers.bars": lambda case: (
        (pd.DataFrame({"choice": ["a", "b"][:n], "before": [k, 1][:n], "after": [0, k][:n]}), {"a": "<b>"}, right)
        for n in (0, 1, 2) for k in (0, 3) for right in ("", "a") if case == "single"
    ),
    "board.rows": lambda case: (
        (found.values(), choice, {})
        for found in [recipes.recipes([run for run in map(find, [r.id for r in runs(case)]) if run])]
        for choice in board.CHOICES
    ),
    "board.differing": lambda case: iter(
        [(list(recipes.recipes([run for run in map(find, [r.id for r in runs(case)]) if run]).values()),)]
    ),
    "board.value": lambda case: ((RunSpec("drawn", "", "x"), choice) for choice in board.CHOICES),
    "board.board": lambda case: (
        (frame, "epochs", large) for n, frame in enumerate(tried(case)) for large in (False, True)[: 1 if n else 2]
    ),
    "waits.expected": lambda case: iter([(RunSpec("drawn", "", "x"), runs(case))]),
    "waits.until_begun": lambda case: ((r.id, runs(case), at, 0) for r in runs(case)[:2] for at in (0.0, 3e38)),
    "recipes.recipes": lambda case: iter([([run for run in map(find, [r.id for r in runs(case)]) if run],)]),
    "recipes.recipe_of": lambda case: iter([*((run.id,) for run in runs(case)[:2]), ("0" * 12,), ("",)]),
    "stored.read_table": lambda case: ((run.path("predictions.parquet"), {"loss": "number"}) for run in runs(case)[:2]),
    "stored.read_array": lambda case: (
        (run.path("probabilities.npy"), (None, 3), in_memory) for run in runs(case)[:2] for in_memory in (False, True)
    ),
    "significance.wilson": lambda case: itertools.product(SHARES, (0, 1, 9, 10**9)),
    "significance.sign_test": lambda case: itertools.product((0, 1, 9, 2000), (0, 1, 1000, 10**6)),
    "significance.two_shares": lambda case: itertools.product(SHARES, (0, 1, 9), SHARES, (0, 1, 9)),
    "repeats.summary": lambda case: itertools.product(([share(v) for v in SERIES[case]], SERIES[case][::-1]), (SERIES[case], [0.1])),
    "repeats.compare": repeated,
    "repeats.paired": repeated,
    "repeats.levels": lambda case: (
        (
            [comparison.Outcome("one", v, v, v, 10)] * 2,
            [dict.fromkeys(range(n), (v, v)), {0: (v, v)}],
        )
        for v in SERIES[case][:2] for n in (0, 1, 3)
    ),
    "repeats.mean_error": lambda case: ((before, seeds) for before, _ in repeated(case) for seeds in ([], list(before))),
    "significance.student": lambda case: itertools.product((0.0, 1e-300, -0.4, 3e38), (0.0, 1e-320, 0.4, 1e300), (1, 4.5, 1e6)),
    "significance.student_within": lambda case: iter([(1,), (1.5,), (1e6,)]),
    "significance.paired_change": lambda case: iter([(np.array([v for v in SERIES[case] if math.isfinite(v)]),)]),
}  # fmt: skip
STYLED = re.compile(r"<style>.*?</style>|data:image[^\"]*", re.DOTALL)  # of a picture in HTML: there “none” is a value
NOT_A_NUMBER = re.compile(
    r"(?<![A-Za-z])(nan|inf|infinity|none|NaT)(?![A-Za-z])|(?<!\w)-0(\.0*)?(?![.\d])", re.IGNORECASE
)


def texts(value: Any) -> Iterator[str]:
    """Every string in what a function returned, but for numbers that are packed as text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, pd.DataFrame):
        yield from texts([v for column in value.select_dtypes(["object", "string"]) for v in value[column]])
    elif isinstance(value, dict):
        yield from texts([v for key, v in value.items() if key != "bdata"])
    elif is_dataclass(value):
        yield from texts(asdict(value))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)


def drawn(figure: go.Figure) -> dict:
    """What a browser is sent of a figure, the template left out: it is the same for all."""
    sent = json.loads(figure.to_json())
    sent["layout"].pop("template", None)
    return sent


def is_degenerate(axis: dict) -> bool:
    """Whether an axis has a range that is none: without an end, or of no length."""
    ends = axis.get("range", (0, 1))
    return None in ends or ends[0] == ends[1]


def called(function: Callable, arguments: tuple) -> Any:
    """What a function returns. A sentence for the learner, or an error that its docstring names, is an answer too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy only warns of a division by zero
            return function(*arguments)
    except LessonError as problem:
        return str(problem)
    except ValueError:
        if "ValueError: " not in (function.__doc__ or ""):
            raise
        return None


def test_every_public_function_is_called_here():
    assert sorted(INPUTS) == sorted(functions())


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", functions())
def test_an_input_at_the_edge_gives_no_error_and_no_text_without_a_number(name: str):
    if name not in INPUTS:
        pytest.fail(f"{name} is not called with anything yet: give INPUTS what it is to be called with")
    calls = 0
    for arguments in itertools.chain.from_iterable(map(INPUTS[name], CASES)):
        found = called(functions()[name], arguments)
        if isinstance(found, go.Figure):
            found = drawn(found)
            assert not [key for key, of in found["layout"].items() if "axis" in key and is_degenerate(of)], arguments
        assert not [text for text in texts(found) if NOT_A_NUMBER.search(STYLED.sub("", text))], arguments
        calls += 1
    assert calls
