"""A finished run's predictions and history, as frames: what it got wrong, and how it got there.

All of it is cheap: the run predicted once when it ended, and these functions only sort and count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lessonkit.analysis import stored
from lessonkit.errors import DamagedFileError
from lessonkit.language import tr
from lessonkit.runs import HISTORY_COLUMNS, Run, find

PREDICTION_COLUMNS = ("photo", "actual", "predicted", "loss", "probability", "probability_actual", "correct")
LEAST_RISE = 0.02  # of the best valid loss: less of a rise than this is the wobble of one epoch to the next
PEAK = 0.25  # of a one-cycle: where the rate is highest, as fastai has it
LEAST_SEEN = 0.001  # nats: a smaller change of the loss is not seen in three digits after the point


def read(run: Run) -> pd.DataFrame:
    """The run's answers on its validation photos, a row a photo, PREDICTION_COLUMNS; no rows until it has any.

    Raises:
        DamagedFileError: the file holds something else.
    """
    path = run.path("predictions.parquet")
    if not path.is_file():
        return pd.DataFrame({c: pd.Series(dtype=t) for c, t in zip(PREDICTION_COLUMNS, _TYPES, strict=True)})
    return stored.read_table(path, dict(zip(PREDICTION_COLUMNS, _KINDS, strict=True)))


_TYPES = ("str", "str", "str", "float64", "float64", "float64", "bool")
_KINDS = [{"str": stored.TEXT, "float64": stored.NUMBER, "bool": stored.TRUTH}[kind] for kind in _TYPES]


def probabilities(run: Run) -> np.ndarray | None:
    """(validation photos, breeds) float32, rows as in `predictions`, columns as in `Run.vocab`; None until made.

    Raises:
        DamagedFileError: the file holds something else.
    """
    path = run.path("probabilities.npy")
    return stored.read_array(path, (len(read(run)), len(run.vocab()))) if path.is_file() else None


def finished_probabilities(run: Run) -> np.ndarray:
    """`probabilities` of a run that is finished. Raises DamagedFileError where they are not there."""
    found = probabilities(run)
    if found is None:
        raise DamagedFileError(
            tr("The run {run} has lost the probabilities that it gave.", run=run.id), tr("Train it again.")
        )
    return found


def error_rate(frame: pd.DataFrame) -> float:
    """Share of the photos that were answered wrong, 0 to 1; NaN without photos."""
    return float(1 - frame["correct"].mean()) if len(frame) else math.nan


def commonest(frame: pd.DataFrame) -> tuple[str, float]:
    """The breed that most photos are of, and the error rate, 0 to 1, of a model that names no other; ("", NaN) for none."""
    if frame.empty:
        return "", math.nan
    counts = frame["actual"].value_counts(sort=False).sort_index()
    return str(counts.idxmax()), float(1 - counts.max() / len(frame))


def top_losses(
    frame: pd.DataFrame,
    n: int | None = None,
    actual: str | None = None,
    predicted: str | None = None,
    only_wrong: bool = True,
) -> pd.DataFrame:
    """The photos with the highest loss, the highest first.

    Args:
        frame: predictions.
        n: how many at most; None for all.
        actual, predicted: only photos of that breed, or taken for that breed.
        only_wrong: leave out photos that were answered right.
    """
    kept = in_cell(frame, actual, predicted)
    if only_wrong:
        kept = kept[~kept["correct"].astype(bool)]
    return kept if n is None else kept.head(n)


def in_cell(frame: pd.DataFrame, actual: str | None = None, predicted: str | None = None) -> pd.DataFrame:
    """The photos of one breed that were taken for another, the highest loss first; None stands for any breed."""
    keep = np.ones(len(frame), dtype=bool)
    if actual is not None:
        keep &= (frame["actual"] == actual).to_numpy(dtype=bool)
    if predicted is not None:
        keep &= (frame["predicted"] == predicted).to_numpy(dtype=bool)
    return frame[keep].sort_values(["loss", "photo"], ascending=[False, True])


def confusion(frame: pd.DataFrame, vocab: Sequence[str]) -> pd.DataFrame:
    """Photos by actual (rows) and predicted breed (columns), both in the order of `vocab`, zeros included."""
    order = list(vocab)
    place = {b: i for i, b in enumerate(order)}
    counts = np.zeros((len(order), len(order)), dtype=int)
    rows = frame["actual"].map(place).to_numpy(dtype=float)
    columns = frame["predicted"].map(place).to_numpy(dtype=float)
    known = ~(np.isnan(rows) | np.isnan(columns))
    np.add.at(counts, (rows[known].astype(int), columns[known].astype(int)), 1)
    return pd.DataFrame(counts, index=pd.Index(order, name="actual"), columns=pd.Index(order, name="predicted"))


def most_confused(frame: pd.DataFrame, at_least: int = 1) -> pd.DataFrame:
    """Pairs of breeds that were taken for one another: actual, predicted, photos; the most photos first.

    Args:
        at_least: leave out pairs with fewer photos than this.
    """
    wrong = frame[~frame["correct"].astype(bool)]
    pairs = wrong.groupby(["actual", "predicted"], observed=True).size().reset_index(name="photos")
    pairs = pairs[pairs["photos"] >= at_least]
    return pairs.sort_values(["photos", "actual", "predicted"], ascending=[False, True, True], ignore_index=True)


def confused_either_way(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """How many photos of either of two breeds were taken for the other: by the two names in their order; of those with any."""
    counts: dict[tuple[str, str], int] = {}
    for row in most_confused(frame).to_dict("records"):
        a, b = sorted((str(row["actual"]), str(row["predicted"])))
        counts[a, b] = counts.get((a, b), 0) + int(row["photos"])
    return counts


def changed_sides(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The photos that one run answered right and the other wrong.

    Args:
        before, after: predictions of the two runs; photos that only one of them has are left out.

    Returns:
        photo, actual, predicted_before, predicted_after, loss_before, loss_after, turned ("right" or "wrong");
        those that turned right first, each half by photo.
    """
    columns = ["photo", "actual", "predicted", "loss", "correct"]
    both = after[columns].merge(before[columns].drop(columns="actual"), on="photo", suffixes=("_after", "_before"))
    now, then = both["correct_after"].astype(bool), both["correct_before"].astype(bool)
    both["turned"] = np.where(now & ~then, "right", "wrong")
    kept = ["photo", "actual", "predicted_before", "predicted_after", "loss_before", "loss_after", "turned"]
    return both.loc[now != then, kept].sort_values(["turned", "photo"], ignore_index=True)


