"""How sure a model is, and whether it may be."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from lessonkit.figures.style import BLUE, GREY, ORANGE, PURPLE, SHARES, empty, finish
from lessonkit.language import tr
from lessonkit.wording import count, percent, photos


def reliability_diagram(table: pd.DataFrame) -> go.Figure:
    """Accuracy against confidence: on the dashed line, a model that is p sure is right in p of the cases.

    Args:
        table: as `calibration.reliability` gives it: low, high, photos, confidence, accuracy, least, most. How many
            photos a bar stands on is written over it; its whisker is the Wilson interval, wide where they are few.
    """
    if table.empty:
        return empty(tr("No predictions yet."))
    return _reliability_diagram(table)


def _reliability_diagram(table: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(
        x=(table["low"] + table["high"]) / 2, y=table["accuracy"], width=table["high"] - table["low"],
        marker={"color": BLUE, "line": {"width": 0}}, name="right",
        hovertext=[
            tr("{share} right of {photos}", share=percent(right, 0), photos=photos(n)) for right, n in zip(table["accuracy"], table["photos"], strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        error_y={
            "type": "data", "symmetric": False, "array": table["most"] - table["accuracy"],
            "arrayminus": table["accuracy"] - table["least"], "thickness": 1.5, "width": 3, "color": GREY,
        },
    )  # fmt: skip
    figure.add_scatter(
        x=(table["low"] + table["high"]) / 2, y=table["most"], mode="text", text=[count(n) for n in table["photos"]],
        textposition="top center", textfont={"size": 11}, cliponaxis=False, name="photos", hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=table["confidence"], y=table["accuracy"], mode="markers", name="mean confidence of the bar",
        marker={"color": ORANGE, "size": 9, "line": {"color": "white", "width": 1}},
        hovertext=[tr("{share} sure on average", share=percent(sure)) for sure in table["confidence"]],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as sure as right", line={"color": GREY, "dash": "dash", "width": 1.5},
        hoverinfo="skip",
    )  # fmt: skip
    ticks = {"range": [0, 1.02], **SHARES}
    figure.update_xaxes(title_text=tr("how sure the model was"), **ticks)
    figure.update_yaxes(title_text=tr("how often it was right"), **{**ticks, "range": [0, 1.1]})
    figure.update_layout(bargap=0.05, showlegend=False)
    return finish(figure, 360)


def selective_accuracy(table: pd.DataFrame, chosen: float | None = None) -> go.Figure:
    """Error rate and share answered against "only answer when at least p sure".

    Args:
        table: as `calibration.coverage` gives it: threshold, answered, photos, error_rate.
        chosen: the p of the moment, 0 to 1, to mark.
    """
    if table.empty:
        return empty(tr("No predictions yet."))
    return _selective_accuracy(table, chosen)


def _selective_accuracy(table: pd.DataFrame, chosen: float | None) -> go.Figure:
    figure = go.Figure()
    for name, column, colour, dash in (
        (tr("answered"), "answered", GREY, "dash"),
        (tr("error rate of the answered"), "error_rate", PURPLE, "solid"),
    ):
        figure.add_scatter(
            x=table["threshold"], y=table[column], name=name, mode="lines+markers" if len(table) < 3 else "lines",
            line={"color": colour, "dash": dash, "width": 2, "shape": "vh"}, hovertext=[percent(share) for share in table[column]],
            hovertemplate="%{hovertext}",
        )  # fmt: skip
    if chosen is not None:
        figure.add_vline(x=chosen, line={"color": ORANGE, "width": 2})
    figure.update_xaxes(title_text=tr("answer only when at least this sure"), range=[0, 1.02], **SHARES)
    figure.update_yaxes(title_text=tr("share of the photos"), range=[0, 1.02], **SHARES)
    figure.update_layout(
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.0, "xanchor": "left", "yanchor": "bottom", "title": {"text": ""}},
    )
    return finish(figure, 320, top=36)
