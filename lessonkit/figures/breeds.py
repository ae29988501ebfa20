"""How many photos each breed has."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from lessonkit import wording
from lessonkit.figures.style import BLUE, ORANGE, breed_name, empty, finish, short_names
from lessonkit.language import tr


def photos_a_breed(counts: Mapping[str, int], highlight: str | None = None) -> go.Figure:
    """A bar a breed, the breed with the most photos on top; bars carry their breed as `customdata`.

    Args:
        counts: photos by breed.
        highlight: a breed whose bar stands out.
    """
    if not counts:
        return empty(tr("No photo has a label yet."))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return _photos_a_breed([b for b, _ in ordered], [n for _, n in ordered], highlight)


def _photos_a_breed(breeds: list[str], photos: list[int], highlight: str | None) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(
        x=photos, y=short_names(breeds, 22), orientation="h", customdata=breeds,
        text=photos, textposition="outside", cliponaxis=False,
        marker={"color": [ORANGE if b == highlight else BLUE for b in breeds]},
        hovertext=[f"{breed_name(b)}: {wording.photos(n)}" for b, n in zip(breeds, photos, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text=tr("photos"), range=[0, 1.12 * max(1, *photos)], tickformat=",d")
    figure.update_yaxes(type="category", autorange="reversed", tickmode="linear", dtick=1, showgrid=False)
    figure.update_layout(bargap=0.25)
    return finish(figure, 80 + 22 * len(breeds))
