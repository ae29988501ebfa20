"""The features of a run's photos as files: who is near whom, what is unlike all, where each lies on the map."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lessonkit import runs, storage
from lessonkit.analysis import embeddings
from lessonkit.analysis.likeness import nearest
from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.runs import Run
from lessonkit.spec import RunSpec

PHOTOS = ["a1", "b1", "a2", "b2", "a3", "held"]
BREEDS = ["a", "b", "a", "b", "a", "b"]
ANGLES = [0, 80, 20, 70, 5, 76]  # degrees: of two vectors the cosine distance is 1 - cos(difference)
TRAIN = 5


@pytest.fixture
def run(home: Path) -> Run:
    made = runs.create(RunSpec(dataset="drawn"))
    lengths = np.array([[1], [2], [3], [0.5], [1], [7]])  # which cosine distances do not see
    turned = np.radians(ANGLES)
    vectors = lengths * np.stack([np.cos(turned), np.sin(turned)], axis=1)
    embeddings.save(made, PHOTOS, BREEDS, TRAIN, vectors)
    return made


def near(*photos: str, of: float) -> list[tuple[str, float]]:
    return [(p, pytest.approx(1 - np.cos(np.radians(ANGLES[PHOTOS.index(p)] - of)), abs=1e-6)) for p in photos]


def found(answer: list[dict]) -> list[tuple[str, float]]:
    assert all(row["breed"] == BREEDS[PHOTOS.index(row["photo"])] for row in answer)
    return [(row["photo"], row["distance"]) for row in answer]


def test_the_nearest_are_training_photos_by_their_angle_and_never_the_photo_itself(run: Run):
    assert found(embeddings.nearest(run.id, "a1")) == near("a3", "a2", "b2", "b1", of=0)
    assert found(embeddings.nearest(run.id, "b1", 2)) == near("b2", "a2", of=80)
    assert found(embeddings.nearest(run.id, "held", 2)) == near("b1", "b2", of=76)
    assert found(embeddings.nearest(run.id, np.array([1.0, 0.0]), 1)) == near("a1", of=0)


def test_a_photo_held_out_that_was_trained_on_too_comes_first_with_its_twin(run: Run):
    photos, breeds = ["a", "b", "far", "cut", "again"], ["x", "y", "y", "x", "y"]
    vectors = np.array([[1, 0], [0, 1], [1, 1], [1, 0.5], [0, 3]])
    embeddings.save(run, photos, breeds, 2, vectors)
    found = embeddings.twins(run.id)
    assert found["photo"].tolist() == ["again", "cut", "far"]
    assert found["twin"].tolist()[:2] == ["b", "a"]
    assert found["twin_breed"].tolist()[:2] == ["y", "x"]
    assert (found["distance"] <= embeddings.SAME).tolist() == [True, False, False]
    assert found["distance"].iloc[1] == pytest.approx(1 - 1 / np.hypot(1, 0.5))


def test_among_a_breed_only_that_breed_is_near(run: Run):
    assert found(embeddings.nearest(run.id, "b1", 6, ["a"])) == near("a2", "a3", "a1", of=80)
    assert found(embeddings.nearest(run.id, "a3", 6, ["a"])) == near("a1", "a2", of=5)
    assert found(embeddings.nearest(run.id, "a1", 6, ["b", "a"]))[0] == near("a3", of=0)[0]
    assert embeddings.nearest(run.id, "a1", 6, []) == []
    assert embeddings.nearest(run.id, "a1", 6, ["cow"]) == []


def test_a_photo_that_the_run_does_not_have_is_a_sentence(run: Run):
    with pytest.raises(LessonError, match="“zebra” is not among"):
        embeddings.nearest(run.id, "zebra")


def test_before_they_are_made_there_is_a_sentence_and_made_again_they_are_read_again(home: Path, run: Run):
    other = runs.create(RunSpec(dataset="drawn", seed=7))
    assert (embeddings.ready(run.id), embeddings.ready(other.id)) == (True, False)
    with pytest.raises(LessonError, match="not worked out yet"):
        embeddings.load(other.id)
    assert embeddings.load(run.id) is embeddings.load(run.id)
    embeddings.save(run, PHOTOS[:2], BREEDS[:2], 1, np.eye(2))
    assert embeddings.load(run.id).photos == PHOTOS[:2]


def test_the_map_has_every_photo_with_its_breed_and_half(run: Run):
    frame = embeddings.flat_map(run.id)
    assert list(frame.columns) == ["photo", "breed", "part", "x", "y"]
    assert frame["photo"].tolist() == PHOTOS
    assert frame["part"].tolist() == ["train"] * TRAIN + ["valid"]
    assert np.isfinite(frame[["x", "y"]].to_numpy()).all()


def test_the_most_suspect_label_comes_first_and_only_of_photos_that_were_trained_on(run: Run):
    vectors = np.eye(3)[[0] * 15 + [1] * 15 + [2]]
    breeds = ["a"] * 5 + ["b"] + ["a"] * 9 + ["b"] * 15 + ["a"]
    names = [f"{n}.jpg" for n in range(31)]
    embeddings.save(run, names, breeds, 30, vectors)
    found = embeddings.suspects(run.id)
    assert found["photo"].iloc[0] == "5.jpg"
    assert found.iloc[0][["breed", "others", "suggested", "agree"]].tolist() == [
        "b",
        embeddings.AROUND,
        "a",
        embeddings.AROUND,
    ]
    assert sorted(found["photo"]) == sorted(names[:30])


def test_strangers_that_pass_for_familiar_are_counted_by_what_they_are(run: Run):
    rng = np.random.default_rng(0)
    vectors = np.concatenate([rng.normal([5, 0, 0], 0.1, (40, 3)), rng.normal([5, 0, 0], 0.1, (20, 3))])
    strangers = {"like them": vectors[:2], "far off": np.eye(3)[[1, 2, 2]]}
    embeddings.save(run, [str(n) for n in range(60)], ["a"] * 60, 40, vectors, strangers)
    assert embeddings.familiarity(run.id)["strangers"] == {"like them": [2, 2], "far off": [0, 3]}
    assert embeddings.familiarity(run.id)["photos"] == 20


def test_what_an_older_version_left_is_made_again(run: Run):
    run.path("all_photos.json").write_bytes(run.path(embeddings.PHOTOS).read_bytes())
    run.path(embeddings.PHOTOS).unlink()
    assert not embeddings.ready(run.id)


def cloud(rng: np.random.Generator, photos: int, centre: float) -> np.ndarray:
    return rng.normal(centre, 1.0, (photos, 16))


def test_the_threshold_keeps_its_share_of_what_it_was_set_on_and_is_measured_on_what_it_was_not():
    rng = np.random.default_rng(0)
    train, valid, further = cloud(rng, 400, 3.0), cloud(rng, 400, 3.0), cloud(rng, 2000, 3.0)
    said = embeddings.threshold(train, valid)
    assert said["photos"] == 400
    assert said["kept"] == pytest.approx(0.95, abs=0.005)
    # what it says of photos that did not set it holds for two thousand more of their kind
    missed = (embeddings.to_nearest(train, further) > said["threshold"]).mean()
    assert said["unfamiliar"] == pytest.approx(missed, abs=0.025)
    strangers = cloud(rng, 200, 0.0)
    assert (embeddings.to_nearest(train, strangers) > said["threshold"]).mean() > 0.95


def test_what_a_half_is_measured_by_is_the_other_half():
    near_and_far = np.array([[1.0, 0.0], [0.0, 1.0]] * 10)  # by turns as the one training photo, and unlike it
    said = embeddings.threshold(np.array([[1.0, 0.0]]), near_and_far)
    assert (said["kept"], said["threshold"]) == (1.0, pytest.approx(1.0))
    assert said["unfamiliar"] == 0.5, "by the near half's threshold the whole far half is unfamiliar"


def test_without_validation_photos_no_threshold_is_made_up():
    said = embeddings.threshold(np.eye(3), np.empty((0, 3)))
    assert said == {"threshold": None, "kept": None, "unfamiliar": None, "photos": 0}
    assert embeddings.threshold(np.eye(3), np.eye(3)[:1])["unfamiliar"] is None


def test_the_distance_to_the_nearest_is_that_of_the_search():
    rng = np.random.default_rng(1)
    train, others = rng.normal(size=(50, 8)), rng.normal(size=(300, 8))
    slow = [nearest(train, one, 1)[1][0] for one in others]
    assert embeddings.to_nearest(train, others) == pytest.approx(slow, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "held"),
    [
        (embeddings.PHOTOS, "[" * 100_000), (embeddings.PHOTOS, "{}"), (embeddings.PHOTOS, '{"photos": 5}'),
        (embeddings.VECTORS, "x"), (embeddings.POINTS, ""), (embeddings.SUSPECTS, "PAR1"), (embeddings.TWINS, ""),
    ],
)  # fmt: skip
def test_damaged_features_are_a_sentence(run: Run, name: str, held: str):
    run.path(name).write_text(held)
    embeddings._load.cache_clear()
    with pytest.raises(DamagedFileError, match=name.replace(".", r"\.")):
        embeddings.suspects(run.id), embeddings.twins(run.id)


def test_features_of_another_number_of_photos_are_a_sentence(run: Run):
    facts = json.loads(run.path(embeddings.PHOTOS).read_text())
    storage.write_json(
        run.path(embeddings.PHOTOS), {**facts, "photos": facts["photos"][1:], "breeds": facts["breeds"][1:]}
    )
    with pytest.raises(DamagedFileError, match="shape"):
        embeddings.load(run.id)
