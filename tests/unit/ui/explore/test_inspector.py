"""What the map of all photos is said to be made of."""

from __future__ import annotations

import pytest

from lessonkit.architectures import ARCHITECTURES
from lessonkit.ui.explore import inspector


@pytest.mark.parametrize(
    ("name", "features", "numbers"),
    [("resnet34", "512", "1,024"), ("resnet50", "2,048", "4,096"), ("efficientnet_lite0", "1,280", "2,560")],
)
def test_the_map_says_how_many_numbers_this_network_makes_of_a_photo(name: str, features: str, numbers: str) -> None:
    said = inspector.map_words(ARCHITECTURES[name])
    assert said.startswith(f"{ARCHITECTURES[name].title} looks for {features} features")
    assert f"of these {numbers} numbers" in said, "the mean and the highest value of each, as the head is given them"
