"""Runs beside each other: loss, error rate and what an epoch costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lessonkit import wording
from lessonkit.analysis.significance import wilson
from lessonkit.figures.style import GREY, ORANGE, PURPLE, TEXT, empty, finish, wrap
from lessonkit.language import tr


class _Measure(NamedTuple):
    title: str
    values: list[float]
    texts: list[str]
    colour: str
    spread: list[tuple[float, float]] | None  # the whiskers' ends, below and above, in the values' unit


def runs_side_by_side(frame: pd.DataFrame) -> go.Figure:
    """Three panels, a bar a run in each, in the frame's order from the top.

    Args:
        frame: a row a run: name (unique), valid_loss, error_rate (0 to 1), seconds_an_epoch; values may be
            missing. With a column `photos` (validated on), the error rates get whiskers: Wilson's interval,
            which holds the error rate on all photos of the kind in 19 of 20 cases.
    """
    if frame.empty:
        return empty(tr("No run to compare yet."))
    errors = frame["error_rate"].astype(float).tolist()
    spread = None
    if "photos" in frame:
        spread = [wilson(p, n) for p, n in zip(errors, frame["photos"].tolist(), strict=True)]
    losses = frame["valid_loss"].astype(float).tolist()
    seconds = frame["seconds_an_epoch"].astype(float).tolist()
    measures = [
        _Measure(
            tr("error rate") if spread is None else tr("error rate (lines: 95 % confidence interval)"),
            errors,
            [wording.percent(v) for v in errors],
            PURPLE,
            spread,
        ),
        _Measure(tr("valid loss"), losses, [wording.loss(v) for v in losses], ORANGE, None),
        _Measure(
            tr("seconds an epoch"),
            seconds,
            [wording.pointed(f"{v:.1f} s") if math.isfinite(v) else wording.seconds(v) for v in seconds],
            GREY,
            None,
        ),
    ]
    return _runs_side_by_side([str(n) for n in frame["name"]], measures)


def _runs_side_by_side(names: Sequence[str], measures: list[_Measure]) -> go.Figure:
    labels = [wrap(n) for n in names]
    lines = max(label.count("<br>") + 1 for label in labels)
    figure = make_subplots(
        rows=len(measures), cols=1, vertical_spacing=0.08, subplot_titles=[m.title for m in measures]
    )
    for row, measure in enumerate(measures, start=1):
        figure.add_bar(
            x=measure.values, y=labels, orientation="h", marker={"color": measure.colour}, name=measure.title, showlegend=False, customdata=list(names),
            error_x=None if measure.spread is None else _whiskers(measure, upwards=True),
            hovertext=measure.texts, hovertemplate="%{customdata}: %{hovertext}<extra></extra>", row=row, col=1,
        )  # fmt: skip
        ends = (
            measure.values
            if measure.spread is None
            else [v if math.isnan(high) else high for v, (_, high) in zip(measure.values, measure.spread, strict=True)]
        )
        if measure.spread is not None:
            # the half that lies on the bar, in a colour that is seen there
            figure.add_scatter(
                x=measure.values, y=labels, mode="markers", marker={"size": 1, "color": "white"}, showlegend=False,
                error_x=_whiskers(measure, upwards=False), hoverinfo="skip", row=row, col=1,
            )  # fmt: skip
        # the numbers stand past the whiskers, where a bar's own text would lie under them
        figure.add_scatter(
            x=[e if math.isfinite(e) else 0 for e in ends], y=labels, mode="text", text=[f"\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}{t}" for t in measure.texts],
            textposition="middle right", cliponaxis=False, showlegend=False, hoverinfo="skip", row=row, col=1,
        )  # fmt: skip
        most = max((e for e in ends if math.isfinite(e)), default=1.0) or 1.0
        figure.update_xaxes(range=[0, most * 1.25], showticklabels=False, showgrid=False, row=row, col=1)
        figure.update_yaxes(type="category", autorange="reversed", showgrid=False, row=row, col=1)
    figure.update_annotations(x=0, xanchor="left", font={"size": 14})
    figure.update_layout(bargap=0.3)
    return finish(figure, len(measures) * (50 + len(labels) * max(30, 17 * lines)), top=30)


def _whiskers(measure: _Measure, upwards: bool) -> dict:
    pairs = list(zip(measure.values, measure.spread or [], strict=True))
    none = [0.0] * len(pairs)
    up, down = [high - v for v, (_, high) in pairs], [v - low for v, (low, _) in pairs]
    return {
        "type": "data", "symmetric": False, "array": up if upwards else none,
        "arrayminus": none if upwards else down, "thickness": 1.5, "width": 4, "color": TEXT if upwards else "white",
    }  # fmt: skip
