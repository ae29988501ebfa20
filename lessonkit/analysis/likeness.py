"""Which photos look alike to a network, by its features: nearest ones, labels that theirs speak against, a map. No torch.

`nearest` and `on_the_map` are for pages; the others are for the engine's worker, and import scikit-learn as they are
called. A page's process never holds it: that is 0.7 s of importing and 78 MB, for the twelve lines of `nearest`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lessonkit import wording
from lessonkit.errors import LessonError
from lessonkit.language import tr

WORKING_MIB = 64  # of distances at a time: as fast as scikit-learn's own 1024 MiB for 7,390 photos, in 500 MB less


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
            tr(
                "This run's network gives no numbers for {photos}: its training blew up.",
                photos=wording.photos(unusable),
            ),
            tr("Train with a lower learning rate, and choose that run."),
        )
    return found


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


def nearest_rows(train: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each of `others` (m, d) the row in `train` (n, d) that lies nearest, by cosine distance.

    Returns:
        (rows, distances): (m,) int, and (m,) float32 from 0 to 2; empty where either has no row.

    Raises:
        LessonError: the features are not of numbers.
    """
    import sklearn
    from sklearn.metrics import pairwise_distances_argmin_min

    if not len(train) or not len(others):
        return np.zeros(0, int), np.zeros(0, np.float32)
    lengths(train), lengths(others)
    with sklearn.config_context(working_memory=WORKING_MIB):
        rows, distances = pairwise_distances_argmin_min(
            others.astype(np.float32, copy=False), train.astype(np.float32, copy=False), metric="cosine"
        )
    return rows, distances


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
    import sklearn
    from sklearn.neighbors import NearestNeighbors

    lengths(features)
    n = len(features)
    k = max(0, min(k, n - 1))
    if k == 0:
        return pd.DataFrame({"others": 0, "suggested": list(labels), "agree": 0, "distance": 0.0}, index=range(n))
    names, number = np.unique(np.asarray(labels, dtype=object), return_inverse=True)
    with sklearn.config_context(working_memory=WORKING_MIB):
        found = NearestNeighbors(n_neighbors=k, metric="cosine").fit(features.astype(np.float32, copy=False))
        distances, near = found.kneighbors()
    of = number[near]
    votes = (of[:, :, None] == of[:, None, :]).sum(axis=2)
    best = votes.argmax(axis=1)
    rows = np.arange(n)
    suggested = of[rows, best]
    fits = of == suggested[:, None]
    return pd.DataFrame(
        {
            "others": (of != number[:, None]).sum(axis=1),
            "suggested": names[suggested],
            "agree": votes[rows, best],
            "distance": (distances * fits).sum(axis=1) / fits.sum(axis=1),
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

    By scikit-learn's randomized projection (Halko, Martinsson, Tropp 2011), so that 7,390 photos take a second.

    Args:
        features: (n, d) of any float type.

    Returns:
        (n, 2) float32, the component of more variance first; the largest loading of each is positive, so that
        the same photos give the same map. Zeros where there are fewer than two photos or directions.

    Raises:
        LessonError: the features are not of numbers.
    """
    from sklearn.decomposition import PCA

    lengths(features)
    n, d = features.shape
    found = np.zeros((n, 2), dtype=np.float32)
    if n < 2 or d < 1:
        return found
    components = PCA(min(2, n, d), svd_solver="randomized", random_state=seed)
    with np.errstate(divide="ignore", invalid="ignore"):  # its shares of the variance, where all photos are alike
        placed = components.fit_transform(features.astype(np.float32, copy=False))
    found[:, : placed.shape[1]] = placed
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
