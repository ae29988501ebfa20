"""Coat patterns: from places on a head (or a body) to colours, before light falls on them.

Every pattern takes `p` (..., 3) places in head radii, the individual, and whether the part is the body, and
returns (..., 3) colours from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lessonkit.photos.drawn.breeds import Breed


def rgb(text: str) -> np.ndarray:
    """Three floats from 0 to 1 of a colour written "#rrggbb"."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


@dataclass(frozen=True)
class Pet:
    """One animal: its breed, its colours, and what is its own (`marks`, numbers drawn from its seed)."""

    breed: Breed
    colours: dict[str, np.ndarray]
    marks: dict[str, float]
    waves: np.ndarray
    phases: np.ndarray


def pet(breed: Breed, rng: np.random.Generator) -> Pet:
    """An individual of a breed."""
    weights = np.array(breed.weights or [1.0] * len(breed.palettes))
    palette = breed.palettes[rng.choice(len(weights), p=weights / weights.sum())]
    warm, light = rng.normal(0, 0.025), rng.normal(1, 0.05)
    tint = np.array([1 + warm, 1, 1 - warm], np.float32) * np.float32(light)
    colours = {name: np.clip(rgb(text) * tint, 0, 1) for name, text in palette.items()}
    marks = {name: float(rng.random()) for name in ("blaze", "chest", "brindle", "bicolour", "golden", "mask", "size")}
    marks |= {name: float(rng.normal()) for name in ("shift", "reach", "freq")}
    return Pet(breed, colours, marks, rng.normal(0, 1, (5, 3)).astype(np.float32), rng.random(5) * 6.283)


