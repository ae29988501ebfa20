"""The confusion matrix: its numbers, what is blank, and what a click on it carries."""

import numpy as np
import pandas as pd
import pytest

from lessonkit.figures.confusion import FEW_BREEDS, confusion_matrix, difference

BREEDS = ["Birman", "Ragdoll", "american_bulldog"]


def counts(values, breeds=BREEDS) -> pd.DataFrame:
    return pd.DataFrame(values, index=breeds, columns=breeds)


COUNTS = counts([[8, 2, 0], [1, 9, 0], [0, 0, 4]])


def cells(figure, name) -> np.ndarray:
    (trace,) = [t for t in figure.data if t.name == name]
    return np.array(trace.z, dtype=float)


@pytest.mark.parametrize("frame", [pd.DataFrame(), counts(np.zeros((3, 3), int))])
def test_without_predictions(frame):
    figure = confusion_matrix(frame)
    assert figure.layout.annotations[0].text == "No predictions yet."
    assert not figure.data


def test_right_and_mistakes_are_apart_and_zeros_are_blank():
    figure = confusion_matrix(COUNTS)
    nan = np.nan
    np.testing.assert_array_equal(cells(figure, "right"), [[8, nan, nan], [nan, 9, nan], [nan, nan, 4]])
    np.testing.assert_array_equal(cells(figure, "mistakes"), [[nan, 2, nan], [1, nan, nan], [nan, nan, nan]])
    assert figure.data[1].text.tolist() == [["", "2", ""], ["1", "", ""], ["", "", ""]]


def test_shares_are_of_the_row():
    figure = confusion_matrix(COUNTS, normalise=True)
    assert cells(figure, "mistakes")[0, 1] == pytest.approx(0.2)
    assert figure.data[1].text[0][1] == "20"
    assert figure.data[0].text[2][2] == "100"


def test_shares_of_a_breed_without_photos_are_blank():
    figure = confusion_matrix(counts([[8, 2, 0], [0, 0, 0], [0, 0, 4]]), normalise=True)
    assert np.isnan(cells(figure, "right")[1, 1])


def test_a_model_without_mistakes():
    figure = confusion_matrix(counts(np.diag([3, 4, 5])))
    assert [t.name for t in figure.data] == ["right", "cells"]


def test_a_click_carries_actual_and_predicted_in_every_cell():
    points = confusion_matrix(COUNTS).data[-1]
    assert points.type == "scatter"
    assert [list(c) for c in points.customdata] == [[a, p] for a in BREEDS for p in BREEDS]
    # the marker lies where its row and column are, and says how many of what
    assert (points.x[1], points.y[1], points.text[1]) == ("Ragdoll", "Birman", "2 of 10 photos")
    assert points.x[2] == "American bulldog"


def test_the_markers_are_not_seen_selected_or_not():
    points = confusion_matrix(COUNTS).data[-1]
    assert (points.marker.opacity, points.selected.marker.opacity, points.unselected.marker.opacity) == (0, 0, 0)


def test_the_markers_are_smaller_than_a_cell_on_a_phone():
    # 390 px wide, 37 breeds: about 6 px; where markers overlap, plotly selects the later and not the nearer
    assert confusion_matrix(COUNTS).data[-1].marker.size <= 6


@pytest.mark.parametrize(
    ("selected", "corner"), [(("Birman", "Ragdoll"), (0.5, -0.5)), (("Ragdoll", "Birman"), (-0.5, 0.5))]
)
def test_the_selected_cell_is_framed(selected, corner):
    (frame,) = confusion_matrix(COUNTS, selected).layout.shapes
    assert (frame.x0, frame.y0) == corner
    assert (frame.x1, frame.y1) == (corner[0] + 1, corner[1] + 1)


def test_a_selection_of_another_datasets_breeds_frames_nothing():
    assert not confusion_matrix(COUNTS, ("Birman", "pug")).layout.shapes


def test_the_first_breed_is_on_top_and_every_row_has_its_label():
    breeds = [f"Breed {i}" for i in range(37)]
    figure = confusion_matrix(counts(np.eye(37, dtype=int), breeds))
    assert list(figure.layout.yaxis.range) == [36.5, -0.5]
    assert list(figure.layout.yaxis.categoryarray) == breeds
    assert figure.layout.yaxis.dtick == 1
    assert figure.layout.height >= 37 * 18


def test_the_difference_is_what_b_has_more_of():
    figure = difference(COUNTS, counts([[9, 1, 0], [3, 7, 0], [0, 0, 4]]))
    (trace,) = [t for t in figure.data if t.name == "difference"]
    nan = np.nan
    # above 0 is better: more on the diagonal, fewer off it
    np.testing.assert_array_equal(np.array(trace.z, dtype=float), [[1, 1, nan], [-2, -2, nan], [nan, nan, nan]])
    assert trace.text.tolist() == [["+1", "−1", ""], ["+2", "−2", ""], ["", "", ""]]
    assert (trace.zmin, trace.zmax) == (-2, 2)
    assert figure.data[-1].text[3] == "1 before, 3 after"


def test_the_difference_of_runs_on_different_breeds():
    other = counts([[5, 1], [0, 6]], ["Birman", "pug"])
    figure = difference(COUNTS, other)
    assert list(figure.layout.yaxis.categoryarray) == ["Birman", "Ragdoll", "American bulldog", "Pug"]
    assert figure.data[-1].text[-1] == "0 before, 6 after"


def test_no_difference_and_nothing_to_compare():
    assert difference(COUNTS, COUNTS).layout.annotations[0].text == "The two matrices are the same."
    assert "Two runs" in difference(COUNTS, pd.DataFrame()).layout.annotations[0].text


def test_of_many_breeds_only_cells_that_count_something_take_clicks():
    breeds = [f"breed_{i}" for i in range(FEW_BREEDS + 1)]
    photos = np.diag(np.arange(1, len(breeds) + 1))
    photos[2, 5] = 3
    points = confusion_matrix(counts(photos, breeds)).data[-1]
    assert len(points.customdata) == len(breeds) + 1
    at = [list(c) for c in points.customdata].index(["breed_2", "breed_5"])
    assert points.text[at] == "3 of 6 photos"
