"""Photos a breed, runs side by side, the five likeliest breeds, the channels of a photo."""

import math

import numpy as np
import pandas as pd
import pytest

from lessonkit.analysis import previews
from lessonkit.figures.breeds import photos_a_breed
from lessonkit.figures.channels import channel_histograms
from lessonkit.figures.compare import runs_side_by_side
from lessonkit.figures.probabilities import top_breeds
from lessonkit.figures.style import BLUE, GREEN, ORANGE

RUNS = pd.DataFrame(
    {
        "name": ["frozen", "unfrozen"],
        "valid_loss": [0.739, 1.84],
        "error_rate": [0.2, 0.5],
        "seconds_an_epoch": [0.13, float("nan")],
    }
)


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (photos_a_breed({}), "No photo has a label yet."),
        (runs_side_by_side(RUNS.iloc[:0]), "No run to compare yet."),
        (runs_side_by_side(pd.DataFrame()), "No run to compare yet."),
        (top_breeds([]), "No answer yet."),
        (channel_histograms({}), "No photo is chosen yet."),
        (channel_histograms(previews.histograms(np.zeros((0, 0, 3), np.uint8))), "No photo is chosen yet."),
    ],
)
def test_without_data(figure, words):
    assert [a.text for a in figure.layout.annotations] == [words]


def test_breeds_by_number_of_photos_then_by_name():
    (bars,) = photos_a_breed({"pug": 3, "beagle": 5, "Birman": 3, "great_pyrenees": 9}, highlight="pug").data
    assert list(bars.x) == [9, 5, 3, 3]
    assert list(bars.customdata) == ["great_pyrenees", "beagle", "Birman", "pug"]
    assert list(bars.y) == ["Great pyrenees", "Beagle", "Birman", "Pug"]
    assert list(bars.marker.color) == [BLUE, BLUE, BLUE, ORANGE]


def test_breeds_without_photos_still_draw():
    assert list(photos_a_breed({"pug": 0}).data[0].x) == [0]


def test_37_breeds_have_room_for_their_labels():
    assert photos_a_breed({f"b{i}": i for i in range(37)}).layout.height >= 37 * 20


def test_runs_in_three_panels():
    figure = runs_side_by_side(RUNS)
    bars = {t.name: t for t in figure.data if t.type == "bar"}
    assert list(bars["error rate"].x) == [0.2, 0.5]
    assert list(bars["valid loss"].x) == [0.739, 1.84]
    assert bars["seconds an epoch"].x[0] == 0.13
    assert list(bars["error rate"].y) == ["frozen", "unfrozen"]
    written = [list(t.text) for t in figure.data if t.type == "scatter"]
    assert written == [
        ["\xa0\xa020.0\xa0%", "\xa0\xa050.0\xa0%"],
        ["\xa0\xa00.739", "\xa0\xa01.840"],
        ["\xa0\xa00.1 s", "\xa0\xa0not known"],
    ]


def test_error_rates_have_wilsons_whiskers():
    figure = runs_side_by_side(RUNS.assign(photos=100, error_rate=[0.2, 0.0]))
    bars, below = figure.data[0], figure.data[1]
    assert list(bars.error_x.array) == pytest.approx([0.0889, 0.0370], abs=1e-4)
    assert list(below.error_x.arrayminus) == pytest.approx([0.0666, 0], abs=1e-4)
    assert [a.text for a in figure.layout.annotations][0] == "error rate (lines: 95 % confidence interval)"
    assert runs_side_by_side(RUNS).data[0].error_x.array is None


def test_whiskers_of_a_run_without_photos_are_left_out():
    assert math.isnan(runs_side_by_side(RUNS.assign(photos=[100, 0])).data[0].error_x.array[1])


TOP = [["pug", 0.6], ["boxer", 0.3], ["beagle", 0.0001]]


def test_the_likeliest_breeds():
    (bars,) = top_breeds(TOP).data
    assert list(bars.x) == [0.6, 0.3, 0.0001]
    assert list(bars.y) == ["Pug", "Boxer", "Beagle"]
    assert list(bars.text) == ["60.0\xa0%", "30.0\xa0%", "under 0.1\xa0%"]
    assert set(bars.marker.color) == {BLUE}


@pytest.mark.parametrize(
    ("actual", "colours", "labels"),
    [
        ("boxer", [ORANGE, GREEN, BLUE], ["Pug", "✓ Boxer", "Beagle"]),
        ("pug", [GREEN, BLUE, BLUE], ["✓ Pug", "Boxer", "Beagle"]),
        ("Birman", [ORANGE, BLUE, BLUE], ["Pug", "Boxer", "Beagle"]),
    ],
)
def test_the_true_breed_is_ticked_and_a_wrong_answer_stands_out(actual, colours, labels):
    (bars,) = top_breeds(TOP, actual).data
    assert list(bars.marker.color) == colours
    assert list(bars.y) == labels


def test_channels_before_and_after_are_densities_with_their_means():
    photo = np.full((4, 4, 3), (51, 102, 204), np.uint8)
    photo[:2] = (153, 102, 204)
    mean, std = (0.4, 0.4, 0.8), (0.2, 0.1, 0.1)
    figure = channel_histograms(previews.histograms(photo), previews.histograms(previews.normalize(photo, mean, std)))
    assert [t.name for t in figure.data] == ["red", "green", "blue"] * 2
    for trace in figure.data:
        width = trace.x[1] - trace.x[0]
        assert sum(trace.y) * width == pytest.approx(1)
        assert (trace.y[0], trace.y[-1]) == (0, 0)
    means = [s.x0 for s in figure.layout.shapes]
    assert means[3:] == pytest.approx([0, 0, 0], abs=1e-6)  # normalized by their own mean
    assert len({t.line.dash for t in figure.data[:3]}) == 3


def test_channels_before_alone():
    assert len(channel_histograms(previews.histograms(np.zeros((2, 2, 3), np.uint8))).data) == 3