def history(run: Run) -> pd.DataFrame:
    """The epochs that the run has finished: a row each, HISTORY_COLUMNS, epochs from 0."""
    return pd.DataFrame(run.history(), columns=list(HISTORY_COLUMNS))


def chain(run: Run, find: Callable[[str], Run | None] = find) -> list[Run]:
    """The run and those it goes on from, the first one first; ends where an earlier run is no longer there.

    Args:
        find: gives the run of an id, None where there is none.
    """
    found = [run]
    while (before := found[0].spec().starts_from) and before not in {r.id for r in found}:
        earlier = find(before)
        if earlier is None:
            break
        found.insert(0, earlier)
    return found


def learning_curve(runs: Sequence[Run]) -> pd.DataFrame:
    """The histories of runs that go on from one another as one: HISTORY_COLUMNS, `run` (an id) and `cycle`.

    Epochs are numbered through from 0. `cycle` is how much of its run's one-cycle is over when the epoch ends, above 0 and
    at most 1; the learning rate rises until PEAK.
    """
    frames = [f.assign(run=r.id, cycle=(f["epoch"] + 1) / r.spec().epochs) for r in runs if len(f := history(r))]
    if not frames:
        return pd.DataFrame(columns=[*HISTORY_COLUMNS, "run", "cycle"])
    curve = pd.concat(frames, ignore_index=True)
    curve["epoch"] = np.arange(len(curve))
    return curve


