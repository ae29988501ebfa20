"""One portrait: an individual of a breed, posed, lit, drawn at twice its size and photographed."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from lessonkit.photos.drawn import coat, face, fur, scene
from lessonkit.photos.drawn.breeds import BY_NAME, Breed
from lessonkit.photos.drawn.coat import Pet
from lessonkit.photos.drawn.fur import Brush, Light
from lessonkit.photos.drawn.geometry import Ball, Surface, View, mirrored, surface, turn

STEP = 4


def _own_shape(breed: Breed, rng: np.random.Generator) -> list[Ball]:
    """The breed's skull, stretched a little as this one's own."""
    wide, high, deep = np.clip(rng.normal(1, breed.vary, 3), 0.85, 1.15)
    full = np.clip(rng.normal(1, breed.vary, len(breed.balls)), 0.85, 1.15)
    own = []
    for (x, y, z, rx, ry, rz), f in zip(breed.balls, full, strict=True):
        own.append((x * wide, y * high, z * deep, rx * wide * f, ry * high, rz * deep * f))
    return mirrored(tuple(own))


def _light(rng: np.random.Generator) -> Light:
    aside, above = rng.uniform(-0.8, 0.8), rng.uniform(0.35, 0.9)
    towards = np.array([aside, -above, 0.75])
    warm = rng.uniform(-0.05, 0.08)
    lit = np.array([1.1 + warm, 1.07, 1.05 - warm], np.float32) * np.float32(rng.uniform(0.95, 1.1))
    shade = np.array([0.48, 0.48, 0.54], np.float32) + np.float32(rng.uniform(-0.06, 0.12))
    return Light(towards / np.linalg.norm(towards), lit, shade)


def _views(rng: np.random.Generator, canvas: int) -> tuple[View, View]:
    """How the head and the body are seen."""
    yaw, pitch, roll = rng.normal(0, 0.26), rng.normal(0.02, 0.12), rng.normal(0, 0.15)
    yaw, pitch, roll = np.clip([yaw, pitch, roll], [-0.6, -0.25, -0.4], [0.6, 0.28, 0.4])
    radius = canvas * float(np.clip(rng.normal(0.255, 0.036), 0.18, 0.34))
    x = canvas * (0.5 + rng.normal(0, 0.05))
    y = canvas * (0.47 + rng.normal(0, 0.035))
    lean = 0.5 * yaw + rng.normal(0, 0.15)
    return View(turn(yaw, pitch, roll), x, y, radius), View(turn(lean, 0, roll * 0.25), x, y, radius)


def _flow(
    part: Surface, who: Pet, view: View, source: tuple[float, float], down: float
) -> tuple[np.ndarray, np.ndarray]:
    """Which way hair lies over a part, away from a source on it and downwards; and how far off the source is."""
    away = part.local[..., :2] - np.array(source, np.float32)
    far = np.sqrt((away**2).sum(-1))
    local = np.concatenate([away / np.maximum(far, 0.05)[..., None], np.zeros((*far.shape, 1), np.float32)], -1)
    local[..., 1] += down
    # Hair lies in locks: neighbours lean the same way.
    local[..., 0] += 0.4 * coat.noise(part.local, who, 5.0)
    local[..., 1] += 0.3 * coat.noise(part.local[..., ::-1], who, 6.0)
    seen = local @ view.matrix.T.astype(np.float32)
    return seen[..., :2], far


def _body(layer: Image.Image, who: Pet, view: View, head: View, light: Light, rng: np.random.Generator) -> None:
    b = who.breed.body
    balls = mirrored(((0, 0.95, -0.35, 0.66 * b, 0.85, 0.6), (0, 2.2, -0.3, 1.0 * b, 1.35, 0.75),
                      (0.62 * b, 2.4, -0.3, 0.52 * b, 1.2, 0.7)))  # fmt: skip
    part = surface(balls, view, layer.width, STEP)
    colour = coat.PATTERNS[who.breed.coat](part.local, who, True) * light.on(part.normal, part.hollow)
    x, y = np.meshgrid(np.arange(part.box[0], part.box[2], STEP), np.arange(part.box[1], part.box[3], STEP))
    near = np.hypot((x - head.x) / head.radius, (y - head.y - 0.35 * head.radius) / head.radius)
    colour = fur.soften(colour * (0.62 + 0.38 * coat.smooth(0.75, 1.45, near))[..., None])
    fur.ground(layer, part, colour)
    flow, far = _flow(part, who, view, (0.0, -0.2), 0.8)
    spec, unit = who.breed.fur, head.radius
    brush = Brush(int(spec.hairs * 0.45), max(spec.length, 0.06) * unit * 1.5, 0.022 * unit, 0.16, spec.contrast)
    fur.cover(ImageDraw.Draw(layer), part, colour, flow, far, brush, rng)


def _collar(layer: Image.Image, view: View, rng: np.random.Generator) -> None:
    colour = scene._pick(rng, "#c8403a #2f6fae #3f8f5a #e0a030 #7a4a8a #2f2f36 #e88aa8")
    t = np.linspace(-1, 1, 25)
    line = np.stack([t * 0.72, 1.0 + 0.16 * np.sqrt(1 - (t * 0.98) ** 2), np.full(25, 0.2)], 1)
    draw, path, r = ImageDraw.Draw(layer), view.project(line), view.radius
    for width, tone in ((0.17, 0.7), (0.12, 1.0), (0.03, 1.25)):
        ink = face.ink(colour, tone)
        draw.line(path.reshape(-1).tolist(), fill=ink, width=max(1, int(width * r)), joint="curve")
    tag = view.project(np.array([[0.0, 1.28, 0.25]]))[0]
    gold, size = coat.rgb("#e8c25a"), 0.09 * r
    draw.ellipse([*(tag - size), *(tag + size)], fill=face.ink(gold, 0.75))
    draw.ellipse([*(tag - size * 0.8), *(tag + size * 0.7)], fill=face.ink(gold, 1.05))


def _head(layer: Image.Image, who: Pet, view: View, light: Light, rng: np.random.Generator) -> None:
    breed, spec = who.breed, who.breed.fur
    balls = _own_shape(breed, rng)
    cat = breed.kind == "cat"
    shut = rng.random() < 0.06
    mood = face.Mood(
        0.15 if shut else float(np.clip(rng.normal(0.95, 0.1), 0.7, 1.0)),
        float(rng.random()) if rng.random() < (0.05 if cat else 0.35) else 0.0,
        tuple(np.clip(rng.normal(0, 0.6, 2), -1, 1)),
        float(rng.random()),
    )
    made = face.Face(ImageDraw.Draw(layer), view, balls, who, light, mood, rng)
    brush = Brush(spec.hairs, spec.length * view.radius, 0.02 * view.radius, 0.14, spec.contrast)
    sides = (1, -1) if view.matrix[2, 0] > 0 else (-1, 1)
    # An ear that hangs lies before the head, unless its side is turned away.
    before = [side for side in sides if breed.ear.kind == "drop" and view.facing((side, 0, 0)) > -0.28]
    for side in sides:
        if side not in before:
            face.ear(made, layer, side, brush)
    part = surface(balls, view, layer.width, STEP)
    colour = coat.PATTERNS[breed.coat](part.local, who, False) * light.on(part.normal, part.hollow)
    if "gloss" in breed.traits:
        shine = np.clip(part.normal @ light.towards.astype(np.float32), 0, 1) ** 12
        colour = colour + (breed.traits["gloss"] * 0.35 * shine)[..., None]
    colour = fur.soften(_sockets(part, who, colour))
    fur.ground(layer, part, colour)
    flow, far = _flow(part, who, view, (0.0, breed.nose[0]), 0.15 + 0.35 * spec.ruff)
    rim = Brush(int(spec.hairs * 0.35 * (0.4 + spec.ruff)), brush.length * 1.25, brush.width * 1.2, 0.14, spec.contrast)
    if spec.ruff:
        whole = part.cover.copy()
        part.cover[(far < 0.75) | (part.local[..., 1] < 0.0)] = -1
        fur.cover(made.draw, part, colour, flow, far, rim, rng)
        part.cover[:] = whole
    _hair(made.draw, part, colour, flow, far, brush, rng)
    for side in (-1, 1):
        face.eye(made, side)
    face.mouth(made)
    face.nose(made)
    for side in before:
        face.ear(made, layer, side, brush)
    face.whiskers(made, layer)


def _hair(
    draw: ImageDraw.ImageDraw,
    part: Surface,
    colour: np.ndarray,
    flow: np.ndarray,
    far: np.ndarray,
    brush: Brush,
    rng: np.random.Generator,
) -> None:
    """Face hair is short, whatever the rest: far hairs at full length first, then short ones over the muzzle."""
    outer = Brush(brush.hairs * 2 // 3, brush.length, brush.width, brush.spread, brush.contrast, brush.droop)
    whole = part.cover.copy()
    part.cover[far < 0.55] = -1
    fur.cover(draw, part, colour, flow, far, outer, rng, 0.45 + 0.55 * coat.smooth(-0.5, 0.2, part.local[..., 1]))
    part.cover[:] = np.where(far < 0.7, whole, -1)
    inner = Brush(brush.hairs // 3, min(brush.length, brush.width * 5), brush.width * 0.8, 0.2, brush.contrast)
    fur.cover(draw, part, colour, flow, far, inner, rng)
    part.cover[:] = whole


def _sockets(part: Surface, who: Pet, colour: np.ndarray) -> np.ndarray:
    e = who.breed.eye
    d = np.hypot((np.abs(part.local[..., 0]) - e.x) / (e.wide * 1.7), (part.local[..., 1] - e.y) / (e.high * 1.9))
    return colour * (1 - 0.2 * coat.smooth(1.0, 0.5, d) * (part.local[..., 2] > 0))[..., None]


def _camera(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Exposure, colour, blur and noise, as a photo taken by hand has them."""
    size = picture.width
    if rng.random() < 0.25:
        picture = picture.filter(ImageFilter.GaussianBlur(size / 320 * rng.uniform(0.4, 1.6)))
    picture = ImageEnhance.Color(picture).enhance(float(np.clip(rng.normal(1, 0.14), 0.5, 1.4)))
    picture = ImageEnhance.Contrast(picture).enhance(float(np.clip(rng.normal(1, 0.1), 0.7, 1.3)))
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j].astype(np.float32)
    vignette = 1 - np.float32(rng.uniform(0.02, 0.2)) * (x * x + y * y)
    balance = np.exp(rng.normal(0, [0.035, 0.015, 0.045])) * np.exp(rng.normal(-0.02, 0.09))
    grain = rng.standard_normal((size, size, 1), dtype=np.float32) * np.float32(rng.uniform(1, 7))
    pixels = np.asarray(picture, np.float32) * vignette[..., None] * balance.astype(np.float32) + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def draw(breed: str, seed: int | Sequence[int], side: int = 320) -> Image.Image:
    """A portrait of a pet that never lived.

    Args:
        breed: one of BREEDS.
        seed: what decides all that varies; the same seed, the same picture.
        side: pixels of the longer side, 32 to 1024; it is upright, lying or square.
    """
    if breed not in BY_NAME:
        raise ValueError(f"{breed!r} is none of the breeds that are drawn: {', '.join(sorted(BY_NAME))}")
    if not 32 <= side <= 1024:
        raise ValueError(f"side is {side}; it must be from 32 to 1024 pixels")
    rng = np.random.default_rng(seed)
    who, light = coat.pet(BY_NAME[breed], rng), _light(rng)
    head, body = _views(rng, side * 2)
    picture = scene.background(rng, side)
    layer = Image.new("RGBA", (side * 2, side * 2), (0, 0, 0, 0))
    _body(layer, who, body, head, light, rng)
    if rng.random() < 0.3:
        _collar(layer, body, rng)
    _head(layer, who, head, light, rng)
    picture.paste(layer.reduce(2), (0, 0), layer.getchannel("A").reduce(2))
    if rng.random() < 0.35:
        front = scene.in_front(rng, side, who.colours["white" if rng.random() < 0.5 else "base"])
        picture.paste(front, (0, 0), front.getchannel("A"))
    return _framed(_camera(picture, rng), rng)


def jpeg(breed: str, seed: Sequence[int], side: int) -> bytes:
    """The portrait as a JPEG file's bytes, of a quality that varies as phones' do."""
    quality = int(np.random.default_rng([*seed, 1]).integers(80, 93))
    into = io.BytesIO()
    draw(breed, seed, side).save(into, "JPEG", quality=quality)
    return into.getvalue()


def _framed(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Upright, lying or square, as people hold a camera: photos of one size would need no lesson on sizes."""
    side, format_ = photo.width, rng.choice(["square", "upright", "lying"])
    shorter = round(side * rng.uniform(0.78, 0.9))
    if format_ == "upright":
        left = round((side - shorter) * rng.uniform(0.35, 0.65))
        return photo.crop((left, 0, left + shorter, side))
    if format_ == "lying":
        top = round((side - shorter) * rng.uniform(0.1, 0.5))
        return photo.crop((0, top, side, top + shorter))
    return photo
