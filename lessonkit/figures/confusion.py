"""The confusion matrix, made to be clicked, and the difference between two."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lessonkit import wording
from lessonkit.figures.style import BLUE, CLEAR, GREY, empty, finish, short_names
from lessonkit.language import tr

# Cells are opaque and of one lightness, so that white numbers read on all of them and they read on light and
# dark alike: more photos means more colour, not a darker or lighter one.
RIGHT = "#69727E"
ONE_MISTAKE = "#95775F"
MOST_MISTAKES = "#D4560A"
UNCHANGED = "#7B7F86"
MUCH_BETTER = "#1F7FD0"
MUCH_WORSE = MOST_MISTAKES
FEW_BREEDS = 15
SMALL_CELL = 13  # pixels from its marker to the corner of a cell of 25 x 18, as 37 breeds have on a laptop


class _Cells(NamedTuple):
    breeds: list[str]
    values: np.ndarray  # (breeds, breeds), rows actual
    shown: np.ndarray  # the same as text; "" in a cell of zero
    hover: np.ndarray  # of what photos, in words
    selected: tuple[int, int] | None  # row, column


def confusion_matrix(
    counts: pd.DataFrame, selected: tuple[str | None, str | None] | None = None, normalise: bool = False
) -> go.Figure:
    """How often each breed was taken for each, mistakes in colour, what is right in grey, zeros blank.

    Over the cells lie square markers that cannot be seen, because Streamlit reports clicks on a scatter and
    not on a heatmap: the last trace, `customdata` = [actual, predicted], a marker a cell, row by row; of more than
    FEW_BREEDS breeds a marker for each cell that is not zero.

    Args:
        counts: photos; rows the actual breed, columns the predicted, the same breeds in the same order.
        selected: (actual, predicted) of the cell to frame; none is where one of them is None.
        normalise: show shares of the row (0 to 1, as percent) instead of photos.
    """
    if counts.empty or not counts.to_numpy().any():
        return empty(tr("No predictions yet."))
    breeds = [str(b) for b in counts.index]
    photos = counts.to_numpy(dtype=float)
    totals = photos.sum(axis=1, keepdims=True)
    values = np.divide(photos, totals, out=np.zeros_like(photos), where=totals > 0) if normalise else photos
    written = np.vectorize(lambda v: "" if v == 0 else f"{100 * v:.0f}" if normalise else f"{v:.0f}", otypes=[object])
    return _confusion_matrix(
        _Cells(breeds, values, written(values), _sentences(photos), _cell(breeds, selected)), normalise
    )


def _confusion_matrix(info: _Cells, normalise: bool) -> go.Figure:
    figure = go.Figure()
    right = np.eye(len(info.breeds), dtype=bool)
    for name, where, few, many in (("right", right, RIGHT, RIGHT), ("mistakes", ~right, ONE_MISTAKE, MOST_MISTAKES)):
        values = np.where(where & (info.values != 0), info.values, np.nan)
        if np.isnan(values).all():
            continue
        # where no cell has more than a photo or two, none should shout
        span = (0.0, max(float(np.nanmax(values)), 0.1 if normalise else 4.0))
        _add_cells(figure, info, values, name, span, [[0, few], [1, many]])
    return _finish_matrix(figure, info)


def difference(
    counts_a: pd.DataFrame, counts_b: pd.DataFrame, selected: tuple[str | None, str | None] | None = None
) -> go.Figure:
    """What changed from matrix A to matrix B: blue where B does better, orange where it does worse.

    More photos on the diagonal is better, fewer off it is better; the number in a cell is B's photos minus A's.
    Breeds that only one of the two has count as zero in the other. Clicks as in `confusion_matrix`.
    """
    if counts_a.empty or counts_b.empty:
        return empty(tr("Two runs with predictions are needed."))
    breeds = sorted({str(b) for b in [*counts_a.index, *counts_b.index]})
    a, b = (c.reindex(index=breeds, columns=breeds, fill_value=0).to_numpy(dtype=float) for c in (counts_a, counts_b))
    if (a == b).all():
        return empty(tr("The two matrices are the same."))
    written = np.vectorize(lambda v: "" if v == 0 else wording.pointed(f"{v:+.0f}"), otypes=[object])
    hover = np.empty(a.shape, dtype=object)
    for i, j in np.ndindex(a.shape):
        hover[i, j] = tr("{before} before, {after} after", before=f"{a[i, j]:.0f}", after=f"{b[i, j]:.0f}")
    return _difference(_Cells(breeds, b - a, written(b - a), hover, _cell(breeds, selected)))


def _difference(info: _Cells) -> go.Figure:
    figure = go.Figure()
    good = np.where(np.eye(len(info.breeds), dtype=bool), info.values, -info.values)
    most = float(np.abs(good).max())
    scale = [[0, MUCH_WORSE], [0.5, UNCHANGED], [1, MUCH_BETTER]]
    _add_cells(figure, info, np.where(good != 0, good, np.nan), "difference", (-most, most), scale)
    return _finish_matrix(figure, info)


def _add_cells(
    figure: go.Figure, info: _Cells, values: np.ndarray, name: str, span: tuple[float, float], scale: list[list]
) -> None:
    labels = short_names(info.breeds)
    figure.add_heatmap(
        x=labels, y=labels, z=values, text=np.where(np.isnan(values), "", info.shown), texttemplate="%{text}",
        textfont={"color": "white"}, zmin=span[0], zmax=span[1], colorscale=scale, showscale=False,
        hoverinfo="skip", xgap=1, ygap=1, name=name,
    )  # fmt: skip


def _finish_matrix(figure: go.Figure, info: _Cells) -> go.Figure:
    n = len(info.breeds)
    labels = short_names(info.breeds)
    # Of few breeds a cell of zero has its marker too, or a click on it would go to a neighbour. Of many, 1,369 markers
    # of 37 breeds would take the page longer than all else; there the cells are so small that a click is for the marker
    # that it comes near, or for none. The markers are small: where two overlap, on a phone, plotly takes the later
    # one and not the nearer.
    few = n <= FEW_BREEDS
    rows, columns = (at.ravel() for at in np.indices(info.values.shape)) if few else np.nonzero(info.values)
    figure.add_scatter(
        x=np.array(labels, object)[columns], y=np.array(labels, object)[rows], mode="markers", name="cells", showlegend=False,
        marker={"symbol": "square", "size": 5, "opacity": 0, "color": GREY},
        selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}},
        customdata=np.array(info.breeds, object)[np.stack([rows, columns], axis=1)],
        text=info.hover[rows, columns],
        hovertemplate=tr("actual: {actual}<br>predicted: {predicted}", actual="<b>%{y}</b>", predicted="<b>%{x}</b>")
        + "<br>%{text}<extra></extra>",
    )  # fmt: skip
    if info.selected is not None:
        i, j = info.selected
        figure.add_shape(
            type="rect", x0=j - 0.5, x1=j + 0.5, y0=i - 0.5, y1=i + 0.5, line={"color": BLUE, "width": 2},
            fillcolor=CLEAR,
        )  # fmt: skip
    size = 12 if few else 10
    axis = {"type": "category", "categoryorder": "array", "categoryarray": labels, "tickfont": {"size": size}}
    # without tick values of ours, plotly leaves out labels where a phone has no room for them
    figure.update_xaxes(**axis, title_text=tr("predicted →"), tickangle=-90, range=[-0.5, n - 0.5], showgrid=False)
    figure.update_yaxes(**axis, range=[n - 0.5, -0.5], showgrid=not few, tickmode="linear", dtick=1)
    # an axis title on its side would take a tenth of a phone's width
    figure.add_annotation(
        text=tr("↓ actual"), x=0, y=1, xref="paper", yref="paper", xanchor="right", yanchor="bottom", showarrow=False,
        xshift=-6,
    )  # fmt: skip
    figure.update_layout(hovermode="closest", hoverdistance=-1 if few else SMALL_CELL)
    # Streamlit turns panning on where clicks are asked for; a finger should scroll the page, not the matrix
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return finish(figure, 170 + n * (30 if few else 18), top=28)


def _sentences(photos: np.ndarray) -> np.ndarray:
    sentences = np.empty(photos.shape, dtype=object)
    written = {int(n): wording.count(int(n)) for n in np.unique(photos)}
    for i, row in enumerate(photos):
        of = wording.photos(int(row.sum()))
        for j, part in enumerate(row):
            sentences[i, j] = tr("{part} of {photos}", part=written[int(part)], photos=of)
    return sentences


def _cell(breeds: list[str], selected: tuple[str | None, str | None] | None) -> tuple[int, int] | None:
    actual, predicted = selected or (None, None)
    if actual is None or predicted is None or actual not in breeds or predicted not in breeds:
        return None
    return breeds.index(actual), breeds.index(predicted)
