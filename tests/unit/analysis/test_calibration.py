"""How sure, how different, how alike: the explorer's numbers."""

import math

import numpy as np
import pandas as pd
import pytest

from lessonkit.analysis import calibration as e


def sure(*pairs: tuple[float, bool]) -> pd.DataFrame:
    return pd.DataFrame(
        {"photo": [f"{k}.jpg" for k in range(len(pairs))], "probability": [float(p) for p, _ in pairs],
         "correct": pd.Series([c for _, c in pairs], dtype=bool)}
    )  # fmt: skip


NOTHING = sure()


def test_without_photos():
    assert e.reliability(NOTHING).empty
    assert math.isnan(e.calibration_error(e.reliability(NOTHING)))
    assert e.coverage(NOTHING).empty
    assert all(math.isnan(v) for v in e.at_threshold(NOTHING, 0.5))


def test_bins_hold_their_upper_end_and_empty_ones_are_left_out():
    table = e.reliability(sure((0.2, True), (0.2, False), (0.21, True), (1.0, True)), bins=5)
    assert table["low"].tolist() == pytest.approx([0, 0.2, 0.8])
    assert table["high"].tolist() == pytest.approx([0.2, 0.4, 1.0])
    assert table["photos"].tolist() == [2, 1, 1]
    assert table["confidence"].tolist() == pytest.approx([0.2, 0.21, 1.0])
    assert table["accuracy"].tolist() == [0.5, 1.0, 1.0]
    # Wilson's interval of 1 of 2, and of 1 of 1, at 95\xa0%
    assert table["least"].tolist() == pytest.approx([0.0945, 0.2065, 0.2065], abs=1e-3)
    assert table["most"].tolist() == pytest.approx([0.9055, 1, 1], abs=1e-3)


def test_a_probability_of_nothing_is_in_the_first_bin_and_no_number_in_none():
    table = e.reliability(sure((0.0, False), (math.nan, True)))
    assert table["photos"].tolist() == [1]
    assert table["low"].tolist() == [0]


def test_the_expected_calibration_error_by_hand():
    frame = sure((0.9, True), (0.9, False), (0.6, True))
    # (2 * |0.5 - 0.9| + 1 * |1 - 0.6|) / 3
    assert e.calibration_error(e.reliability(frame)) == pytest.approx(0.4)


def test_a_model_that_is_as_sure_as_it_is_right_has_no_calibration_error():
    assert e.calibration_error(e.reliability(sure((0.5, True), (0.5, False), (1.0, True)))) == 0


def test_answering_only_when_sure():
    table = e.coverage(sure((0.9, True), (0.8, False), (0.8, True), (0.3, False)))
    assert table.to_dict("list") == {
        "threshold": [0.3, 0.8, 0.9],
        "answered": [1.0, 0.75, 0.25],
        "photos": [4, 3, 1],
        "error_rate": [0.5, pytest.approx(1 / 3), 0.0],
    }


def test_the_curve_and_the_single_threshold_agree():
    rng = np.random.default_rng(0)
    frame = sure(*[(p, bool(rng.random() < p)) for p in rng.random(300).round(2)])
    for row in e.coverage(frame).itertuples():
        assert e.at_threshold(frame, row.threshold) == pytest.approx((row.answered, row.error_rate))


def test_a_long_curve_keeps_its_ends():
    frame = sure(*[(k / 5000, True) for k in range(1, 5001)])
    table = e.coverage(frame, most=50)
    assert len(table) == 50
    assert table["answered"].iloc[[0, -1]].tolist() == [1.0, 1 / 5000]


def test_a_threshold_that_no_answer_reaches():
    answered, error = e.at_threshold(sure((0.5, True)), 0.9)
    assert answered == 0
    assert math.isnan(error)
