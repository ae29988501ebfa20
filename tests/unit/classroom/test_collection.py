"""A class's own dataset: whose photos are whose, and that no giver's lie in both halves."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lessonkit.classroom import collection
from lessonkit.classroom.places import folder, key_of
from lessonkit.errors import LessonError
from lessonkit.lesson import defaults
from lessonkit.photos import catalog, own_photos


def photo(seed: int) -> bytes:
    """A photo as a phone sends it: with where it was taken."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "A phone's maker"
    pixels = np.random.default_rng(seed).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, "JPEG", exif=exif)
    return out.getvalue()


def give(of: collection.Collection, label: str, who: str, seed: int) -> str:
    return collection.add(of.id, collection.keep(photo(seed)), label, key_of(who))


@pytest.fixture
def collected(home: Path) -> tuple[collection.Collection, dict[str, str]]:
    """Six learners with three photos of each of two labels: photo -> giver."""
    of = collection.begin("Our pets", ["dog", "cat"])
    whose = {}
    for person in range(6):
        for number in range(3):
            for place, label in enumerate(of.labels):
                whose[give(of, label, f"learner {person}", 100 * person + 10 * number + place)] = f"learner {person}"
    return of, whose


def test_it_becomes_a_dataset_with_each_givers_photos_in_one_half(collected) -> None:
    of, whose = collected
    assert collection.progress(of) == {"dog": 18, "cat": 18}
    collection.close()
    made = catalog.resolve(collection.make(of.id)["name"])
    half = own_photos.given_halves(made)
    assert len(half) == len(whose)
    halves_of: dict[str, set[str]] = {}
    for name, which in half.items():
        giver = next(giver for id_, giver in whose.items() if id_ in name)
        halves_of.setdefault(giver, set()).add(which)
    assert all(len(found) == 1 for found in halves_of.values())
    assert {"train", "valid"} == set(half.values())
    assert defaults.default_specs(made, "cpu")[defaults.FRESH].split == "given"
    assert own_photos.maker(made) == own_photos.OF_A_CLASS
    # taken back by its giver it is gone from the dataset too, and nobody else's can be
    mine = next(iter(whose))
    with pytest.raises(LessonError, match="not yours"):
        collection.withdraw(mine, key_of("learner 5"))
    assert collection.withdraw(mine, key_of("learner 0")) == made.name
    catalog.recheck(made)
    assert not [name for name in catalog.resolve(made.name).names if mine in name]


def test_records_are_not_looked_at_one_by_one_while_nothing_is_given(collected, monkeypatch) -> None:
    of, whose = collected
    place = folder() / "collections" / of.id
    os.utime(place, (1e9, 1e9))
    assert set(collection.photos(of)) == set(whose)
    with monkeypatch.context() as patch:
        patch.setattr(collection, "_read", lambda place: {})
        assert set(collection.photos(of)) == set(whose)
    later = give(of, "cat", "learner 5", 999)
    assert later in collection.photos(of)
    collection.withdraw(later)
    assert later not in collection.photos(of)


def test_a_photo_is_taken_back_whatever_became_of_what_it_was_given_for(collected) -> None:
    of, whose = collected
    collection.close()
    first, second, *_ = (photo for photo, giver in whose.items() if giver == "learner 0")
    made = catalog.resolve(collection.make(of.id)["name"])
    collection.begin("The next ones", ["dog", "cat"])
    assert first in collection.given_by(key_of("learner 0"))[of.id]
    assert collection.withdraw(first, key_of("learner 0")) == made.name
    catalog.recheck(made)
    assert not [name for name in catalog.resolve(made.name).names if first in name]
    own_photos.remove(catalog.resolve(made.name))
    assert collection.withdraw(second, key_of("learner 0")) == "", "there is no dataset any more to take it out of"
    assert not list(folder().rglob(f"*{first}*")) + list(folder().rglob(f"*{second}*"))


def test_what_a_phone_writes_into_a_photo_is_not_kept(home: Path) -> None:
    of = collection.begin("Ours", ["dog", "cat"])
    give(of, "dog", "me", 1)
    kept = b"".join(path.read_bytes() for path in folder().rglob("*") if path.is_file())
    assert b"maker" not in kept
    assert not list((folder() / "incoming").iterdir())


def test_what_is_no_photo_under_no_label_or_too_late_is_refused(home: Path) -> None:
    of = collection.begin("Ours", ["dog", "cat"])
    with pytest.raises(LessonError):
        collection.add(of.id, collection.keep(b"no photo"), "dog", key_of("me"))
    with pytest.raises(LessonError, match="none of the labels"):
        give(of, "horse", "me", 1)
    collection.close()
    with pytest.raises(LessonError, match="any more"):
        give(of, "dog", "me", 1)
    assert collection.photos(of) == {}
    assert not list((folder() / "incoming").iterdir())


def test_what_was_sent_and_taken_by_no_worker_does_not_stay(home: Path) -> None:
    left, new = (folder() / "incoming" / collection.keep(photo(seed)) for seed in (1, 2))
    os.utime(left, (1e9, 1e9))
    collection.keep(photo(3))
    assert not left.exists(), "a photo stays with the place where it was taken in it"
    assert new.exists()


@pytest.mark.parametrize("labels", [[], ["dog"], ["dog", "Dog"], ["dog", "../x"], ["dog", "x" * 41]])
def test_labels_that_cannot_be_used_are_said(home: Path, labels: list[str]) -> None:
    with pytest.raises(LessonError):
        collection.begin("Ours", labels)


def test_the_label_without_photos_is_named(home: Path) -> None:
    of = collection.begin("Ours", ["dog", "cat"])
    for number in range(8):
        give(of, "dog", f"learner {number}", number)
    collection.close()
    with pytest.raises(LessonError, match="Nobody gave a photo of “cat”"):
        collection.make(of.id)


@pytest.mark.parametrize("people", [1, 2])
def test_with_too_few_givers_nothing_is_held_out_and_it_is_said(home: Path, people: int) -> None:
    of = collection.begin("Ours", ["dog", "cat"])
    for number in range(8):
        give(of, of.labels[number // 2 % 2], f"learner {number % people}", number)
    collection.close()
    with pytest.raises(LessonError, match="held out as a whole"):
        collection.make(of.id)
