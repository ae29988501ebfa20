"""What normalization does to a photo's three channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lessonkit.figures.style import BLUE, GREEN, ORANGE, empty, finish
from lessonkit.language import tr, translatable

# The channels keep their hue, in shades that colour-blind eyes tell apart; the dashes tell them apart without.
_CHANNELS = (
    (translatable("red"), ORANGE, "solid"),
    (translatable("green"), GREEN, "dash"),
    (translatable("blue"), BLUE, "dot"),
)


class _Panel(NamedTuple):
    title: str
    values: dict[str, np.ndarray]  # channel -> (bins,) centres of the bins
    shares: dict[str, np.ndarray]  # channel -> (bins,), of the channel's pixels
    means: dict[str, float]


_Histograms = Mapping[str, Mapping[str, Any]]


def channel_histograms(before: _Histograms, after: _Histograms | None = None) -> go.Figure:
    """Red, green and blue before and after normalization, one above the other on one axis of values.

    Args:
        before, after: as `previews.histograms` gives them: for "red", "green" and "blue" each {"values": (bins,)
            the bins' centres, "shares": (bins,) the share of the pixels in each, 0 to 1, "mean": a number}.
    """
    panels = []
    for title, frame in ((tr("before"), before), (tr("after"), after)):
        if frame and len(frame["red"]["values"]):
            values = {c: np.asarray(frame[c]["values"], dtype=float) for c, _, _ in _CHANNELS}
            shares = {c: np.asarray(frame[c]["shares"], dtype=float) for c, _, _ in _CHANNELS}
            panels.append(_Panel(title, values, shares, {c: float(frame[c]["mean"]) for c, _, _ in _CHANNELS}))
    return _channel_histograms(panels) if panels else empty(tr("No photo is chosen yet."))


def _channel_histograms(panels: list[_Panel]) -> go.Figure:
    figure = make_subplots(
        rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.16, subplot_titles=[p.title for p in panels]
    )
    for row, panel in enumerate(panels, start=1):
        for channel, colour, dash in _CHANNELS:
            x = panel.values[channel]
            width = float(x[1] - x[0]) if len(x) > 1 else 1.0
            figure.add_scatter(
                # as a density, so that the areas stay comparable where the values are spread out more
                x=[x[0] - width, *x, x[-1] + width], y=[0, *(panel.shares[channel] / width), 0], name=tr(channel), mode="lines", legendgroup=channel,
                showlegend=row == 1, line={"color": colour, "dash": dash, "width": 2, "shape": "hvh"},
                hovertemplate=tr("{value}: density {density}", value="%{x:.2f}", density="%{y:.2f}"), row=row, col=1,
            )  # fmt: skip
            figure.add_vline(x=panel.means[channel], line={"color": colour, "dash": dash, "width": 1}, row=row, col=1)
        figure.update_yaxes(title_text=tr("density of pixels"), rangemode="tozero", nticks=4, row=row, col=1)
    figure.update_xaxes(title_text=tr("value of the pixel (thin lines: the means)"), row=len(panels), col=1)
    figure.update_layout(
        hovermode="closest",
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom", "title": {"text": ""}},
    )
    figure.update_annotations(x=0, xanchor="left", font={"size": 14})
    return finish(figure, 90 + 190 * len(panels), top=36)
