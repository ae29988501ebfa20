"""Copies of a photo that were changed a little: mirrored, lit differently, a strip cut off the edge, saved again.

Labelling services make them, and burst shots come close to them. Where one is learned from and another is tested with, the
error rate is too good: the network has seen the answer.

Two photos are compared as small greys, mean 0 and length 1, so that their product is a correlation and light and contrast
do not count; one of them mirrored too, and cut in 37 ways. Those that are alike so are compared again in what is fine in
them (`detail`); pictures of little detail must be alike as wholes, and one that is like many of the others has only the same
as its copies, mirrored or lit otherwise. Of 250 real photos and 125 copies, mirrored by chance, light changed by up to 30 %,
cut by up to a tenth, turned by up to 3 degrees, 98 % are found and no other pair; of 300 pictures of one to three ovals on one
colour 1 % are called copies that are none. And groups do not grow by chains: two become one where most of their photos are
alike, each to each.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lessonkit import config
from lessonkit.errors import DamagedFileError
from lessonkit.json_files import read_json
from lessonkit.photos import detail
from lessonkit.photos.cache import PhotoCache
from lessonkit.photos.progress import Report, quiet
from lessonkit.storage import disk_problem, write_json

ALIKE = 0.85  # correlation from which two photos may be copies of one
_WHOLE = 0.93  # the same, of two pictures of little detail, neither of them cut
_MAYBE = 0.40  # correlation of the coarse greys from which a pair is looked at closely: 99 of 100 copies are above
_NEAREST = 12  # pairs looked at closely for each photo, at most
_SIDE, _COARSE, _FINE = 64, 16, 24  # pixels of the greys: kept, compared first, compared closely
_PARTS = (0.95, 0.9, 0.85, 0.8)  # of the sides that a cut copy may have left
_PLAIN = 0.75  # correlation with the usual other photo from which a picture is too like many to tell its copies
_LIT = 0.05  # part by which light and contrast of the same picture may differ
_SAME = 0.9995  # correlation from which a picture of little detail is the same as another
_USUAL = 0.8  # of the other photos are less like a photo than the usual one; fewer than the rest are its copies
_FEW = 5  # photos that may be copies of one, in a small dataset
_COMPARED = 8  # photos of each of two groups, that are compared before the groups are one
_MOSTLY = 0.5  # of their pairs are alike: two copies of a photo, each cut at another side, may be unlike one another
VERSION = 4  # of what is found; raise it when it is found in another way


def find(cache: PhotoCache, report: Report = quiet) -> list[list[str]]:
    """Groups of photos that are copies of one another, each sorted, two photos or more; the first time, some seconds.

    What is found is kept by the photos' fingerprint alone, whatever size they were decoded to when somebody first looked:
    the same photos are split in the same way at each size.

    Args:
        report: told ("copies", photos, photos).

    Raises:
        DiskError: what was found cannot be written.
    """
    fingerprint = cache.folder.name.rpartition("-")[0]
    found = known(fingerprint)
    if found is None:
        greys = []
        for done, name in enumerate(cache.names, 1):
            greys.append(grey(cache[name]))
            report("copies", done, len(cache.names))
        found = groups(cache.names, greys)
        path = _path(fingerprint)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, found)
        except OSError as problem:
            raise disk_problem(problem, path.parent) from problem
    return found


def known(fingerprint: str) -> list[list[str]] | None:
    """What `find` found before among the photos of this fingerprint (`Dataset.fingerprint`); None where nobody looked."""
    try:
        return read_json(_path(fingerprint), list[list[str]])
    except (FileNotFoundError, DamagedFileError):
        return None


def _path(fingerprint: str) -> Path:
    return config.cache_folder() / "copies" / f"{fingerprint}-{VERSION}.json"


def grey(pixels: np.ndarray) -> np.ndarray:
    """A photo (height, width, 3) of uint8 as a small grey (64, 64) of uint8, squeezed to a square."""
    return np.asarray(Image.fromarray(pixels).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX))


def groups(names: Sequence[str], greys: Sequence[np.ndarray]) -> list[list[str]]:
    """As `find`, of the photos' greys (`grey`)."""
    if len(names) < 2:
        return []
    pairs, usual = _maybe(np.stack([_cut(g, _COARSE, (0.92, 0.84), (0.5,)) for g in greys]))
    at = sorted({i for pair in pairs for i in pair})
    cut = {i: _cut(greys[i], _FINE, _PARTS, (0.0, 0.5, 1.0)) for i in at}
    plain = [not detail.detailed(grey) for grey in greys]
    fine = functools.lru_cache(maxsize=300)(lambda i: detail.Detail(greys[i]))

    @functools.lru_cache(maxsize=200_000)
    def alike(pair: tuple[int, int]) -> float:
        """How alike two photos are; 0 where they are no copies."""
        one, other = pair
        if max(usual[one], usual[other]) > _PLAIN:
            return _same(greys[one], greys[other])
        simple = plain[one] or plain[other]
        # Simple shapes are found in one another wherever they lie: so the wholes must be alike.
        found = _as_wholes(greys[one], greys[other]) if simple else _likeness(cut[one], cut[other])
        if found <= (_WHOLE if simple else ALIKE):
            return 0.0
        return found if fine(one).same(fine(other), simple) else 0.0

    return _joined(names, sorted((p for p in pairs if alike(p)), key=lambda p: (-alike(p), p)), alike)


