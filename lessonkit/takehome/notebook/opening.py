"""How a photo is opened, for where this lesson is not installed: as the notebook's source, and as what pickles by name.

`photos.images.open_photo` and `photos.cache.fitted` decide; a test compares pixel for pixel.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Collection, Mapping
from functools import partial, reduce
from operator import methodcaller
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from lessonkit.photos.cache import LONGEST

Function = Callable[[Any], Any]
Chain = Callable[[list[Function]], Function]
"""Functions -> one that calls them in turn: `torchvision.transforms.Compose`, which pickles."""

_RGB = """\
def rgb(photo):
    "In 8 bits each of red, green and blue: transparency over white, deep greys made shallower rather than cut off."
    if photo.mode[0] in 'IF':
        grey = np.nan_to_num(np.asarray(photo).astype(np.float32), nan=0, posinf=0, neginf=0)
        white = max(65535, grey.max())
        if photo.mode == 'F' and grey.max() <= 1: white = 1
        elif photo.mode in 'IF' and grey.max() <= 255: white = 255
        photo = Image.fromarray(np.clip(grey * np.float32(255 / white) + 0.5, 0, 255).astype(np.uint8))
    elif photo.mode != 'RGB' or 'transparency' in photo.info:
        photo = photo.convert('RGBA')
        photo = Image.alpha_composite(Image.new('RGBA', photo.size, 'white'), photo)
    return photo.convert('RGB')"""


def source(side: int) -> str:
    """The notebook's `opened(file)`: a photo upright, as 8-bit RGB, its shorter side `side` pixels."""
    return f"""\
from PIL import Image, ImageOps

{_RGB}

def opened(file):
    "A photo upright, its shorter side {side} pixels: a little more than the network sees. Very long ones lose their ends."
    photo = Image.open(file)
    if min(photo.size) > {side}: photo.draft(None, [int({side} / min(photo.size) * n) for n in photo.size])
    photo = rgb(ImageOps.exif_transpose(photo))
    w, h = (min(n, {LONGEST} * min(photo.size)) for n in photo.size)
    left, top = (photo.width - w) // 2, (photo.height - h) // 2
    photo, scale = photo.crop((left, top, left + w, top + h)), {side} / min(w, h)
    size = max({side}, round(w * scale)), max({side}, round(h * scale))
    return PILImage.create(photo.resize(size, Image.Resampling.BILINEAR, reducing_gap=2))"""


def opener(chain: Chain, create: Function, pixels: Collection[type]) -> list[Function]:
    """Functions that in turn open a photo as the lesson does: upright, transparency over white, 16-bit greys scaled.

    None of them is defined here: a pickle names a function by its module, and where a learner takes it home this one
    is not installed. So they are the standard library's, NumPy's and Pillow's, put together. Greys of 32 bits, which
    only TIFF has, are cut off at white.

    Args:
        create: what makes an image of anything that is neither a path, an open file nor an image.
        pixels: the types of that: bytes, arrays.
    """
    is_image, is_pixels = partial(type.__instancecheck__, Image.Image), partial(operator.contains, set(pixels))
    from_outside = _choose(chain, chain([type, is_pixels]), {True: create, False: Image.open})
    read = _choose(chain, is_image, {True: methodcaller("copy"), False: from_outside})
    white = methodcaller("point", [255] * 4 * 256)
    over_white = chain(
        [
            methodcaller("convert", "RGBA"),
            _both(chain, Image.alpha_composite, white, methodcaller("copy")),
            methodcaller("convert", "RGB"),
        ]
    )
    deep = chain(
        [
            np.asarray,
            methodcaller("astype", np.float32),
            partial(operator.mul, np.float32(255 / 65535)),
            partial(operator.add, np.float32(0.5)),
            partial(np.clip, a_min=0, a_max=255),
            methodcaller("astype", np.uint8),
            Image.fromarray,
            methodcaller("convert", "RGB"),
        ]
    )
    # Pillow opens a grey PNG of 16 bits as I;16, before its release 11.3 as I.
    modes = dict.fromkeys(_MODES, over_white) | dict.fromkeys(("I", "I;16", "I;16B", "I;16L", "I;16N"), deep)
    return [read, ImageOps.exif_transpose, _choose(chain, operator.attrgetter("mode"), modes)]


_MODES = ("1", "CMYK", "F", "HSV", "L", "LA", "LAB", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "YCbCr")


def _both(chain: Chain, join: Callable[[Any, Any], Any], first: Function, second: Function) -> Function:
    """x -> join(first(x), second(x))"""
    return chain([itertools.repeat, partial(map, operator.call, [first, second]), partial(reduce, join)])


def _choose(chain: Chain, key: Function, table: Mapping[Any, Function]) -> Function:
    """x -> table[key(x)](x)"""
    return _both(chain, operator.call, chain([key, partial(operator.getitem, table)]), chain([]))
