"""How batches are made: fastai's augmentation, to the number."""

from __future__ import annotations

import random

import torch
from fastai.vision.augment import aug_transforms
from fastai.vision.core import TensorImage

from lessonkit.training import batches


def test_augmentation_is_fastais_own():
    photos = torch.rand(8, 3, 40, 40).contiguous(memory_format=torch.channels_last)
    made = []
    for transforms in (batches.Augment(32).transforms, aug_transforms(size=32, max_zoom=batches.MAX_ZOOM)):
        torch.manual_seed(1)
        random.seed(1)
        changed = TensorImage(photos.clone())
        for transform in transforms:
            changed = transform(changed, split_idx=0)
        made.append(changed.as_subclass(torch.Tensor))
    assert made[0].shape == (8, 3, 32, 32)
    torch.testing.assert_close(*made, rtol=0, atol=1e-5)
    torch.manual_seed(1)
    random.seed(1)
    assert torch.equal(batches.Augment(32)(photos.clone()), made[0])
