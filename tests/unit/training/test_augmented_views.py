"""Batches of photos, augmentation, predictions on photos from outside, and what ImageNet's network says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from lessonkit.errors import LessonError
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec
from lessonkit.training import augmented_views, batches
from lessonkit.training.predict import predict

CPU = torch.device("cpu")


@pytest.fixture
def drawn(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    return list(catalog.resolve("drawn").names)[0]


def test_the_centre_is_the_middle():
    photo = np.arange(7 * 9 * 3, dtype=np.uint8).reshape(7, 9, 3)
    assert np.array_equal(batches.centre(photo, 5), photo[1:6, 2:7])


@pytest.mark.parametrize("turned", [False, True])
def test_random_squares_lie_anywhere_along_the_longer_side(turned: bool):
    photo = np.zeros((4, 6, 3), np.uint8)
    photo[:, :, 0] = np.arange(6)
    photo = photo.transpose(1, 0, 2) if turned else photo
    torch.manual_seed(0)
    squares = [batches.random_square(photo) for _ in range(40)]
    assert {s.shape for s in squares} == {(4, 4, 3)}
    assert {int(s[0, 0, 0]) for s in squares} == {0, 1, 2}


def test_bytes_become_floats_of_0_to_1_channels_first():
    batch = batches.to_float([np.full((2, 3, 3), 255, np.uint8), np.zeros((2, 3, 3), np.uint8)], CPU)
    assert batch.shape == (2, 3, 2, 3)
    assert batch[0].min() == 1
    assert batch[1].max() == 0


def test_normalization_is_the_architectures_or_none():
    batch = torch.full((1, 3, 2, 2), 0.75)
    spec = RunSpec("drawn")
    assert batches.Normalization(spec, CPU)(batch).unique().item() == pytest.approx(0.5)  # (0.75 - 0.5) / 0.5
    assert batches.Normalization(spec.but(normalize="none"), CPU)(batch).unique().item() == 0.75


def test_a_loader_gives_every_photo_once_in_order_or_whole_batches_shuffled():
    def assemble(positions: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(positions)

    targets = torch.arange(10) * 2
    ordered = batches.Loader(assemble, targets, 4, CPU)
    assert torch.cat([x for x, _ in ordered]).tolist() == list(range(10))
    assert len(ordered) == 3
    shuffled = batches.Loader(assemble, targets, 4, CPU, shuffled_by=RunSpec("drawn"))
    torch.manual_seed(0)
    seen = list(shuffled)
    assert len(seen) == len(shuffled) == 2
    assert all(torch.equal(y, 2 * x) for x, y in seen)
    photos = torch.cat([x for x, _ in seen]).tolist()
    assert len(set(photos)) == 8
    assert photos != sorted(photos)


def test_augmented_views_are_nine_photos_and_the_same_each_time(drawn: str):
    views = augmented_views.augmented("drawn", drawn, 96)
    assert len(views) == 9
    assert {(v.shape, v.dtype.name) for v in views} == {((96, 96, 3), "uint8")}
    assert not np.array_equal(views[0], views[1])
    state = torch.get_rng_state()
    assert np.array_equal(views[3], augmented_views.augmented("drawn", drawn, 96)[3])
    assert torch.equal(torch.get_rng_state(), state)


def test_views_asked_for_at_once_are_those_asked_for_alone(drawn_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    asked = list(catalog.resolve("drawn").names)[:6] * 4
    alone = [augmented_views.augmented("drawn", name, 32) for name in asked]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda name: augmented_views.augmented("drawn", name, 32), asked))
    assert all(
        np.array_equal(a, b)
        for one, other in zip(alone, together, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def test_no_class_of_imagenet_reads_as_a_part_of_a_pet():
    names = augmented_views._names()
    assert len(names) == 1000
    assert "ear of corn" in names
    assert "ear" not in names


@pytest.mark.slow
def test_the_pretrained_network_names_a_real_dog(pets_archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_MIRROR", str(pets_archive.parent))
    catalog.obtain("pets")
    pug = next(p for p in list(catalog.resolve("pets").names) if p.startswith("pug_"))
    said = augmented_views.pretrained_says("pets", pug, "efficientnet_lite0")
    assert said["normalized"][0][0] == "pug"
    for top in said.values():
        probabilities = [p for _, p in top]
        assert len(top) == 5
        assert probabilities == sorted(probabilities, reverse=True)
    assert said["normalized"] != said["raw"]


def test_predicting_with_a_run_that_has_no_model_is_refused(home: Path):
    with pytest.raises(LessonError, match="no model"):
        predict("0123456789ab", [])
