"""A learner's corrections: kept, versioned by content, applied after the split, their effect on the measure told."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lessonkit import config, corrections
from lessonkit.corrections import Mark
from lessonkit.errors import LessonError, PatternError
from lessonkit.photos import catalog, labels, manifest

DATASET = "pets"
PHOTOS = [f"{breed}_{n}.jpg" for breed in ("Bengal", "Siamese", "beagle") for n in range(10)]


@pytest.fixture(autouse=True)
def photos(home: Path) -> None:
    top = catalog.resolve(DATASET).photos_folder
    top.mkdir(parents=True)
    for photo in PHOTOS:
        (top / photo).write_bytes(photo.encode())
    manifest.seal(catalog.resolve(DATASET).folder, manifest.find_photos(top), "images")


def found() -> labels.Labels:
    return labels.label(PHOTOS, labels.DEFAULT_PATTERN)


def test_marks_are_kept_until_they_are_taken_back() -> None:
    assert corrections.read(DATASET) == {}
    corrections.mark(catalog.resolve(DATASET), "beagle_3.jpg", "Bengal")
    corrections.mark(catalog.resolve(DATASET), "Siamese_1.jpg", leave_out=True)
    assert corrections.read(DATASET) == {"Siamese_1.jpg": Mark(), "beagle_3.jpg": Mark("Bengal")}
    assert corrections.read(DATASET)["Siamese_1.jpg"].leave_out
    assert json.loads((config.home() / "marks" / "pets.json").read_text()) == {
        "Siamese_1.jpg": {"leave_out": True}, "beagle_3.jpg": {"breed": "Bengal"},
    }  # fmt: skip
    corrections.mark(catalog.resolve(DATASET), "Siamese_1.jpg", "beagle")
    assert corrections.read(DATASET)["Siamese_1.jpg"] == Mark("beagle")
    corrections.unmark(catalog.resolve(DATASET), "Siamese_1.jpg")
    corrections.unmark(catalog.resolve(DATASET), "Siamese_1.jpg")
    assert list(corrections.read(DATASET)) == ["beagle_3.jpg"]
    corrections.clear(catalog.resolve(DATASET))
    assert corrections.read(DATASET) == {}
    assert not (config.home() / "marks" / "pets.json").exists()


def test_what_is_read_is_the_readers_own() -> None:
    corrections.mark(catalog.resolve(DATASET), "beagle_3.jpg", "Bengal")
    corrections.read(DATASET).clear()
    assert list(corrections.read(DATASET)) == ["beagle_3.jpg"]


def test_a_change_within_one_tick_of_the_clock_is_seen() -> None:
    corrections.mark(catalog.resolve(DATASET), "beagle_3.jpg", "Bengal")
    path = config.home() / "marks" / "pets.json"
    before = path.stat()
    assert corrections.read(DATASET) == {"beagle_3.jpg": Mark("Bengal")}
    corrections.mark(catalog.resolve(DATASET), "beagle_3.jpg", "Siamese")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert corrections.read(DATASET) == {"beagle_3.jpg": Mark("Siamese")}


@pytest.mark.parametrize(
    ("photo", "said", "sentence"),
    [
        ("beagle_99.jpg", {"breed": "Bengal"}, "no photo “beagle_99.jpg” in Oxford-IIIT Pet"),
        ("../../etc/passwd", {"leave_out": True}, "no photo"),
        ("beagle_1.jpg", {"breed": "Poodle"}, "no breed “Poodle”"),
        ("beagle_1.jpg", {}, "Say either"),
        ("beagle_1.jpg", {"breed": "Bengal", "leave_out": True}, "Say either"),
        ("beagle_1.jpg", {"breed": "Bengal", "pattern": "/(B.*|S.*)_"}, "no label"),
        ("beagle_1.jpg", {"breed": "Bengal", "pattern": "("}, "not a pattern"),
    ],
)  # fmt: skip
def test_what_cannot_be_marked_is_a_sentence(photo: str, said: dict[str, object], sentence: str) -> None:
    with pytest.raises(LessonError, match=sentence):
        corrections.mark(catalog.resolve(DATASET), photo, **said)
    assert corrections.read(DATASET) == {}


def test_a_dataset_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(LessonError, match="no dataset “../x”"):
        corrections.read("../x")
    with pytest.raises(LessonError, match="not on this machine yet"):
        corrections.mark(catalog.resolve("drawn"), "x.jpg", leave_out=True)


def test_the_learners_pattern_decides_the_breeds() -> None:
    corrections.mark(catalog.resolve(DATASET), "beagle_1.jpg", "Sia", pattern="/(Ben|Sia|bea)")
    assert corrections.read(DATASET) == {"beagle_1.jpg": Mark("Sia")}
    assert corrections.ignored(found(), corrections.read(DATASET)) == ["beagle_1.jpg"]
    assert corrections.apply(found(), corrections.read(DATASET)) == found()


def test_the_breed_that_it_has_anyway_is_no_mark() -> None:
    corrections.mark(catalog.resolve(DATASET), "beagle_1.jpg", "Bengal")
    corrections.mark(catalog.resolve(DATASET), "beagle_1.jpg", "beagle")
    assert corrections.read(DATASET) == {}
    assert corrections.save_version(catalog.resolve(DATASET)) == ""


def test_the_fingerprint_follows_what_was_said_alone() -> None:
    one, two = {"a": Mark("x"), "b": Mark()}, {"b": Mark(), "a": Mark("x")}
    assert corrections.fingerprint({}) == ""
    assert corrections.fingerprint(one) == corrections.fingerprint(two)
    assert len({corrections.fingerprint(m) for m in (one, {"a": Mark("x")}, {"a": Mark(), "b": Mark("x")})}) == 3


def test_a_version_outlives_the_marks_it_was_made_of() -> None:
    corrections.mark(catalog.resolve(DATASET), "beagle_3.jpg", "Bengal")
    version = corrections.save_version(catalog.resolve(DATASET))
    assert version == corrections.fingerprint(corrections.read(DATASET))
    corrections.clear(catalog.resolve(DATASET))
    assert corrections.version(DATASET, version) == {"beagle_3.jpg": Mark("Bengal")}
    assert corrections.version(DATASET, "") == {}
    assert (config.home() / "marks" / f"pets-{version}.json").is_file()


@pytest.mark.parametrize("which", ["0123456789ab", "../../etc/passwd", "x"])
def test_a_version_that_is_not_here_is_a_sentence(which: str) -> None:
    with pytest.raises(LessonError, match="not on this machine"):
        corrections.version(DATASET, which)


def test_a_version_that_was_changed_is_none_and_a_damaged_file_says_so() -> None:
    corrections.mark(catalog.resolve(DATASET), "beagle_3.jpg", "Bengal")
    version = corrections.save_version(catalog.resolve(DATASET))
    (config.home() / "marks" / f"pets-{version}.json").write_text('{"beagle_3.jpg":{"breed":"Siamese"}}')
    with pytest.raises(LessonError, match="not on this machine"):
        corrections.version(DATASET, version)
    for text in ("{", "[" * 100_000, "[]", '{"a": 3}', '{"a": {}}'):
        (config.home() / "marks" / "pets.json").write_text(text)
        with pytest.raises(LessonError, match="cannot be read"):
            corrections.read(DATASET)


def _mark_some(start: int) -> None:
    for photo in PHOTOS[start : start + 10]:
        corrections.mark(catalog.resolve(DATASET), photo, leave_out=True)


def test_of_two_learners_who_mark_at_once_neither_loses_a_mark() -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_mark_some, args=(start,)) for start in (0, 10)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert sorted(corrections.read(DATASET)) == sorted(PHOTOS[:20])


def test_applied_they_put_labels_right_and_count_once_more() -> None:
    before = found()
    after = corrections.apply(before, {"beagle_0.jpg": Mark("Bengal"), "Siamese_0.jpg": Mark(), "gone.jpg": Mark()})
    assert after.counts == {"Bengal": 11, "Siamese": 9, "beagle": 9}
    assert after.of["beagle_0.jpg"] == "Bengal"
    assert "Siamese_0.jpg" not in after.of
    assert before.counts == {"Bengal": 10, "Siamese": 10, "beagle": 10}  # kept by others: not to be changed
    all_of_it = {f"beagle_{n}.jpg": Mark("Bengal") for n in range(10)}
    assert corrections.apply(before, all_of_it).breeds == ["Bengal", "Siamese"]
    assert corrections.apply(before, {}) is before


def test_the_same_photos_are_held_out_whatever_the_marks() -> None:
    train, valid = labels.split(PHOTOS, found(), 42)
    said = {
        valid[0]: Mark(), valid[1]: Mark("Bengal" if found().of[valid[1]] != "Bengal" else "beagle"),
        train[0]: Mark(), train[1]: Mark("Siamese" if found().of[train[1]] != "Siamese" else "beagle"),
        train[2]: Mark(), "nobody.jpg": Mark(),
    }  # fmt: skip
    halves = corrections.halves(found(), train, valid, said)
    assert halves.valid == valid[1:]
    assert halves.train == [train[1], *train[3:]]
    assert halves.labels.of[valid[1]] == said[valid[1]].breed
    assert halves.facts == {
        "changed_train": 1, "changed_valid": 1, "left_out_train": 2, "left_out_valid": 1, "ignored": 1,
    }  # fmt: skip


def test_marks_that_leave_nothing_are_a_sentence() -> None:
    train, valid = labels.split(PHOTOS, found(), 42)
    with pytest.raises(LessonError, match="no photo is left to test with"):
        corrections.halves(found(), train, valid, dict.fromkeys(valid, Mark()))
    beagles = [photo for photo in train if photo.startswith("beagle")]
    with pytest.raises(LessonError, match="no photo of “beagle” to train on"):
        corrections.halves(found(), train, valid, dict.fromkeys(beagles, Mark()))
    others = [photo for photo in PHOTOS if not photo.startswith("beagle")]
    with pytest.raises(LessonError, match="nothing to tell apart"):
        corrections.halves(found(), train, valid, dict.fromkeys(others, Mark()))


def test_a_run_before_is_measured_on_the_corrected_labels() -> None:
    vocab = ["a", "b"]
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]], np.float32)
    frame = pd.DataFrame(
        {
            "photo": ["1", "2", "3"], "actual": ["a", "b", "b"], "predicted": ["a", "a", "b"],
            "loss": -np.log([0.9, 0.2, 0.7]), "probability": [0.9, 0.8, 0.7], "probability_actual": [0.9, 0.2, 0.7],
            "correct": [True, False, True],
        }
    )  # fmt: skip
    after = corrections.remeasured(frame, probabilities, vocab, {"2": Mark("a"), "3": Mark(), "1": Mark("c")})
    assert after["photo"].tolist() == ["1", "2"]
    assert after["actual"].tolist() == ["a", "a"]
    assert after["correct"].tolist() == [True, True]
    assert after["loss"].tolist() == pytest.approx((-np.log([0.9, 0.8])).tolist())
    assert after["probability_actual"].tolist() == pytest.approx([0.9, 0.8])
    assert frame["actual"].tolist() == ["a", "b", "b"]
    pd.testing.assert_frame_equal(corrections.remeasured(frame, probabilities, vocab, {}), frame)


def test_the_pattern_that_is_none_is_said_as_one() -> None:
    with pytest.raises(PatternError):
        corrections.mark(catalog.resolve(DATASET), "beagle_1.jpg", "Bengal", pattern="beagle")


def test_a_run_gets_the_corrected_labels_on_the_split_that_it_would_have_had() -> None:
    from PIL import Image

    from lessonkit.photos.progress import quiet
    from lessonkit.spec import RunSpec
    from lessonkit.training.setup import labelled_photos

    top = catalog.resolve(DATASET).photos_folder
    for n, photo in enumerate(PHOTOS):
        Image.new("RGB", (40, 40), (n, 2 * n, 255 - n)).save(top / photo, "JPEG")
    manifest.seal(catalog.resolve(DATASET).folder, PHOTOS, "images")
    spec = RunSpec(DATASET, pattern=labels.DEFAULT_PATTERN, size=32)
    before = labelled_photos(spec, quiet)
    assert before.corrected == {}
    gone, wrong = before.valid[0], before.valid[1]
    right = next(breed for breed in before.vocab if breed != found().of[wrong])
    corrections.mark(catalog.resolve(DATASET), gone, leave_out=True)
    corrections.mark(catalog.resolve(DATASET), wrong, right)
    version = corrections.save_version(catalog.resolve(DATASET))
    corrections.clear(catalog.resolve(DATASET))  # what is trained is the version, not what is marked meanwhile
    after = labelled_photos(spec.but(marks=version), quiet)
    assert (after.train, after.valid, after.vocab) == (before.train, before.valid[1:], before.vocab)
    assert after.vocab[after.valid_targets[0]] == right
    assert after.valid_targets[1:].tolist() == before.valid_targets[2:].tolist()
    assert after.corrected["changed_valid"] == after.corrected["left_out_valid"] == 1
    assert after.corrected["changed_train"] == 0
    assert after.train_targets.tolist() == before.train_targets.tolist()
    # a mark on a photo that is trained on makes another training set, and leaves the test alone
    learned = before.train[3]
    right = next(breed for breed in before.vocab if breed != found().of[learned])
    corrections.mark(catalog.resolve(DATASET), learned, right)
    taught = labelled_photos(spec.but(marks=corrections.save_version(catalog.resolve(DATASET))), quiet)
    assert taught.corrected["changed_train"] == 1
    assert taught.vocab[taught.train_targets[3]] == right
    assert taught.train_targets.tolist() != before.train_targets.tolist()
    assert taught.valid_targets.tolist() == before.valid_targets.tolist()
