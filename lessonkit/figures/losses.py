"""How a run learns: losses and error rate by epoch, losses and rates by batch, the learning-rate finder."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lessonkit import wording
from lessonkit.analysis.predictions import PEAK
from lessonkit.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, empty, finish, rgba
from lessonkit.language import tr

MOST_POINTS = 800  # a line of this many points looks the same and keeps a page's message small
_LEGEND = {"orientation": "h", "x": 0, "y": 1.0, "xanchor": "left", "yanchor": "bottom", "title": {"text": ""}}


class _Curves(NamedTuple):
    epochs: list[int]  # from 1
    train: list[float]
    valid: list[float]
    error: list[float]
    best: int | None  # from 1
    starts: list[int]  # from 1
    rising: list[tuple[int, int]]  # first and last epoch, from 1


def loss_curves(history: pd.DataFrame, best_epoch: int | None = None, starts: Sequence[int] | None = None) -> go.Figure:
    """Train and valid loss above, error rate below, over one axis of epochs.

    Args:
        history: a row an epoch, HISTORY_COLUMNS; epochs count from 0, error rates are 0 to 1. With `run` and `cycle`, as in
            a `learning_curve`, the epochs are shaded in which the learning rate of a longer run still rose.
        best_epoch: the epoch to mark, as in the frame (from 0): that of the lowest valid loss.
        starts: epochs, as in the frame, at which a further run went on from the one before.

    Returns:
        Four traces at most; on the axis, epochs count from 1, and error rates are in percent.
    """
    if history.empty:
        return empty(tr("No epoch has ended yet."))
    epochs = (history["epoch"].astype(int) + 1).tolist()
    return _loss_curves(
        _Curves(
            epochs,
            history["train_loss"].tolist(),
            history["valid_loss"].tolist(),
            history["error_rate"].tolist(),
            None if best_epoch is None or best_epoch + 1 not in epochs else best_epoch + 1,
            [s + 1 for s in starts or [] if epochs[0] < s + 1 <= epochs[-1]],
            _rising(history),
        )
    )


def _rising(history: pd.DataFrame) -> list[tuple[int, int]]:
    """The epochs of each run in which the rate still rose, where those are more than one."""
    if "cycle" not in history:
        return []
    rising = history[history["cycle"] <= PEAK]
    spans = [(int(of["epoch"].min()) + 1, int(of["epoch"].max()) + 1) for _, of in rising.groupby("run", sort=False)]
    return [(first, last) for first, last in spans if last > first]


def _loss_curves(info: _Curves) -> go.Figure:
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.6, 0.4])
    mode = "lines+markers" if len(info.epochs) <= 15 else "lines"
    hover = "%{y:.3f}"
    for row, name, (x, y), colour, dash, template in (
        (1, tr("train loss"), _broken(info), BLUE, "dash", hover),
        (1, tr("valid loss"), (info.epochs, info.valid), ORANGE, "solid", hover),
        (
            2,
            tr("error rate"),
            (info.epochs, [100 * e for e in info.error]),
            PURPLE,
            "solid",
            f"%{{y:.1f}}{wording.PERCENT}",
        ),
    ):
        figure.add_scatter(
            x=x, y=y, name=name, mode=mode, line={"color": colour, "dash": dash, "width": 2},
            marker={"size": 7, "color": colour}, hovertemplate=template, row=row, col=1,
        )  # fmt: skip
    # the axis below names it, and a legend of two fits a phone
    figure.data[2].showlegend = False
    if info.best is not None:
        _mark_best(figure, info, info.best)
    for start in info.starts:
        _mark_start(figure, start)
    for first, last in info.rising:
        _mark_rising(figure, first, last)
    figure.update_yaxes(title_text=tr("loss"), rangemode="tozero", row=1, col=1)
    if len(info.epochs) > 8:
        figure.update_yaxes(range=_later_range([*info.train[1:], *info.valid[1:]]), row=1, col=1)
    figure.update_yaxes(title_text=tr("error rate"), ticksuffix=wording.PERCENT, rangemode="tozero", row=2, col=1)
    figure.update_xaxes(title_text=tr("epoch"), row=2, col=1)
    last = info.epochs[-1]
    figure.update_xaxes(range=[info.epochs[0] - 0.4, last + 0.4], **_whole_numbers(info.epochs))
    figure.update_layout(hovermode="x unified", legend=_LEGEND)
    return finish(figure, 460, top=36)


def _broken(info: _Curves) -> tuple[list[float], list[float | None]]:
    """The train losses' line, broken where a run goes on from another: fastai's average begins again there."""
    points = [*zip(info.epochs, info.train, strict=True), *((start - 0.5, None) for start in info.starts)]
    x, y = zip(*sorted(points, key=lambda point: point[0]), strict=True)
    return list(x), list(y)


def _mark_best(figure: go.Figure, info: _Curves, best: int) -> None:
    at = info.epochs.index(best)
    figure.add_scatter(
        x=[best], y=[info.valid[at]], mode="markers", name="lowest valid loss", showlegend=False,
        marker={"symbol": "star", "size": 15, "color": ORANGE}, hoverinfo="skip", row=1, col=1,
    )  # fmt: skip
    figure.add_vline(x=best, line={"color": GREY, "width": 1, "dash": "dash"}, row="all", col=1)
    words = tr("lowest valid loss: epoch {epoch}", epoch=best)
    along = (best - info.epochs[0]) / max(1, info.epochs[-1] - info.epochs[0])
    anchor, shift = ("left", 4) if along < 0.35 else ("right", -4) if along > 0.65 else ("center", 0)
    figure.add_annotation(
        x=best, y=1, xref="x", yref="y domain", text="<br>".join(textwrap.wrap(words, 28)), showarrow=False,
        xanchor=anchor, yanchor="top", xshift=shift, align=anchor, font={"size": 12},
    )  # fmt: skip
    if best != info.epochs[-1] and info.valid[-1] >= info.valid[at] and math.isfinite(info.valid[-1]):
        figure.add_annotation(
            x=info.epochs[-1], y=info.valid[-1], text=wording.higher(info.valid[-1], info.valid[at]), showarrow=False,
            xanchor="right", yanchor="bottom", yshift=4, font={"size": 12}, row=1, col=1,
        )  # fmt: skip


def _mark_rising(figure: go.Figure, first: int, last: int) -> None:
    figure.add_vrect(
        x0=first - 0.5, x1=last + 0.5, fillcolor=rgba(GREY, 0.12), line_width=0, layer="below", row="all", col=1
    )
    figure.add_annotation(
        x=(first + last) / 2, y=1, xref="x2", yref="y2 domain", text=tr("rate rises"), showarrow=False, xanchor="center",
        yanchor="top", font={"size": 12},
    )  # fmt: skip


def _mark_start(figure: go.Figure, start: int) -> None:
    figure.add_vline(x=start - 0.5, line={"color": GREY, "width": 1, "dash": "dot"}, row="all", col=1)
    figure.add_annotation(
        x=start - 0.5, y=0, xref="x2", yref="y2 domain", text=tr("trained on"), showarrow=False, xanchor="left",
        yanchor="bottom", xshift=3, font={"size": 12},
    )  # fmt: skip


def _later_range(losses: list[float]) -> list[float] | None:
    """The span of all epochs but the first, whose loss is so high that the rest would look flat."""
    most = max((v for v in losses if math.isfinite(v)), default=0.0)
    return [0, 1.15 * most] if most else None


def batch_losses(events: pd.DataFrame) -> go.Figure:
    """The loss of each batch, faint, and fastai's smoothed loss over it.

    Args:
        events: a row a batch, as `Run.events` gives them: epoch, batch (both from 0), batches, loss, smooth_loss.
    """
    if events.empty:
        return empty(tr("No batch has been trained on yet."))
    thin = _thin(events)
    return _batch_losses(_batch_numbers(thin), thin["loss"].tolist(), thin["smooth_loss"].tolist())


def _batch_losses(x: list[int], loss: list[float], smooth: list[float]) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=x, y=loss, name=tr("loss of the batch"), mode="lines", line={"color": rgba(BLUE, 0.4), "width": 1},
        hovertemplate="%{y:.3f}",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=smooth, name=tr("smoothed"), mode="lines", line={"color": BLUE, "width": 2.5}, hovertemplate="%{y:.3f}"
    )
    figure.update_xaxes(title_text=tr("batch"), **_whole_numbers(x))
    figure.update_yaxes(title_text=tr("train loss"), rangemode="tozero")
    figure.update_layout(hovermode="x unified", legend=_LEGEND)
    return finish(figure, 300, top=36)


def rates(events: pd.DataFrame) -> go.Figure:
    """Learning rate above and momentum below over the batches: the one-cycle policy.

    Args:
        events: a row a batch, as `Run.events` gives them: epoch, batch (both from 0), batches, lr, mom.
    """
    if events.empty:
        return empty(tr("No batch has been trained on yet."))
    thin = _thin(events)
    return _rates(_batch_numbers(thin), thin["lr"].tolist(), thin["mom"].tolist())


def _rates(x: list[int], lr: list[float], momentum: list[float]) -> go.Figure:
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    for row, name, y, colour in ((1, tr("learning rate"), lr, GREEN), (2, tr("momentum"), momentum, PURPLE)):
        figure.add_scatter(
            x=x, y=y, name=name, mode="lines", line={"color": colour, "width": 2}, showlegend=False,
            hovertemplate="%{y:.3g}", row=row, col=1,
        )  # fmt: skip
        figure.update_yaxes(title_text=name, row=row, col=1)
    figure.update_yaxes(exponentformat="e", rangemode="tozero", nticks=5, row=1, col=1)
    figure.update_yaxes(nticks=5, row=2, col=1)
    figure.update_xaxes(**_whole_numbers(x))
    figure.update_xaxes(title_text=tr("batch"), row=2, col=1)
    figure.update_layout(hovermode="x unified")
    return finish(figure, 320)


_POWERS = [10.0**p for p in range(-10, 3)]


def lr_finder(lrs: Sequence[float], losses: Sequence[float], suggestion: float | None = None) -> go.Figure:
    """Loss against learning rate on a log axis, with fastai's suggestion `valley` marked.

    The loss axis ends a quarter above the first loss, or at twice the least if that is more: past it the
    loss only explodes, and the part that matters would be flat.
    """
    pairs = [(r, v) for r, v in zip(lrs, losses, strict=False) if 0 < r < math.inf and math.isfinite(v)]
    if not pairs:
        return empty(tr("The learning-rate finder has not run yet."))
    return _lr_finder([p[0] for p in pairs], [p[1] for p in pairs], suggestion)


def _lr_finder(lrs: list[float], losses: list[float], suggestion: float | None) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=lrs, y=losses, mode="lines", line={"color": BLUE, "width": 2}, name="loss", showlegend=False,
        hovertemplate=tr("rate {rate}: loss {loss}", rate="%{x:.1e}", loss="%{y:.3f}") + "<extra></extra>",
    )  # fmt: skip
    low, high = min(losses), max(losses)
    top = min(high, max(1.25 * losses[0], 2 * low))
    gap = 0.06 * (top - low) or 0.1
    figure.update_yaxes(title_text=tr("loss"), range=[low - gap, top + gap])
    figure.update_xaxes(
        title_text=tr("learning rate"), type="log", tickvals=_POWERS, ticktext=[f"1e{p}" for p in range(-10, 3)]
    )
    if suggestion is not None and 0 < suggestion < math.inf:
        at = float(np.interp(np.log(suggestion), np.log(lrs), losses))
        figure.add_scatter(
            x=[suggestion], y=[at], mode="markers+text", text=[f"valley: {wording.pointed(f'{suggestion:.1e}')}"],
            textposition="bottom left", marker={"size": 12, "color": ORANGE, "symbol": "diamond"},
            name="suggestion", showlegend=False, cliponaxis=False, hoverinfo="skip",
        )  # fmt: skip
    return finish(figure, 320)


def _batch_numbers(events: pd.DataFrame) -> list[int]:
    """Batches numbered through from 1 over the epochs."""
    return (events["epoch"] * events["batches"] + events["batch"] + 1).astype(int).tolist()


def _whole_numbers(x: Sequence[int]) -> dict[str, Any]:
    """How an axis of epochs or batches is numbered: plotly's own steps are fractions where these are few, and 1.5 would read as 2."""
    return {"tickformat": "d"} | ({"dtick": 1} if x[-1] - x[0] < 12 else {})


def _thin(events: pd.DataFrame) -> pd.DataFrame:
    """Every k-th row, so that MOST_POINTS or fewer are left, and the last."""
    step = -(-len(events) // MOST_POINTS)
    if step <= 1:
        return events
    keep = np.unique(np.append(np.arange(0, len(events), step), len(events) - 1))
    return events.iloc[keep]
