"""Halves that somebody's photos came in: trained on and tested with as they came, in the lesson and in its notebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lessonkit.photos import catalog, copies, imported, own_photos
from lessonkit.photos.progress import quiet
from lessonkit.spec import RunSpec
from lessonkit.takehome.notebook import cells
from lessonkit.training.setup import labelled_photos
from tests.unit.photos.zips import pets, zipped


@pytest.fixture
def came(home: Path) -> RunSpec:
    files = pets(*(f"{half}/{breed}/{n}.jpg" for half in ("train", "val", "test") for breed in ("cat", "dog")
                   for n in range(4)))  # fmt: skip
    name = imported.add_zip(zipped(files), "Mine")
    return RunSpec(name, catalog.resolve(name).fingerprint, size=32, split="given")


def test_the_lesson_and_its_notebook_hold_out_the_photos_that_came_so(came: RunSpec) -> None:
    given = own_photos.given_halves(catalog.resolve(came.dataset))
    assert own_photos.can_be_given(catalog.resolve(came.dataset))
    right = sorted(photo for photo, half in given.items() if half != "train")
    assert len(right) == 16
    photos = labelled_photos(came, quiet)
    assert (photos.valid, len(photos.train)) == (right, 8)
    shown = cells.photos_of(came)
    assert (shown.train, shown.valid) == (photos.train, photos.valid)
    written = {"Path": Path, "np": np, "names": list(catalog.resolve(came.dataset).names)}
    exec(f"{cells.label(came, shown)}\n{cells.split(came, shown)}", written)
    assert (written["train"], written["valid"]) == (photos.train, photos.valid)


def test_a_fifth_at_random_stays_the_default(came: RunSpec) -> None:
    assert copies.known(came.fingerprint) is None
    photos = labelled_photos(came.but(split="random"), quiet)
    assert len(photos.valid) == 4
    assert copies.known(came.fingerprint) is not None, "of somebody's own photos copies are looked for before training"


def test_photos_that_came_in_one_half_have_no_such_choice(home: Path) -> None:
    name = imported.add_zip(zipped(pets(*(f"train/{b}/{n}.jpg" for b in ("cat", "dog") for n in range(3)))), "One half")
    assert not own_photos.can_be_given(catalog.resolve(name))
