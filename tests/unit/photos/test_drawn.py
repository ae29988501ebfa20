"""The drawn set: its names, its planted labels, the same bytes from the same seed."""

import hashlib
import json
import re

import numpy as np
import pytest
from PIL import Image

from lessonkit.photos import drawn
from lessonkit.photos.drawn import dataset
from lessonkit.photos.drawn.breeds import BREEDS, CLOSE_PAIRS
from lessonkit.photos.drawn.dataset import draw_dataset
from lessonkit.photos.drawn.portrait import draw

SIDE = 48
LESSON_PATTERN = r"/([^/]+)_\d+.jpg$"


def bytes_of(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "images").iterdir()}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    told = []
    draw_dataset(folder, per_breed=3, side=SIDE, report=lambda *said: told.append(said))
    return folder, told


def test_each_breed_gets_its_photos(small):
    folder, _ = small
    expected = {f"{breed}_{number}.jpg" for breed in BREEDS for number in (1, 2, 3)}
    assert {path.name for path in (folder / "images").iterdir()} == expected
    assert len(BREEDS) == 12


def test_names_parse_with_the_lessons_pattern(small):
    folder, _ = small
    found = {re.search(LESSON_PATTERN, path.as_posix()).group(1) for path in (folder / "images").iterdir()}
    assert found == set(BREEDS)


def test_cats_have_a_capital_and_dogs_do_not():
    kinds = {name: breed.kind for name, breed in drawn.breeds.BY_NAME.items()}
    assert all(kinds[name] == ("cat" if name[0].isupper() else "dog") for name in BREEDS)
    assert set(kinds.values()) == {"cat", "dog"}


def test_photos_are_jpegs_upright_lying_and_square_of_the_size_asked_for(small):
    folder, _ = small
    sizes = []
    for path in (folder / "images").iterdir():
        with Image.open(path) as photo:
            assert (photo.format, photo.mode, max(photo.size)) == ("JPEG", "RGB", SIDE)
            assert min(photo.size) >= 0.75 * SIDE
            sizes.append(photo.width - photo.height)
    assert min(sizes) < 0 < max(sizes)
    assert 0 in sizes


def test_progress_counts_every_photo_once(small):
    _, told = small
    assert told[0] == ("drawing", 0, 36)
    assert told[-1] == ("drawing", 36, 36)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_same_bytes_whatever_the_number_of_photos_and_processes(small, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "FEW", 1)
    monkeypatch.setattr(dataset, "cores", lambda: 2)
    draw_dataset(tmp_path, per_breed=4, side=SIDE)
    again = bytes_of(tmp_path)
    first = bytes_of(small[0])
    assert len(again) == 48
    assert {name: again[name] for name in first} == first


def test_another_seed_gives_other_photos(small, tmp_path):
    draw_dataset(tmp_path, per_breed=1, seed=7, side=SIDE)
    first = bytes_of(small[0])
    assert all(first[name] != digest for name, digest in bytes_of(tmp_path).items())


def test_no_two_photos_are_the_same(small):
    digests = list(bytes_of(small[0]).values())
    assert len(set(digests)) == len(digests)


def test_drawn_in_this_process_where_no_other_can_be_started(small, tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("no processes here")

    monkeypatch.setattr(dataset, "FEW", 1)
    monkeypatch.setattr(dataset, "cores", lambda: 2)
    monkeypatch.setattr(dataset, "ProcessPoolExecutor", refuse)
    draw_dataset(tmp_path, per_breed=1, side=SIDE)
    first = bytes_of(small[0])
    assert bytes_of(tmp_path) == {name: first[name] for name in first if name.endswith("_1.jpg")}


def test_planted_labels_are_recorded_and_only_those(small, tmp_path, monkeypatch):
    folder, _ = small
    wrong = {
        f"{b}_{n}.jpg": shown for b in BREEDS for n in (1, 2, 3) if (shown := dataset.truth(b, n, 2019)) != b
    }  # fmt: skip
    assert json.loads((folder / "planted.json").read_text()) == wrong
    monkeypatch.setattr(dataset, "truth", lambda breed, number, seed: "pug" if breed == "beagle" else breed)
    draw_dataset(tmp_path, per_breed=1, side=SIDE)
    assert json.loads((tmp_path / "planted.json").read_text()) == {"beagle_1.jpg": "pug"}
    shown = Image.open(tmp_path / "images" / "beagle_1.jpg")
    key = (2019, dataset._key("beagle"), 1)
    square = shown.resize((SIDE, SIDE))
    off, other = (
        np.abs(np.asarray(square, float) - np.asarray(draw(b, key, SIDE).resize((SIDE, SIDE)), float)).mean()
        for b in ("pug", "beagle")
    )
    assert off < other


@pytest.mark.parametrize("seed", [2019, 1, 2])
def test_two_in_a_hundred_labels_are_wrong_and_never_within_a_close_pair(seed):
    shown = {(breed, n): dataset.truth(breed, n, seed) for breed in BREEDS for n in range(1, 101)}
    wrong = {key: value for key, value in shown.items() if value != key[0]}
    assert len(wrong) == 24
    pairs = {frozenset(pair) for pair in CLOSE_PAIRS}
    assert not any(frozenset((breed, value)) in pairs for (breed, _), value in wrong.items())


def test_the_default_set_has_planted_labels():
    wrong = sum(dataset.truth(breed, n, 2019) != breed for breed in BREEDS for n in range(1, 61))
    assert 8 <= wrong <= 22


def test_two_close_pairs_are_declared_among_the_breeds():
    assert len(CLOSE_PAIRS) == 2
    assert len({breed for pair in CLOSE_PAIRS for breed in pair} & set(BREEDS)) == 4


@pytest.mark.parametrize("breed", BREEDS)
def test_a_portrait_fills_the_middle_of_its_picture(breed):
    """The same seed with another breed changes the animal, and leaves a corner's background much as it is."""
    other = "pug" if breed != "pug" else "Bombay"
    a, b = (np.asarray(draw(name, 5, 96).resize((96, 96)), float) for name in (breed, other))
    assert a.shape == (96, 96, 3)
    assert np.abs(a - b)[32:64, 32:64].mean() > 12
    assert a.std() > 15


@pytest.mark.parametrize("wrong", [{"per_breed": 0}, {"per_breed": 1001}, {"seed": -1}, {"side": 31}, {"side": 1025}])
def test_numbers_out_of_range_are_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        draw_dataset(tmp_path, **wrong)
    assert not (tmp_path / "images").exists()


def test_an_unknown_breed_is_refused_by_name():
    with pytest.raises(ValueError, match="unicorn"):
        draw("unicorn", 1)
