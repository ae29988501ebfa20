"""What a class tried, as one chart."""

from __future__ import annotations

import pandas as pd
import pytest

from lessonkit.figures.board import board


@pytest.mark.parametrize("tried", [[4.0], [2.0, 4.0]])
def test_the_axis_names_what_was_tried_and_nothing_between(tried: list[float]) -> None:
    rows = [("r", "recipe", f"run{seed}", seed, choice, 0.1) for seed, choice in enumerate(tried)]
    frame = pd.DataFrame(rows, columns=["recipe", "name", "run", "seed", "choice", "error_rate"])
    assert list(board(frame, "epochs").layout.xaxis.tickvals) == tried
