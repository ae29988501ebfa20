"""What stands behind an animal, and what gets in front of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lessonkit.photos.drawn.coat import rgb
from lessonkit.photos.drawn.geometry import curve

Rng = np.random.Generator


def _ink(colour: np.ndarray, alpha: int = 255) -> tuple[int, int, int, int]:
    r, g, b = np.clip(colour * 255, 0, 255).astype(int).tolist()
    return r, g, b, alpha


def _pick(rng: Rng, colours: str, spread: float = 0.03) -> np.ndarray:
    choice = colours.split()
    return np.clip(rgb(choice[rng.integers(len(choice))]) + rng.normal(0, spread, 3), 0, 1)


def _fade(size: int, top: np.ndarray, bottom: np.ndarray) -> Image.Image:
    t = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
    column = top + (bottom - top) * t
    return Image.fromarray(np.clip(np.repeat(column, size, 1) * 255, 0, 255).astype(np.uint8))


def _room(rng: Rng, size: int) -> Image.Image:
    wall = _pick(rng, "#c9d6d2 #e4d7c3 #b7c4d8 #d9c0b6 #cfd3b8 #8fa3ad #e9e4da")
    picture = _fade(size, wall, wall * 0.88)
    draw = ImageDraw.Draw(picture, "RGBA")
    floor = int(size * rng.uniform(0.6, 0.85))
    draw.rectangle([0, floor, size, size], fill=_ink(_pick(rng, "#a87c54 #8b6a4e #bfa58a #6f5a4a")))
    draw.rectangle([0, floor - size // 40, size, floor], fill=_ink(wall * 1.1))
    for _ in range(rng.integers(1, 4)):
        x, y = rng.uniform(-0.1, 0.9) * size, rng.uniform(0, 0.45) * size
        w, h = rng.uniform(0.12, 0.3, 2) * size
        draw.rectangle([x, y, x + w, y + h], fill=_ink(_pick(rng, "#6b5040 #efe9df #3f4a52 #b08d57")))
        inset = size * 0.018
        inside = _ink(_pick(rng, "#a9c4d4 #d7b59a #7f9c82 #e6d9b8 #c77f6a"))
        draw.rectangle([x + inset, y + inset, x + w - inset, y + h - inset], fill=inside)
    return picture


def _window(rng: Rng, size: int) -> Image.Image:
    wall = _pick(rng, "#d8cfc0 #b9c5c4 #cfb8a6 #aab3c2")
    picture = _fade(size, wall * 1.02, wall * 0.85)
    draw = ImageDraw.Draw(picture, "RGBA")
    x, w = rng.uniform(-0.2, 0.5) * size, rng.uniform(0.5, 0.8) * size
    draw.rectangle([x, -2, x + w, size * 0.72], fill=_ink(np.array([0.96, 0.95, 0.92])))
    for k in range(2):
        left = x + size * 0.025 + k * w / 2
        pane = [left, 0, left + w / 2 - size * 0.05, size * 0.69]
        draw.rectangle(pane, fill=_ink(_pick(rng, "#bfe0f0 #d5e8ea #a9cfe0 #f3e2c0")))
        for _ in range(6):
            cx, cy, r = rng.uniform(pane[0], pane[2]), rng.uniform(0.35, 0.65) * size, rng.uniform(0.03, 0.07) * size
            draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=_ink(_pick(rng, "#6f9a5c #8fb573 #5d8a55"), 200))
    draw.rectangle([x - size * 0.03, size * 0.7, x + w + size * 0.03, size * 0.76], fill=_ink(wall * 1.15))
    return picture


def _grass(rng: Rng, size: int) -> Image.Image:
    top, low = _pick(rng, "#9fc27a #b9d48b #86ad6a #c3d7a0"), _pick(rng, "#4f7f3a #5f8f42 #3f6f38")
    picture = _fade(size, top, low)
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(14):
        x, y, r = rng.uniform(0, size), rng.uniform(0, size * 0.5), rng.uniform(0.03, 0.13) * size
        draw.ellipse([x - r, y - r, x + r, y + r], fill=_ink(_pick(rng, "#d9e8a8 #7fa860 #5f8a50 #eef2c8"), 90))
    x, y = rng.uniform(0, size, 420), size * rng.uniform(0.35, 1.05, 420)
    tall, lean = rng.uniform(0.03, 0.11, 420) * size, rng.normal(0, 0.02, 420) * size
    for k in np.argsort(y):
        blade = _ink(low * rng.uniform(0.75, 1.5))
        draw.polygon([x[k] - 1.5, y[k], x[k] + 1.5, y[k], x[k] + lean[k], y[k] - tall[k]], fill=blade)
    for _ in range(rng.integers(0, 9)):
        x0, y0, r = rng.uniform(0, size), rng.uniform(0.4, 1) * size, size * 0.014
        draw.ellipse([x0 - r, y0 - r, x0 + r, y0 + r], fill=_ink(_pick(rng, "#f6f2e6 #f2cf4a #d98cb0")))
    return picture


def _sofa(rng: Rng, size: int) -> Image.Image:
    cloth = _pick(rng, "#6f8796 #a45e4e #7d8f6b #c2a36b #8a7a9a #b8b2a8 #4f6f75 #c98f88")
    picture = _fade(size, cloth * 1.05, cloth * 0.78)
    draw = ImageDraw.Draw(picture, "RGBA")
    wall = int(size * rng.uniform(0.0, 0.28))
    draw.rectangle([0, 0, size, wall], fill=_ink(_pick(rng, "#e6ddcf #cfd8dc #d8c9b6")))
    seam = size * rng.uniform(0.25, 0.75)
    for x in (seam - size * 0.62, seam, seam + size * 0.62):
        box = [x + 3, wall + 4, x + size * 0.62 - 3, size * 0.8]
        draw.rounded_rectangle(box, size * 0.06, fill=_ink(cloth), outline=_ink(cloth * 0.7), width=3)
    pillow = _pick(rng, "#f0e3c8 #d87f5f #4f7f86 #e6b84f #c3d0d8")
    x, y, r = rng.uniform(-0.05, 0.85) * size, rng.uniform(0.35, 0.6) * size, size * rng.uniform(0.16, 0.22)
    corners = [(-1, -1), (0, -0.85), (1, -1), (0.85, 0), (1, 1), (0, 0.85), (-1, 1), (-0.85, 0)]
    draw.polygon((curve(np.array(corners)) * r + (x, y)).reshape(-1).tolist(), fill=_ink(pillow))
    for k in range(-2, 3):
        draw.line([x + k * r * 0.35, y - r * 0.8, x + k * r * 0.35, y + r * 0.8], fill=_ink(pillow * 0.82), width=2)
    return picture


def _sky(rng: Rng, size: int) -> Image.Image:
    top, low = _pick(rng, "#6fa8dc #8ec1e8 #7f9fc8 #e8a87c"), _pick(rng, "#d9ecf6 #f6e3cf #c8dff0")
    picture = _fade(size, top, low)
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(rng.integers(2, 6)):
        x, y, r = rng.uniform(0, size), rng.uniform(0.05, 0.6) * size, rng.uniform(0.04, 0.09) * size
        for _ in range(7):
            dx, dy, s = rng.normal(0, 1.4) * r, rng.normal(0, 0.35) * r, r * rng.uniform(0.6, 1.1)
            draw.ellipse([x + dx - s, y + dy - s, x + dx + s, y + dy + s], fill=(255, 255, 255, 150))
    hill = _pick(rng, "#7d9a6a #93a878 #d9c79a #6f8a86")
    xs = np.linspace(0, size, 12)
    ys = size * (rng.uniform(0.65, 0.85) + 0.05 * np.sin(xs / size * rng.uniform(3, 8) + rng.uniform(0, 6)))
    draw.polygon([0, size, *np.stack([xs, ys], 1).reshape(-1).tolist(), size, size], fill=_ink(hill))
    return picture


def _blanket(rng: Rng, size: int) -> Image.Image:
    cloth = _pick(rng, "#b8483f #3f5f8a #e8dcc6 #6f8f6a #d8a24a #8a5f86 #dfe3e6 #4a4f5a")
    stripe = _pick(rng, "#f4ead6 #2f3a4a #d8c24a #c9d6dc #7a3430")
    picture = _fade(size, cloth, cloth * 0.85)
    draw = ImageDraw.Draw(picture, "RGBA")
    step, lean, kind = size * rng.uniform(0.1, 0.24), rng.uniform(-0.3, 0.3), rng.integers(3)
    for k in range(-8, 18):
        at, wide = k * step, step * 0.34
        if kind < 2:
            across = [at, 0, at + wide, 0, at + wide + lean * size, size, at + lean * size, size]
            draw.polygon(across, fill=_ink(stripe, 110))
            draw.polygon([0, at, 0, at + wide, size, at + wide - lean * size, size, at - lean * size],
                         fill=_ink(stripe, 110 if kind else 0))  # fmt: skip
        else:
            for j in range(-2, 12):
                x, y, r = at + (j % 2) * step / 2, j * step, step * 0.16
                draw.ellipse([x - r, y - r, x + r, y + r], fill=_ink(stripe, 200))
    for _ in range(4):
        x = rng.uniform(0, size)
        fold = curve(np.array([(x, 0), (x + rng.normal(0, 20), size / 2), (x + rng.normal(0, 40), size)]), closed=False)
        draw.line(fold.reshape(-1).tolist(), fill=(0, 0, 0, 40), width=int(size * rng.uniform(0.02, 0.06)))
    return picture


def _shelf(rng: Rng, size: int) -> Image.Image:
    wood = _pick(rng, "#7a5a40 #a98458 #ded2c0 #4f4038")
    picture = _fade(size, wood * 0.6, wood * 0.5)
    draw = ImageDraw.Draw(picture, "RGBA")
    rows = int(rng.integers(2, 4))
    for row in range(rows):
        floor, x = size * (row + 1) / rows, -rng.uniform(0, 20)
        while x < size:
            w, h = rng.uniform(0.03, 0.08) * size, rng.uniform(0.55, 0.85) * size / rows
            book = _pick(rng, "#a8483f #3f5f7a #d8b45a #5f7f5a #e4dac6 #6a4a6f #c9794a #2f3f4a")
            if rng.random() < 0.85:
                right = max(x, x + w - 1)
                draw.rectangle([x, floor - h, right, floor], fill=_ink(book))
                draw.rectangle([x, floor - h * 0.8, right, floor - h * 0.72], fill=_ink(book * 0.75))
            x += w
        draw.rectangle([0, floor - size * 0.02, size, floor + size * 0.015], fill=_ink(wood))
    return picture


def _glow(rng: Rng, size: int) -> Image.Image:
    dark = _pick(rng, "#5a4632 #33424a #4a3a4a #6f5a3a #3a4a38")
    picture = _fade(size, dark * 1.2, dark * 0.7)
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(26):
        x, y, r = rng.uniform(0, size), rng.uniform(0, size), rng.uniform(0.02, 0.1) * size
        spot = _pick(rng, "#f2c46a #e88f4a #f6e3b8 #d8683f #b8c86a")
        draw.ellipse([x - r, y - r, x + r, y + r], fill=_ink(spot, int(rng.integers(50, 130))))
    return picture


BACKGROUNDS: tuple[Callable[[Rng, int], Image.Image], ...] = (
    _room, _window, _grass, _sofa, _sky, _blanket, _shelf, _glow,
)  # fmt: skip


def background(rng: Rng, size: int) -> Image.Image:
    """A background, out of focus by a little or a lot: RGB, `size` pixels square."""
    paint = BACKGROUNDS[rng.integers(len(BACKGROUNDS))]
    return paint(rng, size).filter(ImageFilter.GaussianBlur(size / 320 * rng.uniform(0.8, 4.5)))


def _ball(draw: ImageDraw.ImageDraw, rng: Rng, size: int, fur: np.ndarray) -> None:
    x, y, r = rng.uniform(0.15, 0.85) * size, rng.uniform(0.78, 1.0) * size, rng.uniform(0.09, 0.17) * size
    colour, stripe = _pick(rng, "#d8443f #3f8fc8 #f2c23f #6fae4f #e88fb0"), np.array([0.96, 0.94, 0.9])
    for k in range(8):
        share, shift = 1 - k * 0.1, -k * 0.035 * r
        box = [x - r * share + shift, y - r * share + shift, x + r * share + shift, y + r * share + shift]
        draw.ellipse(box, fill=_ink(colour * (0.72 + 0.06 * k)))
    # Two seams, each a circle's arc that bends away from the other, cut where it leaves the ball.
    t, turn = np.linspace(-0.62, 0.62, 13), rng.uniform(0, 3.1)
    for side in (-1, 1):
        arc = np.stack([side * (1.25 - 0.95 * np.cos(t)), 1.25 * np.sin(t)], 1)
        c, s = np.cos(turn), np.sin(turn)
        line = arc @ np.array([[c, s], [-s, c]]) * r * 0.98 + (x, y)
        draw.line(line.reshape(-1).tolist(), fill=_ink(stripe), width=max(2, int(r / 8)), joint="curve")


def _plant(draw: ImageDraw.ImageDraw, rng: Rng, size: int, fur: np.ndarray) -> None:
    side = rng.choice([-1, 1])
    green = _pick(rng, "#4f8a4a #6fa05a #3f7a5a #8aa84f")
    root = np.array([size * (0.5 + side * rng.uniform(0.42, 0.55)), size * rng.uniform(0.8, 1.1)])
    for _ in range(rng.integers(4, 8)):
        angle = -np.pi / 2 - side * rng.uniform(-0.25, 1.0)
        way = np.array([np.cos(angle), np.sin(angle)]) * size * rng.uniform(0.3, 0.62)
        across = np.array([-way[1], way[0]]) * rng.uniform(0.09, 0.14)
        leaf = np.array([root, root + way * 0.45 + across, root + way, root + way * 0.45 - across])
        tone = rng.uniform(0.75, 1.15)
        draw.polygon(curve(leaf).reshape(-1).tolist(), fill=_ink(green * tone))
        draw.line([*root, *(root + way * 0.95)], fill=_ink(green * tone * 1.2), width=max(1, size // 160))


def _mug(draw: ImageDraw.ImageDraw, rng: Rng, size: int, fur: np.ndarray) -> None:
    x, y = rng.uniform(0.02, 0.75) * size, rng.uniform(0.72, 0.86) * size
    w, colour = rng.uniform(0.18, 0.26) * size, _pick(rng, "#e8e2d6 #3f6f8a #c8683f #f0c85a #7f9a7a")
    draw.arc(
        [x + w * 0.8, y + w * 0.2, x + w * 1.3, y + w * 0.8], -100, 100, fill=_ink(colour * 0.85), width=int(w * 0.13)
    )
    for k in range(6):
        draw.rectangle([x + w * k / 6, y, x + w * (k + 1) / 6, size], fill=_ink(colour * (1.02 - 0.06 * k)))
    draw.ellipse([x, y - w * 0.13, x + w, y + w * 0.13], fill=_ink(colour * 1.08))
    draw.ellipse([x + w * 0.08, y - w * 0.09, x + w * 0.92, y + w * 0.1], fill=_ink(rgb("#4a3024")))


def _edge(draw: ImageDraw.ImageDraw, rng: Rng, size: int, fur: np.ndarray) -> None:
    cloth = _pick(rng, "#d8c8ae #a8604a #5f7f96 #e6e0d6 #7f8f6a #c99a5f")
    xs = np.linspace(-0.05, 1.05, 9) * size
    ys = size * (rng.uniform(0.72, 0.86) + rng.normal(0, 0.02, 9) + np.linspace(-0.1, 0.1, 9) * rng.choice([-1, 1]))
    for k in range(5):
        line = curve(np.stack([xs, ys + k * size * 0.035], 1), closed=False)
        draw.polygon([-20, size * 1.1, *line.reshape(-1).tolist(), size + 20, size * 1.1],
                     fill=_ink(cloth * (1.06 - 0.08 * abs(k - 1))))  # fmt: skip


def _paw(draw: ImageDraw.ImageDraw, rng: Rng, size: int, fur: np.ndarray) -> None:
    x, y, w = rng.uniform(0.2, 0.8) * size, rng.uniform(0.76, 0.92) * size, rng.uniform(0.12, 0.17) * size
    draw.polygon([x - w * 0.8, y, x + w * 0.8, y, x + w, size + 5, x - w, size + 5], fill=_ink(fur * 0.9))
    for dx in (-0.62, 0.62, -0.2, 0.22):
        up = 0.12 if abs(dx) < 0.4 else 0.0
        box = [x + (dx - 0.38) * w, y - (0.5 + up) * w, x + (dx + 0.38) * w, y + 0.5 * w]
        draw.ellipse(box, fill=_ink(fur), outline=_ink(fur * 0.75), width=max(1, size // 200))


OCCLUDERS = (_ball, _plant, _mug, _edge, _paw)


def in_front(rng: Rng, size: int, fur: np.ndarray) -> Image.Image:
    """Something in front of the animal, near a lower corner or a side (a raised paw has the colour `fur`): RGBA."""
    layer = Image.new("RGBA", (size * 2, size * 2), (0, 0, 0, 0))
    OCCLUDERS[rng.integers(len(OCCLUDERS))](ImageDraw.Draw(layer), rng, size * 2, fur)
    return layer.reduce(2).filter(ImageFilter.GaussianBlur(size / 320 * rng.uniform(0.3, 1.6)))
