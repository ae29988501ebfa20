"""The class makes a dataset of its own: each learner gives photos under the teacher's labels.

`class/collection.json` says what is collected now. Its photos lie in `class/collections/<id>/`: each a JPEG that was made here
of what was sent, so that place, time and camera are not in it; a small one of it; and who gave it, by their key.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import secrets
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from pydantic import NonNegativeFloat

from lessonkit import config, runs
from lessonkit.classroom.places import KEY, changing, folder, printable
from lessonkit.classroom.rights import ASK
from lessonkit.errors import LessonError
from lessonkit.json_files import Steady, Watched, read_json
from lessonkit.language import tr, translatable, trn
from lessonkit.photos import catalog, imported, own_photos
from lessonkit.photos.images import open_photo
from lessonkit.photos.progress import Report, quiet
from lessonkit.photos.wishes import Wish
from lessonkit.storage import MIB, need_space, write_bytes, write_json

LONGEST_LABEL, LONGEST_TITLE = 40, 40
MOST_LABELS = 40
LARGEST = 30 * MIB  # of one photo as it is sent
EACH, ALL = 40, 2000  # photos of one learner, and of the class
STALE = 3600.0  # seconds after which what was sent, and taken by nobody, is deleted: it says where it was taken
SIDE, SMALL = 1600, 200  # pixels of the longer side, as kept and as shown
VALID_SHARE, MOST_SHARE = 0.2, 1 / 3  # of the photos that are held out: about, and at most
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Collection:
    """What is collected.

    Attributes:
        id: its folder; "" for none yet.
        title: of the dataset that comes of it.
        labels: that there are, in the teacher's order.
        open: whether photos are taken.
        dataset: that was made of it; "" for none yet.
    """

    id: str = ""
    title: str = ""
    labels: list[str] = field(default_factory=list)
    open: bool = False
    dataset: str = ""


@dataclass(frozen=True)
class Given:
    """A photo that somebody gave.

    Attributes:
        label: one of the collection's. by: the giver's key. at: when, seconds since 1970.
    """

    label: str
    by: str
    at: NonNegativeFloat = 0.0


def now() -> Collection:
    """What is collected now, or was last. A dataset that was made of it and deleted since counts as none."""
    found = next(iter(_watched.read_all([folder() / "collection.json"]).found.values()), Collection())
    gone = found.dataset and not (config.datasets_folder() / found.dataset).is_dir()
    return replace(found, dataset="") if gone else found


_steady = Steady()


def photos(of: Collection) -> dict[str, Given]:
    """The photos of a collection by their ids, in the order in which they came."""
    if not of.id:
        return {}
    try:
        changed = _place(of.id).stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    steady = _steady.stays(of.id, changed, changed)  # else it may change again without a change of its time
    return dict(_unchanged(_place(of.id), changed) if steady else _read(_place(of.id)))


@functools.lru_cache(maxsize=16)
def _unchanged(place: Path, changed: int) -> dict[str, Given]:
    """As `_read`, while the folder's time stays: thirty learners look every few seconds, at up to ALL records."""
    return _read(place)


def _read(place: Path) -> dict[str, Given]:
    held = _records.read_all([place / e.name for e in os.scandir(place) if e.name.endswith(".json")], keep=True).found
    return dict(sorted(((path.stem, one) for path, one in held.items()), key=lambda item: item[1].at))


def given_by(key: str) -> dict[str, dict[str, Given]]:
    """The photos that somebody gave, of this and of earlier collections: by the collection's id, then as `photos`."""
    try:
        ids = [entry.name for entry in os.scandir(folder() / "collections") if _ID.fullmatch(entry.name)]
    except FileNotFoundError:
        return {}
    found = {id_: {p: one for p, one in photos(Collection(id_)).items() if one.by == key} for id_ in ids}
    return {id_: mine for id_, mine in found.items() if mine}


def progress(of: Collection) -> dict[str, int]:
    """How many photos each label has so far."""
    counts = Counter(one.label for one in photos(of).values())
    return {label: counts[label] for label in of.labels}


