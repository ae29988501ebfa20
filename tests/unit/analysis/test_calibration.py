"""How sure, how different, how alike: the explorer's numbers."""

import math

import numpy as np
import pandas as pd
import pytest

from lessonkit.analysis import calibration as e
from lessonkit.errors import LessonError


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
    # Wilson's interval of 1 of 2, and of 1 of 1, at 95 %
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


def answers(rows) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["photo", "actual", "predicted"])
    return made.assign(loss=1.0, correct=made["actual"] == made["predicted"])


def test_two_runs_agree_or_do_not():
    a = answers([("1", "x", "x"), ("2", "x", "x"), ("3", "x", "y"), ("4", "x", "y"), ("5", "x", "x")])
    b = answers([("4", "x", "z"), ("3", "x", "x"), ("2", "x", "y"), ("1", "x", "x"), ("6", "x", "x")])
    table = e.agreement(a, b)
    assert dict(zip(table["photo"], table["group"], strict=True)) == {
        "1": "both right",
        "2": "only A right",
        "3": "only B right",
        "4": "both wrong",
    }
    assert e.agreement_counts(table) == dict.fromkeys(e.GROUPS, 1)
    assert e.agreement_counts(e.agreement(a.iloc[:0], b)) == dict.fromkeys(e.GROUPS, 0)


def test_two_runs_are_compared_on_the_photos_of_both_each_under_one_label():
    a = answers([("1", "pug", "pug"), ("2", "pug", "pug"), ("3", "pug", "beagle"), ("only a", "pug", "beagle")])
    b = answers([("3", "pug", "pug"), ("2", "beagle", "beagle"), ("1", "pug", "beagle"), ("only b", "pug", "pug")])
    cut = e.shared(a, b)
    assert (cut.common, cut.relabelled) == (3, 1)
    assert cut.a["photo"].tolist() == cut.b["photo"].tolist() == ["1", "3"]
    assert list(cut.a.columns) == list(a.columns)
    assert cut.b["predicted"].tolist() == ["beagle", "pug"]
    # of photo 2 A says pug and B beagle, each right by its own label: neither "both right" nor anything else
    assert e.agreement_counts(e.agreement(cut.a, cut.b)) == {
        "both right": 0, "only A right": 1, "only B right": 1, "both wrong": 0,
    }  # fmt: skip
    assert len(e.shared(a, b.iloc[:0]).a) == 0


