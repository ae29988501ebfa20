"""Reliability, selective answers and the map, as data."""

import pandas as pd
import pytest

from lessonkit import explain_data
from lessonkit.figures import explain

POINTS = pd.DataFrame(
    {
        "photo": ["1.jpg", "2.jpg", "3.jpg", "4.jpg"],
        "x": [0.12345, 1, 2, 3],
        "y": [4, 5, 6, 7.0],
        "actual": ["a_b", "c", "c", "d"],
        "predicted": ["a_b", "c", "d", "d"],
        "correct": [True, True, False, True],
    }
)


@pytest.mark.parametrize("draw", [explain.reliability_diagram, explain.selective_accuracy, explain.photo_map])
def test_without_data(draw):
    figure = draw(pd.DataFrame())
    assert len(figure.layout.annotations) == 1
    assert not figure.data


def test_reliability():
    frame = pd.DataFrame({"probability": [0.3, 0.9, 0.9], "correct": [False, True, False]})
    table = explain_data.reliability(frame, bins=5)
    figure = explain.reliability_diagram(table, 0.375)
    bars, means, line = figure.data
    assert list(bars.x) == pytest.approx([0.3, 0.9])
    assert list(bars.width) == pytest.approx([0.2, 0.2])
    assert list(bars.y) == [0, 0.5]
    assert list(bars.customdata) == [1, 2]
    assert list(means.x) == pytest.approx([0.3, 0.9])
    assert (list(line.x), list(line.y)) == ([0, 1], [0, 1])
    assert "37.5 %" in figure.layout.annotations[0].text
    assert not explain.reliability_diagram(table).layout.annotations


def test_selective_answers():
    table = pd.DataFrame({"threshold": [0.3, 0.9], "answered": [1, 0.5], "photos": [2, 1], "error_rate": [0.5, 0.0]})
    figure = explain.selective_accuracy(table, 0.7)
    assert {t.name: list(t.y) for t in figure.data} == {"answered": [1, 0.5], "error rate of the answered": [0.5, 0]}
    assert [s.x0 for s in figure.layout.shapes] == [0.7]
    assert not explain.selective_accuracy(table).layout.shapes


def test_the_map_marks_mistakes_and_colours_the_breeds_asked_for():
    figure = explain.photo_map(POINTS, ("a_b",), selected="2.jpg")
    groups = {t.name: t for t in figure.data}
    assert {n: [c[0] for c in t.customdata] for n, t in groups.items() if n != "selected"} == {
        "other breeds": ["2.jpg", "4.jpg"],
        "mistakes": ["3.jpg"],
        "a b": ["1.jpg"],
    }
    assert groups["mistakes"].customdata[0] == ["3.jpg", "c", "d"]
    assert groups["a b"].customdata[0] == ["1.jpg", "a b"]
    assert groups["mistakes"].marker.symbol == "x"
    assert list(groups["a b"].x) == pytest.approx([0.123], abs=1e-3)
    assert (groups["selected"].x[0], groups["selected"].y[0]) == (1, 5)


def test_a_selected_photo_that_is_not_on_the_map_rings_nothing():
    assert "selected" not in {t.name for t in explain.photo_map(POINTS, selected="9.jpg").data}


@pytest.mark.parametrize(("photos", "kind"), [(1500, "scatter"), (1504, "scattergl")])
def test_a_large_map_is_drawn_with_webgl(photos, kind):
    many = pd.concat([POINTS] * (photos // 4), ignore_index=True)
    assert {t.type for t in explain.photo_map(many).data} == {kind}


def test_a_map_of_7390_photos_stays_small_to_send():
    many = pd.concat([POINTS] * 1848, ignore_index=True).assign(photo=[f"great_pyrenees_{k}.jpg" for k in range(7392)])
    assert len(explain.photo_map(many).to_json()) < 500_000
