"""Pictures that move: their numbers are those of the maths and of the run, and they stand still for who asked for that."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lessonkit.figures import moving

PICTURES = {
    "epoch": moving.epoch(["/a.webp"] * 18, 590, 64, 4),
    "steps": moving.steps(),
    "one_cycle": moving.one_cycle(1e-3, 4),
    "by_heart": moving.by_heart(),
    "row_and_column": moving.row_and_column(["Birman", "Ragdoll"], [[3, 1], [2, 4]], (1, 0)),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES.keys())
def test_it_says_what_it_shows_and_moves_only_when_asked(picture: str):
    said = re.search(r'role="img" aria-label="([^"]+)"', picture)
    assert said
    assert len(said[1]) > 40
    moves = re.findall(r"([^{}]*)\{ animation: (\w+) \d", picture)
    assert moves
    for selector, name in moves:
        assert ":has(input:checked)" in selector, "still until its button is pressed"
        assert f"@keyframes {name} " in picture
    assert "prefers-reduced-motion: reduce" in picture
    assert "@@" not in picture
    assert "<script" not in picture, "Streamlit takes it away"
    assert "<svg" not in picture, "this too"


def test_a_small_rate_creeps_a_good_one_arrives_and_a_large_one_leaps_out():
    small, good, large = (np.abs(moving.places(rate)) for rate in moving.RATES.values())
    assert small[-1] > 0.6 * small[0]
    assert good[-1] < 0.02 * good[0]
    assert (np.diff(large) > 0).all()
    for rate, way in zip(moving.RATES.values(), (small, good, large), strict=True):
        assert way[1] == pytest.approx(abs(way[0] - rate * way[0])), "a step is the slope, times the rate"


def test_an_epoch_has_as_many_steps_as_full_batches():
    said = moving.epoch_words(590, 64, 4)
    assert "590 photos, in batches of 64, make **9 steps**" in said
    assert "36 in the whole run" in said
    assert "14 photos are left over" in said
    assert "left over" not in moving.epoch_words(64, 64, 1)
    assert "make **1 step**" in moving.epoch_words(40, 64, 2), "photos fewer than a batch make one"


def test_the_last_batch_drawn_is_the_epochs_last():
    assert re.findall(r"→ step (\d+)", PICTURES["epoch"]) == ["1", "2", "9"]
    assert re.findall(r"→ step (\d+)", moving.epoch(["/a.webp"] * 18, 128, 64, 1)) == ["1", "2"]


def test_the_cell_is_where_the_row_meets_the_column():
    picture = PICTURES["row_and_column"]
    assert re.findall(r'<td class="row col cell">(\d+)', picture) == ["2"]
    assert "Row Ragdoll, column Birman: 2 photos" in picture
