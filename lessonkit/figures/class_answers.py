"""How a class's answers spread, as bars that are read from the back row."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from lessonkit.figures.style import BLUE, GREEN, GREY, ORANGE, empty, finish, shown, wrap
from lessonkit.language import tr

LARGE = 22  # of letters, in pixels


def bars(frame: pd.DataFrame, names: Mapping[str, str], right: str = "") -> go.Figure:
    """A bar a choice: how many took it. Where some answered again after the result, a second bar beside it.

    Args:
        frame: as `analysis.answers.spread` gives it: choice, before, after.
        names: what choices are called; the choice itself where there is none.
        right: the choice that turned out right, whose bar stands out; "" for none, or not yet.
    """
    if frame.empty:
        return empty(tr("There is nothing to choose from."))
    labels = [wrap(shown(names.get(c, c)), 24) for c in frame["choice"]]
    labels = [f"{label} ✓" if c == right else label for label, c in zip(labels, frame["choice"], strict=True)]
    both = int(frame["after"].sum()) > 0
    figure = go.Figure()
    groups = [("before", GREY if both else BLUE, tr("before the result"))] + (
        [("after", ORANGE, tr("after it"))] if both else []
    )
    for column, colour, name in groups:
        colours = [GREEN if c == right and not (both and column == "before") else colour for c in frame["choice"]]
        figure.add_bar(
            x=frame[column], y=labels, orientation="h", name=name, text=frame[column], textposition="outside", cliponaxis=False,
            marker={"color": colours}, textfont={"size": LARGE}, hoverinfo="skip",
        )  # fmt: skip
    most = max(1, int(frame[["before", "after"]].to_numpy().max()))
    figure.update_xaxes(range=[0, 1.15 * most], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=labels[::-1], tickfont={"size": LARGE}, showgrid=False
    )
    figure.update_layout(
        bargap=0.25, barmode="group", showlegend=both,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": LARGE - 4}, "traceorder": "normal"},
    )  # fmt: skip
    return finish(figure, 60 + (84 if both else 62) * len(labels), top=40 if both else 8)
