"""What all charts share: colours that hold on light and dark and for colour-blind eyes, and a template.

The template sets text in a middle grey that reads on white and on near-black, so a figure saved as HTML
looks right on either; on a page, Streamlit's theme puts its own text colour over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

import plotly.graph_objects as go

from lessonkit.wording import percent, separators

# Each has a contrast of 3 or more on white and on Streamlit's dark background (tests/unit/test_figures_style.py),
# and those that share a panel stay apart under the three kinds of colour blindness; their dashes differ too.
# Purple looks like blue to some and stands alone.
BLUE = "#2B78BC"
ORANGE = "#D5661A"
GREEN = "#1C9C78"
PURPLE = "#A066B8"
GREY = "#7C8591"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, GREY)

TEXT = "#7A8390"
GRID = "rgba(128,134,145,0.22)"
CLEAR = "rgba(0,0,0,0)"
PHONE, SYMBOL, LETTER = 310, 45, 6.2  # pixels: a plot's width on a phone; in a legend a symbol with its gaps, a letter
LEGEND_LINE = 19  # pixels
LETTERS = 12  # pixels, as Streamlit's theme has them where a figure says nothing
LARGER, ONE_SCREEN = 1.5, 860  # times; pixels of height that a projector shows of a page
USUAL_HEIGHT = 450  # pixels, plotly's own where a figure has none

_AXIS = {
    "gridcolor": GRID,
    "zerolinecolor": GRID,
    "linecolor": GRID,
    "automargin": True,
    "title": {"standoff": 8},
}
TEMPLATE = go.layout.Template(
    layout={
        "font": {"color": TEXT, "size": 13},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "colorway": list(PALETTE),
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    }
)


# Ticks of an axis of shares, 0 to 1, written as everywhere else; plotly's own ".0%" leaves no space before the sign.
SHARES = {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": [percent(share, 0) for share in (0, 0.25, 0.5, 0.75, 1)]}


def rgba(colour: str, alpha: float) -> str:
    """A `#rrggbb` colour with an opacity of 0 to 1, as CSS."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def finish(figure: go.Figure, height: int, top: int = 16) -> go.Figure:
    """Give a figure the shared look, a height in pixels, `top` pixels above the plot; plotly's numbers follow the language."""
    figure.update_layout(
        template=TEMPLATE,
        height=height,
        margin={"l": 8, "r": 12, "t": top, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        # a finger that scrolls the page must not draw a zoom box instead
        dragmode=False,
        hoverlabel={"align": "left"},
    )
    if signs := separators():  # of numbers that plotly writes itself: on axes, in hover texts
        figure.update_layout(separators=signs)
    figure.update_xaxes(automargin=True, gridcolor=GRID, zerolinecolor=GRID)
    figure.update_yaxes(automargin=True, gridcolor=GRID, zerolinecolor=GRID)
    return figure


def legend_lines(names: Iterable[str]) -> int:
    """How many lines a legend above the plot takes on a phone, by the letters of its names.

    plotly sets it in one line, or else in columns as wide as its widest name. Where less than some 60 pixels would be left
    for the plot, it lays the legend over the curves: a low figure has to be higher by these lines.
    """
    widths = [SYMBOL + LETTER * len(name) for name in names]
    if sum(widths) <= PHONE:
        return 1
    a_line = max(1, int(PHONE // max(widths)))
    return -(-len(widths) // a_line)


def larger(figure: go.Figure) -> go.Figure:
    """A copy of a figure for the back row: letters half as large again, and room for them, of at most a screen's height."""
    big, times = go.Figure(figure), LARGER
    layout: Any = big.layout
    traces: Any = big.data
    height = layout.height or USUAL_HEIGHT
    sides = {side: times * value for side, value in layout.margin.to_plotly_json().items()}
    big.update_layout(
        height=max(height, min(times * height, ONE_SCREEN)),
        margin=sides,
        legend_font_size=times * (layout.legend.font.size or LETTERS),
    )
    for axis in (*big.select_xaxes(), *big.select_yaxes()):
        axis.tickfont.size = times * (axis.tickfont.size or LETTERS)
        axis.title.font.size = times * (axis.title.font.size or LETTERS)
    for note in layout.annotations:
        note.font.size = times * (note.font.size or LETTERS)
    for trace in traces:
        if "textfont" in trace:
            trace.textfont.size = times * (trace.textfont.size or LETTERS)
    return big


def empty(words: str, height: int = 160) -> go.Figure:
    """A figure without data that says why, in `words`."""
    figure = go.Figure()
    figure.add_annotation(text=words, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 14})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return finish(figure, height)


def plain_name(breed: str) -> str:
    """A breed as people write it: `american_bulldog` becomes `American bulldog`."""
    words = breed.replace("_", " ")
    return words[:1].upper() + words[1:]


def shown(text: str) -> str:
    """Text to the letter in a figure: plotly takes `<b>` and `<a href=…>` in it for HTML, and `&` for an entity."""
    return escape(text, quote=False)


def breed_name(breed: str) -> str:
    """A breed as people write it, to the letter in a figure."""
    return shown(plain_name(breed))


def short_names(breeds: Iterable[str], most: int = 18) -> list[str]:
    """Breeds as axis labels of about `most` characters, each different from the others.

    Words before the last are cut to five letters and a full stop, the longest first, then the end is cut off;
    names that would no longer differ stay whole.
    """
    whole = [plain_name(b) for b in breeds]
    labels = [_short(w, most) for w in whole]
    labels = [w if labels.count(s) > 1 else s for w, s in zip(whole, labels, strict=True)]
    return [shown(label) for label in (labels if len(set(labels)) == len(labels) else breeds)]


def _short(name: str, most: int) -> str:
    words = name.split(" ")
    while len(" ".join(words)) > most:
        long = [i for i, w in enumerate(words[:-1]) if len(w) > 6]
        if not long:
            break
        i = max(long, key=lambda i: len(words[i]))
        words[i] = words[i][:5] + "."
    text = " ".join(words)
    return text if len(text) <= most + 5 else text[: most - 1].rstrip() + "…"


def wrap(text: str, width: int = 16) -> str:
    """Text broken with `<br>` into lines of about `width` characters, at spaces only, as plotly reads it."""
    lines: list[str] = []
    for word in re.split(r"\s+", text.strip()):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return "<br>".join(lines)
