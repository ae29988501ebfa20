"""Eyes, nose, mouth, whiskers and ears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from lessonkit.photos.drawn.breeds import Ear
from lessonkit.photos.drawn.coat import Pet, rgb
from lessonkit.photos.drawn.fur import Brush, Light, strokes
from lessonkit.photos.drawn.geometry import View, curve, depth_at

Colour = tuple[int, int, int, int]


def ink(colour: np.ndarray, light: float | np.ndarray = 1.0) -> Colour:
    """A colour from 0 to 1, times a light, as Pillow wants it."""
    r, g, b = np.clip(np.asarray(colour) * light * 255, 0, 255).astype(int).tolist()
    return r, g, b, 255


def shape(draw: ImageDraw.ImageDraw, points: np.ndarray, fill: Colour) -> None:
    """A filled outline through canvas points (n, 2)."""
    draw.polygon(points.reshape(-1).tolist(), fill=fill)


@dataclass(frozen=True)
class Mood:
    """What an animal does with its face just now: how open the eyes and mouth are (0..1), where it looks."""

    open: float
    mouth: float
    gaze: tuple[float, float]
    pupil: float


@dataclass
class Face:
    """All that the parts of one face are drawn with."""

    draw: ImageDraw.ImageDraw
    view: View
    balls: list
    who: Pet
    light: Light
    mood: Mood
    rng: np.random.Generator

    def on(self, x: float, y: float, lift: float = 0.0) -> np.ndarray:
        """The place on the face's front at (x, y)."""
        return np.array([x, y, depth_at(self.balls, x, y) + lift])


def _patch(face: Face, place: np.ndarray, side: int, outline: np.ndarray, tilt: float) -> np.ndarray:
    """A flat outline (n, 2) laid on the face at `place`, turned a little outwards."""
    c, s = np.cos(tilt * side), np.sin(tilt * side)
    # A raised outer corner: on the right side that turns counter-clockwise, on the left clockwise.
    u = outline[:, 0] * c + outline[:, 1] * s
    v = -outline[:, 0] * s + outline[:, 1] * c
    across = np.array([0.94, 0, -0.34 * side])
    return face.view.project(place + u[:, None] * across + v[:, None] * np.array([0, 1.0, 0.05]))


def _almond(wide: float, high: float, shut: float, round_: float) -> np.ndarray:
    s = np.linspace(-1, 1, 15)
    lid = (1 - np.abs(s) ** round_) * high
    top, bottom = -lid * (1 - 0.9 * shut), lid * (0.85 + 0.1 * shut)
    return np.concatenate([np.stack([s * wide, top], 1), np.stack([s[::-1] * wide, bottom[::-1]], 1)])


def _disc(wide: float, high: float, x: float = 0.0, y: float = 0.0, n: int = 18) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(t) * wide + x, np.sin(t) * high + y], 1)


