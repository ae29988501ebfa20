"""How batches are made: fastai's augmentation, to the number."""

from __future__ import annotations

import random

import pytest
import torch
from fastai.vision.augment import aug_transforms
from fastai.vision.core import TensorImage

from lessonkit.spec import MAX_ZOOM
from lessonkit.training import augmentation, draws


@pytest.mark.parametrize(("side", "size"), [(40, 32), (64, 32), (32, 32), (208, 160)])
def test_augmentation_is_fastais_own(side: int, size: int):
    photos = torch.rand(16, 3, side, side).contiguous(memory_format=torch.channels_last)
    _seed()
    changed = TensorImage(photos.clone())
    for transform in aug_transforms(size=size, max_zoom=MAX_ZOOM):
        changed = transform(changed, split_idx=0)
    _seed()
    ours = augmentation.Augment(size)(photos.clone())
    assert ours.shape == (16, 3, size, size)
    torch.testing.assert_close(ours, changed.as_subclass(torch.Tensor), rtol=0, atol=1e-4)
    assert (ours - changed).abs().mean() < 5e-6


def test_augmentation_changes_each_photo_its_own_way_and_hangs_on_the_generators():
    photo = torch.rand(1, 3, 26, 26).repeat(4, 1, 1, 1)
    augment = augmentation.Augment(20)
    _seed()
    first = augment(photo.clone())
    _seed()
    assert torch.equal(first, augment(photo.clone()))
    assert not torch.allclose(first[0], first[1])


def test_what_is_drawn_apart_leaves_the_generators_as_they_were_and_a_gpus_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "manual_seed_all", lambda _: pytest.fail("a GPU's dropout would depend on it"))
    drawn = []
    for before in (1, 2):
        _seed()
        torch.rand(before)
        state = torch.get_rng_state(), random.getstate()
        with draws.drawn_by(7):
            drawn.append((float(torch.rand(())), random.random()))
        assert torch.equal(torch.get_rng_state(), state[0])
        assert random.getstate() == state[1]
    assert drawn[0] == drawn[1]


def _seed() -> None:
    torch.default_generator.manual_seed(1)
    random.seed(1)
