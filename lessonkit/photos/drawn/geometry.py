"""A head as a union of ellipsoids, turned and seen straight on: depth, normals, and each pixel's place on the head.

Units: one head radius. Axes: x to the right of the picture, y down, z towards the viewer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

Ball = tuple[float, float, float, float, float, float]  # centre x, y, z and radii x, y, z


def turn(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The 3x3 rotation for a head turned aside, then nodding, then tilted; angles in radians."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    aside = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return tilt @ nod @ aside


@dataclass(frozen=True)
class View:
    """How a part is seen: its rotation, where its origin lies on the canvas, and a radius in canvas pixels."""

    matrix: np.ndarray
    x: float
    y: float
    radius: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """Canvas pixels (n, 2) of points (n, 3) on the head."""
        turned = np.atleast_2d(points) @ self.matrix.T
        return turned[:, :2] * self.radius + (self.x, self.y)

    def facing(self, point: ArrayLike) -> float:
        """Depth of a point towards the viewer, in head radii."""
        return float(self.matrix[2] @ np.asarray(point))


def mirrored(balls: tuple[Ball, ...]) -> list[Ball]:
    """Every ball, and its mirror image for those beside the middle."""
    both = [(-x, *rest) for x, *rest in balls if x]
    return [*balls, *both]  # type: ignore[list-item]


def depth_at(balls: list[Ball], x: float, y: float) -> float:
    """Depth z of the head's front at (x, y), seen straight on; 0 outside of every ball."""
    depths = [0.0]
    for cx, cy, cz, rx, ry, rz in balls:
        inside = 1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2
        if inside > 0:
            depths.append(cz + rz * inside**0.5)
    return max(depths)


@dataclass
class Surface:
    """The front of a part on a coarse grid over a box of the canvas.

    Attributes:
        box: left, top, right, bottom on the canvas, in pixels.
        cover: (h, w) above 0 inside, below 0 outside, smooth across the outline.
        local: (h, w, 3) the place on the part that each cell shows.
        normal: (h, w, 3) unit vectors.
        hollow: (h, w) 0..1, how deep a cell lies below its surroundings.
    """

    box: tuple[int, int, int, int]
    step: int
    cover: np.ndarray
    local: np.ndarray
    normal: np.ndarray
    hollow: np.ndarray

    def mask(self) -> Image.Image:
        """The inside as an "L" image of the box's size on the canvas."""
        soft = Image.fromarray(np.clip(128 + self.cover * 640, 0, 255).astype(np.uint8))
        size = (self.box[2] - self.box[0], self.box[3] - self.box[1])
        return soft.resize(size, Image.Resampling.BICUBIC).point(lambda level: 255 if level > 127 else 0)

    def cells(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the grid that canvas points (n, 2) fall in, kept inside of the grid."""
        columns = ((points[:, 0] - self.box[0]) / self.step).astype(int)
        rows = ((points[:, 1] - self.box[1]) / self.step).astype(int)
        return np.clip(rows, 0, self.cover.shape[0] - 1), np.clip(columns, 0, self.cover.shape[1] - 1)


def _box(balls: list[Ball], view: View, canvas: int, step: int) -> tuple[int, int, int, int]:
    centres = np.array([ball[:3] for ball in balls])
    reach = max(max(ball[3:]) for ball in balls) * view.radius
    places = view.project(centres)
    low = np.maximum((places.min(0) - reach) // step * step, 0).astype(int)
    high = np.minimum((places.max(0) + reach) // step * step + step, canvas).astype(int)
    high = np.maximum(high, low + 2 * step)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def surface(balls: list[Ball], view: View, canvas: int, step: int, sharpness: float = 14.0) -> Surface:
    """The front of balls melted into one another, on a grid of `step` canvas pixels.

    A ball (p-c)' A (p-c) = 1 is solved for z at each cell; the fronts are joined by a smooth maximum,
    log(sum(exp(sharpness * z))) / sharpness.
    """
    box = _box(balls, view, canvas, step)
    xs = (np.arange(box[0], box[2], step, dtype=np.float32) + step / 2 - view.x) / view.radius
    ys = (np.arange(box[1], box[3], step, dtype=np.float32) + step / 2 - view.y) / view.radius
    px, py = np.meshgrid(xs, ys)
    total = np.full(px.shape, 1e-6, np.float32)
    cover = np.full(px.shape, -1.0, np.float32)
    for x, y, z, *radii in balls:
        cx, cy, cz = view.matrix @ (x, y, z)
        form = (view.matrix @ np.diag(1 / np.square(radii)) @ view.matrix.T).astype(np.float32)
        dx, dy = px - np.float32(cx), py - np.float32(cy)
        a, b = form[2, 2], form[0, 2] * dx + form[1, 2] * dy
        c = form[0, 0] * dx * dx + 2 * form[0, 1] * dx * dy + form[1, 1] * dy * dy - 1
        inside = (b * b - a * c) / a
        front = cz + (np.sqrt(np.maximum(inside, 0) / a) - b / a)
        total += np.where(inside > 0, np.exp(np.clip(sharpness * front, -30, 60)), 0).astype(np.float32)
        cover = np.maximum(cover, inside)
    depth = np.where(cover > 0, np.log(total) / sharpness, 0).astype(np.float32)
    return Surface(box, step, cover, *_relief(px, py, depth, cover, view, step))


def _relief(
    px: np.ndarray, py: np.ndarray, depth: np.ndarray, cover: np.ndarray, view: View, step: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    h, w = depth.shape
    local = np.stack([px, py, depth], -1) @ view.matrix.astype(np.float32)
    small = Image.fromarray(depth).resize((max(w // 6, 1), max(h // 6, 1)), Image.Resampling.BOX)
    around = np.asarray(small.resize((w, h), Image.Resampling.BICUBIC))
    softer = Image.fromarray(depth).resize((max(w // 2, 1), max(h // 2, 1)), Image.Resampling.BOX)
    soft = np.asarray(softer.resize((w, h), Image.Resampling.BICUBIC))
    dy, dx = np.gradient(soft, step / view.radius) if min(h, w) > 1 else (np.zeros_like(soft),) * 2
    normal = np.stack([-np.clip(dx, -4, 4), -np.clip(dy, -4, 4), np.ones_like(dx)], -1)
    normal /= np.sqrt((normal**2).sum(-1, keepdims=True))
    hollow = np.where(cover > 0.05, np.clip((around - depth) * 5, 0, 1), 0)
    return local, normal.astype(np.float32), hollow.astype(np.float32)


def curve(points: np.ndarray, closed: bool = True, steps: int = 6) -> np.ndarray:
    """A smooth line through points (n, 2 or 3): Catmull-Rom, `steps` points a span."""
    p = np.asarray(points, float)
    if closed:
        before, after, last = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    else:
        padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        before, p, after, last = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (q[:, None, :] for q in (before, p, after, last))
    spans = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    line = spans.reshape(-1, p.shape[1])
    return line if closed else np.vstack([line, after[-1]])
