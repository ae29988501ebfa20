"""Reliability, selective answers and the map, as data."""

import pandas as pd
import pytest

from lessonkit.analysis import calibration
from lessonkit.figures.confidence import reliability_diagram, selective_accuracy
from lessonkit.figures.embedding_map import photo_map

POINTS = pd.DataFrame(
    {
        "photo": ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg"],
        "x": [0.12345, 1, 2, 3, 4, 5],
        "y": [4, 5, 6, 7.0, 8, 9],
        "actual": ["a_b", "c", "c", "d", "a_b", "d"],
        "predicted": ["a_b", "c", "d", "d", "a_b", "d"],
        "correct": [True, True, False, True, True, True],
        "part": ["valid", "valid", "valid", "valid", "train", "train"],
    }
)


@pytest.mark.parametrize("draw", [reliability_diagram, selective_accuracy, photo_map])
def test_without_data(draw):
    figure = draw(pd.DataFrame())
    assert len(figure.layout.annotations) == 1
    assert not figure.data


def test_reliability():
    frame = pd.DataFrame({"probability": [0.3, 0.9, 0.9], "correct": [False, True, False]})
    table = calibration.reliability(frame, bins=5)
    figure = reliability_diagram(table)
    bars, counts, means, line = figure.data
    assert list(bars.x) == pytest.approx([0.3, 0.9])
    assert list(bars.width) == pytest.approx([0.2, 0.2])
    assert list(bars.y) == [0, 0.5]
    assert list(bars.hovertext) == ["0\xa0% right of 1 photo", "50\xa0% right of 2 photos"]
    assert list(counts.text) == ["1", "2"]
    assert list(counts.x) == list(bars.x)
    assert list(counts.y) == table["most"].tolist(), "past the whisker"
    assert [a - m for a, m in zip(bars.y, bars.error_y.arrayminus, strict=True)] == pytest.approx(
        table["least"].tolist()
    )
    assert list(means.x) == pytest.approx([0.3, 0.9])
    assert (list(line.x), list(line.y)) == ([0, 1], [0, 1])


def test_selective_answers():
    table = pd.DataFrame({"threshold": [0.3, 0.9], "answered": [1, 0.5], "photos": [2, 1], "error_rate": [0.5, 0.0]})
    figure = selective_accuracy(table, 0.7)
    assert {t.name: list(t.y) for t in figure.data} == {"answered": [1, 0.5], "error rate of the answered": [0.5, 0]}
    assert [s.x0 for s in figure.layout.shapes] == [0.7]
    assert not selective_accuracy(table).layout.shapes
    assert {t.mode for t in figure.data} == {"lines+markers"}, "a line of two steps would hardly be seen"
    many = pd.concat([table] * 2)
    assert {t.mode for t in selective_accuracy(many).data} == {"lines"}


def test_the_map_marks_mistakes_and_colours_the_breeds_asked_for():
    figure = photo_map(POINTS, ("a_b",), selected="2.jpg")
    groups = {t.name: t for t in figure.data}
    assert {n: [c[0] for c in t.customdata] for n, t in groups.items() if n != "selected"} == {
        "trained on": ["6.jpg"],
        "other breeds": ["2.jpg", "4.jpg"],
        "A b, trained on": ["5.jpg"],
        "A b": ["1.jpg"],
        "mistakes": ["3.jpg"],
    }
    assert list(groups["mistakes"].customdata[0]) == ["3.jpg", "C", "D"]
    assert list(groups["A b"].customdata[0]) == ["1.jpg", "A b"]
    assert groups["mistakes"].marker.symbol == "x"
    assert list(groups["A b"].x) == pytest.approx([0.123], abs=1e-3)
    assert (groups["selected"].x[0], groups["selected"].y[0]) == (1, 5)


def test_where_no_breed_is_asked_for_each_has_its_hue():
    figure = photo_map(POINTS)
    groups = {t.name: t for t in figure.data}
    assert set(groups) == {"trained on", "held out", "mistakes"}
    assert list(groups["held out"].marker.color) == [0, 1, 2]  # a_b, c, d
    assert list(groups["trained on"].marker.color) == [0, 2]
    for group in ("held out", "trained on"):
        assert len({colour for _, colour in groups[group].marker.colorscale}) == 3
        assert (groups[group].marker.cmin, groups[group].marker.cmax) == (0, 2)
    assert groups["trained on"].marker.size < groups["held out"].marker.size


def test_a_selected_photo_that_is_not_on_the_map_rings_nothing():
    assert "selected" not in {t.name for t in photo_map(POINTS, selected="9.jpg").data}


@pytest.mark.parametrize(("photos", "kind"), [(1500, "scatter"), (1506, "scattergl")])
def test_a_large_map_is_drawn_with_webgl(photos, kind):
    many = pd.concat([POINTS] * (photos // len(POINTS)), ignore_index=True)
    assert {t.type for t in photo_map(many).data} == {kind}


def test_a_map_of_7390_photos_stays_small_to_send():
    many = pd.concat([POINTS] * 1232, ignore_index=True).assign(photo=[f"great_pyrenees_{k}.jpg" for k in range(7392)])
    assert len(photo_map(many).to_json()) < 500_000
