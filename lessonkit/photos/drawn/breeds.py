"""The twelve breeds in parameters: skull, ears, eyes, nose, fur and coat.

Lengths are in head radii, in the axes of geometry.py. Names are written as in the Oxford-IIIT Pet set:
cats with a capital, dogs without.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lessonkit.photos.drawn.geometry import Ball

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Ear:
    """The right ear; the left one is its mirror image. "prick" stands behind the head, others hang before it."""

    kind: str
    outer: tuple[Point, ...]
    inner: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Eye:
    """Place of the right eye, its half width and half height, and how far its outer corner is raised (radians)."""

    x: float
    y: float
    wide: float
    high: float
    tilt: float = 0.0


@dataclass(frozen=True)
class Fur:
    """Length of a hair, hairs drawn on a head, and how much they differ in lightness (0..1)."""

    length: float
    hairs: int
    contrast: float
    ruff: float = 0.0


@dataclass(frozen=True)
class Breed:
    """A breed as it is drawn.

    Attributes:
        balls: the skull; those beside the middle are mirrored.
        nose: height on the face, and half width.
        mouth: height of the mouth's line on the face.
        body: how broad the shoulders are against a cat's.
        coat: the pattern, a function in coat.py.
        palettes: colours by name, one palette an individual; with `weights`, how often each is met.
        vary: how far an individual's own shape strays, as a share.
    """

    name: str
    kind: str
    balls: tuple[Ball, ...]
    ear: Ear
    eye: Eye
    nose: tuple[float, float]
    mouth: float
    fur: Fur
    coat: str
    palettes: tuple[dict[str, str], ...]
    body: float = 1.0
    weights: tuple[float, ...] = ()
    traits: dict[str, float] = field(default_factory=dict)
    vary: float = 0.05


def _cat(wide: float = 1.0, cheeks: float = 0.52, muzzle: float = 0.25, jaw: float = 0.66) -> tuple[Ball, ...]:
    return (
        (0, -0.08, 0, 0.98 * wide, 0.86, 0.84),
        (0.46 * wide, 0.26, 0.12, cheeks, 0.5, 0.55),
        (0, 0.12, 0.5, 0.24, 0.46, 0.36),
        (muzzle * 0.68, 0.46, 0.62, muzzle, 0.21, 0.3),
        (0, jaw, 0.5, 0.22, 0.19, 0.3),
    )


def _dog(wide: float, cheeks: float, muzzle: tuple[float, float, float], lips: float = 0.24) -> tuple[Ball, ...]:
    broad, long, drop = muzzle
    return (
        (0, -0.16, 0, 0.93 * wide, 0.84, 0.86),
        (0.48 * wide, 0.18, 0.1, cheeks, 0.52, 0.6),
        (0, 0.36 + drop / 2, 0.6, broad, 0.36, long),
        (broad * 0.55, 0.5 + drop, 0.6 + long * 0.35, lips, 0.27, long * 0.55),
        (0, 0.74 + drop, 0.5 + long * 0.2, broad * 0.6, 0.18, long * 0.6),
    )


def _cat_ear(inward: float = 0.27, outward: float = 0.94, high: float = 1.45, lean: float = 0.78) -> Ear:
    outer = (
        (inward, -0.7, 0.2), (inward + 0.12, -1.0, 0.12), (lean - 0.07, high * -0.97, 0.0), (lean, -high, 0.0),
        (lean + 0.05, high * -0.95, 0.0), (outward + 0.02, -0.85, 0.0), (outward, -0.3, 0.0), (0.6, -0.4, 0.3),
    )  # fmt: skip
    inner = (
        (inward + 0.14, -0.72, 0.25), (inward + 0.22, -0.98, 0.15), (lean - 0.03, high * -0.9, 0.02),
        (outward - 0.07, -0.85, 0.05), (outward - 0.1, -0.45, 0.1), (0.6, -0.45, 0.3),
    )  # fmt: skip
    return Ear("prick", outer, inner)


_SPITZ_EAR = Ear(
    "prick",
    ((0.24, -0.74, 0.15), (0.36, -1.05, 0.1), (0.55, -1.3, 0.05), (0.66, -1.34, 0.05), (0.75, -1.24, 0.0),
     (0.88, -0.85, 0.0), (0.88, -0.4, 0.0), (0.55, -0.5, 0.2)),
    ((0.38, -0.76, 0.2), (0.46, -1.02, 0.12), (0.6, -1.2, 0.06), (0.72, -1.06, 0.05), (0.78, -0.7, 0.05),
     (0.6, -0.55, 0.2)),
)  # fmt: skip
_BEAGLE_EAR = Ear(
    "drop",
    ((0.62, -0.72, 0.45), (0.86, -0.72, 0.3), (1.12, -0.4, 0.15), (1.28, 0.2, 0.15), (1.26, 0.7, 0.2),
     (1.08, 0.9, 0.28), (0.9, 0.72, 0.3), (0.8, 0.25, 0.3), (0.72, -0.25, 0.42)),
)  # fmt: skip
_PUG_EAR = Ear(
    "drop",
    ((0.46, -0.86, 0.4), (0.78, -0.88, 0.3), (1.02, -0.62, 0.25), (1.08, -0.28, 0.35), (0.98, -0.08, 0.45),
     (0.84, -0.2, 0.5), (0.68, -0.48, 0.55)),
)  # fmt: skip


def _rose_ear(high: float, droop: float, outward: float) -> Ear:
    outer = (
        (0.46, -0.78, 0.4), (0.62, -0.78 - high, 0.3), (0.84, -0.82 - high, 0.25), (outward, -0.66 - high / 2, 0.25),
        (outward + 0.1, -0.5 + droop, 0.35), (outward - 0.04, -0.36 + droop, 0.45), (0.8, -0.5, 0.5),
        (0.66, -0.6, 0.5),
    )  # fmt: skip
    return Ear("drop", outer)


_BULLY_COATS = (
    {"base": "#9a6238", "mark": "#3c2a22", "white": "#f1ebe2", "nose": "#2a2324", "eye": "#6b4423", "ear": "#7d4d2c"},
    {"base": "#7b7f88", "mark": "#565a63", "white": "#eeebe8", "nose": "#4a4a52", "eye": "#8d7a52", "ear": "#666a73"},
    {"base": "#8a6a4c", "mark": "#3a2c24", "white": "#efe8de", "nose": "#241f20", "eye": "#55381f", "ear": "#5c4534"},
    {"base": "#3b3533", "mark": "#221e1d", "white": "#efeae4", "nose": "#1d1a1b", "eye": "#4a2f1c", "ear": "#2f2a29"},
)
_POINT_COATS = (
    {
        "base": "#ece3d3",
        "mark": "#54423a",
        "white": "#fbf8f3",
        "nose": "#6a4e4a",
        "eye": "#4f8fd6",
        "ear": "#4d3c35",
        "inner": "#9a7a72",
    },
    {
        "base": "#e9e6e3",
        "mark": "#7d7f8a",
        "white": "#fbfafa",
        "nose": "#8a7f86",
        "eye": "#5d9ae0",
        "ear": "#72747f",
        "inner": "#b3a0a6",
    },
    {
        "base": "#efe4d4",
        "mark": "#8b6248",
        "white": "#fdf9f3",
        "nose": "#b5796b",
        "eye": "#5a93d3",
        "ear": "#80593f",
        "inner": "#c99a86",
    },
)
_CAT_EYE = Eye(0.43, 0.0, 0.25, 0.2, 0.16)
_BULLY_EYE = Eye(0.41, -0.1, 0.16, 0.13, 0.06)

BENGAL = Breed(
    "Bengal", "cat", _cat(0.95, 0.48, 0.26), _cat_ear(0.3, 0.92, 1.32, 0.82), Eye(0.42, -0.02, 0.25, 0.21, 0.2),
    (0.3, 0.13), 0.5, Fur(0.12, 3400, 0.16), "rosettes",
    ({"base": "#c98d4c", "mark": "#3a2417", "white": "#f0dfc0", "nose": "#b5695a", "eye": "#8fb04a",
      "ear": "#8a5c33", "inner": "#d9a58c"},
     {"base": "#d9a766", "mark": "#4b2d1a", "white": "#f3e6cd", "nose": "#b5695a", "eye": "#c8b13e",
      "ear": "#946338", "inner": "#d9a58c"}),
)  # fmt: skip
BIRMAN = Breed(
    "Birman", "cat", _cat(1.0, 0.6, 0.27, 0.64), _cat_ear(0.32, 0.98, 1.3, 0.86), _CAT_EYE,
    (0.31, 0.13), 0.5, Fur(0.25, 2600, 0.1, 0.5), "points", _POINT_COATS, weights=(0.5, 0.25, 0.25),
    traits={"bicolour": 0.12, "golden": 0.7, "mask": 1.0},
)  # fmt: skip
RAGDOLL = Breed(
    "Ragdoll", "cat", _cat(1.07, 0.64, 0.27, 0.68), _cat_ear(0.36, 1.04, 1.26, 0.92), Eye(0.44, 0.0, 0.26, 0.2, 0.22),
    (0.32, 0.13), 0.51, Fur(0.27, 2600, 0.1, 0.6), "points", _POINT_COATS, weights=(0.4, 0.35, 0.25),
    traits={"bicolour": 0.55, "golden": 0.25, "mask": 0.86},
)  # fmt: skip
BOMBAY = Breed(
    "Bombay", "cat", _cat(1.0, 0.5, 0.25), _cat_ear(0.3, 0.95, 1.36, 0.82), Eye(0.43, -0.02, 0.26, 0.23, 0.12),
    (0.3, 0.13), 0.5, Fur(0.1, 3400, 0.25), "solid",
    ({"base": "#2b2729", "mark": "#171416", "white": "#3a3537", "nose": "#1f1b1d", "eye": "#e0a02c",
      "ear": "#242022", "inner": "#5a4446"},
     {"base": "#2e2927", "mark": "#181513", "white": "#3d3633", "nose": "#1f1b1b", "eye": "#d4b23a",
      "ear": "#262120", "inner": "#5f4a46"}),
    traits={"gloss": 0.5},
)  # fmt: skip
BRITISH = Breed(
    "British_Shorthair", "cat", _cat(1.08, 0.68, 0.3, 0.64), _cat_ear(0.44, 1.04, 1.12, 0.92),
    Eye(0.45, 0.02, 0.25, 0.24, 0.05), (0.3, 0.13), 0.5, Fur(0.09, 4000, 0.1, 0.2), "solid",
    ({"base": "#8a919f", "mark": "#6d7482", "white": "#9fa6b3", "nose": "#5b5f6b", "eye": "#e08a2a",
      "ear": "#79808e", "inner": "#b79aa0"},
     {"base": "#7d8593", "mark": "#626a78", "white": "#939ba8", "nose": "#565a66", "eye": "#d99a35",
      "ear": "#6e7684", "inner": "#ab9096"}),
    body=1.15, traits={"gloss": 0.1},
)  # fmt: skip
SPHYNX = Breed(
    "Sphynx", "cat", _cat(0.88, 0.42, 0.25, 0.63), _cat_ear(0.22, 1.14, 1.62, 0.98),
    Eye(0.42, 0.0, 0.27, 0.22, 0.22), (0.3, 0.12), 0.49, Fur(0.03, 900, 0.05), "skin",
    ({"base": "#f0c4b2", "mark": "#d09c8e", "white": "#f6d6c8", "nose": "#c9807a", "eye": "#8ab8b0",
      "ear": "#dba896", "inner": "#d98f86"},
     {"base": "#d3aa9c", "mark": "#7c6468", "white": "#e6c4b6", "nose": "#a86a68", "eye": "#b8b04c",
      "ear": "#b58d84", "inner": "#cc8c84"}),
    body=0.95,
)  # fmt: skip
PIT_BULL = Breed(
    "american_pit_bull_terrier", "dog", _dog(0.92, 0.5, (0.38, 0.68, 0.06)), _rose_ear(0.2, 0.02, 1.04), _BULLY_EYE,
    (0.36, 0.2), 0.68, Fur(0.05, 3600, 0.09), "bully", _BULLY_COATS, body=1.15, weights=(0.35, 0.3, 0.15, 0.2),
    traits={"brindle": 0.15, "blaze": 0.6, "chest": 0.8},
)  # fmt: skip
STAFFY = Breed(
    "staffordshire_bull_terrier", "dog", _dog(1.0, 0.6, (0.43, 0.54, 0.02), 0.26), _rose_ear(0.1, 0.08, 1.06),
    _BULLY_EYE, (0.32, 0.21), 0.66, Fur(0.05, 3600, 0.09), "bully", _BULLY_COATS, body=1.25,
    weights=(0.25, 0.2, 0.35, 0.2), traits={"brindle": 0.45, "blaze": 0.3, "chest": 0.6},
)  # fmt: skip
BEAGLE = Breed(
    "beagle", "dog", _dog(0.9, 0.46, (0.4, 0.66, 0.06)), _BEAGLE_EAR, Eye(0.39, -0.08, 0.19, 0.17, 0.0),
    (0.34, 0.2), 0.68, Fur(0.06, 3400, 0.09), "tricolour",
    ({"base": "#b8783f", "mark": "#2d2522", "white": "#f6f1e8", "nose": "#231d1e", "eye": "#5d3a1f", "ear": "#a2632f"},
     {"base": "#c58a4e", "mark": "#3a2d27", "white": "#f8f3ea", "nose": "#2a2223", "eye": "#6a4524", "ear": "#b27440"}),
    body=1.05,
)  # fmt: skip
PUG = Breed(
    "pug", "dog", _dog(1.08, 0.58, (0.46, 0.3, 0.0), 0.27), _PUG_EAR, Eye(0.46, 0.0, 0.23, 0.23, 0.0),
    (0.22, 0.17), 0.56, Fur(0.05, 3400, 0.08), "masked",
    ({"base": "#dcb98a", "mark": "#2c2524", "white": "#e6cba4", "nose": "#171314", "eye": "#3f2718", "ear": "#2f2726"},
     {"base": "#cfae86", "mark": "#342b29", "white": "#dcc29c", "nose": "#191516", "eye": "#452b1a", "ear": "#372d2b"}),
    body=1.1, traits={"wrinkles": 1.0},
)  # fmt: skip
SAMOYED = Breed(
    "samoyed", "dog", _dog(0.98, 0.6, (0.34, 0.6, 0.04), 0.22), _SPITZ_EAR, Eye(0.37, -0.12, 0.15, 0.13, 0.2),
    (0.32, 0.17), 0.6, Fur(0.3, 2800, 0.07, 1.0), "solid",
    ({"base": "#f3efe8", "mark": "#dcd3c6", "white": "#fdfbf7", "nose": "#25201f", "eye": "#3b2718",
      "ear": "#eee6da", "inner": "#e3c2b4"},
     {"base": "#efe8db", "mark": "#dccfb8", "white": "#faf6ee", "nose": "#2b2524", "eye": "#43301f",
      "ear": "#e9ddc8", "inner": "#dfbcab"}),
    body=1.2, traits={"smile": 1.0},
)  # fmt: skip
SHIBA = Breed(
    "shiba_inu", "dog", _dog(0.98, 0.58, (0.33, 0.56, 0.03), 0.22), _SPITZ_EAR, Eye(0.38, -0.1, 0.16, 0.11, 0.3),
    (0.31, 0.16), 0.6, Fur(0.12, 3600, 0.12, 0.3), "urajiro",
    ({"base": "#c97f3f", "mark": "#9c5a28", "white": "#f7ecdb", "nose": "#231c1b", "eye": "#3d2615",
      "ear": "#b9702f", "inner": "#eed3b8"},
     {"base": "#d39152", "mark": "#a86a35", "white": "#f9f0e1", "nose": "#292120", "eye": "#432b19",
      "ear": "#c27c3e", "inner": "#eed7bf"}),
    traits={"smile": 0.7},
)  # fmt: skip

BY_NAME = {
    breed.name: breed
    for breed in (BENGAL, BIRMAN, BOMBAY, BRITISH, RAGDOLL, SPHYNX, PIT_BULL, BEAGLE, PUG, SAMOYED, SHIBA, STAFFY)
}
BREEDS = sorted(BY_NAME)
CLOSE_PAIRS = (("Birman", "Ragdoll"), ("american_pit_bull_terrier", "staffordshire_bull_terrier"))
