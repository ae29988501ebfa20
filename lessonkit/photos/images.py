"""Open a photo, whatever it is, and small copies of it for the pages."""

from __future__ import annotations

import contextlib
import io
import os
import uuid
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from lessonkit import config
from lessonkit.photos import decoding, leftovers
from lessonkit.photos.apart import open_apart
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.decoding import FORMATS_SAID, SIDEWAYS, upright_size
from lessonkit.storage import disk_problem

__all__ = ["FORMATS_SAID", "SIDEWAYS", "open_photo", "thumbnail", "upright_size"]


def open_photo(
    source: Path | bytes | BinaryIO, max_side: int | None = None, *, enough: int | None = None
) -> Image.Image:
    """Open a photo upright, as 8-bit RGB.

    JPEG, HEIC, PNG, GIF (its first frame), WebP, AVIF, BMP and TIFF are told by their content, not by their name. EXIF
    orientation is applied, 16-bit greys are scaled to 8, palettes and CMYK are converted, transparency is laid
    over white. A photo of more than `decoding.MOST_PIXELS` comes out smaller than it is; where it cannot be decoded so line by line, that is
    done in a process apart (`photos.apart`), and so are all AVIF, whose header may say less than they hold.

    What is wrong beside the pixels is passed over, as viewers do: a PNG's damaged or huge comments, a JPEG's missing end mark.

    Args:
        source: a path, a file's bytes, or an open binary file.
        max_side: make the longer side at most this many pixels.
        enough: the shorter side need not be longer than this many pixels: a JPEG may be decoded smaller, which
            takes less than half the time. The result's shorter side is still at least this, if the photo's was.

    Returns:
        an RGB image, width and height of at least 1 pixel.

    Raises:
        PhotoError: not a photo, too big, too small, or cut off.
        PhotoNotReadError: not there, or it cannot be read now.
    """
    return decoding.open_photo(source, max_side, enough, elsewhere=open_apart)


def thumbnail(dataset: Dataset, photo: str, side: int = 160) -> Path:
    """A small WebP of a dataset's photo, made when it is first asked for.

    Args:
        photo: one of the dataset's.
        side: pixels of its longer side.

    Returns:
        a file under the cache folder.

    Raises:
        PhotoError: there is no such photo in the dataset (a name from a URL may be anything), or it cannot be opened.
        DiskError: the disk is full or shut. `open_photo` gives the photo all the same.
    """
    source = dataset.path(photo)  # first: "../x" must not become a path
    made_of = f"{dataset.name}-{dataset.fingerprint[: leftovers.PART]}"
    small = config.cache_folder() / "thumbs" / made_of / str(int(side))
    path = small / f"{photo}.webp"
    if not path.is_file():
        image = open_photo(source, max_side=side)
        packed = io.BytesIO()
        image.save(packed, "WEBP", quality=80, method=2)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, packed.getbuffer())
        except OSError as problem:
            raise disk_problem(problem, small) from problem
    return path


def _put(path: Path, data: memoryview) -> None:
    """As `runs.write_bytes`, but not fsynced: what a power cut costs is made again."""
    beside = path.with_name(f".{uuid.uuid4().hex[:12]}")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
