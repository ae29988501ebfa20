"""Which photos are held out where chance alone does not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonkit.errors import LessonError
from lessonkit.photos import catalog, copies, halves, labels
from lessonkit.photos.dataset import Dataset, Photos
from lessonkit.photos.labels import Labels
from lessonkit.storage import write_json

PHOTOS = {f"{breed}_{n}.jpg": breed for breed in ("beagle", "pug", "Bengal") for n in range(20)}
ANY = Dataset(catalog.DATASETS["pets"], Path("pets"), Photos(tuple(PHOTOS), "f", "", 0))
FOUND = Labels(["Bengal", "beagle", "pug"], PHOTOS, [], {"Bengal": 20, "beagle": 20, "pug": 20})
TRIPLES = [[f"{breed}_{n + i}.jpg" for i in range(3)] for breed in ("beagle", "pug", "Bengal") for n in range(0, 18, 3)]


@pytest.mark.parametrize("seed", range(8))
def test_all_copies_of_a_photo_are_in_one_half(seed: int) -> None:
    said = halves.together(FOUND, TRIPLES, seed)
    assert said.keys() == PHOTOS.keys()
    assert all(len({said[name] for name in group}) == 1 for group in TRIPLES)
    valid = [name for name, half in said.items() if half == "valid"]
    assert 10 <= len(valid) <= 12
    train, tested = labels.split(list(PHOTOS), FOUND, seed, given=said)
    assert tested == sorted(valid)
    assert {PHOTOS[name] for name in train} == set(FOUND.breeds)


def test_the_same_seed_gives_the_same_halves_and_another_seed_others() -> None:
    assert halves.together(FOUND, TRIPLES, 1) == halves.together(FOUND, TRIPLES, 1)
    assert halves.together(FOUND, TRIPLES, 1) != halves.together(FOUND, TRIPLES, 2)


def test_a_breed_whose_photos_are_all_copies_of_one_is_trained_on() -> None:
    of = {f"pug_{n}.jpg": "pug" for n in range(3)} | {f"beagle_{n}.jpg": "beagle" for n in range(20)}
    found = Labels(["beagle", "pug"], of, [], {"beagle": 20, "pug": 3})
    for seed in range(10):
        said = halves.together(found, [[f"pug_{n}.jpg" for n in range(3)]], seed)
        assert {said[f"pug_{n}.jpg"] for n in range(3)} == {"train"}


def test_copies_that_a_random_split_tears_apart_are_counted(home: Path) -> None:
    assert halves.tested_with_a_copy(ANY, FOUND, 1) == []
    path = copies._path("f")
    path.parent.mkdir(parents=True)
    write_json(path, TRIPLES)
    torn = halves.tested_with_a_copy(ANY, FOUND, 1)
    train, valid = labels.split(list(PHOTOS), FOUND, 1)
    group_of = {name: group for group in TRIPLES for name in group}
    assert torn == [name for name in valid if set(group_of.get(name, ())) & set(train)]
    assert torn


def test_copies_are_kept_together_only_once_somebody_looked_for_them(home: Path) -> None:
    with pytest.raises(LessonError, match="Nobody has looked for copies"):
        halves.wanted(ANY, "together", FOUND, 1)
    assert halves.wanted(ANY, "random", FOUND, 1) is None


@pytest.mark.parametrize("size", [20, 36, 60])
def test_groups_that_are_too_large_hold_out_no_less_than_asked(size: int) -> None:
    """A group may be false (pictures of little detail), or nearly all photos are copies of a few."""
    names = sorted(PHOTOS)
    groups = [names[at : at + size] for at in range(0, 60, size)]
    for seed in range(5):
        held_out = [name for name, half in halves.together(FOUND, groups, seed).items() if half == "valid"]
        assert 0.8 * 12 <= len(held_out) <= 20
        assert {PHOTOS[name] for name in set(names) - set(held_out)} == set(FOUND.breeds)


@pytest.mark.parametrize(
    "groups", [[], [["cat_0.jpg", "cat_1.jpg"]], [["cat_0.jpg", "cat_1.jpg"], ["dog_0.jpg", "dog_1.jpg"]]]
)
def test_of_four_photos_one_is_held_out(groups: list[list[str]]) -> None:
    of = {f"{breed}_{n}.jpg": breed for breed in ("cat", "dog") for n in range(2)}
    found = Labels(["cat", "dog"], of, [], {"cat": 2, "dog": 2})
    train, valid = labels.split(list(of), found, 1, given=halves.together(found, groups, 1))
    assert (len(train), len(valid)) == (3, 1)


def test_where_every_group_is_large_the_smallest_is_held_out_whole() -> None:
    """Of 20 photos 4 are to be held out; where there are groups of 6 and more alone, 6 are, up to a third of all."""
    of = {f"{n}.jpg": ("pug", "beagle")[n % 2] for n in range(20)}
    found = Labels(["beagle", "pug"], of, [], {"beagle": 10, "pug": 10})
    groups = [[f"{n}.jpg" for n in range(6)], [f"{n}.jpg" for n in range(6, 20)]]
    for seed in range(4):
        said = halves.together(found, groups, seed)
        assert sorted(name for name, half in said.items() if half == "valid") == sorted(groups[0])
