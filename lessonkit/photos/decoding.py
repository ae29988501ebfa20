"""A photo's bytes to RGB pixels in this process: the header is looked at before memory is spent."""

from __future__ import annotations

import contextlib
import io
import math
import os
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pillow_heif
from PIL import Image, UnidentifiedImageError

from lessonkit.errors import PhotoError, PhotoNotReadError
from lessonkit.language import decimal, tr, translatable
from lessonkit.photos import repairs

MOST_PIXELS = 25_000_000  # that are decoded in this process, and that a photo comes out with
LARGEST_PIXELS = 120_000_000  # that are opened at all, in a process apart: a phone's 108 megapixels
LEAST_SIDE = 4  # pixels: below that there is nothing to see
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF")
FORMATS_SAID = translatable("JPEG, HEIC, PNG, GIF, WebP, AVIF, BMP and TIFF")
_JPEG = ("JPEG", "MPO")  # MPO: a phone's JPEG with a preview or a depth map behind it
# ISO/IEC 23008-12, annex B, and AVIF's own: what a HEIC or AVIF photo begins with, behind "ftyp".
_HEIF_BRANDS = tuple(b"heic heix heim heis hevc hevx hevm hevs heif mif1 mif2 msf1 avif avis".split())
_LARGE = 4_000_000  # pixels from which photos that cannot be decoded smaller are decoded one at a time
# EXIF orientation -> how to put the photo upright (Exif 2.32, tag 0x0112)
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip

SIDEWAYS = (5, 6, 7, 8)  # those that swap height and width

# Pillow warns from 89 megapixels on; our own bound is lower and is kept before decoding.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
pillow_heif.register_heif_opener(thumbnails=False)
# 25 megapixels with transparency take 200 MB while they are decoded: one at a time, however many threads there are.
_one_large = threading.Lock()
SMALLER = translatable("Save it smaller, or send a screenshot of it: on a phone, open the photo and take one.")
MORE_MEMORY = translatable("The photo needs more memory to open than a photo should.")
Elsewhere = Callable[[bytes, int | None, int | None], Image.Image]
"""A photo's bytes, `max_side`, `enough` -> the photo, decoded in another process."""


def open_photo(
    source: Path | bytes | BinaryIO, max_side: int | None, enough: int | None, elsewhere: Elsewhere | None = None
) -> Image.Image:
    """As `images.open_photo`.

    Args:
        elsewhere: opens what this process must not; None in the process that is meant for that.
    """
    file = io.BytesIO(source) if isinstance(source, bytes | bytearray | memoryview) else source
    try:
        return _opened(file, max_side, enough, elsewhere)
    except _DamagedError:
        whole = _mended(_all_of(file), lambda data: _opened(io.BytesIO(data), max_side, enough, elsewhere))
        if whole is None:
            raise
        return whole


def upright_size(source: Path | bytes) -> tuple[int, int]:
    """Height and width in pixels of a photo as it is shown, by its header alone.

    Raises:
        PhotoError: not a photo.
        PhotoNotReadError: not there, or it cannot be read now.
    """
    try:
        try:
            return _upright_size(io.BytesIO(source) if isinstance(source, bytes) else source)
        except (
            SyntaxError,
            ValueError,
            UnidentifiedImageError,
        ):  # large or damaged comments, as `open_photo` passes over
            data = source if isinstance(source, bytes) else source.read_bytes()
            if not data.startswith(repairs.PNG):
                raise
            return _upright_size(io.BytesIO(repairs.png_without_text(data)))
    except Exception as problem:  # what Pillow raises for a damaged header is of many kinds
        if isinstance(problem, OSError) and problem.errno is not None:
            raise _not_read(problem) from problem
        if isinstance(problem, MemoryError):
            raise _no_memory() from None
        raise PhotoError(tr("The photo does not open."), tr("Choose another.")) from problem


def _upright_size(file: Path | BinaryIO) -> tuple[int, int]:
    with Image.open(file, formats=FORMATS) as image:
        width, height = image.size
        # Of a TIFF on its side Pillow says the size as it is upright already.
        sideways = image.format != "TIFF" and image.getexif().get(0x0112) in SIDEWAYS
    return (width, height) if sideways else (height, width)


class _DamagedError(PhotoError):
    """Something is wrong with the bytes; it may be beside the pixels."""


