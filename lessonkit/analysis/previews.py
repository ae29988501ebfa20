"""What happens to a photo on its way to the network, as arrays and numbers: one size, one scale. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from PIL import Image
from plotly.colors import hex_to_rgb, sequential

CHANNELS = ("red", "green", "blue")
# Its lightness rises all the way, so that eyes which see few colours, and a grey printer, read it the same.
_INFERNO = np.array([hex_to_rgb(colour) for colour in sequential.Inferno])  # at even steps from dark to light
_UNSEEN = 0.6  # how far what the network did not see fades to grey under a full heat map


class Photos(Protocol):
    """Photos by name, such as a PhotoCache or a dict: `photos[name]` is (height, width, 3) uint8."""

    def __getitem__(self, name: str, /) -> np.ndarray: ...


def squares(photo: Image.Image | np.ndarray, size: int) -> dict[str, np.ndarray]:
    """The three ways to make a photo square.

    Args:
        photo: RGB, or (height, width, 3) uint8.
        size: side of the square in pixels, 1 or more.

    Returns:
        "crop" (the middle, the shorter side filling the square), "squish" (all of it, out of proportion) and
        "pad" (all of it, black beside): (size, size, 3) uint8 each.
    """
    image = photo if isinstance(photo, Image.Image) else Image.fromarray(photo)
    image = image.convert("RGB")
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    crop = image.resize((size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
    squish = image.resize((size, size), Image.Resampling.BILINEAR)
    scale = size / max(width, height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    pad = Image.new("RGB", (size, size))
    pad.paste(image.resize(inner, Image.Resampling.BILINEAR), ((size - inner[0]) // 2, (size - inner[1]) // 2))
    return {"crop": np.asarray(crop), "squish": np.asarray(squish), "pad": np.asarray(pad)}


def scaled(photo: np.ndarray) -> np.ndarray:
    """Bytes of 0 to 255 as float32 of 0 to 1; what is float already stays as it is."""
    return photo.astype(np.float32) / 255 if photo.dtype == np.uint8 else photo.astype(np.float32, copy=False)


def channel_stats(photo: np.ndarray) -> dict[str, dict[str, float]]:
    """{"red": {"mean", "std"}, "green": ..., "blue": ...} of (height, width, 3); bytes count as 0 to 1."""
    pixels = scaled(photo).reshape(-1, 3).astype(np.float64)
    means, deviations = pixels.mean(axis=0), pixels.std(axis=0)
    return {c: {"mean": float(m), "std": float(d)} for c, m, d in zip(CHANNELS, means, deviations, strict=True)}


def normalize(photo: np.ndarray, mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    """(pixel - mean) / std, channel by channel, of (height, width, 3); float32, bytes count as 0 to 1.

    Raises:
        ValueError: a deviation of 0 or less.
    """
    deviation = np.asarray(std, dtype=np.float32)
    if not (deviation > 0).all():
        raise ValueError(f"deviations must be above 0, not {tuple(std)}")
    return (scaled(photo) - np.asarray(mean, dtype=np.float32)) / deviation


def displayable(normalized: np.ndarray) -> np.ndarray:
    """A normalized photo as uint8 to look at: its least value black, its greatest full brightness."""
    low, high = float(normalized.min()), float(normalized.max())
    if high <= low:
        return np.zeros(normalized.shape, dtype=np.uint8)
    return np.round(255 * (normalized - low) / (high - low)).astype(np.uint8)


def histograms(photo: np.ndarray, bins: int = 64) -> dict[str, dict[str, np.ndarray | float]]:
    """How often each value occurs in each channel of (height, width, 3).

    Returns:
        {"red": {"values", "shares", "mean"}, "green": ..., "blue": ...}: (n,) float each, n at most `bins`: the
        bins' centres and the share of the channel's pixels in each, summing to 1; the mean a float. Bytes count as 0 to 1. Each channel
        has bins of its own, since normalization moves and stretches each by its own figures.
    """
    pixels = scaled(photo).reshape(-1, 3)
    return {c: _histogram(pixels[:, i], bins) for i, c in enumerate(CHANNELS)}


def _histogram(channel: np.ndarray, bins: int) -> dict[str, np.ndarray | float]:
    if not len(channel):
        return {"values": np.array([]), "shares": np.array([]), "mean": float("nan")}
    levels, counts = np.unique(channel.astype(np.float64), return_counts=True)
    step = float(np.diff(levels).min()) if 1 < len(levels) <= 256 else 0.0
    span = float(levels[-1] - levels[0])
    if step and span / step < 300:
        # pixels that were bytes lie on a grid: bins of the same number of its lines, or the chart grows false teeth
        step = span / round(span / step)  # over the whole span, a float32's last digit no longer counts
        lines = np.round((levels - levels[0]) / step).astype(int)
        together = -(-(lines[-1] + 1) // bins)
        place = lines // together
        width = step * together
        start = levels[0] - step / 2
    else:
        width = span / bins or 1.0
        place = np.minimum(((levels - levels[0]) / width).astype(int), bins - 1)
        start = levels[0] if len(levels) > 1 else levels[0] - width / 2
    shares = np.bincount(place, weights=counts) / len(channel)
    values = start + width * (np.arange(len(shares)) + 0.5)
    return {"values": values, "shares": shares, "mean": float(levels @ counts / len(channel))}


def dataset_stats(
    photos: Photos, names: Iterable[str], most: int = 400
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Mean and standard deviation of each channel over many photos' pixels, scaled to 0..1.

    Args:
        names: which of the photos.
        most: at most this many photos are read, evenly spaced over the sorted names; the figures move in the
            third decimal only.

    Returns:
        (mean, std), three floats each; every pixel counts the same.

    Raises:
        ValueError: there is no photo.
    """
    chosen = sorted(names)
    if not chosen:
        raise ValueError("no photos to work the figures out from")
    if len(chosen) > most:
        chosen = [chosen[i] for i in np.linspace(0, len(chosen) - 1, most).round().astype(int)]
    counts = np.zeros((3, 256), dtype=np.int64)
    for name in chosen:
        for channel in range(3):
            counts[channel] += np.bincount(photos[name][..., channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    pixels = counts.sum(axis=1)
    mean = counts @ values / pixels
    std = np.sqrt(counts @ values**2 / pixels - mean**2)
    return _three(mean), _three(std)


def _three(values: np.ndarray) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def overlay(
    photo: np.ndarray,
    heat: np.ndarray,
    opacity: float,
    box: Sequence[int] | None = None,
    size: Sequence[int] | None = None,
) -> np.ndarray:
    """A heat map laid over a photo, dark where it is 0 and light where it is 1; what it does not cover fades to grey.

    Args:
        photo: (height, width, 3) uint8, the photo or a smaller picture of it.
        heat: (h', w') of 0 to 1, of any size: it is smoothed over the pixels. NaN counts as 0.
        opacity: 0 (the photo alone) to 1 (the map alone).
        box: top, left, bottom, right of what the map covers; None for all of it.
        size: height and width of the photo whose pixels `box` counts; None for those of `photo`.

    Returns:
        (height, width, 3) uint8.
    """
    height, width = photo.shape[:2]
    down, across = (height / size[0], width / size[1]) if size is not None else (1.0, 1.0)
    top, left, bottom, right = box if box is not None else (0, 0, height / down, width / across)
    top, bottom = (min(max(round(y * down), 0), height) for y in (top, bottom))
    left, right = (min(max(round(x * across), 0), width) for x in (left, right))
    mixed = photo.astype(np.float32)
    grey = mixed.mean(axis=2, keepdims=True)
    faded = mixed + (0.5 * grey + 64 - mixed) * (opacity * _UNSEEN)
    if bottom > top and right > left:
        inside = (slice(top, bottom), slice(left, right))
        smooth = Image.fromarray(np.nan_to_num(heat.astype(np.float32))).resize(
            (right - left, bottom - top), Image.Resampling.BILINEAR
        )
        faded[inside] = mixed[inside] * (1 - opacity) + _coloured(np.asarray(smooth)) * opacity
    return np.clip(faded + 0.5, 0, 255).astype(np.uint8)


def _coloured(heat: np.ndarray) -> np.ndarray:
    """(h, w) of 0 to 1 -> (h, w, 3) float32 of 0 to 255."""
    steps = np.linspace(0, 1, len(_INFERNO))
    table = np.stack([np.interp(np.linspace(0, 1, 256), steps, c) for c in _INFERNO.T], axis=1).astype(np.float32)
    return table[np.clip(heat * 255 + 0.5, 0, 255).astype(np.uint8)]
