"""How sure a model is, how two runs differ, which photos look alike to it: numbers only, no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lessonkit import wording
from lessonkit.analysis import significance
from lessonkit.errors import LessonError

BOTH_RIGHT, ONLY_A, ONLY_B, BOTH_WRONG = GROUPS = ("both right", "only A right", "only B right", "both wrong")


def reliability(frame: pd.DataFrame, bins: int = 10) -> pd.DataFrame:
    """How often the model is right when it is so sure.

    Args:
        frame: predictions; `probability` is that of the answer given, 0 to 1.
        bins: of equal width over 0 to 1.

    Returns:
        A row a bin that holds a photo: low, high (the bin, its upper end included), photos, confidence (mean
        probability), accuracy (share that was right), least, most (its Wilson interval of 95 %: of so few photos the
        accuracy says no more).
    """
    kept = frame[np.isfinite(frame["probability"].astype(float))]
    at = np.clip(np.ceil(kept["probability"].to_numpy(dtype=float) * bins) - 1, 0, bins - 1).astype(int)
    grouped = kept.assign(bin=at, right=kept["correct"].astype(float)).groupby("bin")
    table = grouped.agg(photos=("right", "size"), confidence=("probability", "mean"), accuracy=("right", "mean"))
    table = table.reset_index()
    table.insert(0, "low", table["bin"] / bins)
    table.insert(1, "high", (table["bin"] + 1) / bins)
    ends = [
        significance.wilson(share, photos) for share, photos in zip(table["accuracy"], table["photos"], strict=True)
    ]
    return table.drop(columns="bin").assign(least=[low for low, _ in ends], most=[high for _, high in ends])


def calibration_error(table: pd.DataFrame) -> float:
    """The expected calibration error, 0 to 1, of a `reliability` table; NaN without photos.

    The mean distance of accuracy from confidence, each bin counting by its photos (Guo et al. 2017, eq. 5).
    """
    if table.empty:
        return math.nan
    return float(np.average((table["accuracy"] - table["confidence"]).abs(), weights=table["photos"]))


def coverage(frame: pd.DataFrame, most: int = 200) -> pd.DataFrame:
    """What "only answer when at least p sure" does.

    Args:
        frame: predictions.
        most: rows at most; evenly spaced over the thresholds where there are more.

    Returns:
        threshold (p, rising), answered (share of the photos, 0 to 1), photos (answered), error_rate (of those).
    """
    kept = frame[np.isfinite(frame["probability"].astype(float))].sort_values("probability", ascending=False)
    if kept.empty:
        return pd.DataFrame({"threshold": [], "answered": [], "photos": [], "error_rate": []}, dtype=float)
    p = kept["probability"].to_numpy(dtype=float)
    wrong = np.cumsum(~kept["correct"].to_numpy(dtype=bool))
    last = np.append(p[1:] != p[:-1], True)  # photos that are equally sure are answered together
    answered = np.flatnonzero(last) + 1
    table = pd.DataFrame(
        {
            "threshold": p[last],
            "answered": answered / len(kept),
            "photos": answered,
            "error_rate": wrong[last] / answered,
        }
    )[::-1].reset_index(drop=True)
    if len(table) > most:
        table = table.iloc[np.linspace(0, len(table) - 1, most).round().astype(int)].reset_index(drop=True)
    return table


def at_threshold(frame: pd.DataFrame, threshold: float) -> tuple[float, float]:
    """(share of the photos answered, error rate of those) when only answers of that probability or more count.

    The error rate is NaN when none is answered, both are NaN without photos.
    """
    if frame.empty:
        return math.nan, math.nan
    answered = frame[frame["probability"] >= threshold]
    error = 1 - float(answered["correct"].mean()) if len(answered) else math.nan
    return len(answered) / len(frame), error


class Shared(NamedTuple):
    """Two runs' predictions cut to one test.

    Attributes:
        a, b: the photos that both were validated on under the same label, in A's order.
        common: photos that both were validated on, whatever their labels.
        relabelled: those of them whose label is another in B (by a mark, or another pattern), in neither frame:
            right and wrong would not mean the same of them.
    """

    a: pd.DataFrame
    b: pd.DataFrame
    common: int
    relabelled: int


def shared(a: pd.DataFrame, b: pd.DataFrame) -> Shared:
    """What of two runs' predictions can be compared: the same photos, each under the same label in both."""
    both = a[["photo", "actual"]].merge(b[["photo", "actual"]], on="photo", suffixes=("_a", "_b"))
    same = both.loc[both["actual_a"] == both["actual_b"], "photo"]
    a, b = (frame.set_index("photo").loc[same].reset_index()[frame.columns] for frame in (a, b))
    return Shared(a, b, len(both), len(both) - len(same))


