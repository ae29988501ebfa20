"""How long a run will take, and how long one waits before it begins: from what such runs took on this machine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median

from lessonkit import runs
from lessonkit.runs import Run
from lessonkit.spec import RunSpec

# What an epoch's length depends on. What is not among these, as the rate or the seed, changes no run's length.
_SAME = (
    "dataset", "architecture", "frozen", "precompute", "size", "batch_size", "share", "views", "augment", "batch_norm", "head",
)  # fmt: skip


def expected(spec: RunSpec, known: Iterable[Run]) -> float | None:
    """Seconds that a run will take, from runs of the same size: their median epoch, and what those took besides that are done.

    Returns:
        None where no epoch of such a run was finished here.
    """
    epochs, besides = [], []
    for run in known:
        status, spent = run.status(), [row["seconds"] for row in run.history()]
        if not spent or not math.isfinite(sum(spent)) or _size(run.spec()) != _size(spec):
            continue
        epochs.append(sum(spent) / len(spent))
        if status.state == runs.DONE and status.seconds > 0:
            besides.append(max(0.0, status.seconds - sum(spent)))
    return (median(besides) if besides else 0.0) + spec.epochs * median(epochs) if epochs else None


def until_begun(run_id: str, known: Sequence[Run], at: float, workers: int = 1) -> float | None:
    """Seconds until a run that waits begins, so far as that can be known.

    Args:
        known: all runs of this machine, also those that are done. at: now, seconds since 1970.
        workers: how many runs are trained at a time.

    Returns:
        None where the run does not wait, or one that comes before it is of a size that was never trained here.
    """
    waiting = sorted((run for run in known if run.status().state == runs.QUEUED), key=lambda run: run.status().turn)
    place = next((place for place, run in enumerate(waiting) if run.id == run_id), None)
    if place is None:
        return None
    left = 0.0
    for run in (*(run for run in known if run.status().state == runs.RUNNING), *waiting[:place]):
        takes = expected(run.spec(), known)
        if takes is None:
            return None
        status = run.status()
        left += max(1.0, takes - (at - status.started_at)) if status.state == runs.RUNNING else takes
    return left / max(1, workers)


def _size(spec: RunSpec) -> tuple[object, ...]:
    return tuple(getattr(spec, name) for name in _SAME)
