"""What a run ended with, to be compared with another time that it was trained."""

from __future__ import annotations

import hashlib

from lessonkit.run_folder import HISTORY_COLUMNS, MODEL, Run


def outcome(run: Run) -> tuple[object, ...]:
    """A run's history without the seconds, and digests of the bytes of its weights and predictions."""
    history = tuple(tuple(row[c] for c in HISTORY_COLUMNS[:4]) for row in run.history())
    files = (MODEL, "predictions.parquet", "probabilities.npy", "features.npy", "vocab.json")
    return history, *(hashlib.sha256(run.path(name).read_bytes()).hexdigest() for name in files)