def small(of: Collection, photo: str) -> bytes | None:
    """A photo as it is shown, a WebP; None where it is gone."""
    assert _ID.fullmatch(photo)
    try:
        return (_place(of.id) / f"{photo}.webp").read_bytes()
    except FileNotFoundError:
        return None


def begin(title: str, labels: Sequence[str]) -> Collection:
    """Collect photos under these labels from now on; an earlier collection stays where it lies.

    Raises:
        LessonError: there are fewer than two labels or too many, two are alike, or a text cannot be shown.
    """
    plain = [label for text in labels if (label := printable(text, LONGEST_LABEL, "label"))]
    if len({label.casefold() for label in plain}) < len(plain):
        raise LessonError(tr("Two of the labels are the same."), tr("Write each label once."))
    if not 2 <= len(plain) <= MOST_LABELS:
        raise LessonError(
            trn("There is {n} label.", "There are {n} labels.", len(plain)),
            tr("Write 2 to {most}, each on a line of its own.", most=MOST_LABELS),
        )
    if odd := next((label for label in plain if re.search(r'[\\/:*?"<>|]|^\.|\.$', label)), ""):
        raise LessonError(
            tr("The label “{label}” has signs that no folder's name may have.", label=odd),
            tr("Use letters and numbers."),
        )
    made = Collection(
        secrets.token_hex(8), printable(title, LONGEST_TITLE, "title") or tr("Our photos"), plain, open=True
    )
    with changing("collection.json") as path:
        _place(made.id).mkdir(parents=True)
        write_json(path, asdict(made))
    return made


def close() -> None:
    """Take no more photos for what is collected now."""
    _change(open=False)


def reopen() -> None:
    """Take photos again, where no dataset was made yet."""
    if not now().dataset:
        _change(open=True)


def keep(data: bytes) -> str:
    """Put what was sent where a worker finds it; returns its name, for `add`. Raises LessonError where it is too large."""
    if len(data) > LARGEST:
        size = f"{len(data) / MIB:.0f}"
        raise LessonError(
            tr("This photo has {size} MB; the limit is {most} MB.", size=size, most=LARGEST // MIB),
            tr("Send a smaller one."),
        )
    place = folder() / "incoming"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in place.iterdir():  # of whom the worker, or the page, ended before `add` took it
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > STALE:
                left.unlink()
    need_space(place, len(data), translatable("keep what was sent"))
    name = uuid.uuid4().hex
    write_bytes(place / name, data)
    return name


def add(collection: str, sent: str, label: str, by: str) -> str:
    """Take a photo that `keep` put there; returns its id. A worker does it: decoding may be made to take long.

    Args:
        collection: the id of the one that it is meant for. by: the giver's key.

    Raises:
        LessonError: it is closed, the label is none of its, or too many were given. PhotoError: it is no photo.
    """
    path = folder() / "incoming" / sent
    assert KEY.fullmatch(by)
    assert re.fullmatch(r"[0-9a-f]{32}", sent)
    try:
        of = now()
        if not of.open or of.id != collection:
            raise LessonError(tr("No photos are collected any more."), tr("Ask your teacher."))
        if label not in of.labels:
            raise LessonError(tr("“{label}” is none of the labels.", label=label[:40]), tr("Choose one from the list."))
        mine, everybodys = sum(one.by == by for one in photos(of).values()), len(photos(of))
        if mine >= EACH or everybodys >= ALL:
            raise LessonError(
                tr("Each learner may give {each} photos, and the whole class {all}.", each=EACH, all=ALL),
                tr("Take one back first."),
            )
        picture = open_photo(path, max_side=SIDE)
        photo, place = secrets.token_hex(8), _place(of.id)
        picture.save(place / f"{photo}.jpg", "JPEG", quality=92)
        picture.thumbnail((SMALL, SMALL))
        picture.save(place / f"{photo}.webp", "WEBP", quality=75)
        write_json(place / f"{photo}.json", asdict(Given(label, by, time.time())))  # last: now it is there
        return photo
    finally:
        path.unlink(missing_ok=True)


def withdraw(photo: str, by: str = "") -> str:
    """Delete a photo of this or an earlier collection, and from the dataset that was made of it.

    Args:
        by: whose it has to be; "" for the teacher, who may take out any.

    Returns:
        The name of the dataset whose photos have to be read again; "" for none.

    Raises:
        LessonError: there is no such photo, it is somebody else's, or a run on these photos is under way.
    """
    assert _ID.fullmatch(photo)
    found = next((folder() / "collections").glob(f"*/{photo}.json"), None)
    given = photos(Collection(found.parent.name)).get(photo) if found else None
    if found is None or given is None or (by and given.by != by):
        raise LessonError(tr("This photo is not yours to take back."), tr(ASK))
    made, copy = _in_a_dataset(photo)
    if copy is not None:
        if any(spec.dataset == made for spec in runs.under_way().values()):
            raise LessonError(tr("A run on these photos is under way."), tr("Take the photo back once it has ended."))
        copy.unlink(missing_ok=True)
    for ending in ("json", "webp", "jpg"):
        found.with_suffix(f".{ending}").unlink(missing_ok=True)
    return made


def _in_a_dataset(photo: str) -> tuple[str, Path | None]:
    """The name of the dataset that a collected photo is in, and its file there; ("", None) where it is in none (any more)."""
    of_classes = filter(own_photos.of_a_class, catalog.own_datasets().values())
    found = ((made.name, file) for made in of_classes for file in made.photos_folder.rglob(f"*{photo}*"))
    return next(found, ("", None))


def make(collection: str, report: Report = quiet) -> dict[str, Any]:
    """Make a dataset of what was collected: no giver's photos lie in both halves. Returns {"name"}.

    Raises:
        LessonError: it is open still; fewer than two labels have photos; nothing can be trained on these photos; nobody's
            photos can be held out as a whole.
    """
    of = now()
    if of.id != collection or of.open:
        raise LessonError(tr("The collection is open still."), tr("Close it first."))
    given = photos(of)
    missing = [label for label in of.labels if label not in {one.label for one in given.values()}]
    if len(of.labels) - len(missing) < 2:
        raise LessonError(
            tr("Nobody gave a photo of “{label}”.", label=missing[0]),
            tr("Open the collection again: a network needs photos of two labels, to tell them apart."),
        )
    half = halves(given)
    building = folder() / f"building-{uuid.uuid4().hex[:8]}"
    try:
        for photo, one in given.items():
            into = building / half[photo] / one.label
            into.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_place(of.id) / f"{photo}.jpg", into / f"{photo}.jpg")
        made = imported.add(building, of.title, report, Wish(labels="folder"), own_photos.OF_A_CLASS)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    _change(dataset=made.name)
    return {"name": made.name}


