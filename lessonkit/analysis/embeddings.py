"""What a run's network makes of each of its photos: read, searched by likeness, laid out on a plane. No torch.

The engine's job "features" works them out once (`training.gradcam.features`); then they are files in the run's
folder, which any process may read: a page needs no engine to find a photo's nearest ones.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.analysis import likeness, stored
from lessonkit.errors import LessonError
from lessonkit.json_files import damaged, read_json
from lessonkit.language import tr
from lessonkit.runs import Run
from lessonkit.storage import write_bytes, write_json

# PHOTOS is written last; its number goes up when more is written, so that what an older version left is made again.
VECTORS, POINTS, PHOTOS = "all_features.npy", "map.npy", "all_photos_3.json"
SUSPECTS, TWINS = "suspects.parquet", "twins.parquet"
_TEXT, _NUMBER = stored.TEXT, stored.NUMBER
_SUSPECT = {
    "photo": _TEXT,
    "breed": _TEXT,
    "others": _NUMBER,
    "suggested": _TEXT,
    "agree": _NUMBER,
    "distance": _NUMBER,
}
_TWIN = {"photo": _TEXT, "breed": _TEXT, "twin": _TEXT, "twin_breed": _TEXT, "distance": _NUMBER}
TRAIN, VALID = "train", "valid"
NEAREST = 6
AROUND = 10  # nearest training photos that have a say in whether a label is wrong
# A cosine distance up to which two files surely show the same picture. Looked at in `pets`, under EfficientNet-Lite0:
# a photo in two sizes is 0.001 from itself, cut closer 0.08, another photo of the same dog 0.11.
SAME = 0.01
KEPT = 0.95  # of the validation photos are familiar, by definition of the threshold


@dataclass(frozen=True)
class Features:
    """All photos of a run, those it was trained on first.

    Attributes:
        photos, breeds: names, and the breed of each by the run's labels, the learner's corrections included.
        train: how many of them, from the first, it was trained on; the others validate.
        vectors: float32 (photos, width), the body's maps pooled, read from the disk as they are needed.
        points: float32 (photos, 2), see `likeness.flat_map`.
        familiarity: see `familiarity`.
    """

    photos: list[str]
    breeds: list[str]
    train: int
    vectors: np.ndarray
    points: np.ndarray
    familiarity: dict[str, Any]
    row: dict[str, int] = field(default_factory=dict, repr=False)

    def part(self, row: int) -> str:
        return TRAIN if row < self.train else VALID

    def vector(self, photo: str) -> np.ndarray | None:
        """(width,) of one photo; None for a photo that the run neither trained on nor validated with."""
        row = self.row.get(photo)
        return None if row is None else self.vectors[row]


def ready(run_id: str) -> bool:
    """Whether the features of this run's photos are there; else the engine's job "features" makes them."""
    return Run(run_id).path(PHOTOS).is_file()


def load(run_id: str) -> Features:
    """The features of a run's photos. Kept in memory, read again when they were made again.

    Raises:
        LessonError: they are not made yet.
    """
    path = Run(run_id).path(PHOTOS)
    try:
        written = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise LessonError(
            tr("What this run's network makes of its photos is not worked out yet."), tr("Work it out first.")
        ) from None
    return _load(str(path.parent), written)


@functools.lru_cache(maxsize=4)
def _load(folder: str, written: int) -> Features:
    run = Run(folder.replace("\\", "/").rsplit("/", 1)[-1])
    facts = read_json(run.path(PHOTOS), _Facts)
    photos = facts.photos
    if len(facts.breeds) != len(photos) or not 0 <= facts.train <= len(photos):
        raise damaged(run.path(PHOTOS), tr("it names other numbers of photos and of breeds"))
    vectors = stored.read_array(run.path(VECTORS), (len(photos), None)).view(np.ndarray)
    points = stored.read_array(run.path(POINTS), (len(photos), 2), in_memory=True)
    row = {photo: i for i, photo in enumerate(photos)}
    return Features(photos, facts.breeds, facts.train, vectors, points, asdict(facts.familiarity), row)


@dataclass(frozen=True)
class _Familiarity:
    """See `familiarity`."""

    threshold: float | None
    kept: float | None
    unfamiliar: float | None
    photos: int
    strangers: dict[str, list[int]]


@dataclass(frozen=True)
class _Facts:
    """What PHOTOS holds, named as in `Features`."""

    photos: list[str]
    breeds: list[str]
    train: int
    familiarity: _Familiarity


def save(
    run: Run,
    photos: Sequence[str],
    breeds: Sequence[str],
    train: int,
    vectors: np.ndarray,
    strangers: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Write the features of a run's photos, their map, what is suspect, the distance up to which a photo is familiar.

    Args:
        photos, breeds, train: as in `Features`.
        vectors: (photos, width) of any float type.
        strangers: features (n, width) of pictures that are no pet, by what they are, to measure familiarity on.

    Raises:
        LessonError: the features are not of numbers, because the training blew up.
    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    for name, array in ((VECTORS, vectors), (POINTS, likeness.flat_map(vectors))):
        file = io.BytesIO()
        np.save(file, array)
        write_bytes(run.path(name), file.getbuffer())
    suspect = likeness.other_labels(vectors[:train], breeds[:train], AROUND)
    suspect.insert(0, "photo", list(photos[:train]))
    suspect.insert(1, "breed", list(breeds[:train]))
    file = io.BytesIO()
    suspect.sort_values(["others", "agree", "distance"], ascending=[False, False, True]).to_parquet(file, index=False)
    write_bytes(run.path(SUSPECTS), file.getbuffer())
    file = io.BytesIO()
    _twins(photos, breeds, vectors, train).to_parquet(file, index=False)
    write_bytes(run.path(TWINS), file.getbuffer())
    facts = {"photos": list(photos), "breeds": list(breeds), "train": train}
    known = threshold(vectors[:train], vectors[train:])
    passed = {what: _passed(known["threshold"], vectors[:train], these) for what, these in (strangers or {}).items()}
    write_json(run.path(PHOTOS), {**facts, "familiarity": {**known, "strangers": passed}})


def _twins(photos: Sequence[str], breeds: Sequence[str], vectors: np.ndarray, train: int) -> pd.DataFrame:
    rows, distances = likeness.nearest_rows(vectors[:train], vectors[train:])
    held = range(train, train + len(rows))
    frame = pd.DataFrame(
        {
            "photo": [photos[i] for i in held],
            "breed": [breeds[i] for i in held],
            "twin": [photos[i] for i in rows],
            "twin_breed": [breeds[i] for i in rows],
            "distance": distances,
        }
    )
    return frame.sort_values("distance", kind="stable")


def _passed(most: float | None, train: np.ndarray, strangers: np.ndarray) -> list[int]:
    """[how many of the strangers are within the threshold, how many there are]."""
    distances = to_nearest(train, strangers)
    return [len(distances) if most is None else int((distances <= most).sum()), len(distances)]


def suspects(run_id: str) -> pd.DataFrame:
    """The photos that a run was trained on, those first whose label the photos around them speak against most.

    Returns:
        photo, breed (its label), others (how many of the AROUND training photos nearest to it, itself left out,
        carry another label), suggested (the label that most of them carry), agree (how many), distance (to those).

    Raises:
        LessonError: the features are not made yet.
    """
    load(run_id)
    return stored.read_table(Run(run_id).path(SUSPECTS), _SUSPECT)


def twins(run_id: str) -> pd.DataFrame:
    """The photos held out, those first that lie nearest to one that the run was trained on.

    A photo that is in both halves, maybe in another size, is answered from memory: it makes the error look better than
    it is.

    Returns:
        photo, breed (its label), twin (the training photo nearest to it), twin_breed, distance (cosine, 0 to 2; up to
        SAME it is the same picture).

    Raises:
        LessonError: the features are not made yet.
    """
    load(run_id)
    return stored.read_table(Run(run_id).path(TWINS), _TWIN)


def nearest(run_id: str, query: str | np.ndarray, k: int = NEAREST, breeds: Sequence[str] | None = None) -> list[dict]:
    """The photos that a run was trained on which lie nearest to one, in its network's own features.

    Args:
        query: one of the run's photos (which is not its own neighbour), or features (width,).
        k: how many; all there are where there are fewer.
        breeds: only photos of these; None for all.

    Returns:
        [{"photo", "breed", "distance"}, ...], the nearest first; distances are cosine distances, 0 to 2.

    Raises:
        LessonError: the features are not made yet, or the run has no such photo.
    """
    known = load(run_id)
    own = known.row.get(query) if isinstance(query, str) else None
    if isinstance(query, str) and own is None:
        raise LessonError(
            tr("The photo “{photo}” is not among those of this run.", photo=query[:80]), tr("Choose one from the page.")
        )
    vector = known.vectors[own] if own is not None else np.asarray(query)
    wanted = None if breeds is None else set(breeds)
    if wanted is None:
        rows, among = None, known.vectors[: known.train]
    else:
        rows = np.array([i for i in range(known.train) if known.breeds[i] in wanted], dtype=int)
        among = known.vectors[rows]
    itself = None
    if own is not None and own < known.train and (wanted is None or known.breeds[own] in wanted):
        itself = own if rows is None else int(np.searchsorted(rows, own))
    places, distances = likeness.nearest(among, vector, k, leave_out=itself)
    places = places if rows is None else rows[places]
    return [
        {"photo": known.photos[i], "breed": known.breeds[i], "distance": float(d)}
        for i, d in zip(places.tolist(), distances, strict=True)
    ]


def familiarity(run_id: str) -> dict[str, Any]:
    """The distance from which on a photo is unlike all that a run was trained on, and how far that can be trusted.

    Returns:
        {"threshold": cosine distance to the nearest training photo, up to which a photo is familiar, "kept": the
        share of the validation photos that stay within it, by its definition, "unfamiliar": the share of photos
        called unfamiliar though they are of the dataset, measured on validation photos that did not set the
        threshold (each half by the other), "photos": validation photos that this stands on, "strangers": {what:
        [how many pass as familiar though they are no pets, how many were tried]}, of pictures made for that}. None
        for the threshold and the shares where there are no validation photos.

    Raises:
        LessonError: the features are not made yet.
    """
    return dict(load(run_id).familiarity)


def threshold(train: np.ndarray, valid: np.ndarray, kept: float = KEPT) -> dict[str, Any]:
    """What `familiarity` returns but for the strangers, of the features (photos, width) of the two halves."""
    distances = to_nearest(train, valid)
    if not len(distances):
        return {"threshold": None, "kept": None, "unfamiliar": None, "photos": 0}
    at = likeness.distance_threshold(distances, kept)
    halves = [distances[::2], distances[1::2]]
    missed = None
    if min(map(len, halves)):
        over = [(a > likeness.distance_threshold(b, kept)).sum() for a, b in (halves, halves[::-1])]
        missed = float(sum(over) / len(distances))
    return {
        "threshold": at,
        "kept": float((distances <= at).mean()),
        "unfamiliar": missed,
        "photos": len(distances),
    }


def to_nearest(train: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cosine distance of each of `others` to the nearest of `train`, float32 (others,)."""
    return likeness.nearest_rows(train, others)[1]


def flat_map(run_id: str) -> pd.DataFrame:
    """All photos of a run on a plane: photo, breed, part ("train" or "valid"), x, y.

    Raises:
        LessonError: the features are not made yet.
    """
    known = load(run_id)
    parts = [known.part(i) for i in range(len(known.photos))]
    frame = pd.DataFrame({"photo": known.photos, "breed": known.breeds, "part": parts})
    return frame.assign(x=known.points[:, 0], y=known.points[:, 1])