def starts(curve: pd.DataFrame) -> list[int]:
    """The epochs of a `learning_curve` at which a further run began, from 0."""
    return curve.loc[curve["run"].ne(curve["run"].shift()) & (curve.index > 0), "epoch"].astype(int).tolist()


@dataclass(frozen=True)
class Verdict:
    """Whether a run overfits, in its own numbers. Epochs count from 0, losses are cross entropies in nats.

    Attributes:
        best_epoch: the epoch with the lowest valid loss of all, which the last one is compared with. What both losses do between
            them, such as their jump near the peak of the learning rate, decides nothing.
        last_epoch: the last epoch.
        best_valid_loss, last_valid_loss: valid loss at those two.
        rise: last_valid_loss - best_valid_loss; NaN when the last is not a number.
        train_then, train_last: train loss at `best_epoch` and `last_epoch`; where the former is the first of a run that goes
            on from another, its train loss is of the run before, since fastai's train loss is an average that begins again
            with each run.
        error_then, error_last: error rates at those two, 0 to 1.
        whole: whether the last epoch ended its cycle; else the run was stopped while the rate was high.
        shows_overfitting: the run is whole, and the valid loss rose by LEAST_RISE of what it was, and by LEAST_SEEN, or
            more, while the train loss fell.
    """

    best_epoch: int
    last_epoch: int
    best_valid_loss: float
    last_valid_loss: float
    rise: float
    train_then: float
    train_last: float
    error_then: float
    error_last: float
    whole: bool
    shows_overfitting: bool

    @property
    def train_fell(self) -> float:
        """How much the train loss fell from `train_then` to `train_last`; below 0 if it rose."""
        return self.train_then - self.train_last


def overfitting(frame: pd.DataFrame) -> Verdict | None:
    """Compare the last epoch with the one of the lowest valid loss.

    Args:
        frame: a history or a `learning_curve`, HISTORY_COLUMNS, and maybe `run` and `cycle`; without `cycle`, the last epoch
            counts as one that ended its run.

    Returns:
        None while no epoch has a valid loss that is a number.
    """
    finite = frame[np.isfinite(frame["valid_loss"].astype(float))]
    if finite.empty:
        return None
    last, best = frame.iloc[-1], _lowest(finite)
    rise = float(last["valid_loss"]) - float(best["valid_loss"])
    since = best
    if "run" in frame and best["epoch"] in starts(frame):
        since = frame[frame["epoch"] < best["epoch"]].iloc[-1]
    fell = float(since["train_loss"]) - float(last["train_loss"])
    whole = "cycle" not in frame or math.isclose(last["cycle"], 1.0)
    return Verdict(
        best_epoch=int(best["epoch"]),
        last_epoch=int(last["epoch"]),
        best_valid_loss=float(best["valid_loss"]),
        last_valid_loss=float(last["valid_loss"]),
        rise=rise,
        train_then=float(since["train_loss"]),
        train_last=float(last["train_loss"]),
        error_then=float(best["error_rate"]),
        error_last=float(last["error_rate"]),
        whole=whole,
        shows_overfitting=bool(whole and fell > 0 and rise >= max(LEAST_RISE * float(best["valid_loss"]), LEAST_SEEN)),
    )


def _lowest(frame: pd.DataFrame) -> pd.Series:
    """The first row of the lowest valid loss."""
    return frame.iloc[int(np.argmin(frame["valid_loss"].astype(float).to_numpy()))]


def planted_found(listed: pd.DataFrame, planted: Collection[str], share: float = 0.05) -> tuple[int, int]:
    """How many of the wrong labels planted in `drawn` stand among the first of a list, and how many photos those are.

    Args:
        listed: photos in the list's order, such as the top losses, with `photo`.
        planted: their file names, as `photos.dataset.Photos.planted` names them.
        share: of the list, above 0 and at most 1; rounded up to a whole photo.
    """
    first = listed["photo"].head(math.ceil(share * len(listed)))
    return int(first.isin(list(planted)).sum()), len(first)
