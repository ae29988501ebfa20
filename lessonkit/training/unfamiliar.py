"""Pictures that are no pets, made on the machine: what a model should find unlike all that it knows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from lessonkit.language import translatable
from lessonkit.photos.drawn import scene

EACH = 12
SEED = 2024


def pictures(side: int, each: int = EACH) -> dict[str, list[np.ndarray]]:
    """Pictures without a pet, by what they are; the same ones each time.

    Args:
        side: pixels of each side. each: how many of a kind.

    Returns:
        {"empty scenes", "noise", "pages of text", "gradients": `each` arrays (side, side, 3) uint8}.
    """
    return {
        what: [make(np.random.default_rng([SEED, kind, n]), side) for n in range(each)]
        for kind, (what, make) in enumerate(_KINDS.items())
    }


def _scene(rng: np.random.Generator, side: int) -> np.ndarray:
    return np.asarray(scene.background(rng, side).convert("RGB"))


def _noise(rng: np.random.Generator, side: int) -> np.ndarray:
    """Coarse to fine: from specks of a pixel to blots of a quarter of the side."""
    specks = max(2, side // int(2 ** rng.integers(0, 6)))
    pixels = rng.integers(0, 256, (specks, specks, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR))


def _text(rng: np.random.Generator, side: int) -> np.ndarray:
    page = Image.new("RGB", (side, side), tuple(int(v) for v in rng.integers(215, 256, 3)))
    draw = ImageDraw.Draw(page)
    letters, high = "abcdefghijklmnoprstuvw ", int(rng.integers(8, 22))
    ink = tuple(int(v) for v in rng.integers(0, 70, 3))
    for y in range(4, side, high + 5):
        line = "".join(letters[i] for i in rng.integers(0, len(letters), side // 3))
        draw.text((5, y), line, fill=ink, font_size=high)
    return np.asarray(page)


def _gradient(rng: np.random.Generator, side: int) -> np.ndarray:
    down, across = np.mgrid[0:side, 0:side] / max(1, side - 1)
    turn = rng.uniform(0, 2 * np.pi)
    along = np.cos(turn) * across + np.sin(turn) * down
    along = (along - along.min()) / (np.ptp(along) or 1)
    start, end = rng.uniform(0, 255, (2, 3))
    return (start + along[..., None] * (end - start) + 0.5).astype(np.uint8)


_KINDS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    translatable("empty scenes"): _scene,
    translatable("noise"): _noise,
    translatable("pages of text"): _text,
    translatable("gradients"): _gradient,
}
