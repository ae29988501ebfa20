"""Hair by hair: tapered strokes over a softly shaded ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from lessonkit.photos.drawn.geometry import Surface


@dataclass(frozen=True)
class Light:
    """Where light comes from (a unit vector towards it), and the colours of lit and of shaded places."""

    towards: np.ndarray
    lit: np.ndarray
    shade: np.ndarray

    def on(self, normal: np.ndarray, hollow: np.ndarray | float = 0.0) -> np.ndarray:
        """Factors (..., 3) that colours are multiplied by; half-Lambert, hollows darker."""
        share = np.clip(normal @ self.towards.astype(np.float32) * 0.5 + 0.5, 0, 1) ** 1.25
        share = share * (1 - 0.6 * np.asarray(hollow))
        return self.shade + (self.lit - self.shade) * share[..., None]


def soften(colour: np.ndarray) -> np.ndarray:
    """Colours with their highlights rolled off below 1, as film does, so that white fur keeps its shape."""
    bright = np.maximum(colour - 0.75, 0)
    return (np.minimum(colour, 0.75) + 0.25 * np.tanh(bright / 0.34)).astype(np.float32)


def strokes(
    draw: ImageDraw.ImageDraw, roots: np.ndarray, ways: np.ndarray, width: np.ndarray, bend: np.ndarray, rgb: np.ndarray
) -> None:
    """Draw hairs: roots (n, 2), ways to their tips (n, 2), widths at the root (n,), sideways bend (n,), colours 0..1.

    All lengths in canvas pixels. Later ones lie over earlier ones.
    """
    length = np.maximum(np.hypot(ways[:, 0], ways[:, 1]), 1e-3)[:, None]
    across = np.stack([-ways[:, 1], ways[:, 0]], 1) / length
    half, swing = across * width[:, None] / 2, across * bend[:, None]
    middle, tips = roots + ways * 0.55 + swing, roots + ways
    outline = np.concatenate([roots - half, middle - half * 0.7, tips, middle + half * 0.7, roots + half], 1)
    colours = np.clip(rgb * 255, 0, 255).astype(np.uint8)
    for line, (r, g, b) in zip(outline.tolist(), colours.tolist(), strict=True):
        draw.polygon(line, fill=(r, g, b, 255))


@dataclass(frozen=True)
class Brush:
    """How a part's hair is drawn: hairs, their length and width in canvas pixels, spread of direction and lightness."""

    hairs: int
    length: float
    width: float
    spread: float
    contrast: float
    droop: float = 0.0


def ground(layer: Image.Image, part: Surface, colour: np.ndarray) -> None:
    """Paint a part's smooth colours (h, w, 3; 0..1) inside of its outline."""
    picture = Image.fromarray(np.clip(colour * 255, 0, 255).astype(np.uint8))
    size = (part.box[2] - part.box[0], part.box[3] - part.box[1])
    layer.paste(picture.resize(size, Image.Resampling.BILINEAR), part.box[:2], part.mask())


def cover(
    draw: ImageDraw.ImageDraw,
    part: Surface,
    colour: np.ndarray,
    flow: np.ndarray,
    far: np.ndarray,
    brush: Brush,
    rng: np.random.Generator,
    crown: np.ndarray | None = None,
) -> None:
    """Lay hairs over a part.

    Args:
        colour: (h, w, 3) lit colours; flow: (h, w, 2) which way hair lies; far: (h, w) hairs with a larger
            value are laid first, as shingles are; crown: (h, w) factors of the hairs' length, 1 if None.
    """
    if brush.hairs == 0:
        return
    left, top, right, bottom = part.box
    roots = rng.random((brush.hairs * 2, 2)) * (right - left, bottom - top) + (left, top)
    rows, columns = part.cells(roots)
    kept = np.flatnonzero(part.cover[rows, columns] > 0.0)[: brush.hairs]
    rows, columns, roots = rows[kept], columns[kept], roots[kept]
    order = np.argsort(-(far[rows, columns] + rng.normal(0, 0.05, len(kept))), kind="stable")
    rows, columns, roots = rows[order], columns[order], roots[order]
    way = flow[rows, columns] + rng.normal(0, brush.spread, (len(order), 2)) + (0, brush.droop)
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-3)[:, None]
    size = rng.uniform(0.6, 1.25, len(order))
    if crown is not None:
        size = size * crown[rows, columns]
    tone = rng.normal(1, brush.contrast, len(order))[:, None]
    bend = rng.normal(0, 0.09, len(order)) * brush.length
    rgb = colour[rows, columns] * tone
    strokes(draw, roots, way * (brush.length * size)[:, None], brush.width * (0.6 + 0.6 * size), bend, rgb)
