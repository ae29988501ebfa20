"""Every photo decoded once: uint8 pixels, one photo after another in one memory-mapped file.

How they are decoded was measured; see `build`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from lessonkit import config
from lessonkit.errors import DamagedFileError, LessonError, PhotoError, PhotoNotReadError
from lessonkit.json_files import Said, damaged, in_parts, read_json
from lessonkit.language import tr, translatable
from lessonkit.machine import cores
from lessonkit.photos import leftovers, manifest
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.images import open_photo, upright_size
from lessonkit.photos.progress import Report, quiet, threads, throttled
from lessonkit.storage import disk_problem, locked, need_space, write_json

LONGEST = 2  # times the shorter side: what is longer is cut off at both ends
log = logging.getLogger(__name__)
T = TypeVar("T")
_WINDOW = 64  # photos decoded ahead of the one being written: bounds the memory taken
_ROOM = 1.3  # as fastai's presizing: photos larger than the training size, so that crops have room


INDEX = "photos.json"


@dataclass(frozen=True)
class _Index:
    """What INDEX holds, as in `PhotoCache`."""

    names: list[str]
    bad: dict[str, Said]


class PhotoCache:
    """A dataset's photos as pixels, read from the disk as they are asked for.

    `cache["Abyssinian_1.jpg"]` is an array (height, width, 3) of uint8, RGB, read only, a view into the file;
    its shorter side is `side`. A smaller photo lies there as it is, and is enlarged each time that it is asked for.
    KeyError for a photo that is not there or would not open.

    Attributes:
        side: the photos' shorter side in pixels.
        names: the photos, in the file's order (sorted).
        sizes: int32 (photos, 2), height and width of each. shapes: the same, as (height, width, 3).
        bytes: of all photos so.
        enlarged: whether there are smaller photos.
        flat: uint8, the pixels of one photo after another. starts: where each begins in it, and where the last ends.
        bad: photos that would not open -> why, in a sentence; they are not among `names`.
        folder: where it lies.
    """

    def __init__(self, side: int, folder: Path):
        self.side, self.folder = side, folder
        facts = read_json(folder / INDEX, _Index)
        self.names, self.bad = facts.names, facts.bad
        try:
            with np.load(folder / "index.npz") as index:
                stored: np.ndarray = index["sizes"]
                self.starts: list[int] = index["starts"].tolist()
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
            raise damaged(folder / "index.npz", str(problem)) from problem
        if stored.shape != (len(self.names), 2) or len(self.starts) != len(self.names) + 1:
            raise damaged(folder / "index.npz", translatable("it is of another number of photos"))
        if (folder / "pixels.u8").stat().st_size != self.starts[-1]:
            raise damaged(folder / "pixels.u8", translatable("it is of another size"))
        self._at = {photo: i for i, photo in enumerate(self.names)}
        self._stored = [(h, w, 3) for h, w in stored.tolist()]
        self.enlarged = bool(len(stored)) and int(stored.min()) < side
        self.sizes = np.array([_enlarged(h, w, side) for h, w in stored.tolist()], np.int32).reshape(-1, 2)
        self.shapes = [(h, w, 3) for h, w in self.sizes.tolist()]
        self.bytes = 3 * int(self.sizes.astype(np.int64).prod(1).sum())
        # A plain array over the map: slicing np.memmap itself costs ten times as much.
        self.flat = np.memmap(folder / "pixels.u8", np.uint8, mode="r").view(np.ndarray)

    def __getitem__(self, photo: str) -> np.ndarray:
        i = self._at[photo]
        stored = self.flat[self.starts[i] : self.starts[i + 1]].reshape(self._stored[i])
        return stored if self._stored[i] == self.shapes[i] else _enlarge(Image.fromarray(stored), self.side)

    def __contains__(self, photo: object) -> bool:
        return photo in self._at

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)


def side_for(size: int) -> int:
    """The cached photos' shorter side for a training size, both in pixels: 1.3 times that, a multiple of 8."""
    return 8 * round(size * _ROOM / 8)


