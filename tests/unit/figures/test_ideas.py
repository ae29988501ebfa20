"""Pictures of ideas: their numbers are those of the maths and of the run."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lessonkit.figures import ideas
from lessonkit.figures.style import BLUE, GREY, ORANGE
from lessonkit.spec import RunSpec


def test_a_photos_mark_lies_on_the_curve():
    frame = pd.DataFrame(
        {
            "photo": ["a.jpg", "b.jpg", "<b>.jpg", "none.jpg"],
            "actual": ["pug"] * 4,
            "probability_actual": [1.0, 0.5, 1e-6, math.nan],
            "loss": [0.0, math.log(2), -math.log(1e-6), math.nan],
            "correct": [True, True, False, False],
        }
    )
    curve, right, wrong = ideas.loss_of_probability(frame).data
    assert list(right.y) == [0.0, pytest.approx(0.693, abs=1e-3)]
    assert np.interp(0.5, curve.x, curve.y) == pytest.approx(math.log(2), abs=1e-2)
    assert (list(wrong.x), list(wrong.y)) == ([ideas.LEAST], [pytest.approx(13.8, abs=0.1)]), (
        "at the edge, its loss as it is"
    )
    assert "&lt;b&gt;.jpg" in wrong.hovertext[0]
    assert len(wrong.x) == 1, "what has no loss is left out"


def test_what_is_frozen_is_grey_and_what_learns_says_its_rate():
    figure = ideas.layers(RunSpec("drawn", learning_rate=2e-3).rates)
    said = [a.text for a in figure.layout.annotations]
    assert [("frozen" in words, "learns<br>at 0.002" in words) for words in said[:3]] == [(True, False)] * 2 + [
        (False, True)
    ]
    unfrozen = RunSpec("drawn", frozen=False, precompute=False, learning_rate=(1e-6, 1e-4))
    said = [a.text for a in ideas.layers(unfrozen.rates, narrow=True).layout.annotations]
    assert [words.split("learns at ")[1].split("<")[0] for words in said[:3]] == ["1e-06", "1e-05", "0.0001"]


def test_a_part_that_learns_has_its_colour_and_a_rate_that_is_not_rounded():
    frozen, unfrozen = RunSpec("drawn"), RunSpec("drawn", frozen=False, precompute=False, learning_rate=2.5e-3)
    for spec, colours in ((frozen, [GREY, GREY, ORANGE]), (unfrozen, [BLUE, BLUE, ORANGE])):
        figure = ideas.layers(spec.rates)
        assert [part.line.color for part in figure.layout.shapes] == colours
    assert [a.text.split("at ")[1] for a in figure.layout.annotations[:3]] == ["0.0025</b>"] * 3


def test_the_bar_of_photos_holds_all():
    learned, tested = ideas.held_out(590, 147).data
    assert (list(learned.x), list(tested.x)) == ([590], [147])
    assert learned.text[0] == "590 learned from"
