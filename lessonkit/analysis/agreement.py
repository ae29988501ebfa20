"""Two runs on one test: the photos that both answered, and who is right about which."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

BOTH_RIGHT, ONLY_A, ONLY_B, BOTH_WRONG = GROUPS = ("both right", "only A right", "only B right", "both wrong")


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