def _opened(
    file: Path | BinaryIO, max_side: int | None, enough: int | None, elsewhere: Elsewhere | None
) -> Image.Image:
    """`open_photo` without mending."""
    with _header(file) as image:
        large = _look_at_header(image, file)
        if large and elsewhere:
            with _one_large:
                return elsewhere(_all_of(file), max_side, enough)
        _draft(image, max_side, enough)
        orientation, rgb = _pixels(image)
    if orientation in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[orientation])
    if large:  # this is the process apart: what goes back is bounded
        enough = enough or min(rgb.size)
        scale = min(1.0, enough / min(rgb.size), math.sqrt(MOST_PIXELS / (rgb.width * rgb.height)))
        rgb = _resized(rgb, scale)
    if max_side and max(rgb.size) > max_side:
        rgb = _resized(rgb, max_side / max(rgb.size))
    return rgb


def _resized(rgb: Image.Image, scale: float) -> Image.Image:
    size = (max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale)))
    return rgb if size == rgb.size else rgb.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _header(file: Path | BinaryIO) -> Image.Image:
    """The photo with its header read, its pixels not yet."""
    try:
        return Image.open(file, formats=FORMATS)
    except FileNotFoundError:
        raise PhotoNotReadError(
            tr("There is no photo “{photo}”.", photo=Path(str(file)).name),
            tr("It may have been taken away: choose another."),
        ) from None
    except Image.DecompressionBombError:
        raise _too_big(tr("more than 178 million")) from None
    except UnidentifiedImageError:
        raise _not_a_photo(file) from None
    except OSError as problem:
        if problem.errno is None:  # Pillow's own, of the header
            raise _damaged() from problem
        raise _not_read(problem) from problem
    except MemoryError:
        raise _no_memory() from None
    except Exception as problem:  # a damaged header: Pillow's readers raise whatever they trip over
        raise _damaged() from problem


def _pixels(image: Image.Image) -> tuple[int | None, Image.Image]:
    """EXIF orientation, and the pixels as RGB."""
    large = image.width * image.height > _LARGE and image.format not in _JPEG
    try:
        with _one_large if large else contextlib.nullcontext():
            image.load()
            return image.getexif().get(0x0112), _to_rgb(image)
    except PhotoError:
        raise
    except MemoryError:  # photos that are too big are refused by their header
        raise _no_memory() from None
    except Exception as problem:  # as in `_header`, of the pixels
        if isinstance(problem, OSError) and problem.errno is not None:
            raise _not_read(problem) from problem
        raise _DamagedError(
            tr("The photo is cut off or damaged: only a part of it can be read."), tr("Copy or save it again.")
        ) from problem


def _all_of(file: Path | BinaryIO) -> bytes:
    try:
        if isinstance(file, str | os.PathLike):
            return Path(file).read_bytes()
        file.seek(0)
        return file.read()
    except OSError as problem:
        raise _not_read(problem) from problem


def _mended(data: bytes, opened: Callable[[bytes], Image.Image]) -> Image.Image | None:
    """The photo, where what is wrong with it is beside its pixels; else None."""
    try:
        if data.startswith(repairs.PNG):
            return opened(repairs.png_without_text(data))
        if data.startswith(b"\xff\xd8") and repairs.lacks_end(data):
            one, other = (opened(ended) for ended in repairs.with_end(data))
            return one if one.tobytes() == other.tobytes() else None
    except _DamagedError:
        return None
    return None


def _look_at_header(image: Image.Image, file: Path | BinaryIO) -> bool:
    """Refuse by the header alone what would cost too much or shows nothing; whether it must be decoded apart."""
    width, height = image.size
    if min(width, height) < LEAST_SIDE:
        raise PhotoError(
            tr("The photo is {width} × {height} pixels: there is nothing to see in it.", width=width, height=height),
            tr("Choose a larger one."),
        )
    if width * height > LARGEST_PIXELS and image.format not in _JPEG:
        raise _too_big(_size(width, height))
    # A JPEG can be decoded smaller line by line, unless it keeps its details for later scans: then all its
    # coefficients are held at once, 6 bytes a pixel.
    in_scans = image.format in _JPEG and ("progressive" in image.info or not _one_scan(image))
    if in_scans and repairs.scans(_all_of(file)) > repairs.MOST_SCANS:
        raise PhotoError(tr("The photo is stored in more pieces than a photo needs."), tr("Save it as JPEG again."))
    if in_scans and width * height > LARGEST_PIXELS:
        raise _too_big(_size(width, height))
    if image.format == "AVIF":
        return True
    return width * height > MOST_PIXELS and (in_scans or image.format not in _JPEG)


