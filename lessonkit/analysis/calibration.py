"""How sure a model is, and whether it may be: numbers only, no torch."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lessonkit.analysis import significance


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
