"""What the model thinks of one photo."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from lessonkit import wording
from lessonkit.figures.style import BLUE, GREEN, ORANGE, SHARES, breed_name, empty, finish, short_names
from lessonkit.language import tr


def top_breeds(top: Sequence[Sequence], actual: str | None = None) -> go.Figure:
    """The likeliest breeds as bars, the likeliest on top.

    Args:
        top: [breed, probability 0 to 1] each, likeliest first.
        actual: the true breed where it is known: its bar is green and ticked, the wrong first answer orange.
    """
    if not top:
        return empty(tr("No answer yet."))
    return _top_breeds([str(b) for b, _ in top], [float(p) for _, p in top], actual)


def _top_breeds(breeds: list[str], probabilities: list[float], actual: str | None) -> go.Figure:
    labels = short_names(breeds, 22)
    colours = [BLUE] * len(breeds)
    if actual is not None:
        colours[0] = ORANGE
        for i, breed in enumerate(breeds):
            if breed == actual:
                labels[i], colours[i] = f"✓ {labels[i]}", GREEN
    figure = go.Figure()
    figure.add_bar(
        x=probabilities, y=labels, orientation="h", marker={"color": colours}, customdata=breeds,
        text=[_percent(p) for p in probabilities], textposition="outside", cliponaxis=False,
        hovertext=[f"{breed_name(b)}: {_percent(p)}" for b, p in zip(breeds, probabilities, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text=tr("probability"), range=[0, 1], **SHARES)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    finish(figure, 70 + 32 * len(breeds))
    return figure.update_layout(margin_r=46)  # "100.0 %" behind a whole bar, in a narrow column too


def _percent(probability: float) -> str:
    return (
        tr("under {share}", share=wording.percent(0.001)) if 0 < probability < 0.0005 else wording.percent(probability)
    )
