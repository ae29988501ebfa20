"""The map of a run's photos: near one another, those whose features are alike."""

from __future__ import annotations

import colorsys
from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lessonkit.figures.style import BLUE, GREEN, GREY, ORANGE, breed_name, empty, finish, rgba
from lessonkit.language import tr

VALID = "valid"
MOST_IN_SVG = 1500  # beyond this many points a browser draws faster with WebGL


class _Group(NamedTuple):
    name: str
    rows: pd.DataFrame
    marker: dict
    hover: str = "<b>%{customdata[1]}</b>"


def photo_map(points: pd.DataFrame, breeds: tuple[str, ...] = (), selected: str | None = None) -> go.Figure:
    """A point a photo; mistakes are crosses. A click selects one: `customdata` starts with the photo.

    After it come the breeds as a learner reads them: the actual one, and of a mistake the predicted one.

    Each breed has its hue, so that groups are seen. Which hue is whose cannot be read off where breeds are many, least
    of all by colour-blind eyes: hovering names any, and where breeds are asked for, the first is blue, the second
    green, and the others are grey. Photos that were trained on are small.

    Args:
        points: a row a photo: photo, x, y, actual, predicted, correct, part ("train" or "valid").
        breeds: up to two to colour, such as the two of the selected cell.
        selected: a photo to ring.
    """
    if points.empty:
        return empty(tr("No photo is on the map yet."))
    colours = dict(zip(breeds, (BLUE, GREEN), strict=False))
    held_out, right = points["part"] == VALID, points["correct"].astype(bool)
    other = ~points["actual"].isin(list(colours))
    name = tr("other breeds") if colours else tr("held out")
    # The place stays empty: without it this would be the same text as the curves' "trained on", which means "for longer".
    of_training = tr("trained on{photos}", photos="")
    groups = [
        _Group(of_training, points[~held_out & other], {**_by_breed(points, ~held_out & other, colours), "size": 4}),
        _Group(name, points[held_out & right & other], _by_breed(points, held_out & right & other, colours)),
    ]
    for breed, colour in colours.items():
        of_it = points["actual"] == breed
        groups.append(
            _Group(
                tr("{breed}, trained on", breed=breed_name(breed)),
                points[~held_out & of_it],
                {"color": colour, "size": 4},
            )
        )
        groups.append(_Group(breed_name(breed), points[held_out & right & of_it], {"color": colour}))
    taken_for = tr(
        "{actual}<br>taken for {predicted}", actual="<b>%{customdata[1]}</b>", predicted="<b>%{customdata[2]}</b>"
    )
    groups.append(
        _Group(tr("mistakes"), points[held_out & ~right], {"color": ORANGE, "symbol": "x", "size": 7}, taken_for)
    )
    return _photo_map(
        groups, points[points["photo"] == selected], go.Scattergl if len(points) > MOST_IN_SVG else go.Scatter
    )


def _by_breed(points: pd.DataFrame, of: pd.Series, colours: dict[str, str]) -> dict:
    """A marker's colour: each breed's own hue, as a number on a scale of them; grey where some breeds are asked for."""
    if colours:
        return {"color": rgba(GREY, 0.45)}
    breeds = sorted(points["actual"].unique())
    hues = [colorsys.hls_to_rgb(i / len(breeds), 0.52, 0.5) for i in range(len(breeds))]
    names = ["rgb({:.0f},{:.0f},{:.0f})".format(*(255 * part for part in hue)) for hue in hues]
    scale = (
        [[i / max(1, len(breeds) - 1), name] for i, name in enumerate(names)]
        if len(breeds) > 1
        else [[0, names[0]], [1, names[0]]]
    )
    number = {breed: i for i, breed in enumerate(breeds)}
    return {
        "color": points.loc[of, "actual"].map(number).to_numpy(np.uint8), "cmin": 0, "cmax": max(1, len(breeds) - 1),
        "colorscale": scale, "showscale": False, "opacity": 0.8,
    }  # fmt: skip


def _photo_map(groups: list[_Group], ringed: pd.DataFrame, kind: type) -> go.Figure:
    figure = go.Figure()
    for group in groups:
        if group.rows.empty:
            continue
        x, y, data = _columns(group.rows)
        figure.add_trace(
            kind(
                x=x,
                y=y,
                mode="markers",
                name=group.name,
                marker={"size": 7, **group.marker},
                customdata=data,
                hovertemplate=group.hover + "<extra></extra>",
                selected={"marker": {"opacity": 0.8}},
                unselected={"marker": {"opacity": 0.8}},
            )  # fmt: skip
        )
    if len(ringed):
        figure.add_scatter(
            x=ringed["x"].tolist(), y=ringed["y"].tolist(), mode="markers", showlegend=False, hoverinfo="skip",
            name="selected", marker={"symbol": "circle-open", "size": 18, "color": ORANGE, "line": {"width": 3}},
        )  # fmt: skip
    # the axes of a projection mean nothing; only what lies near what does
    axis = {"showticklabels": False, "zeroline": False, "showgrid": False, "fixedrange": True}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    figure.update_layout(
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.0, "xanchor": "left", "yanchor": "bottom", "title": {"text": ""}},
    )
    return finish(figure, 520, top=36)


def _columns(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and customdata. With thousands of photos, every digit and every word is sent to each learner.

    As arrays: plotly looks at each value of a list, and sends float32 in half of a list's characters.
    """
    x, y = (rows[c].to_numpy(np.float32) for c in ("x", "y"))
    wrong = (rows["actual"] != rows["predicted"]).any()
    columns = ["photo", "actual", "predicted"] if wrong else ["photo", "actual"]
    words = rows[columns].astype(object)
    for column in columns[1:]:
        words[column] = words[column].map({breed: breed_name(breed) for breed in words[column].unique()})
    return x, y, words.to_numpy(object)
