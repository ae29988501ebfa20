"""Every figure: each axis of numbers says what it counts, and nothing drawn lies outside the range that is shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from numbers import Real

import numpy as np
import plotly.graph_objects as go
import pytest

from lessonkit import figures
from tests.unit.test_extreme_inputs import INPUTS, called, functions

CASES = ("single", "constant", "from zero", "huge", "long")
# where losses that would flatten all others are cut off: the first epoch's, and those of a rate far too high
CUT = {("losses.loss_curves", "y"), ("losses.lr_finder", "y")}


def figures_of(name: str) -> Iterator[go.Figure]:
    for case in CASES:
        for arguments in INPUTS[name](case):
            found = called(functions()[name], arguments)
            if isinstance(found, go.Figure) and (found.data or found.layout.shapes):
                yield found


def drawing(name: str) -> bool:
    module = name.partition(".")[0]
    return functions()[name].__module__.startswith(f"{figures.__name__}.") and module not in ("style", "moving")


def axis_of(figure: go.Figure, trace: go.Figure, letter: str) -> go.layout.XAxis:
    return figure.layout[f"{letter}axis{(trace[f'{letter}axis'] or letter)[1:]}"]


def numbers(values: object) -> list[float]:
    flat = np.ravel(values).tolist() if values is not None else []
    return [float(v) for v in flat if isinstance(v, Real) and not isinstance(v, bool) and math.isfinite(v)]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", [name for name in functions() if drawing(name)])
def test_each_axis_of_numbers_has_a_title_and_room_for_all_that_is_drawn(name: str) -> None:
    drawn_ones = list(figures_of(name))
    assert drawn_ones
    for figure in drawn_ones:
        for trace in figure.data:
            if trace.type not in ("scatter", "bar", "histogram"):
                continue
            for letter in "xy":
                axis, drawn = axis_of(figure, trace, letter), numbers(trace[letter])
                if drawn and trace.type == "bar":
                    drawn.append(0.0)  # where a bar begins
                if not drawn or axis.visible is False or axis.type == "category":
                    continue
                hidden = axis.showticklabels is False
                shared = axis.matches is not None
                assert hidden or shared or axis.title.text, f"{letter} of {trace.name}"
                assert axis.ticktext is None or len(axis.ticktext) == len(axis.tickvals)
                if axis.range is not None and axis.type != "log":
                    assert all(min(axis.range) <= tick <= max(axis.range) for tick in axis.tickvals or ())
                if axis.range is not None and (name, letter) not in CUT:
                    low, high = sorted(axis.range)
                    if axis.type == "log":
                        drawn = [math.log10(v) for v in drawn if v > 0]
                    assert all(low <= v <= high for v in drawn), f"{letter} of {trace.name}: {axis.range}"
