"""A heat map over a photo: where it lies, how it mixes, in pictures of any size."""

from __future__ import annotations

import numpy as np
import pytest

from lessonkit.analysis.previews import overlay

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
CORNER = np.zeros((3, 3))
CORNER[0, 2] = 1.0


def lightness(picture: np.ndarray) -> np.ndarray:
    return picture.astype(float) @ [0.2126, 0.7152, 0.0722]


def test_without_opacity_the_photo_is_as_it_was():
    assert (overlay(PHOTO, CORNER, 0.0, box=(0, 15, 60, 75)) == PHOTO).all()


def test_the_light_place_is_where_the_map_is_highest():
    shown = lightness(overlay(PHOTO, CORNER, 1.0, box=(0, 15, 60, 75)))
    row, column = np.unravel_index(shown[:, 15:75].argmax(), (60, 60))
    assert row < 20
    assert column >= 40


def test_more_heat_is_lighter_all_the_way():
    ramp = np.linspace(0, 1, 64)[None]
    shown = lightness(overlay(np.zeros((1, 64, 3), np.uint8), ramp, 1.0))[0]
    assert (np.diff(shown) > 0).all()
    assert (shown[0], shown[-1]) == (pytest.approx(0, abs=2), pytest.approx(246, abs=4))


def test_outside_the_square_the_photo_fades_but_can_be_seen():
    shown = overlay(PHOTO, CORNER, 1.0, box=(0, 15, 60, 75))
    outside, before = shown[:, :15].reshape(-1).astype(float), PHOTO[:, :15].reshape(-1).astype(float)
    assert outside.std() < 0.6 * before.std()
    assert np.corrcoef(outside, before)[0, 1] > 0.8


def test_a_smaller_picture_of_the_photo_has_the_map_at_the_same_place():
    large = np.full((600, 900, 3), 128, np.uint8)
    small = np.full((60, 90, 3), 128, np.uint8)
    box, size = (100, 250, 500, 650), (600, 900)
    shown = overlay(large, CORNER, 0.7, box, size).astype(int)
    shrunk = overlay(small, CORNER, 0.7, box, size).astype(int)
    assert abs(shown[5::10, 5::10] - shrunk).max() <= 12
    assert (overlay(large, CORNER, 0.7, box) == shown).all()


@pytest.mark.parametrize("heat", [np.zeros((5, 5), np.float16), np.ones((1, 1), np.float16), np.eye(7)])
def test_any_map_of_any_size_and_type_gives_bytes(heat: np.ndarray):
    shown = overlay(PHOTO, heat, 0.5)
    assert (shown.shape, shown.dtype) == (PHOTO.shape, np.uint8)
