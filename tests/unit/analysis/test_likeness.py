"""Which photos look alike: nearest ones, labels that theirs speak against, the map."""

import numpy as np
import pandas as pd
import pytest

from lessonkit.analysis import likeness
from lessonkit.errors import LessonError


def test_a_label_that_its_neighbours_speak_against_is_told_with_the_one_they_carry():
    rng = np.random.default_rng(0)
    centres = {"a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 1]}
    labels = [name for name in centres for _ in range(30)]
    features = np.array([centres[name] for name in labels]) + rng.normal(0, 0.05, (90, 3))
    labels[7], labels[40] = "b", "c"  # an a and a b with another's name
    table = likeness.other_labels(features.astype(np.float16), labels, 10)
    assert sorted(table["others"].nlargest(2).index) == [7, 40]
    assert table.loc[7].to_dict() == {
        "others": 10, "suggested": "a", "agree": 10, "distance": pytest.approx(0, abs=0.05),
    }  # fmt: skip
    assert table.loc[40, "suggested"] == "b"
    assert table["others"].drop([7, 40]).max() <= 3


def test_a_photo_has_no_say_about_itself_and_there_may_be_few():
    table = likeness.other_labels(np.eye(3)[[0, 0, 1]], ["a", "b", "b"], 10)
    assert table["others"].tolist() == [2, 1, 1]
    assert table["suggested"].tolist() == ["b", "a", "a"]  # of two that carry it once each, the nearest's
    assert likeness.other_labels(np.eye(1), ["a"])["others"].tolist() == [0]
    assert likeness.other_labels(np.zeros((0, 3)), []).empty


def test_suspects_are_the_same_whether_found_in_pieces_or_at_once():
    rng = np.random.default_rng(1)
    features, labels = rng.normal(size=(700, 8)), [str(n) for n in rng.integers(0, 5, 700)]
    table = likeness.other_labels(features, labels, 5)
    for i in (0, 511, 512, 699):
        near = likeness.nearest(features, features[i], 5, leave_out=i)[0]
        assert table.loc[i, "others"] == sum(labels[j] != labels[i] for j in near)


def test_nearest_by_angle_not_by_length():
    features = np.array([[1, 0], [0, 5], [100, 1], [-3, 0], [0, 0]], np.float16)
    rows, distances = likeness.nearest(features, np.array([2.0, 0.0]), 5)
    assert rows.tolist() == [0, 2, 1, 4, 3]
    assert distances == pytest.approx([0, 0, 1, 1, 2], abs=1e-3)


def test_nearest_leaves_the_photo_itself_out_and_gives_no_more_than_there_are():
    features = np.eye(3, dtype=np.float32)
    assert likeness.nearest(features, features[1], 9, leave_out=1)[0].tolist() == [0, 2]
    assert likeness.nearest(features, features[1], 0)[0].size == 0
    assert likeness.nearest(np.zeros((0, 3), np.float32), features[0], 3)[0].size == 0


def test_nearest_is_what_sorting_all_distances_gives():
    rng = np.random.default_rng(0)
    features, query = rng.normal(size=(500, 40)), rng.normal(size=40)
    cosine = features @ query / np.linalg.norm(features, axis=1) / np.linalg.norm(query)
    rows, distances = likeness.nearest(features, query, 6)
    assert rows.tolist() == np.argsort(1 - cosine)[:6].tolist()
    assert distances == pytest.approx(np.sort(1 - cosine)[:6], abs=1e-5)


def test_a_query_of_another_network_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        likeness.nearest(np.eye(3), np.zeros(4), 1)


def test_the_threshold_keeps_at_least_the_share_asked_for():
    distances = np.linspace(0, 1, 101)
    limit = likeness.distance_threshold(distances, 0.95)
    assert (distances <= limit).mean() >= 0.95
    assert limit == pytest.approx(0.95)
    with pytest.raises(ValueError, match="at least one"):
        likeness.distance_threshold([])


def test_the_map_is_the_first_two_principal_components():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 30)) * np.array([9, 5, *[0.5] * 28]) + 3
    left, sizes, right = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    signs = [np.sign(right[k][np.abs(right[k]).argmax()]) for k in range(2)]
    np.testing.assert_allclose(likeness.flat_map(features), left[:, :2] * sizes[:2] * signs, atol=1e-2)
    np.testing.assert_array_equal(likeness.flat_map(features), likeness.flat_map(features))


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (3, 1), (2, 2)])
def test_a_map_of_hardly_anything(shape):
    made = likeness.flat_map(np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape))
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
    found = likeness.on_the_map(points, predictions).set_index("photo")
    assert list(found.index) == ["1.jpg", "2.jpg", "3.jpg"]
    assert found["actual"].tolist() == ["a", "b", "b"]
    assert found["predicted"].tolist() == ["a", "b", "a"]
    assert found["correct"].tolist() == [True, True, False]
    assert found["correct"].dtype == bool


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_features_of_a_network_that_blew_up_are_said_to_be_that(value):
    features = np.array([[1, 0], [value, 1], [0, 1]], dtype=np.float32)
    for find in (
        lambda: likeness.flat_map(features),
        lambda: likeness.other_labels(features, ["a"] * 3),
        lambda: likeness.nearest(features[:1], features[1], 1),
    ):
        with pytest.raises(LessonError, match="gives no numbers for 1 photo: its training blew up"):
            find()


def test_of_no_photos_there_is_no_nearest():
    some, none = np.eye(3, dtype=np.float32), np.zeros((0, 3), np.float32)
    for train, others in ((none, some), (some, none), (none, none)):
        rows, distances = likeness.nearest_rows(train, others)
        assert (rows.shape, distances.shape) == ((0,), (0,))