def _within(points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Points kept inside of an almond: its lids are what hides the rest of the iris."""
    n = len(outline) // 2
    xs, top, bottom = outline[:n, 0], outline[:n, 1], outline[n:, 1][::-1]
    x = np.clip(points[:, 0], xs[0], xs[-1])
    return np.stack([x, np.clip(points[:, 1], np.interp(x, xs, top), np.interp(x, xs, bottom))], 1)


def eye(face: Face, side: int) -> None:
    """One eye: dark rim, iris from dark to light, pupil, the lid's shadow, two highlights."""
    e, cat = face.who.breed.eye, face.who.breed.kind == "cat"
    place = face.on(e.x, e.y, 0.02) * (side, 1, 1)
    shut = 1 - face.mood.open
    lids = _almond(e.wide, e.high, shut, 2.2 if cat else 2.6)
    iris, tilt = face.who.colours["eye"], e.tilt

    def lay(outline: np.ndarray, colour: np.ndarray, light: float = 1.0) -> None:
        shape(face.draw, _patch(face, place, side, outline, tilt), ink(colour, light))

    dark = rgb("#1d1617")
    lay(_almond(e.wide * 1.17, e.high * 1.22, shut, 2.0), dark)
    lay(lids, iris * 0.35 if cat else rgb("#d9d2cb"), 1.0)
    gx, gy = face.mood.gaze[0] * e.wide * 0.22, face.mood.gaze[1] * e.high * 0.2
    big = e.high * (1.12 if cat else 1.0)
    wide = e.wide * 0.93 if cat else min(e.high * 1.02, e.wide * 0.84)
    for k, share in enumerate((1.0, 0.9, 0.78, 0.62)):
        lay(_within(_disc(wide * share, big * share, gx, gy + 0.02 * k), lids), iris, 0.5 + 0.2 * k)
    pupil = _disc(e.high * (0.14 + 0.5 * face.mood.pupil), e.high * 0.86, gx, gy)
    if not cat:
        pupil = _disc(e.high * 0.56, e.high * 0.56, gx, gy)
    lay(_within(pupil, lids), rgb("#0d0a0b"))
    n = len(lids) // 2
    lid = np.concatenate([lids[:n], (lids[:n] * (1, 0.74))[::-1]])
    if shut < 0.75:
        lay(lid, iris * 0.22)
        hx, hy = (face.light.towards[:2] * (e.wide * 0.3, e.high * 0.42)).tolist()
        lay(_within(_disc(e.high * 0.23, e.high * 0.21, hx + gx, hy + gy), lids), np.ones(3), 0.98)
        lay(_within(_disc(e.high * 0.1, e.high * 0.1, gx - hx * 0.8, gy - hy * 0.7), lids), np.ones(3), 0.85)


def _line(face: Face, points: np.ndarray, width: float, colour: np.ndarray) -> None:
    path = curve(face.view.project(points), closed=False)
    size = max(1, round(width * face.view.radius))
    face.draw.line(path.reshape(-1).tolist(), fill=ink(colour), width=size, joint="curve")


def nose(face: Face) -> None:
    """A cat's small triangle or a dog's broad wet nose."""
    y, wide = face.who.breed.nose
    skin, cat = face.who.colours["nose"], face.who.breed.kind == "cat"
    tip = face.on(0, y, 0.04)
    if cat:
        outline = [(-1, -0.45), (0, -0.6), (1, -0.45), (0.75, 0.1), (0.18, 0.62), (0, 0.7), (-0.18, 0.62), (-0.75, 0.1)]
    else:
        outline = [(-1, -0.1), (-0.7, -0.68), (0, -0.8), (0.7, -0.68), (1, -0.1), (0.72, 0.42), (0.2, 0.72), (-0.2, 0.72),
                   (-0.72, 0.42)]  # fmt: skip
    flat = curve(np.array(outline)) * wide
    for share, shade in ((1.0, 0.72), (0.9, 1.0), (0.62, 1.18)):
        lifted = flat * share - (0, wide * 0.16 * (1 - share))
        shape(face.draw, face.view.project(np.c_[lifted, np.zeros(len(lifted))] + tip), ink(skin, shade))
    for side in (-1, 1):
        hole = _disc(wide * 0.2, wide * 0.16, side * wide * 0.45, wide * 0.12, 12)
        shape(face.draw, face.view.project(np.c_[hole, np.full(12, 0.02)] + tip), ink(skin, 0.35))
    gloss = _disc(wide * 0.34, wide * 0.12, face.light.towards[0] * wide * 0.4, -wide * 0.48, 14)
    shape(face.draw, face.view.project(np.c_[gloss, np.full(14, 0.03)] + tip), ink(skin * 0.6 + 0.4, 0.95))


def mouth(face: Face) -> None:
    """The line under the nose, the two curves of the lips; an open mouth with a tongue."""
    breed = face.who.breed
    y, wide = breed.nose
    cat, line = breed.kind == "cat", breed.mouth
    dark = face.who.colours["nose"] * 0.45
    lip = 0.3 if cat else 0.42
    smile = 0.1 * breed.traits.get("smile", 0.0)
    if face.mood.mouth > 0:
        drop = face.mood.mouth * (0.16 if cat else 0.36)
        hole = [(-lip * 0.75, line), (0, line - 0.04), (lip * 0.75, line), (lip * 0.5, line + drop), (0, line + drop * 1.2),
                (-lip * 0.5, line + drop)]  # fmt: skip
        front = face.on(0, line, 0.02)[2]
        shape(face.draw, face.view.project(np.c_[curve(np.array(hole)), np.full(36, front)]), ink(rgb("#4a2025")))
        tongue = [(-lip * 0.42, line + drop * 0.35), (0, line + drop * 0.28), (lip * 0.42, line + drop * 0.35),
                  (lip * 0.4, line + drop * 1.25), (0, line + drop * 1.6), (-lip * 0.4, line + drop * 1.25)]  # fmt: skip
        tongue = curve(np.array(tongue))
        for share, light in ((1.0, 0.9), (0.8, 1.05)):
            middle = tongue.mean(0)
            flat = (tongue - middle) * share + middle
            shape(
                face.draw, face.view.project(np.c_[flat, np.full(len(flat), front + 0.05)]), ink(rgb("#d87a82"), light)
            )
    _line(face, np.array([face.on(0, y + wide * 0.6, 0.03), face.on(0, line - 0.03, 0.03)]), 0.025, dark)
    for side in (-1, 1):
        path = [(0.0, line - 0.03), (0.35, line + 0.045), (0.7, line + 0.045), (1.0, line - 0.015 - smile)]
        spots = [face.on(x * lip, v, 0.02) * (side, 1, 1) for x, v in path]
        _line(face, np.array(spots), 0.03, dark)


def whiskers(face: Face, layer: Image.Image) -> None:
    """Fine curved hairs from the muzzle, longer on a cat, with their dots."""
    breed = face.who.breed
    cat = breed.kind == "cat"
    fine = Image.new("RGBA", layer.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(fine)
    dark = face.who.colours["base"].mean() < 0.3
    tint = (235, 232, 228, 215) if cat and not dark else (225, 222, 220, 170) if cat else (45, 38, 36, 120)
    for side in (-1, 1):
        for k in range(6 if cat else 4):
            x, y = 0.2 + 0.07 * (k % 3), (0.42 + 0.06 * (k // 2)) + (0 if cat else 0.06)
            start = face.on(x, y, 0.02) * (side, 1, 1)
            dot = face.view.project(start)[0]
            size = 0.016 * face.view.radius
            face.draw.ellipse([*(dot - size), *(dot + size)], fill=ink(face.who.colours["nose"], 0.7))
            reach = face.rng.uniform(0.75, 1.2) * (1.0 if cat else 0.4)
            rise = (k / 6 - 0.45) * 0.5 + face.rng.normal(0, 0.05)
            way = np.array([side * reach, rise * reach, -0.35 * reach])
            path = np.array([start, start + way * 0.5 - (0, 0.05, 0), start + way + (0, 0.1 * reach, 0)])
            line = curve(face.view.project(path), closed=False).reshape(-1).tolist()
            draw.line(line, fill=tint, width=max(1, round(face.view.radius * 0.011)))
    layer.alpha_composite(fine)


def ear(face: Face, layer: Image.Image, side: int, brush: Brush) -> None:
    """One ear with its inside, shaded from root to tip, its own hairs along it."""
    spec: Ear = face.who.breed.ear
    c, stand = face.who.colours, spec.kind == "prick"
    outer = curve(np.array(spec.outer)) * (side, 1, 1)
    flat = face.view.project(outer)
    normal = face.view.matrix @ np.array([side * 0.35, -0.25, 0.9])
    lit = face.light.on((normal / np.linalg.norm(normal)).astype(np.float32))
    coat = c["ear"]
    shape(face.draw, flat, ink(coat, lit * 0.82))
    middle = flat.mean(0)
    for share, tone in ((0.86, 0.92), (0.66, 1.0)):
        shape(face.draw, (flat - middle) * share + middle, ink(coat, lit * tone))
    root, tip = face.view.project(np.array([spec.outer[0], spec.outer[len(spec.outer) // 2]]) * (side, 1, 1))
    along = tip - root
    along = along / max(np.hypot(*along), 1e-3)
    _hairs(face, flat, along, coat, lit, brush)
    if spec.inner:
        inner = face.view.project(curve(np.array(spec.inner)) * (side, 1, 1))
        centre = inner.mean(0)
        for share, tone in ((1.0, 0.62), (0.82, 0.82), (0.6, 0.95)):
            shape(face.draw, (inner - centre) * share + centre, ink(c["inner"], lit * tone))
        _tufts(face, inner, along, lit, brush)
    if not stand:
        shape_edge = flat[len(flat) // 2 :]
        face.draw.line(shape_edge.reshape(-1).tolist(), fill=ink(coat, lit * 0.6), width=2, joint="curve")


def _hairs(face: Face, flat: np.ndarray, along: np.ndarray, coat: np.ndarray, lit: np.ndarray, brush: Brush) -> None:
    n, rng = brush.hairs // 9, face.rng
    long = min(brush.length, 0.13 * face.view.radius)
    spans = rng.integers(0, len(flat), n)
    inwards = rng.random(n)[:, None] ** 0.6
    roots = flat[spans] * inwards + flat.mean(0) * (1 - inwards)
    ways = (along + rng.normal(0, 0.25, (n, 2))) * long * rng.uniform(0.5, 0.9, n)[:, None]
    tone = (1 - 0.12 * inwards) * rng.normal(1, brush.contrast * 1.2, n)[:, None]
    strokes(face.draw, roots, ways, np.full(n, brush.width), rng.normal(0, long * 0.06, n), coat * lit * tone)


def _tufts(face: Face, inner: np.ndarray, along: np.ndarray, lit: np.ndarray, brush: Brush) -> None:
    n = int(brush.length / face.view.radius * 110)
    rng, pale = face.rng, face.who.colours["white"]
    roots = inner[rng.integers(0, 10, n)] + rng.normal(0, 0.03 * face.view.radius, (n, 2))
    ways = along * 0.8 + (inner.mean(0) - inner[3]) / face.view.radius + rng.normal(0, 0.2, (n, 2))
    ways *= min(brush.length * 1.3, 0.17 * face.view.radius) * rng.uniform(0.6, 1.2, n)[:, None]
    tones = pale * lit * rng.uniform(0.8, 1.05, n)[:, None]
    strokes(face.draw, roots, ways, np.full(n, brush.width), rng.normal(0, brush.length * 0.1, n), tones)