def _maybe(coarse: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Pairs that may be copies, by greys (photos, cuts, pixels): for each photo the nearest few; and how like each photo is
    to the usual other one (photos,)."""
    whole, found = coarse[:, 0], set()
    usual = np.zeros(len(coarse), np.float32)
    photos = len(coarse)
    step = max(1, 20_000_000 // photos)  # rows at a time, so that some 80 MB are taken
    for start in range(0, photos, step):
        rows = slice(start, min(start + step, photos))
        best = np.full((rows.stop - start, photos), -1, np.float32)
        mirrored = _mirrored(whole)
        for cuts in range(coarse.shape[1]):
            np.maximum(best, coarse[rows, cuts] @ whole.T, out=best)
            np.maximum(best, coarse[rows, cuts] @ mirrored.T, out=best)
            np.maximum(best, whole[rows] @ coarse[:, cuts].T, out=best)
            np.maximum(best, mirrored[rows] @ coarse[:, cuts].T, out=best)
        best[np.arange(rows.stop - start), np.arange(start, rows.stop)] = -1
        # Its own -1 is the least of all: so the rank among the others is one higher.
        rank = 1 + min(int(_USUAL * (photos - 2)), max(0, photos - 2 - _FEW))
        usual[rows] = np.partition(best, rank, axis=1)[:, rank]
        few = min(_NEAREST, photos - 1)
        nearest = np.argpartition(-best, few - 1, axis=1)[:, :few]
        for row, columns in enumerate(nearest):
            for column in columns[best[row, columns] > _MAYBE]:
                found.add((min(start + row, int(column)), max(start + row, int(column))))
    return sorted(found), usual


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two photos, whole and cut (cuts, pixels): the best of one as it is or mirrored, the other cut or not."""
    return max(
        float((cuts @ whole).max())
        for cuts, there in ((one, other), (other, one))
        for whole in (there[0], _mirrored(there[:1])[0])
    )


def _same(one: np.ndarray, other: np.ndarray) -> float:
    """How alike two pictures of little detail are where they are one picture, mirrored or lit otherwise; else 0."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    if min(first.std(), second.std()) < 1 or min(first.mean(), second.mean()) < 1:
        return 0.0
    lighter = second.mean() / first.mean()  # a picture's light and its contrast grow together
    if abs(second.std() / (lighter * first.std()) - 1) > _LIT:
        return 0.0
    found = _as_wholes(one, other)
    return found if found > _SAME else 0.0


def _as_wholes(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two greys, one of them mirrored or not; 0 where one is all of one grey."""
    first, *others = (grey.astype(np.float64) - grey.mean() for grey in (one, other, other[:, ::-1]))
    length = float(np.linalg.norm(first) * np.linalg.norm(others[0]))
    return max(float((first * there).sum()) for there in others) / length if length > first.size else 0.0


def _cut(square: np.ndarray, side: int, parts: Iterable[float], places: Sequence[float]) -> np.ndarray:
    """The whole grey and cuts of it, `side` pixels wide each, as float32 (cuts, side * side) of mean 0 and length 1.

    Args:
        parts: of the sides that a cut leaves. places: where it begins, 0 at the left or top, 1 as far as it can.
    """
    image, found = Image.fromarray(square), [(0.0, 0.0, float(_SIDE), float(_SIDE))]
    for part in parts:
        left = _SIDE * part
        found += [
            ((_SIDE - left) * x, (_SIDE - left) * y, (_SIDE - left) * x + left, (_SIDE - left) * y + left)
            for x in places
            for y in places
        ]
    small = np.stack(
        [np.asarray(image.resize((side, side), Image.Resampling.BOX, box=box), np.float32) for box in found]
    ).reshape(len(found), -1)
    small -= small.mean(1, keepdims=True)
    length = np.linalg.norm(small, axis=1, keepdims=True)
    # A picture of one grey is like no other: its length is 0, and so is its product with any.
    return np.divide(small, length, out=np.zeros_like(small), where=length > side)


def _mirrored(flat: np.ndarray) -> np.ndarray:
    side = int(flat.shape[1] ** 0.5)
    return flat.reshape(-1, side, side)[:, :, ::-1].reshape(len(flat), -1)


def _joined(
    names: Sequence[str], pairs: Sequence[tuple[int, int]], alike: Callable[[tuple[int, int]], float]
) -> list[list[str]]:
    """The groups that pairs make, the most alike first: two become one where most of their photos are alike."""
    of = {i: [i] for pair in pairs for i in pair}
    for one, other in pairs:
        low, high = of[one], of[other]
        if low is high:
            continue
        cross = [alike((min(a, b), max(a, b))) > 0 for a in _some(low) for b in _some(high)]
        if sum(cross) >= _MOSTLY * len(cross):
            both = sorted(low + high)
            of |= dict.fromkeys(both, both)
    found = {id(group): sorted(names[i] for i in group) for group in of.values()}
    return sorted(group for group in found.values() if len(group) > 1)


def _some(group: Sequence[int]) -> Sequence[int]:
    return group[:: -(-len(group) // _COMPARED)]


def in_both(found: Sequence[Sequence[str]], train: Iterable[str], valid: Iterable[str]) -> list[str]:
    """The held-out photos that have a copy among those trained on, sorted.

    Args:
        found: groups as `find` gives them.
    """
    learned, tested = set(train), set(valid)
    return sorted(name for group in found if not learned.isdisjoint(group) for name in group if name in tested)