def _one_scan(image: Image.Image) -> bool:
    """Whether the JPEG's first scan holds all its components (ITU T.81, B.2.3: a scan header's fifth byte counts them)."""
    file = image.fp  # pyrefly: ignore[missing-attribute]  # one that was opened from a file has it
    before = file.tell()
    file.seek(2)  # behind the start mark
    found = b""
    while len(head := file.read(4)) == 4 and head[0] == 0xFF:
        if head[1] == 0xDA:
            found = file.read(1)
            break
        file.seek(int.from_bytes(head[2:], "big") - 2, os.SEEK_CUR)
    file.seek(before)
    return found == bytes([len(image.getbands())])


def _draft(image: Image.Image, max_side: int | None, enough: int | None) -> None:
    """Have a JPEG decoded at 1/2, 1/4 or 1/8 where that is large enough, or where more would be too much."""
    if image.format not in _JPEG:
        return
    width, height = image.size
    scale = 1.0
    if enough:
        scale = min(scale, enough / min(width, height))
    if max_side:
        scale = min(scale, max_side / max(width, height))
    if scale < 1:
        image.draft(None, (max(1, int(width * scale)), max(1, int(height * scale))))
    if image.width * image.height > MOST_PIXELS:
        part = next(p for p in (2, 4, 8) if width * height / p**2 <= MOST_PIXELS)
        image.draft(None, (width // part, height // part))


def _to_rgb(image: Image.Image) -> Image.Image:
    mode = image.mode
    if mode == "RGB" and "transparency" not in image.info:
        return image.copy()
    if mode == "F" or mode.startswith("I"):
        return _deep_grey(image).convert("RGB")
    if mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        over = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", over.size, "white")
        white.paste(over, mask=over)
        return white
    return image.convert("RGB")


def _deep_grey(image: Image.Image) -> Image.Image:
    """Greys of 16 or 32 bits, whole or real, as 8 bits: Pillow's own conversion would cut them off at white."""
    pixels = np.asarray(image)
    rows = max(1, 1_000_000 // image.width)  # at a time: as real numbers the whole takes several times as much
    strips = [slice(at, at + rows) for at in range(0, image.height, rows)]
    highest = max(float(_real(pixels[strip]).max(initial=0.0)) for strip in strips)
    if image.mode == "F" and highest <= 1.0:
        white = 1.0
    elif highest <= 255 and not image.mode.startswith("I;16"):
        white = 255.0
    else:
        white = max(65535.0, highest)
    out = np.empty(pixels.shape, np.uint8)
    for strip in strips:
        out[strip] = np.clip(_real(pixels[strip]) * (255.0 / white) + 0.5, 0, 255)
    return Image.fromarray(out)


def _real(pixels: np.ndarray) -> np.ndarray:
    return np.nan_to_num(pixels.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _not_read(problem: OSError) -> PhotoNotReadError:
    return PhotoNotReadError(
        tr("The photo cannot be read ({why}).", why=problem.strerror),
        tr("See that it is a file, and that you may open it."),
    )


def _no_memory() -> PhotoNotReadError:
    return PhotoNotReadError(
        tr("The memory did not suffice to open the photo."), tr("Close other programs, then try again.")
    )


def _damaged() -> PhotoError:
    return _DamagedError(tr("The file starts like a photo, but cannot be read."), tr("Save it as JPEG again."))


def _too_big(size: str) -> PhotoError:
    return PhotoError(
        tr("The photo is too big: {size} pixels.", size=size),
        tr(
            "Photos of up to {megapixels} megapixels are taken. {smaller}",
            megapixels=LARGEST_PIXELS // 1_000_000,
            smaller=tr(SMALLER),
        ),
    )


def _size(width: int, height: int) -> str:
    return tr("{width} × {height}", width=decimal(width), height=decimal(height))


def _not_a_photo(file: Path | BinaryIO) -> PhotoError:
    if isinstance(file, str | os.PathLike):
        try:
            with Path(file).open("rb") as f:
                start = f.read(64)
        except OSError as problem:
            return _not_read(problem)
    else:
        file.seek(0)
        start = file.read(64)
    if start[4:8] == b"ftyp":
        if start[8:12] in _HEIF_BRANDS:
            return _damaged()
        return PhotoError(tr("This is a video, or a photo of a kind that cannot be opened here."), _can_be_opened())
    if not start:
        return PhotoError(tr("The file is empty."), tr("Copy or save it again."))
    if start.startswith((repairs.PNG, b"\xff\xd8")):
        return _damaged()
    if start.startswith(b"version https://git-lfs."):
        return PhotoError(
            tr("A note of Git LFS stands in the photo's place: clone the repository with Git LFS."),
            tr("Then give its photos."),
        )
    return PhotoError(tr("This is not a photo, whatever its name says."), _can_be_opened())


def _can_be_opened() -> str:
    return tr("{formats} can be opened.", formats=tr(FORMATS_SAID))