def cache_path(dataset: Dataset, side: int) -> Path:
    """Where the cache of a dataset at that side lies, or would lie."""
    return config.cache_folder() / "photos" / f"{dataset.fingerprint}-{side}"


def is_built(dataset: Dataset, side: int) -> bool:
    """Whether `open_cache` would find it."""
    return cache_path(dataset, side).is_dir()


def open_cache(dataset: Dataset, side: int) -> PhotoCache:
    """The cache made before by `build`.

    Raises:
        LessonError: the dataset or its cache is not on this machine.
    """
    folder = cache_path(dataset, side)
    if not folder.is_dir():
        raise LessonError(
            tr("The photos of {dataset} are not decoded yet.", dataset=dataset.shown_title),
            tr("Decode them on the page “Get the data”."),
        )
    return PhotoCache(side, folder)


def build(dataset: Dataset, side: int, report: Report = quiet) -> PhotoCache:
    """Decode every photo of a dataset, unless that was done for these very photos.

    In threads, because Pillow lets go of the interpreter while it decodes and resizes. Measured on two cores that
    other work kept busy (best of two or three, without the writing): 737 photos of 299 px to side 208 in 0.8 s
    one after another and in two threads alike, in two processes 1.7 s, since starting them and handing the pixels
    over costs more than it saves; 360 originals of some 500 × 375 px to 208 in 2.8 ms a photo one after another,
    2.4 in two threads, 3.8 in two processes. `draft` takes 2.35 ms of processor time instead of 2.6: it halves
    a photo only where the half is still large enough. With the file written and fsynced: 737 photos in 1.1 s.

    Args:
        side: the shorter side of the cached photos, pixels; smaller photos are kept as they are.
        report: told ("waiting", 0, 0) while another process is at it; ("photos", photos done, photos).

    Raises:
        PhotoError: not one photo could be opened.
        LessonError: the dataset is not on this machine; a photo cannot be read now, or they change while they are
            decoded; the disk is full, or by the photos' headers it would be. Nothing is kept then.
    """
    folder = cache_path(dataset, side)
    if folder.is_dir():
        try:
            return PhotoCache(side, folder)
        except (DamagedFileError, FileNotFoundError) as problem:  # somebody changed it by hand: it is made again
            log.warning("%s", problem)
            leftovers.delete([folder])
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f".{folder.name}.lock"), partial(report, "waiting", 0, 0)):
            if not folder.is_dir():
                for left in folder.parent.glob(f".{folder.name}.making-*"):
                    shutil.rmtree(left, ignore_errors=True)
                making = folder.with_name(f".{folder.name}.making-{uuid.uuid4().hex[:8]}")
                making.mkdir()
                try:
                    _decode_all(dataset, side, making, throttled(report))
                    os.rename(making, folder)
                finally:
                    shutil.rmtree(making, ignore_errors=True)
    except OSError as problem:
        raise disk_problem(problem, folder.parent) from problem
    return PhotoCache(side, folder)


def _decode_all(dataset: Dataset, side: int, making: Path, report: Report) -> None:
    photos, top = dataset.names, dataset.photos_folder
    names: list[str] = []
    sizes: list[tuple[int, int]] = []
    starts = [0]
    bad: dict[str, str] = {}
    whole = hashlib.sha256()

    def decoded(photo: str) -> tuple[np.ndarray | str, bytes]:
        """The pixels, or why there are none, which is for ever: the cache is named by these bytes; and their line."""
        try:
            data = (top / photo).read_bytes()
            line = manifest.line_of(photo, data)
        except (OSError, MemoryError) as problem:
            raise _not_now(photo, problem) from problem
        try:
            return np.asarray(_no_larger(open_photo(data, enough=side), side)), line
        except (OSError, MemoryError, PhotoNotReadError) as problem:
            raise _not_now(photo, problem) from problem
        except PhotoError as problem:
            return problem.sentence, line

    report("photos", 0, len(photos))
    need_space(making, sum(_bytes_by_header(top / photo, side) for photo in photos), translatable("decode the photos"))
    with (making / "pixels.u8").open("wb") as out, threads(cores()) as pool:
        for done, (photo, (pixels, line)) in enumerate(_in_order(pool, decoded, photos), 1):
            whole.update(line)
            if isinstance(pixels, str):
                bad[photo] = pixels
            else:
                out.write(pixels.data)
                names.append(photo)
                sizes.append(pixels.shape[:2])
                starts.append(starts[-1] + pixels.size)
            report("photos", done, len(photos))
        out.flush()
        os.fsync(out.fileno())
    if whole.hexdigest() != dataset.fingerprint:
        raise LessonError(
            tr("The photos in {folder} changed while they were decoded.", folder=str(top)),
            tr("Wait until they are all there, then try again."),
        )
    if not names:
        raise PhotoError(tr("Not one photo of this dataset can be opened."), tr("Get the dataset again."))
    np.savez(making / "index.npz", sizes=np.array(sizes, np.int32), starts=np.array(starts, np.int64))
    write_json(making / INDEX, {"names": names, "bad": in_parts(bad)})