def test_a_label_that_its_neighbours_speak_against_is_told_with_the_one_they_carry():
    rng = np.random.default_rng(0)
    centres = {"a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 1]}
    labels = [name for name in centres for _ in range(30)]
    features = np.array([centres[name] for name in labels]) + rng.normal(0, 0.05, (90, 3))
    labels[7], labels[40] = "b", "c"  # an a and a b with another's name
    table = e.other_labels(features.astype(np.float16), labels, 10)
    assert sorted(table["others"].nlargest(2).index) == [7, 40]
    assert table.loc[7].to_dict() == {
        "others": 10, "suggested": "a", "agree": 10, "distance": pytest.approx(0, abs=0.05),
    }  # fmt: skip
    assert table.loc[40, "suggested"] == "b"
    assert table["others"].drop([7, 40]).max() <= 3


def test_a_photo_has_no_say_about_itself_and_there_may_be_few():
    table = e.other_labels(np.eye(3)[[0, 0, 1]], ["a", "b", "b"], 10)
    assert table["others"].tolist() == [2, 1, 1]
    assert table["suggested"].tolist() == ["b", "a", "a"]  # of two that carry it once each, the nearest's
    assert e.other_labels(np.eye(1), ["a"])["others"].tolist() == [0]
    assert e.other_labels(np.zeros((0, 3)), []).empty


def test_suspects_are_the_same_whether_found_in_pieces_or_at_once():
    rng = np.random.default_rng(1)
    features, labels = rng.normal(size=(700, 8)), [str(n) for n in rng.integers(0, 5, 700)]
    table = e.other_labels(features, labels, 5)
    for i in (0, 511, 512, 699):
        near = e.nearest(features, features[i], 5, leave_out=i)[0]
        assert table.loc[i, "others"] == sum(labels[j] != labels[i] for j in near)


def test_nearest_by_angle_not_by_length():
    features = np.array([[1, 0], [0, 5], [100, 1], [-3, 0], [0, 0]], np.float16)
    rows, distances = e.nearest(features, np.array([2.0, 0.0]), 5)
    assert rows.tolist() == [0, 2, 1, 4, 3]
    assert distances == pytest.approx([0, 0, 1, 1, 2], abs=1e-3)


def test_nearest_leaves_the_photo_itself_out_and_gives_no_more_than_there_are():
    features = np.eye(3, dtype=np.float32)
    assert e.nearest(features, features[1], 9, leave_out=1)[0].tolist() == [0, 2]
    assert e.nearest(features, features[1], 0)[0].size == 0
    assert e.nearest(np.zeros((0, 3), np.float32), features[0], 3)[0].size == 0


def test_nearest_is_what_sorting_all_distances_gives():
    rng = np.random.default_rng(0)
    features, query = rng.normal(size=(500, 40)), rng.normal(size=40)
    cosine = features @ query / np.linalg.norm(features, axis=1) / np.linalg.norm(query)
    rows, distances = e.nearest(features, query, 6)
    assert rows.tolist() == np.argsort(1 - cosine)[:6].tolist()
    assert distances == pytest.approx(np.sort(1 - cosine)[:6], abs=1e-5)


def test_a_query_of_another_network_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        e.nearest(np.eye(3), np.zeros(4), 1)


def test_the_threshold_keeps_at_least_the_share_asked_for():
    distances = np.linspace(0, 1, 101)
    limit = e.distance_threshold(distances, 0.95)
    assert (distances <= limit).mean() >= 0.95
    assert limit == pytest.approx(0.95)
    with pytest.raises(ValueError, match="at least one"):
        e.distance_threshold([])


def test_the_map_is_the_first_two_principal_components():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 30)) * np.array([9, 5, *[0.5] * 28]) + 3
    left, sizes, right = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    signs = [np.sign(right[k][np.abs(right[k]).argmax()]) for k in range(2)]
    np.testing.assert_allclose(e.flat_map(features), left[:, :2] * sizes[:2] * signs, atol=1e-2)
    np.testing.assert_array_equal(e.flat_map(features), e.flat_map(features))


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (3, 1), (2, 2)])
def test_a_map_of_hardly_anything(shape):
    made = e.flat_map(np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape))
    assert made.shape == (shape[0], 2)
    assert np.isfinite(made).all()


def test_on_the_map_every_photo_is_there_and_only_held_out_ones_were_answered():
    points = pd.DataFrame(
        {
            "photo": ["1.jpg", "2.jpg", "3.jpg"],
            "breed": ["a", "b", "b"],
            "part": ["train", "valid", "valid"],
            "x": 0.0,
            "y": 1.0,
        }
    )
    predictions = pd.DataFrame(
        {
            "photo": ["3.jpg", "2.jpg"],
            "actual": ["b", "b"],
            "predicted": ["a", "b"],
            "correct": [False, True],
            "loss": 1.0,
        }
    )
    found = e.on_the_map(points, predictions).set_index("photo")
    assert list(found.index) == ["1.jpg", "2.jpg", "3.jpg"]
    assert found["actual"].tolist() == ["a", "b", "b"]
    assert found["predicted"].tolist() == ["a", "b", "a"]
    assert found["correct"].tolist() == [True, True, False]
    assert found["correct"].dtype == bool


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_features_of_a_network_that_blew_up_are_said_to_be_that(value):
    features = np.array([[1, 0], [value, 1], [0, 1]], dtype=np.float32)
    for find in (
        lambda: e.flat_map(features),
        lambda: e.other_labels(features, ["a"] * 3),
        lambda: e.nearest(features[:1], features[1], 1),
    ):
        with pytest.raises(LessonError, match="gives no numbers for 1 photo: its training blew up"):
            find()
