"""Photos with bytes changed, cut off or repeated: each opens or is refused in a sentence, whatever it was."""

from __future__ import annotations

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from lessonkit.errors import PhotoError, PhotoNotReadError
from lessonkit.photos import decoding

MUTATED = 2_000
PIXELS = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
KINDS = {
    "JPEG": {"format": "JPEG"}, "progressive": {"format": "JPEG", "progressive": True}, "PNG": {"format": "PNG"},
    "WebP": {"format": "WEBP"}, "lossless": {"format": "WEBP", "lossless": True}, "GIF": {"format": "GIF"},
    "HEIC": {"format": "HEIF"}, "AVIF": {"format": "AVIF"}, "BMP": {"format": "BMP"}, "TIFF": {"format": "TIFF", "compression": "tiff_lzw"},
}  # fmt: skip
SIZES = (0, 1, 3, 0xFF, 0x7FFF, 0x8000, 5_000, 30_000, 0xFFFF)  # that a header may be made to say


def encoded(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, **KINDS[kind])
    return out.getvalue()


def mutated(whole: bytes, draw: random.Random) -> bytes:
    """The bytes with a change of a kind that is drawn; a PNG's checksums are mostly made right again."""
    data = bytearray(whole)
    how = draw.choice(["bytes", "header", "sizes", "cut", "again"])
    if how == "bytes":
        for _ in range(draw.choice([1, 3, 20])):
            data[draw.randrange(len(data))] = draw.randrange(256)
    elif how == "header":
        for _ in range(draw.choice([1, 2, 4])):
            data[draw.randrange(4, min(len(data), 200))] = draw.randrange(256)
    elif how == "sizes":
        at = draw.randrange(4, min(len(data) - 4, 300))
        data[at : at + 2] = draw.choice(SIZES).to_bytes(2, draw.choice(["big", "little"]))
    elif how == "cut":
        del data[draw.randrange(8, len(data)) :]
    else:
        at, length = draw.randrange(len(data)), draw.randrange(1, 200)
        data[at:at] = data[at : at + length]
    return with_checksums(data) if data.startswith(b"\x89PNG") and draw.random() < 0.7 else bytes(data)


def with_checksums(data: bytearray) -> bytes:
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            break
        data[end : end + 4] = struct.pack(">I", zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return bytes(data)


def elsewhere(*_: object) -> Image.Image:
    """In the place of the process apart, whose end would be that of the photo alone."""
    raise PhotoError("It is opened apart.", "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_photo_opens_or_is_refused(kind: str) -> None:
    whole, apart = encoded(kind), None if kind == "AVIF" else elsewhere
    opened: list[Image.Image] = []
    refused: list[PhotoError] = []
    for number in range(MUTATED // len(KINDS)):
        data = mutated(whole, random.Random(f"{kind} {number}"))
        try:
            opened.append(decoding.open_photo(data, None, 32, elsewhere=apart))
            height, width = decoding.upright_size(data)  # what opens has a size too, of the same shape
            assert (height > width) == (opened[-1].height > opened[-1].width), number
        except PhotoError as problem:
            refused.append(problem)
    assert len(opened) + len(refused) == MUTATED // len(KINDS)
    assert all(image.mode == "RGB" and image.width * image.height <= decoding.MOST_PIXELS for image in opened)
    assert all(problem.sentence and not isinstance(problem, PhotoNotReadError) for problem in refused)
    assert refused
