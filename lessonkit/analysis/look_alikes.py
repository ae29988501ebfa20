"""Which breeds a model finds alike, by the probabilities that it gave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def likeness(frame: pd.DataFrame, probabilities: np.ndarray, vocab: Sequence[str]) -> pd.DataFrame:
    """How alike each two breeds are to a model: the probability that photos of either got for the other, on average.

    It says more than a confusion matrix does: a breed with four photos has four mistakes at the most, but gives each other
    breed some probability.

    Args:
        frame: predictions; only `actual` is read.
        probabilities: (photos, breeds), rows as in the frame, columns as in `vocab`; what is no number counts as 0.

    Returns:
        (breeds, breeds), both in the order of `vocab`, 0 to 2; 0 on the diagonal and where no photo is of either breed.
    """
    place = {breed: k for k, breed in enumerate(vocab)}
    rows = frame["actual"].map(place).to_numpy(dtype=float)
    known = ~np.isnan(rows)
    sums = np.zeros((len(vocab), len(vocab)))
    photos = np.zeros(len(vocab))
    given = np.nan_to_num(np.asarray(probabilities, dtype=float), nan=0.0, posinf=0.0, neginf=0.0)
    np.add.at(sums, rows[known].astype(int), given[known])
    np.add.at(photos, rows[known].astype(int), 1)
    mean = sums / np.maximum(photos, 1)[:, None]
    both = mean + mean.T
    np.fill_diagonal(both, 0.0)
    return pd.DataFrame(both, index=pd.Index(list(vocab)), columns=pd.Index(list(vocab)))
