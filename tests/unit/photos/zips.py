"""Zips of photos, made up for tests, and datasets made of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.photos import catalog, imported, own_photos

SAID = dict[str, str]


def photo(n: int, kind: str = "JPEG", size: tuple[int, int] = (48, 32), mode: str = "RGB", **options: object) -> bytes:
    """A photo that no other `n` has."""
    pixels = np.random.default_rng(n).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind, **options)
    return out.getvalue()


def zipped(files: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]], method: int = 0) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data, method)
    out.seek(0)
    return out


def pets(*names: str) -> dict[str, bytes]:
    return {name: photo(n) for n, name in enumerate(names)}


FOLDERS = ("cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg")


def add(files: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]], title: str = "Mine") -> tuple[str, SAID]:
    name = imported.add_zip(zipped(files), title)
    return name, dict(own_photos.left_out(catalog.resolve(name)))


def refused(source: io.BytesIO | Path) -> str:
    """The sentence, once it is sure that nothing was kept."""
    with pytest.raises(LessonError) as said:
        imported.add_zip(source, "Mine")
    kept = [path for path in config.datasets_folder().rglob("*") if path.is_file()]
    assert kept == []
    assert catalog.own_datasets() == {}
    assert said.value.way_out
    return said.value.sentence
