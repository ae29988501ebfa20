"""Pictures of ideas: what is frozen and what learns, what is held out, the loss of a probability."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lessonkit import wording
from lessonkit.figures.style import BLUE, GREY, ORANGE, SHARES, breed_name, finish, rgba, shown
from lessonkit.language import tr, translatable

PARTS = (translatable("body (first layers)"), translatable("body (last layers)"), translatable("head"))
"""What a network's layers are grouped into, in the order in which a photo passes them (`models.splitter`)."""
LEAST = 1e-4  # the smallest probability on the axis of `loss_of_probability`


def layers(rates: Sequence[float | None], narrow: bool = False) -> go.Figure:
    """The network as its parts, from photo to breed: grey is frozen; in colour learns, at the rate that it says.

    Args:
        rates: the learning rate of each of PARTS; None where it is frozen.
        narrow: from top to bottom, for a third of a page, instead of from left to right.
    """
    figure, count = go.Figure(), len(PARTS)
    for place, (name, rate) in enumerate(zip(PARTS, rates, strict=True)):
        colour = GREY if rate is None else ORANGE if place == count - 1 else BLUE
        if rate is None:
            says = tr("frozen")
        elif narrow:
            says = tr("learns at {rate}", rate=wording.rate_said(rate))
        else:
            says = tr("learns<br>at {rate}", rate=wording.rate_said(rate))
        along, across = (place + 0.04, place + 0.96), (0.0, 1.0)
        x, y = (across, (count - along[0], count - along[1])) if narrow else (along, across)
        figure.add_shape(
            type="rect", x0=x[0], x1=x[1], y0=y[0], y1=y[1], line={"color": colour, "width": 2},
            fillcolor=rgba(colour, 0.1 if rate is None else 0.18), layer="below",
        )  # fmt: skip
        figure.add_annotation(
            x=sum(x) / 2, y=sum(y) / 2, showarrow=False, font={"size": 12},
            text=f"{tr(name)}: <b>{says}</b>" if narrow else f"{tr(name).replace(' (', '<br>(')}<br><b>{says}</b>",
        )  # fmt: skip
    for end, text in ((-0.02, tr("photo")), (count + 0.02, tr("breed"))):
        first = end < 0
        where = {"x": 0.5, "y": count - end, "yanchor": "bottom" if first else "top"}
        beside = {"x": end, "y": 0.5, "xanchor": "right" if first else "left"}
        arrow = "↓" if narrow else "→"
        figure.add_annotation(
            text=f"{text} {arrow}" if first else f"{arrow} {text}", showarrow=False, font={"size": 12},
            **(where if narrow else beside),
        )  # fmt: skip
    ends, width = [-0.55, count + 0.55], [-0.05, 1.05]
    figure.update_xaxes(visible=False, range=width if narrow else ends, fixedrange=True)
    figure.update_yaxes(visible=False, range=ends if narrow else width, fixedrange=True)
    return finish(figure, 136 if narrow else 100, top=4)


def held_out(learned: int, tested: int) -> go.Figure:
    """All photos as one bar: those that the network learns from, and those that are held out.

    Args:
        learned, tested: how many photos.
    """
    figure = go.Figure()
    for number, name, inside, said, colour in (
        (learned, "learned from", tr("{number} learned from", number=wording.count(learned)),
         tr("{photos} learned from", photos=wording.photos(learned)), BLUE),
        (tested, "held out", tr("{number} held out", number=wording.count(tested)),
         tr("{photos} held out", photos=wording.photos(tested)), ORANGE),
    ):  # fmt: skip
        figure.add_bar(
            x=[number], y=[""], orientation="h", name=name, text=[inside], textposition="inside",
            insidetextanchor="middle", textangle=0, textfont={"color": "#FFFFFF"},
            marker={"color": colour}, hovertemplate=f"{said}<extra></extra>", showlegend=False,
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.1)
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    return finish(figure, 64, top=4)


def loss_of_probability(predictions: pd.DataFrame) -> go.Figure:
    """The curve -log(p), and each photo on it: all that its loss depends on is the probability given to its actual breed.

    Args:
        predictions: a row a photo: photo, actual, probability_actual (0 to 1), loss, correct. Rows whose loss or
            probability is no number are left out.
    """
    figure = go.Figure()
    p = np.geomspace(LEAST, 1, 120)
    figure.add_scatter(
        x=p,
        y=-np.log(p),
        mode="lines",
        name=tr("−log of the probability"),
        line={"color": GREY, "width": 2},
        hoverinfo="skip",
    )
    if len(predictions):
        numbers = predictions[["probability_actual", "loss"]].astype(float)
        kept = numbers.map(math.isfinite).all(axis=1)
        numbers = numbers[kept]
        predictions = predictions[kept].assign(probability_actual=numbers["probability_actual"], loss=numbers["loss"])
    for name, colour, symbol, right in (
        (tr("named rightly"), BLUE, "circle", True),
        (tr("named wrongly"), ORANGE, "x", False),
    ):
        of = predictions[predictions["correct"].astype(bool) == right] if len(predictions) else predictions
        if len(of):
            figure.add_scatter(
                x=of["probability_actual"].clip(lower=LEAST), y=of["loss"], mode="markers", name=name,
                marker={"color": rgba(colour, 0.75), "symbol": symbol, "size": 8},
                hovertext=[
                    tr(
                        "{breed}, {photo}<br>given {probability}, loss {loss}",
                        breed=breed_name(breed), photo=shown(photo), probability=wording.percent(given), loss=wording.loss(loss),
                    )
                    for breed, photo, given, loss in zip(
                        *(of[column].tolist() for column in ("actual", "photo", "probability_actual", "loss")), strict=True
                    )
                ],
                hovertemplate="%{hovertext}<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(title=tr("probability given to the actual breed"), range=[-0.03, 1.03], **SHARES)
    figure.update_yaxes(title=tr("loss"), rangemode="tozero")
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.0, "xanchor": "left", "yanchor": "bottom"})
    return finish(figure, 280, top=36)
