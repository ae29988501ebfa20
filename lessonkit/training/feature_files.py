"""The features of one view of all photos, in two files: the numbers, and which photos' are there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from lessonkit.storage import file_size, reserve


class FeatureFiles:
    """Rows of float16, one a photo.

    They are written as any file is, never through a memory map: on a full disk that is an error, where a store into a
    map is a SIGBUS, which ends the process.

    Args:
        folder: that holds them. view: their number. photos, width: rows, and numbers in a row.
    """

    def __init__(self, folder: Path, view: int, photos: int, width: int):
        self.features, self.have = folder / f"view-{view}.f16", folder / f"view-{view}.have"
        self.photos, self.width = photos, width
        self._row_bytes = 2 * width

    @property
    def missing_bytes(self) -> int:
        """Bytes that `reserve` would take of the disk at most."""
        return max(0, self.photos * (self._row_bytes + 1) - file_size(self.features) - file_size(self.have))

    def reserve(self) -> None:
        """See that the disk has room for all rows. Raises OSError where it has not."""
        reserve(self.features, self.photos * self._row_bytes)
        reserve(self.have, self.photos)

    def there(self) -> np.ndarray:
        """Whether each photo's features are there, bool (photos,)."""
        whole = file_size(self.features) == self.photos * self._row_bytes and file_size(self.have) == self.photos
        return np.fromfile(self.have, np.uint8) > 0 if whole else np.zeros(self.photos, bool)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """float16 (rows, width); rows ascending."""
        return np.memmap(self.features, np.float16, "r", shape=(self.photos, self.width))[rows]

    def write(self, rows: np.ndarray, features: np.ndarray) -> None:
        """Write rows, ascending; they count once they are marked."""
        _put(self.features, rows, np.ascontiguousarray(features, np.float16), self._row_bytes)

    def mark(self, rows: np.ndarray) -> None:
        """Count rows as there, once they are on the disk: no power cut leaves zeros that count."""
        _flush(self.features)
        _put(self.have, rows, np.ones(len(rows), np.uint8), 1)
        _flush(self.have)


def _put(path: Path, rows: np.ndarray, values: np.ndarray, row_bytes: int) -> None:
    with path.open("r+b", buffering=0) as file:
        at = 0
        for run in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
            file.seek(int(run[0]) * row_bytes)
            data = values[at : at + len(run)].data.cast("B")
            while data:
                data = data[file.write(data) :]
            at += len(run)


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
