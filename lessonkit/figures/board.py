"""All that a class tried in one chart: a choice against the error rate, with its repeats."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from lessonkit.figures.style import BLUE, GREY, ORANGE, empty, finish, shown
from lessonkit.language import tr
from lessonkit.wording import PERCENT, number, percent, pointed


def board(frame: pd.DataFrame, axis: str, large: bool = False) -> go.Figure:
    """A point a recipe at the mean of its trainings, with a small dot for each; points carry a run's id as `customdata`.

    Args:
        frame: as `analysis.board.rows` gives it: recipe, name, run, seed, choice, error_rate. Rows without a finite error rate are left out.
        axis: what the choice is called, in the learner's language.
        large: for a projector.
    """
    frame = frame[frame["error_rate"].astype(float).map(math.isfinite)] if len(frame) else frame
    if frame.empty:
        return empty(tr("Nothing has been trained to its end yet."))
    frame = frame.assign(percent=100 * frame["error_rate"].astype(float))
    numeric = frame["choice"].map(lambda c: isinstance(c, int | float)).all()
    if not numeric:
        frame = frame.assign(choice=frame["choice"].map(lambda c: tr(c) if isinstance(c, str) else c))
    means = frame.groupby("recipe", sort=False).agg(
        name=("name", "first"), run=("run", "first"), choice=("choice", "first"), mean=("percent", "mean"),
        low=("percent", "min"), high=("percent", "max"), n=("percent", "size"),
    )  # fmt: skip
    figure = go.Figure()
    several = means[means["n"] > 1]
    gaps: list[tuple[float | str | None, float | None]] = []
    for where, low, high in zip(several["choice"], several["low"], several["high"], strict=True):
        gaps += [(where, low), (where, high), (None, None)]
    if gaps:
        figure.add_scatter(
            x=[c for c, _ in gaps], y=[v for _, v in gaps], mode="lines", line={"color": GREY, "width": 2}, hoverinfo="skip",
            showlegend=False,
        )  # fmt: skip
    figure.add_scatter(
        x=frame["choice"], y=frame["percent"], mode="markers", name=tr("a training"), customdata=frame["run"].to_frame(),
        marker={"size": 11 if large else 7, "color": BLUE, "opacity": 0.55},
        hovertext=[tr("{recipe}, seed {seed}: {error_rate}", recipe=shown(n), seed=s, error_rate=percent(e)) for n, s, e in zip(frame["name"], frame["seed"], frame["error_rate"], strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=means["choice"], y=means["mean"], mode="markers", name=tr("the mean of a recipe"), customdata=means["run"].to_frame(),
        marker={"size": 20 if large else 14, "color": ORANGE, "symbol": "diamond", "line": {"width": 1, "color": "white"}},
        hovertext=[
            tr("{recipe}: {error_rate} on average in {trainings}", recipe=shown(name), error_rate=percent(float(mean) / 100), trainings=n)
            for name, mean, n in zip(means["name"], means["mean"], means["n"], strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    size = 20 if large else 13
    figure.update_xaxes(title={"text": axis, "font": {"size": size}}, tickfont={"size": size})
    if numeric:
        _spaced(figure, sorted(set(map(float, frame["choice"]))))
    else:
        figure.update_xaxes(type="category")
    figure.update_yaxes(
        title={"text": tr("error rate"), "font": {"size": size}},
        tickfont={"size": size},
        ticksuffix=PERCENT,
        rangemode="tozero",
    )
    figure.update_layout(
        clickmode="event+select",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": size}},
    )
    return finish(figure, 620 if large else 380, top=44)


def _spaced(figure: go.Figure, values: list[float]) -> None:
    """An axis with a tick at each value that was tried; by powers where they are far apart."""
    finite = [v for v in values if math.isfinite(v)]
    if finite and finite[0] > 0 and finite[-1] / finite[0] >= 8:
        figure.update_xaxes(type="log")
    if len(finite) <= 8:
        figure.update_xaxes(tickmode="array", tickvals=finite, ticktext=[_short(v) for v in finite])


def _short(value: float) -> str:
    return f"{value:.0e}".replace("e-0", "e-") if 0 < value < 0.01 else number(value).removesuffix(pointed(".0"))
