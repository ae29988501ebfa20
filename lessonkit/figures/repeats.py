"""The repeats of recipes: a dot for each training, on a line for each recipe."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lessonkit.figures.style import BLUE, GREY, LEGEND_LINE, ORANGE, TEXT, empty, finish, legend_lines, shown, wrap
from lessonkit.language import tr
from lessonkit.wording import PERCENT, percent

LEAST_SPAN = 2.0  # percentage points that the axis shows at the least: closer dots lie on one another, as they should


def error_rates(frame: pd.DataFrame) -> go.Figure:
    """The error rate of each training, in percent; a tick is the mean of its recipe.

    Args:
        frame: a row a training: recipe (the name of its line; lines are in the frame's order, from the top), seed,
            error_rate (0 to 1), kept (whether it is the one that is opened and taken home), mine (whether the learner
            trained it). Rows without an error rate are left out.
    """
    frame = frame[frame["error_rate"].astype(float).map(math.isfinite)] if len(frame) else frame
    if frame.empty:
        return empty(tr("No training has ended yet."))
    frame = frame.assign(percent=100 * frame["error_rate"].astype(float))
    names = list(dict.fromkeys(frame["recipe"]))
    labels = {name: wrap(shown(name), 26) for name in names}
    figure = go.Figure()
    for name in names:
        values = frame.loc[frame["recipe"] == name, "percent"]
        figure.add_scatter(
            x=[values.min(), values.max()], y=[labels[name]] * 2, mode="lines", line={"color": GREY, "width": 2},
            showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    means = {name: float(frame.loc[frame["recipe"] == name, "percent"].mean()) for name in names}
    figure.add_scatter(
        x=list(means.values()), y=[labels[name] for name in names], mode="markers", name=tr("the mean"),
        marker={"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": TEXT}},
        hovertext=[tr("the mean, {error_rate}", error_rate=percent(mean / 100)) for mean in means.values()], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    groups = {
        tr("a training"): (frame[~frame["kept"] & ~frame["mine"]], BLUE, "circle"),
        tr("yours"): (frame[frame["mine"] & ~frame["kept"]], ORANGE, "diamond"),
        tr("the one that is kept"): (frame[frame["kept"] & ~frame["mine"]], BLUE, "star"),
        tr("yours, and kept"): (frame[frame["kept"] & frame["mine"]], ORANGE, "star"),
    }
    for group, (rows, colour, symbol) in groups.items():
        if len(rows):
            figure.add_scatter(
                x=rows["percent"], y=[labels[name] for name in rows["recipe"]], mode="markers", name=group,
                marker={"symbol": symbol, "size": 14 if symbol == "star" else 10, "color": colour, "opacity": 0.85},
                hovertext=[tr("seed {seed}: {error_rate}", seed=seed, error_rate=percent(error)) for seed, error in zip(rows["seed"], rows["error_rate"], strict=True)],
                hovertemplate="%{hovertext}<extra></extra>",
            )  # fmt: skip
    low, high = float(frame["percent"].min()), float(frame["percent"].max())
    room = max(LEAST_SPAN - (high - low), 0.2 * (high - low)) / 2
    figure.update_xaxes(range=[max(low - room, -1.0), high + room], ticksuffix=PERCENT, title=tr("error rate"))
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=[labels[n] for n in reversed(names)], showgrid=False
    )
    figure.update_yaxes(showticklabels=len(names) > 1)
    figure.update_layout(
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left", "itemsizing": "constant"}
    )
    lines = max(label.count("<br>") + 1 for label in labels.values())
    traces: Any = figure.data
    legend = LEGEND_LINE * legend_lines(trace.name for trace in traces if trace.showlegend is None)
    return finish(figure, 110 + legend + len(names) * max(46, 20 * lines), top=36)
