"""What a learner takes home opens a photo as the lesson does, pixel for pixel."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from fastai.vision.core import PILImage
from PIL import Image
from torchvision.transforms import Compose

from lessonkit.photos.cache import fitted
from lessonkit.photos.images import open_photo
from lessonkit.takehome.notebook import opening

SIDE = 48


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def pixels(channels: int, dtype: type = np.uint8, size: tuple[int, int] = (90, 130)) -> np.ndarray:
    """Smooth enough that a photo's codec does not turn it into noise, and different in each channel."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    waves = [0.5 + 0.5 * np.sin(rows / (7 + c) + columns / (11 - c) + c) for c in range(channels)]
    return np.squeeze(np.stack(waves, -1) * np.iinfo(dtype).max).astype(dtype)


RGB, RGBA = Image.fromarray(pixels(3)), Image.fromarray(pixels(4))
LARGE = Image.fromarray(pixels(3, size=(700, 900)))
PHOTOS = {
    "plain.png": (RGB, {}),
    "plain.jpg": (RGB, {"quality": 90}),
    "of a camera.jpg": (LARGE, {"quality": 90}),  # decoded at a part of its size
    "large.png": (LARGE, {}),
    "long.png": (Image.fromarray(pixels(3, size=(60, 500))), {}),
    "transparent.png": (RGBA, {}),
    "transparent grey.png": (RGBA.convert("LA"), {}),
    "one colour transparent.png": (RGB.quantize(16), {"transparency": 3}),
    "transparent.webp": (RGBA, {"lossless": True}),
    "animated.gif": (RGB, {"save_all": True, "append_images": [RGBA.convert("RGB").rotate(90)]}),
    "deep.png": (Image.fromarray(pixels(1, np.uint16)), {}),
    "deep.tif": (Image.fromarray(pixels(1, np.uint16)), {}),
    "print.jpg": (RGB.convert("CMYK"), {"quality": 90}),
    "grey.png": (RGB.convert("L"), {}),
    "lying.jpg": (RGB, {"quality": 90, "exif": turned(6)}),
    "lying, transparent.png": (RGBA, {"exif": turned(8)}),
    "lying, deep.png": (Image.fromarray(pixels(1, np.uint16)), {"exif": turned(5)}),
}
REAL = {"real.tif": pixels(1).astype(np.float32) / 255, "whole.tif": pixels(1).astype(np.int32) * 300}


@pytest.fixture(params=[*PHOTOS, *REAL])
def photo(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name = request.param
    image, how = PHOTOS[name] if name in PHOTOS else (Image.fromarray(REAL[name]), {})
    image.save(tmp_path / name, **how)
    return tmp_path / name


def test_the_notebook_opens_a_photo_as_the_lesson_does(photo: Path):
    known = {"np": np, "PILImage": PILImage}
    exec(opening.source(SIDE), known)
    here, there = np.asarray(known["opened"](photo)), fitted(open_photo(photo, enough=SIDE), SIDE)
    assert here.std() > 10, "there is something to see"
    assert np.array_equal(here, there)


def test_the_exported_learner_opens_a_photo_as_the_lesson_does(photo: Path):
    if photo.name in REAL:
        pytest.skip("greys of 32 bits it cuts off, as it says")
    made = pickle.dumps(Compose(opening.opener(Compose, PILImage.create, (bytes, np.ndarray))))
    assert b"lessonkit" not in made
    opened = pickle.loads(made)
    for given in (photo, str(photo), Image.open(photo)):
        assert np.array_equal(np.asarray(opened(given)), np.asarray(open_photo(photo)))
    assert opened(np.asarray(RGB)).size == RGB.size