def agreement(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Two runs' answers on one test.

    Args:
        a, b: predictions as `shared` cuts them.

    Returns:
        photo, actual, predicted_a, predicted_b, loss_a, loss_b, group (one of GROUPS), in A's order.
    """
    columns = ["photo", "actual", "predicted", "loss", "correct"]
    both = a[columns].merge(b[columns].drop(columns="actual"), on="photo", suffixes=("_a", "_b"))
    right_a, right_b = both["correct_a"].astype(bool), both["correct_b"].astype(bool)
    both["group"] = np.select([right_a & right_b, right_a, right_b], GROUPS[:3], BOTH_WRONG)
    return both[["photo", "actual", "predicted_a", "predicted_b", "loss_a", "loss_b", "group"]]


def agreement_counts(table: pd.DataFrame) -> dict[str, int]:
    """Photos in each of GROUPS, of an `agreement`."""
    return {g: int((table["group"] == g).sum()) for g in GROUPS}


def lengths(features: np.ndarray) -> np.ndarray:
    """The length of each row, float32 (n, 1).

    Raises:
        LessonError: a row is not of numbers, or of such large ones that its length is none: the training blew up.
    """
    rows = features.astype(np.float32, copy=False)
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    if unusable := int((~np.isfinite(found)).sum()):
        raise LessonError(
            f"This run's network gives no numbers for {wording.photos(unusable)}: its training blew up.",
            "Train with a lower learning rate, and choose that run.",
        )
    return found


def unit_length(features: np.ndarray) -> np.ndarray:
    """Each row of (n, d) divided by its length, float32; a row of zeros stays. Raises LessonError as `lengths`."""
    long = lengths(features)
    return np.divide(features, long, out=np.zeros(features.shape, np.float32), where=long > 0)


def nearest(features: np.ndarray, query: np.ndarray, k: int, leave_out: int | None = None) -> tuple[np.ndarray, ...]:
    """The k rows of `features` that lie nearest to `query`, by cosine distance (1 - cosine of the angle).

    Args:
        features: (n, d) of any float type.
        query: (d,).
        k: how many; all of them where there are fewer.
        leave_out: a row not to count, such as the query's own.

    Returns:
        (rows, distances): (k,) int, and (k,) float32 from 0 to 2, the nearest first.

    Raises:
        ValueError: the query has not as many numbers as a row.
        LessonError: it has none, because the network's training blew up.
    """
    if features.ndim != 2 or query.shape != features.shape[1:]:
        raise ValueError(f"a query of shape {query.shape} does not fit features of shape {features.shape}")
    rows = features.astype(np.float32, copy=False)
    one = query.astype(np.float32, copy=False)
    product = (lengths(rows) * lengths(one[None]))[:, 0]
    distances = 1 - np.divide(rows @ one, product, out=np.zeros(len(rows), np.float32), where=product > 0)
    if leave_out is not None:
        distances[leave_out] = np.inf
    k = max(0, min(k, len(rows) - (leave_out is not None)))
    if k == 0:
        return np.array([], dtype=int), np.array([], dtype=np.float32)
    first = np.argpartition(distances, k - 1)[:k]
    order = first[np.lexsort((first, distances[first]))]
    return order, np.clip(distances[order], 0, 2)


def other_labels(features: np.ndarray, labels: Sequence[str], k: int = 10) -> pd.DataFrame:
    """How many of each row's k nearest other rows carry another label than its own: a sign that its own is wrong.

    Args:
        features: (n, d) of any float type.
        labels: of each row.

    Returns:
        A row each, in their order: others (0 to k), suggested (the label that most of the k carry; of several the
        one of the nearest), agree (how many of the k carry it), distance (mean cosine distance to those, 0 to 2).

    Raises:
        LessonError: the features are not of numbers.
    """
    n = len(features)
    k = max(0, min(k, n - 1))
    if k == 0:
        return pd.DataFrame({"others": 0, "suggested": list(labels), "agree": 0, "distance": 0.0}, index=range(n))
    names, number = np.unique(np.asarray(labels, dtype=object), return_inverse=True)
    unit = unit_length(features)
    found = []
    for start in range(0, n, 512):  # in pieces, to bound memory
        likeness = unit[start : start + 512] @ unit.T
        at = np.arange(len(likeness))
        likeness[at, start + at] = -np.inf
        near = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(likeness, near, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        found.append((np.take_along_axis(near, order, 1), np.take_along_axis(values, order, 1)))
    near, values = (np.concatenate(part) for part in zip(*found, strict=True))
    of = number[near]
    votes = (of[:, :, None] == of[:, None, :]).sum(axis=2)
    best = votes.argmax(axis=1)
    rows = np.arange(n)
    suggested = of[rows, best]
    fits = of == suggested[:, None]
    distance = 1 - (values * fits).sum(axis=1) / fits.sum(axis=1)
    return pd.DataFrame(
        {
            "others": (of != number[:, None]).sum(axis=1),
            "suggested": names[suggested],
            "agree": votes[rows, best],
            "distance": np.clip(distance, 0, 2),
        }
    )


def distance_threshold(distances: np.ndarray, kept: float = 0.95) -> float:
    """The distance that `kept` of the validation photos stay within: a photo further off is unlike the training.

    Args:
        distances: (n,), each validation photo's to its nearest training photo.
        kept: 0 to 1; one minus this is the share of true pets that will be called unfamiliar.

    Raises:
        ValueError: no distance is given.
    """
    if not len(distances):
        raise ValueError("a threshold needs at least one distance")
    return float(np.quantile(np.asarray(distances, dtype=float), kept, method="higher"))


def flat_map(features: np.ndarray, seed: int = 0) -> np.ndarray:
    """Photos on a plane: their first two principal components.

    By randomized projection (Halko, Martinsson, Tropp 2011, algorithm 4.4), so that 7,390 photos take a second.

    Args:
        features: (n, d) of any float type.

    Returns:
        (n, 2) float32, the component of more variance first; the largest loading of each is positive, so that
        the same photos give the same map. Zeros where there are fewer than two photos or directions.

    Raises:
        LessonError: the features are not of numbers.
    """
    n, d = features.shape
    found = np.zeros((n, 2), dtype=np.float32)
    if n < 2 or d < 1:
        return found
    lengths(features)
    centred = features.astype(np.float32) - features.mean(axis=0, dtype=np.float64).astype(np.float32)
    wide = min(12, n, d)
    basis = centred @ np.random.default_rng(seed).standard_normal((d, wide)).astype(np.float32)
    for _ in range(4):
        basis = centred @ (centred.T @ np.linalg.qr(basis)[0])
    basis = np.linalg.qr(basis)[0]
    left, sizes, right = np.linalg.svd(basis.T @ centred, full_matrices=False)
    for k in range(min(2, len(sizes))):
        sign = np.sign(right[k][np.abs(right[k]).argmax()]) or 1.0
        found[:, k] = (basis @ left[:, k]) * sizes[k] * sign
    return found


def on_the_map(points: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """All photos of a run on its map, with what it answered.

    Args:
        points: as `features.flat_map` gives it. predictions: of the photos held out.

    Returns:
        photo, part, x, y, actual, predicted, correct; of a photo that was trained on, predicted is the actual breed:
        nobody asked.
    """
    joined = points.merge(predictions[["photo", "actual", "predicted", "correct"]], on="photo", how="left")
    asked = joined["correct"].notna()
    return joined.drop(columns="breed").assign(
        actual=joined["actual"].where(asked, joined["breed"]),
        predicted=joined["predicted"].where(asked, joined["breed"]),
        correct=joined["correct"].where(asked, True).astype(bool),
    )
