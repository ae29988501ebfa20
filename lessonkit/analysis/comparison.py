"""How two runs ended, compared: whether one did better than the other, beyond what luck explains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from lessonkit.analysis import predictions
from lessonkit.analysis.significance import paired_change, sign_test, two_shares

BETTER, WORSE, SAME, MIXED = "better", "worse", "the same", "better and worse"
SURE = 0.05  # a difference that luck alone brings in fewer than this share of cases is called real
LEAST_CHANGE = 0.01  # of the loss: two runs of the same choice on another kind of processor differ by about that


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        name: what to call it in a sentence, such as "frozen".
        error_rate: 0 to 1.
        valid_loss: cross entropy, nats.
        seconds_an_epoch: seconds; NaN when not known.
        photos: how many it was validated on.
    """

    name: str
    error_rate: float
    valid_loss: float
    seconds_an_epoch: float
    photos: int


def outcome_on(name: str, frame: pd.DataFrame, history: list[dict[str, float]]) -> Outcome:
    """How a run did on the photos of a frame of its predictions.

    Args:
        history: the run's finished epochs; the outcome's seconds are their mean, NaN where there are none.
    """
    seconds = sum(row["seconds"] for row in history) / len(history) if history else math.nan
    return Outcome(name, predictions.error_rate(frame), float(frame["loss"].mean()), seconds, len(frame))


Ended = tuple[str, pd.DataFrame, list[dict[str, float]]]
"""What `outcome_on` takes of one run: its name, its predictions, its history."""


def outcomes(before: Ended, after: Ended) -> tuple[Outcome, Outcome, Pairs]:
    """How two runs did on the same photos, and what these photos say of the two: what `compare` takes."""
    return outcome_on(*before), outcome_on(*after), paired(before[1], after[1])


class Pairs(NamedTuple):
    """Two runs' answers to the same photos.

    Attributes:
        right, wrong: photos that turned right, and wrong, from the first run to the second.
        losses: the change of each photo's loss, nats; empty where not known.
    """

    right: int
    wrong: int
    losses: np.ndarray | tuple[float, ...] = ()


def paired(before: pd.DataFrame, after: pd.DataFrame) -> Pairs:
    """The pairs of two runs' predictions (`predictions.read`), on the photos that both have."""
    turned = predictions.changed_sides(before, after)["turned"]
    both = before[["photo", "loss"]].merge(after[["photo", "loss"]], on="photo", suffixes=("_before", "_after"))
    losses = (both["loss_after"] - both["loss_before"]).to_numpy(dtype=float)
    return Pairs(int((turned == "right").sum()), int((turned == "wrong").sum()), losses)


@dataclass(frozen=True)
class Comparison:
    """How one outcome differs from another.

    Attributes:
        verdict: BETTER, WORSE or SAME (no more than luck explains), by error rate, of the second run.
        points: change of the error rate in percentage points, below 0 for the better.
        loss_change: change of the valid loss.
        times_as_long: seconds an epoch of the second over those of the first; NaN when not known, or 0.
        luck: how often luck alone would make a difference of error rate this large, 0 to 1.
        loss_verdict: BETTER, WORSE or SAME by the valid loss; SAME also where no photo's own losses are known.
        loss_luck: how often luck alone would change the loss this much, 0 to 1; NaN where that is not known.
        fell, rose: photos whose loss fell, and rose.
    """

    verdict: str
    points: float
    loss_change: float
    times_as_long: float
    luck: float
    loss_verdict: str = SAME
    loss_luck: float = math.nan
    fell: int = 0
    rose: int = 0

    @property
    def together(self) -> str:
        """What error rate and loss say taken together: BETTER, WORSE, SAME, or MIXED where they contradict."""
        said = {self.verdict, self.loss_verdict} - {SAME}
        return MIXED if len(said) > 1 else said.pop() if said else SAME


def compare(before: Outcome, after: Outcome, turned: Pairs | tuple[int, int] | None = None) -> Comparison:
    """Whether `after` did better than `before`, beyond the noise of so few photos.

    With `turned`, the photos that turned right and wrong between the two runs, this is the exact sign test
    (McNemar 1947): of the photos that changed sides, were more than a fair coin's share on one side? Without
    them, it is the test of two independent binomial shares, which is the more cautious of the two. The loss is
    judged by the photos' own losses (`significance.paired_change`), and only where they are known.

    Args:
        turned: (photos that turned right, photos that turned wrong) or Pairs; both runs saw the same photos.
    """
    points = 100 * (after.error_rate - before.error_rate)
    if turned is not None:
        luck = sign_test(*turned[:2])
    else:
        luck = two_shares(before.error_rate, before.photos, after.error_rate, after.photos)
    real = math.isnan(luck) or luck < SURE
    verdict = _way(points) if real else SAME
    took = after.seconds_an_epoch / before.seconds_an_epoch if before.seconds_an_epoch > 0 else math.nan
    took = took if 0 < took < math.inf else math.nan
    change = after.valid_loss - before.valid_loss
    losses = np.asarray(turned[2] if turned is not None and len(turned) > 2 else (), dtype=float)
    known = bool(len(losses)) and bool(np.isfinite(losses).all())
    loss_luck = paired_change(losses) if known else math.nan
    fell, rose = (int((losses < 0).sum()), int((losses > 0).sum())) if known else (0, 0)
    return Comparison(
        verdict, points, change, took, luck, _loss_verdict(before, after, loss_luck), loss_luck, fell, rose
    )


def _loss_verdict(before: Outcome, after: Outcome, luck: float) -> str:
    finite = math.isfinite(before.valid_loss), math.isfinite(after.valid_loss)
    if not all(finite):
        return SAME if finite[0] == finite[1] else WORSE if finite[0] else BETTER
    change = after.valid_loss - before.valid_loss
    if math.isnan(luck) or luck >= SURE or about_the_same(change, before.valid_loss):
        return SAME
    return _way(change)


def _way(change: float) -> str:
    return BETTER if change < 0 else WORSE if change > 0 else SAME


def about_the_same(change: float, loss: float) -> bool:
    """Whether a change of the loss is one that two kinds of processor would make too, or one that no reader sees."""
    return abs(change) < max(LEAST_CHANGE * abs(loss), predictions.LEAST_SEEN)
