"""By what the photos of a model that is taken home are normalized."""

from __future__ import annotations

from lessonkit.architectures import ARCHITECTURES, IMAGENET_MEAN, IMAGENET_STD
from lessonkit.spec import RunSpec
from lessonkit.takehome import model


def test_photos_are_normalized_as_the_network_was_trained_unless_the_learner_switched_it_off() -> None:
    assert model.stats(RunSpec("drawn", architecture="resnet34")) == (IMAGENET_MEAN, IMAGENET_STD)
    lite = ARCHITECTURES["efficientnet_lite0"]
    assert model.stats(RunSpec("drawn", architecture="efficientnet_lite0")) == (lite.mean, lite.std)
    assert model.stats(RunSpec("drawn", normalize="none")) == ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
