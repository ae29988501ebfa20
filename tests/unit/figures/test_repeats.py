"""A dot for each training."""

from __future__ import annotations

import pandas as pd
import pytest

from lessonkit.figures import style
from lessonkit.figures.repeats import LEAST_SPAN, error_rates
from lessonkit.language import speaking

COLUMNS = ["recipe", "seed", "error_rate", "kept", "mine"]


def frame(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def test_each_training_is_a_dot_and_each_recipe_has_its_mean():
    rows = [("frozen", 0, 0.2, False, False), ("frozen", 1, 0.1, True, False), ("frozen", 2, 0.15, False, True)]
    figure = error_rates(frame(*rows, ("slice", 0, 0.3, True, True)))
    traces = {trace.name: trace for trace in figure.data if trace.name}
    assert list(traces["the mean"].x) == [pytest.approx(15), pytest.approx(30)]
    assert list(traces["a training"].x) == [20]
    assert list(traces["yours"].x) == [15]
    assert list(traces["the one that is kept"].x) == [10]
    assert list(traces["yours, and kept"].x) == [30]
    assert traces["yours"].hovertext == ("seed 2: 15.0\xa0%",)
    assert list(figure.layout.yaxis.categoryarray) == ["slice", "frozen"], "from the top, as they are given"


def test_trainings_that_lie_on_one_another_are_not_blown_up():
    low, high = error_rates(frame(("", 0, 0.2, True, False), ("", 1, 0.2, False, False))).layout.xaxis.range
    assert high - low == pytest.approx(LEAST_SPAN)


def test_a_name_is_shown_to_the_letter():
    assert "&lt;b&gt;" in error_rates(frame(("<b>", 0, 0.2, True, False), ("c", 0, 0.2, True, False))).data[0].y[0]


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_on_a_phone_a_low_chart_has_room_for_its_legend(language: str) -> None:
    with speaking(language):
        figure = error_rates(frame(*[("", seed, 0.1, seed == 1, seed == 2) for seed in range(3)]))
    named = [trace.name for trace in figure.data if trace.showlegend is None]
    assert style.legend_lines(named) > 1, "they do not fit into one line"
    axis_and_its_title, least_plot = 50, 64  # with less plotly lays the legend over the plot
    room = figure.layout.height - style.LEGEND_LINE * style.legend_lines(named)
    assert room >= axis_and_its_title + least_plot