def halves(given: Mapping[str, Given], seed: int = 42) -> dict[str, str]:
    """Photo -> "train" or "valid", the photos of one giver all in one half; about a fifth is held out.

    Raises:
        LessonError: there is nobody whose photos can be held out: too few gave some, or one gave most.
    """
    of: dict[str, list[str]] = {}
    for photo, one in given.items():
        of.setdefault(one.by, []).append(photo)
    order = sorted(of)
    Random(seed).shuffle(order)
    left, held = Counter(one.label for one in given.values()), set()
    wanted, most = VALID_SHARE * len(given), MOST_SHARE * len(given)
    for by in sorted(order, key=lambda by: len(of[by]) > wanted):  # those first who fit, in a random order
        taken = Counter(given[photo].label for photo in of[by])
        size = len(held) + len(of[by])
        if len(held) < 0.8 * wanted and size <= most and all(left[label] > n for label, n in taken.items()):
            held |= set(of[by])
            left -= taken
    if not held:
        raise LessonError(
            tr("Nobody's photos can be held out as a whole: too few learners gave some, or one of them gave most."),
            tr("Open the collection again, and have more learners give photos of each label."),
        )
    return {photo: "valid" if photo in held else "train" for photo in given}


def _place(collection: str) -> Path:
    assert _ID.fullmatch(collection), collection
    return folder() / "collections" / collection


def _change(**what: Any) -> None:
    with changing("collection.json") as path, contextlib.suppress(FileNotFoundError):
        write_json(path, asdict(replace(read_json(path, Collection), **what)))


_watched = Watched(lambda path: read_json(path, Collection))
_records = Watched(lambda path: read_json(path, Given))