def _not_now(photo: str, problem: Exception) -> LessonError:
    """Why a photo cannot be read now: nothing is known to be wrong with it."""
    if isinstance(problem, FileNotFoundError):
        return LessonError(
            tr("The photo “{photo}” was taken away while the photos were decoded.", photo=photo), tr("Try again.")
        )
    if isinstance(problem, OSError):
        why = problem.strerror or str(problem)
    else:
        why = problem.sentence if isinstance(problem, PhotoNotReadError) else tr("the memory did not suffice")
    return LessonError(
        tr("The photo “{photo}” cannot be read now ({why}).", photo=photo, why=why),
        tr("Try again. If that does not help, take the photo out of its folder: the others are enough."),
    )


def _in_order(pool: ThreadPoolExecutor, work: Callable[[str], T], items: Sequence[str]) -> Iterator[tuple[str, T]]:
    """(item, work(item)) in the items' order, at most _WINDOW of them waiting in memory."""
    waiting = []
    for item in items:
        waiting.append((item, pool.submit(work, item)))
        if len(waiting) >= _WINDOW:
            first, future = waiting.pop(0)
            yield first, future.result()
    for item, future in waiting:
        yield item, future.result()


def fitted(image: Image.Image, side: int) -> np.ndarray:
    """A photo as (height, width, 3) uint8 with its shorter side `side`, the longer one cut to LONGEST times that."""
    return _enlarge(_no_larger(image, side), side)


def _enlarge(image: Image.Image, side: int) -> np.ndarray:
    height, width = _enlarged(image.height, image.width, side)
    if (width, height) != image.size:
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _enlarged(height: int, width: int, side: int) -> tuple[int, int]:
    """A photo's height and width once its shorter side is at least `side`, pixels."""
    scale = side / min(height, width)
    return (max(side, round(height * scale)), max(side, round(width * scale))) if scale > 1 else (height, width)


def _bytes_by_header(path: Path, side: int) -> int:
    """What a photo will take in the cache, bytes, by its header alone; 0 for one that does not open."""
    try:
        height, width = upright_size(path)
    except PhotoError:
        return 0
    shorter, longer = min(height, width), min(max(height, width), LONGEST * min(height, width))
    scale = min(1.0, side / max(1, shorter))
    return 3 * round(shorter * scale) * round(longer * scale)


def _no_larger(image: Image.Image, side: int) -> Image.Image:
    """A photo with its shorter side at most `side`, the longer one cut to LONGEST times the shorter."""
    width, height = image.size
    shorter, longer = min(width, height), max(width, height)
    if longer > LONGEST * shorter:  # cut first: resizing a 2 × 10,000 strip would take gigabytes
        cut = (longer - LONGEST * shorter) // 2
        box = (cut, 0, cut + LONGEST * shorter, height) if width > height else (0, cut, width, cut + LONGEST * shorter)
        image = image.crop(box)
        width, height = image.size
    scale = side / min(width, height)
    if scale >= 1:
        return image
    size = (max(side, round(width * scale)), max(side, round(height * scale)))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