def smooth(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, smoothly between (or the other way round where low > high)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise(p: np.ndarray, who: Pet, freq: float) -> np.ndarray:
    """A smooth field of the individual's own from about -1 to 1, a sum of five waves."""
    waves = np.sin(p @ (who.waves * np.float32(freq)).T + who.phases.astype(np.float32))
    return waves.mean(-1) * np.float32(1.6)


def mix(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Colours a where share is 0, b where it is 1."""
    return a + (b - a) * share[..., None]


def _ball(p: np.ndarray, x: float, y: float, wide: float, high: float) -> np.ndarray:
    """Distance from the middle line's point (|x|, y), 1 on an ellipse of that half width and height."""
    return np.sqrt(((np.abs(p[..., 0]) - x) / wide) ** 2 + ((p[..., 1] - y) / high) ** 2)


def solid(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """One colour, a little lighter on the muzzle and the chest."""
    c = who.colours
    out = mix(np.broadcast_to(c["base"], p.shape), c["mark"], 0.35 + 0.25 * noise(p, who, 2.0))
    pale = smooth(1.2, 0.5, _ball(p, 0, 1.7, 0.7, 0.9)) if body else smooth(1.3, 0.6, _ball(p, 0, 0.55, 0.5, 0.32))
    return mix(out, c["white"], pale * 0.75)


def points(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """Pale, dark towards the face's middle; on a bicolour one a white wedge from the forehead to the chin."""
    c, marks, traits = who.colours, who.marks, who.breed.traits
    golden = c["base"] * np.array([1.0, 0.95, 0.84], np.float32)
    base = golden if marks["golden"] < traits["golden"] else c["base"]
    if body:
        return mix(np.broadcast_to(base, p.shape), c["white"], smooth(1.3, 0.5, _ball(p, 0, 1.6, 0.75, 1.0)))
    reach = traits["mask"] + 0.07 * marks["reach"]
    d = _ball(p, 0, 0.12, 0.74 * reach, 0.66 * reach) + 0.12 * noise(p, who, 3.0)
    out = mix(np.broadcast_to(base, p.shape), c["mark"], smooth(1.15, 0.5, d) * 0.88)
    out = mix(out, base, smooth(-0.25, -0.9, p[..., 1]) * 0.5)
    if marks["bicolour"] < traits["bicolour"]:
        half = 0.12 + 0.55 * np.clip(p[..., 1] + 0.45 + 0.1 * marks["shift"], 0, 1.2) + 0.04 * noise(p, who, 4.0)
        wedge = smooth(0.05, -0.05, np.abs(p[..., 0]) - half) * smooth(-0.6, -0.35, p[..., 1] + 0.1 * marks["shift"])
        out = mix(out, c["white"], wedge)
    return out


def rosettes(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """Spots with dark rims on gold; on the face stripes that run from the brow, and a pale muzzle."""
    c = who.colours
    x, y = p[..., 0] + 0.10 * noise(p, who, 4.0), p[..., 1] + 0.10 * noise(p[..., ::-1], who, 4.0)
    freq = 7.5 + 0.4 * who.marks["freq"]
    cell = np.sin(freq * x + 1.2 * np.sin(3 * y)) * np.sin(freq * y + who.phases[0])
    spots = smooth(0.22, 0.38, np.abs(cell)) * (1 - 0.55 * smooth(0.68, 0.86, np.abs(cell)))
    out = mix(np.broadcast_to(c["base"], p.shape), c["white"], smooth(0.2, 1.2, p[..., 1] * 0.6) * 0.6)
    if body:
        return mix(out, c["mark"], spots * 0.9)
    brow = smooth(0.35, 0.75, np.sin(17 * x * (1 + 0.25 * y) + 1.57)) * smooth(-0.12, -0.3, p[..., 1])
    cheek = smooth(0.4, 0.8, np.sin(13 * y - 6 * np.abs(x) + 0.8)) * smooth(0.5, 0.68, np.abs(p[..., 0]))
    out = mix(out, c["white"], smooth(1.25, 0.7, _ball(p, 0, 0.58, 0.46, 0.28)))
    out = mix(out, c["white"], smooth(1.15, 0.9, _ball(p, 0.43, 0.0, 0.36, 0.29)) * 0.8)
    marked = np.maximum(brow, cheek * smooth(-0.3, -0.1, p[..., 1]))
    return mix(out, c["mark"], marked * 0.85 * smooth(0.95, 1.15, _ball(p, 0, 0.5, 0.4, 0.3)))


def skin(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """Bare skin with soft patches, and wrinkles on the brow, cheeks and neck."""
    c = who.colours
    patch = smooth(0.3, 0.7, noise(p, who, 1.6)) * 0.55
    out = mix(np.broadcast_to(c["base"], p.shape), c["mark"], patch)
    wave = 0.1 * noise(p, who, 3.0)
    if body:
        folds = np.sin(13 * (p[..., 1] + wave) - 2.5 * np.abs(p[..., 0])) * smooth(2.2, 1.2, p[..., 1])
    else:
        brow = np.sin(21 * (p[..., 1] + wave - 0.25 * p[..., 0] ** 2)) * smooth(-0.25, -0.4, p[..., 1])
        side = np.sin(17 * (np.abs(p[..., 0]) + wave + 0.3 * p[..., 1])) * smooth(0.62, 0.78, np.abs(p[..., 0]))
        folds = np.maximum(brow, side)
    return out * (1 - 0.3 * smooth(0.55, 1.0, folds))[..., None]


def bully(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """One colour or brindle; often a white chest, sometimes a white blaze and muzzle."""
    c, marks, traits = who.colours, who.marks, who.breed.traits
    out = mix(np.broadcast_to(c["base"], p.shape), c["mark"], 0.15 + 0.15 * noise(p, who, 1.5))
    if marks["brindle"] < traits["brindle"]:
        bent = p[..., 1] * 15 + 5 * np.abs(p[..., 0]) + 2.2 * noise(p, who, 4.0)
        out = mix(out, c["mark"], smooth(0.1, 0.7, np.sin(bent)) * 0.8)
    if body:
        if marks["chest"] < traits["chest"]:
            bib = _ball(p, 0, 1.7 + 0.15 * marks["shift"], 0.42 + 0.3 * marks["size"], 0.95) + 0.12 * noise(p, who, 4)
            out = mix(out, c["white"], smooth(1.08, 0.9, bib))
        return out
    out = mix(out, c["mark"], smooth(1.2, 0.6, _ball(p, 0, 0.62, 0.5, 0.4)) * 0.35)
    if marks["blaze"] < traits["blaze"]:
        half = 0.06 + 0.1 * marks["size"] + 0.42 * smooth(0.1, 0.55, p[..., 1]) * (0.4 + 0.6 * marks["size"])
        edge = np.abs(p[..., 0] - 0.06 * marks["shift"]) + 0.05 * noise(p, who, 4.0) - half
        out = mix(out, c["white"], smooth(0.05, -0.05, edge))
    return out


def tricolour(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """Tan head with a white blaze and muzzle, white chest, dark back."""
    c, marks = who.colours, who.marks
    out = np.broadcast_to(c["base"], p.shape)
    if body:
        out = mix(out, c["mark"], smooth(0.55, 0.8, np.abs(p[..., 0]) + 0.12 * noise(p, who, 3.0)))
        return mix(out, c["white"], smooth(1.1, 0.9, _ball(p, 0, 1.9, 0.62, 1.2) + 0.1 * noise(p, who, 4.0)))
    out = mix(out, c["mark"], smooth(-0.45, -0.8, p[..., 1] + 0.12 * noise(p, who, 3.0)) * 0.4)
    half = 0.07 + 0.06 * marks["size"] + 0.55 * smooth(0.1, 0.5, p[..., 1])
    edge = np.abs(p[..., 0] - 0.04 * marks["shift"]) + 0.04 * noise(p, who, 4.0) - half
    return mix(out, c["white"], smooth(0.05, -0.05, edge))


def masked(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """Fawn with a black muzzle and eye rings, and folds on the forehead."""
    c = who.colours
    out = mix(np.broadcast_to(c["base"], p.shape), c["white"], 0.3 + 0.3 * noise(p, who, 1.5))
    if body:
        return out
    fold = np.sin(19 * (p[..., 1] + 0.25 * np.abs(p[..., 0]) + 0.03 * noise(p, who, 3.0)))
    folds = smooth(0.5, 0.95, fold) * smooth(-0.22, -0.34, p[..., 1]) * smooth(-0.8, -0.66, p[..., 1])
    out = mix(out, c["mark"], folds * smooth(0.6, 0.35, np.abs(p[..., 0])) * 0.6)
    muzzle = smooth(1.18, 0.92, _ball(p, 0, 0.45, 0.6, 0.5) + 0.06 * noise(p, who, 4.0))
    rings = smooth(1.2, 0.8, _ball(p, 0.46, 0.02, 0.36, 0.33))
    return mix(out, c["mark"], np.maximum(muzzle, rings * 0.9) * 0.93)


def urajiro(p: np.ndarray, who: Pet, body: bool) -> np.ndarray:
    """Red above, cream on the cheeks, muzzle, chest and over the eyes."""
    c = who.colours
    out = mix(np.broadcast_to(c["base"], p.shape), c["mark"], 0.25 + 0.3 * noise(p, who, 1.8))
    if body:
        return mix(out, c["white"], smooth(1.15, 0.75, _ball(p, 0, 1.75, 0.62, 1.0) + 0.08 * noise(p, who, 4.0)))
    cheeks = smooth(1.15, 0.8, _ball(p, 0.52, 0.5, 0.42, 0.4) + 0.08 * noise(p, who, 4.0))
    muzzle = smooth(1.15, 0.85, _ball(p, 0, 0.6, 0.42, 0.34))
    brows = smooth(1.2, 0.7, _ball(p, 0.3, -0.36, 0.13, 0.09))
    return mix(out, c["white"], np.maximum.reduce([cheeks, muzzle, brows]))


PATTERNS: dict[str, Callable[[np.ndarray, Pet, bool], np.ndarray]] = {
    f.__name__: f for f in (solid, points, rosettes, skin, bully, tricolour, masked, urajiro)
}
