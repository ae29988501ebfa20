"""What is fine in a photo: whether there is enough of it to tell copies by, and whether two photos have the same.

Two photos of little detail (a gradient, a disc on one colour, a leaf on white) are alike without being copies. Edges and
patterns of a copy lie where the photo's do, once it is scaled and moved onto it; those of another photo do not: of 250
real photos no two come above 0.65, copies of which a tenth is cut off and that are turned by 3 degrees stay above 0.85.
"""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image

SAME_DETAIL, SAME_SHAPE = 0.84, 0.96  # correlation of the fine parts of copies; of pictures of little detail
LEAST_DETAIL = 40  # of 64 blocks of a photo that must hold some detail
SIDE = 64  # pixels of the greys
_BLOCK, _SOME = 8, 3.0  # pixels of a block's sides, and the deviation of greys in it that is some detail
_NARROW, _WIDE = 1.0, 4.0  # pixels: blurred by the one minus blurred by the other is what is fine
_PARTS = tuple(1 - n / 40 for n in range(9))  # of the sides that a cut copy may have left
_TENTH = 5  # of _PARTS are 0.9 and more
_EDGE = 3  # pixels of a template that its blur has no neighbours for


def detailed(grey: np.ndarray) -> bool:
    """Whether a small grey (64, 64) of uint8 has enough detail to tell its copies from photos that are like it."""
    blocks = SIDE // _BLOCK
    parts = (_fine(grey.astype(np.float64)) ** 2).reshape(blocks, _BLOCK, blocks, _BLOCK).mean((1, 3))
    return int((np.sqrt(parts) > _SOME).sum()) >= LEAST_DETAIL


class Detail:
    """A photo's fine parts, ready to be compared with others'.

    Args:
        grey: (64, 64) of uint8.
    """

    def __init__(self, grey: np.ndarray):
        self._grey = grey.astype(np.float32)
        self._templates: dict[tuple[int, bool], np.ndarray] = {}
        self._places: dict[int, np.ndarray] = {}
        fine = _fine(self._grey)
        self._whole, self._squares = np.fft.rfft2(fine), np.fft.rfft2(fine**2)

    def same(self, other: Detail, simple: bool) -> bool:
        """Whether two photos may be copies by their fine parts; `simple`: pictures of little detail, cut by a tenth at most."""
        if simple:
            return self.likeness(other, _TENTH) > SAME_SHAPE
        return self.likeness(other) > SAME_DETAIL

    def likeness(self, other: Detail, parts: int = len(_PARTS)) -> float:
        """The correlation, -1 to 1, at the best place: one as it is, the other cut to a part of it, mirrored or not.

        Args:
            parts: how many of _PARTS are tried.
        """
        return max(
            float((np.fft.irfft2(held._whole * part._template(n, mirrored), (SIDE, SIDE))[: room + 1, : room + 1]
                   * held._per_place(n)).max())
            for held, part in ((self, other), (other, self))
            for n, room in enumerate(_ROOM[:parts])
            for mirrored in (False, True)
        )  # fmt: skip

    def _template(self, part: int, mirrored: bool) -> np.ndarray:
        if (part, mirrored) not in self._templates:
            self._templates[part, mirrored] = self._shrunk(part, mirrored)
        return self._templates[part, mirrored]

    def _per_place(self, part: int) -> np.ndarray:
        if part not in self._places:
            self._places[part] = self._lengths(part)
        return self._places[part]

    def _shrunk(self, part: int, mirrored: bool) -> np.ndarray:
        """The photo shrunk to a part, its fine parts of mean 0 and length 1, as what its correlation is multiplied with."""
        side = SIDE - _ROOM[part] + 2 * _EDGE
        image = Image.fromarray(self._grey[:, ::-1] if mirrored else self._grey)
        small = np.asarray(image.resize((side, side), Image.Resampling.BILINEAR), np.float64)
        fine = _fine(small)[_EDGE : side - _EDGE, _EDGE : side - _EDGE]
        fine = fine - fine.mean()
        return np.conj(np.fft.rfft2(fine / max(1e-6, float(np.linalg.norm(fine))), (SIDE, SIDE)))

    def _lengths(self, part: int) -> np.ndarray:
        """1 / the length of the fine parts behind a template of a part, for each place that it can be put to."""
        side = SIDE - _ROOM[part]
        window = np.conj(np.fft.rfft2(np.ones((side, side)), (SIDE, SIDE)))
        sums, squares = (np.fft.irfft2(of * window, (SIDE, SIDE)) for of in (self._whole, self._squares))
        room = _ROOM[part] + 1
        return 1 / np.sqrt(np.maximum(squares - sums**2 / side**2, 1e-6))[:room, :room]


_ROOM = tuple(SIDE - (round(SIDE * part) - 2 * _EDGE) for part in _PARTS)  # pixels that a template can be moved by


def _fine(grey: np.ndarray) -> np.ndarray:
    narrow, wide = _blur(len(grey), _NARROW), _blur(len(grey), _WIDE)
    return narrow @ grey @ narrow.T - wide @ grey @ wide.T


@functools.cache
def _blur(side: int, width: float) -> np.ndarray:
    """What blurs the columns of an image of so many rows (a Gaussian), its edges mirrored."""
    at = np.arange(side)
    found = np.zeros((side, side))
    for centre in (at, -1 - at, 2 * side - 1 - at):
        found += np.exp(-((at[:, None] - centre[None]) ** 2) / (2 * width**2))
    return found / found.sum(1, keepdims=True)
