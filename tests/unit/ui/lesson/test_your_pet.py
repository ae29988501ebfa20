"""Of which photos it is said that the network saw only their middle."""

from __future__ import annotations

import pytest

from lessonkit.photos import cache
from lessonkit.training import gradcam
from lessonkit.ui.lesson import your_pet

SIZE = 224
SIDE = cache.side_for(SIZE)


def seen(height: int, width: int) -> list[int]:
    """What the network sees of a photo of that size."""
    shorter, longer = min(height, width), min(max(height, width), cache.LONGEST * min(height, width))
    scale = SIDE / shorter
    fitted = (round(min(height, longer) * scale), round(min(width, longer) * scale), 3)
    return gradcam._box(height, width, fitted, SIZE)


@pytest.mark.parametrize(("height", "width", "said"), [(3000, 12000, "19.4\xa0% of its width"), (9000, 3000, "25.9\xa0% of its height")])  # fmt: skip
def test_of_a_panorama_it_is_said(height: int, width: int, said: str) -> None:
    sentence = your_pet.only_the_middle(seen(height, width), [height, width])
    assert "only the middle" in sentence
    assert said in sentence


@pytest.mark.parametrize(("height", "width"), [(3024, 4032), (4032, 3024), (1080, 1920), (500, 500), (4, 4)])
def test_of_a_photo_as_phones_take_it_it_is_not(height: int, width: int) -> None:
    assert not your_pet.only_the_middle(seen(height, width), [height, width])
