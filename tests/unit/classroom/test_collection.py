"""A class's own dataset: whose photos are whose, and that no giver's lie in both halves."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lessonkit import runs
from lessonkit.classroom import collection
from lessonkit.classroom.places import folder, key_of
from lessonkit.errors import LessonError
from lessonkit.lesson import defaults
from lessonkit.photos import catalog, own_photos
from lessonkit.spec import RunSpec


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


def test_each_gives_so_many_photos_and_all_together_so_many(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = collection.begin("Ours", ["dog", "cat"])
    monkeypatch.setattr(collection, "EACH", 2)
    mine = [give(of, "dog", "me", number) for number in range(2)]
    with pytest.raises(LessonError, match="Each learner may give 2 photos"):
        give(of, "dog", "me", 2)
    collection.withdraw(mine[0], key_of("me"))
    give(of, "dog", "me", 2)
    monkeypatch.setattr(collection, "ALL", 3)
    give(of, "cat", "another", 3)
    with pytest.raises(LessonError, match="the whole class 3"):
        give(of, "cat", "a third", 4)
    assert collection.progress(of) == {"dog": 2, "cat": 1}


def test_a_file_that_is_too_large_is_not_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "LARGEST", 2 << 20)
    collection.keep(bytes(2 << 20))
    with pytest.raises(LessonError, match="This photo has 3 MB; the limit is 2 MB"):
        collection.keep(bytes(3 << 20))
    assert len(list((folder() / "incoming").iterdir())) == 1


def test_photos_are_kept_small_enough_and_shown_as_small_ones(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "SIDE", 40)
    monkeypatch.setattr(collection, "SMALL", 20)
    of = collection.begin("Ours", ["dog", "cat"])
    given = give(of, "dog", "me", 1)
    assert Image.open(folder() / "collections" / of.id / f"{given}.jpg").size == (40, 30)
    assert Image.open(io.BytesIO(collection.small(of, given))).size == (20, 15)
    collection.withdraw(given)
    assert collection.small(of, given) is None


def test_a_photo_that_a_run_learns_from_is_taken_back_once_that_has_ended(collected) -> None:
    _, whose = collected
    collection.close()
    made = collection.make(collection.now().id)["name"]
    mine = next(iter(whose))
    run = runs.create(RunSpec(made))
    runs.create(RunSpec("drawn"))
    with pytest.raises(LessonError, match="under way"):
        collection.withdraw(mine)
    run.end(runs.FAILED)
    assert collection.withdraw(mine) == made


def test_photos_are_taken_again_until_a_dataset_was_made(collected) -> None:
    of, _ = collected
    collection.close()
    assert not collection.now().open
    with pytest.raises(LessonError, match="open still"):
        collection.make("0" * 16)
    collection.reopen()
    assert collection.now().open
    with pytest.raises(LessonError, match="open still"):
        collection.make(of.id)
    collection.close()
    made = collection.make(of.id)["name"]
    assert collection.now().dataset == made
    collection.reopen()
    assert not collection.now().open, "its photos are held out by giver: one more would be in neither half"
    own_photos.remove(catalog.resolve(made))
    assert collection.now().dataset == ""
    collection.reopen()
    assert collection.now().open


def test_no_more_than_a_third_is_held_out_and_something_of_each_label_is_learned_from() -> None:
    def given(**of: str) -> dict[str, collection.Given]:
        """`who="ddc"`: two photos of a dog, one of a cat."""
        return {
            f"{who} {number}": collection.Given({"d": "dog", "c": "cat"}[label], who)
            for who, labels in of.items()
            for number, label in enumerate(labels)
        }

    photos = given(a="dddccc", b="dc", c="dc", d="dc", e="dc")
    for seed in range(20):
        half = collection.halves(photos, seed)
        held = {photo for photo, which in half.items() if which == "valid"}
        assert 2 <= len(held) <= len(photos) / 3
        assert not any(photo.startswith("a") for photo in held), "six of fourteen"
    only = given(a="dddddddd", b="dddddddd", c="cc")
    for seed in range(20):
        with pytest.raises(LessonError, match="held out as a whole"):
            collection.halves(only, seed)
