"""One size, one scale: the squares, the numbers and the histograms of a photo."""

import numpy as np
import pytest
from PIL import Image

from lessonkit.analysis import previews

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def banded() -> Image.Image:
    """90 x 30: thirty columns of red, thirty of green, thirty of blue."""
    pixels = np.zeros((30, 90, 3), np.uint8)
    for k, colour in enumerate((RED, GREEN, BLUE)):
        pixels[:, 30 * k : 30 * (k + 1)] = colour
    return Image.fromarray(pixels)


def test_squares_are_squares_of_bytes():
    made = previews.squares(banded(), 30)
    assert list(made) == ["crop", "squish", "pad"]
    for square in made.values():
        assert square.shape == (30, 30, 3)
        assert square.dtype == np.uint8


def test_crop_keeps_the_middle_alone():
    assert (previews.squares(banded(), 30)["crop"] == GREEN).all()


def test_squish_keeps_all_of_it_out_of_proportion():
    squish = previews.squares(banded(), 30)["squish"]
    assert [tuple(squish[15, x]) for x in (2, 15, 27)] == [RED, GREEN, BLUE]
    assert tuple(squish[0, 15]) == GREEN


def test_pad_keeps_all_of_it_between_black():
    pad = previews.squares(banded(), 30)["pad"]
    assert [tuple(pad[15, x]) for x in (2, 15, 27)] == [RED, GREEN, BLUE]
    assert (pad[:10] == 0).all()
    assert (pad[20:] == 0).all()


def test_an_upright_photo_as_an_array_is_padded_at_the_sides():
    pad = previews.squares(np.full((90, 30, 3), 200, np.uint8), 30)["pad"]
    assert (pad[:, :10] == 0).all()
    assert (pad[:, 10:20] == 200).all()


def test_a_sliver_and_a_single_pixel():
    assert previews.squares(np.full((1, 500, 3), 9, np.uint8), 64)["pad"].shape == (64, 64, 3)
    assert (previews.squares(np.full((1, 1, 3), 9, np.uint8), 8)["crop"] == 9).all()


def test_means_and_deviations_of_a_photo():
    photo = np.zeros((2, 2, 3), np.uint8)
    photo[0] = (255, 51, 0)
    stats = previews.channel_stats(photo)
    assert list(stats) == ["red", "green", "blue"]
    assert stats["red"] == pytest.approx({"mean": 0.5, "std": 0.5})
    assert stats["green"] == pytest.approx({"mean": 0.1, "std": 0.1})
    assert stats["blue"] == {"mean": 0, "std": 0}


def test_normalized_by_its_own_figures_a_photo_has_mean_0_and_deviation_1():
    photo = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    stats = previews.channel_stats(photo)
    made = previews.normalize(photo, [s["mean"] for s in stats.values()], [s["std"] for s in stats.values()])
    assert made.dtype == np.float32
    for after in previews.channel_stats(made).values():
        assert after["mean"] == pytest.approx(0, abs=1e-5)
        assert after["std"] == pytest.approx(1, abs=1e-5)


def test_normalizing_is_channel_by_channel():
    photo = np.full((1, 1, 3), (255, 0, 51), np.uint8)
    assert previews.normalize(photo, (0.5, 0.5, 0.1), (0.5, 0.25, 0.1)).ravel() == pytest.approx([1, -2, 1])


@pytest.mark.parametrize("std", [(0, 1, 1), (1, -1, 1)])
def test_a_deviation_of_nothing_is_refused(std):
    with pytest.raises(ValueError, match="above 0"):
        previews.normalize(np.zeros((1, 1, 3), np.uint8), (0, 0, 0), std)


def test_a_normalized_photo_to_look_at_spans_black_to_bright():
    shown = previews.displayable(np.array([[[-2.0, 0.0, 2.0]]], np.float32))
    assert shown.tolist() == [[[0, 128, 255]]]
    assert previews.displayable(np.full((2, 2, 3), 1.5)).max() == 0


def test_histograms_are_shares_at_the_bins_centres():
    photo = np.zeros((1, 4, 3), np.uint8)
    photo[0, :, 0] = (0, 0, 0, 255)
    found = previews.histograms(photo)
    assert found["red"]["shares"].sum() == pytest.approx(1)
    assert found["red"]["shares"][0] == 0.75
    assert found["red"]["mean"] == pytest.approx(0.25)
    assert found["blue"]["shares"].tolist() == [1.0]
    assert found["blue"]["values"].tolist() == [0.0]


@pytest.mark.parametrize("bins", [1, 7, 64, 256])
def test_histograms_have_no_more_bins_than_asked(bins):
    photo = np.random.default_rng(1).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    for made in (
        photo,
        previews.normalize(photo, (0.4,) * 3, (0.2,) * 3),
        np.random.default_rng(2).random((30, 30, 3)),
    ):
        for channel in previews.histograms(made, bins).values():
            assert len(channel["shares"]) == len(channel["values"]) <= bins
            assert channel["shares"].sum() == pytest.approx(1)
            assert channel["values"] @ channel["shares"] == pytest.approx(channel["mean"], abs=1.0 if bins < 7 else 0.4)


def test_normalizing_moves_and_stretches_a_histogram_and_changes_nothing_else():
    photo = np.clip(np.random.default_rng(1).normal(120, 40, (80, 80, 3)), 0, 255).astype(np.uint8)
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    before, after = previews.histograms(photo), previews.histograms(previews.normalize(photo, mean, std))
    for k, channel in enumerate(previews.CHANNELS):
        np.testing.assert_allclose(before[channel]["shares"], after[channel]["shares"])
        np.testing.assert_allclose((before[channel]["values"] - mean[k]) / std[k], after[channel]["values"], atol=1e-5)


def test_histograms_of_nothing():
    assert previews.histograms(np.zeros((0, 5, 3), np.uint8))["red"]["values"].size == 0


def test_a_datasets_figures_are_those_of_all_its_pixels():
    rng = np.random.default_rng(0)
    photos = {f"{k}.jpg": rng.integers(0, 256, (10 + k, 12, 3), dtype=np.uint8) for k in range(5)}
    mean, std = previews.dataset_stats(photos, photos)
    pixels = np.concatenate([p.reshape(-1, 3) for p in photos.values()]) / 255
    assert mean == pytest.approx(pixels.mean(axis=0))
    assert std == pytest.approx(pixels.std(axis=0))
    assert all(type(v) is float for v in (*mean, *std))


def test_a_datasets_figures_from_chosen_photos_evenly_spaced():
    photos = {f"{k:02}.jpg": np.full((2, 2, 3), k, np.uint8) for k in range(11)}
    assert previews.dataset_stats(photos, photos, most=3)[0] == pytest.approx([5 / 255] * 3)  # 00, 05, 10
    assert previews.dataset_stats(photos, ["02.jpg", "04.jpg"])[0] == pytest.approx([3 / 255] * 3)


def test_a_dataset_without_photos_has_no_figures():
    with pytest.raises(ValueError, match="no photos"):
        previews.dataset_stats({}, [])
