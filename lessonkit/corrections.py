"""A learner's corrections of labels: this photo is another breed, this one had better be left out.

They lie in the home, `marks/<dataset>.json`, so that they outlive a page, a pattern, a reload and a restart. In a class that
file is the set that the teacher published, and each learner has one of their own, `marks/learners/<key>/<dataset>.json`.
What a run is trained with is a version of them, a file that is named by its content and never changes.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lessonkit import config
from lessonkit.classroom.places import KEY
from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.json_files import read_json
from lessonkit.language import tr
from lessonkit.photos import catalog, labels, own_photos
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.labels import Labels
from lessonkit.storage import disk_problem, locked, write_bytes

_DATASET = re.compile(r"[a-z0-9][a-z0-9-]*")
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Mark:
    """What a learner said of a photo: its right breed, or (breed "") that it be left out."""

    breed: str = ""

    @property
    def leave_out(self) -> bool:
        return not self.breed


Marks = Mapping[str, Mark]
"""Photo -> what was said of it."""


@dataclass(frozen=True)
class Halves:
    """The photos that are trained on and tested with, once marks are applied.

    Attributes:
        labels: the corrected labels, of all photos that stay.
        train, valid: the halves as they were split before, without the photos left out.
        facts: what the marks changed, {"changed_train", "changed_valid": photos of that half that got another
            label, "left_out_train", "left_out_valid": that it lost, "ignored": marks that do not fit these labels}.
    """

    labels: Labels
    train: list[str]
    valid: list[str]
    facts: dict[str, int]


# reading: cheap, done by pages at each rerun
def read(dataset: str, of: str = "") -> dict[str, Mark]:
    """The present marks of the dataset of that name, by photo, sorted; {} where there are none. Read again only when the file changed.

    Args:
        of: the key of the learner whose marks they are; "" for somebody alone, and for the set of a class.

    Raises:
        LessonError: no name of a dataset, or the file was changed by hand into something else.
    """
    return dict(_read(str(_path(dataset, of=of))))


def version(dataset: str, which: str) -> dict[str, Mark]:
    """The marks with the fingerprint `which`, as `save_version` stored them; {} for "".

    Raises:
        LessonError: no such version is on this machine.
    """
    if not which:
        return {}
    if _FINGERPRINT.fullmatch(which):
        found = dict(_read(str(_path(dataset, which))))
        if fingerprint(found) == which:
            return found
    raise LessonError(
        tr("The corrections “{which}” that this run was chosen with are not on this machine.", which=which[:40]),
        tr("Choose again, with the corrections that are there now."),
    )


def fingerprint(marks: Marks) -> str:
    """Twelve hexadecimal digits of the SHA-256 over the marks' canonical JSON; "" for no marks."""
    return hashlib.sha256(_packed(marks)).hexdigest()[:12] if marks else ""


# writing: a page does it through `Engine.write`
def mark(
    dataset: Dataset, photo: str, breed: str | None = None, leave_out: bool = False, pattern: str = "", of: str = ""
) -> None:
    """Say that a photo is of another breed, or that it be left out; what was said of it before is forgotten.

    A photo marked with the breed that it has anyway is not marked: the same labels are the same run.

    Args:
        photo: one of the dataset's photos, that the pattern gives a label.
        breed: one of the breeds there are. One of `breed` and `leave_out` is given.
        pattern: the learner's labelling pattern, which decides the breeds; "" for the dataset's own way.
        of: whose marks are changed, as in `read`.

    Raises:
        LessonError: no such photo or breed, or neither or both said.
        PatternError: the pattern is none.
    """
    if bool(breed) == leave_out:
        raise LessonError(
            tr("Say either which breed the photo shows, or that it be left out."), tr("Choose one of the two.")
        )
    dataset.path(photo)  # says so where there is none
    found = labels.label_dataset(dataset, pattern)
    if breed and breed not in found.counts:
        raise LessonError(
            tr("There is no breed “{breed}” among these photos.", breed=breed[:80]),
            tr(
                "Choose one of the {number} that are there, for instance {some}.",
                number=len(found.breeds),
                some=", ".join(found.breeds[:3]),
            ),
        )
    if photo not in found.of:
        raise LessonError(
            tr("The pattern gives the photo “{photo}” no label, so it is in no run.", photo=photo[:80]),
            tr("Correct the pattern first."),
        )
    with _changing(dataset, of) as marks:
        marks.pop(photo, None)
        if breed != found.of[photo]:
            marks[photo] = Mark(breed or "")


def unmark(dataset: Dataset, photo: str, of: str = "") -> None:
    """Take back what was said of a photo; nothing happens if nothing was. Of `of`, see `read`."""
    with _changing(dataset, of) as marks:
        marks.pop(photo, None)


def clear(dataset: Dataset, of: str = "") -> None:
    """Take back everything that was said of a dataset's photos. Stored versions stay, for the runs made with them. Of `of`, see `read`."""
    with _changing(dataset, of) as marks:
        marks.clear()


def publish(dataset: Dataset, of: str) -> int:
    """Make one person's marks the class's set, which each learner may take; returns how many there are."""
    with _changing(dataset, of) as marks, _changing(dataset) as published:
        published.clear()
        published.update(marks)
        return len(marks)


def take_published(dataset: Dataset, of: str) -> int:
    """Add the class's set to one learner's marks, whose own stay as they are; returns how many came to them."""
    published = read(dataset.name)
    with _changing(dataset, of) as marks:
        new = {photo: m for photo, m in published.items() if photo not in marks}
        marks.update(new)
        return len(new)


def of_learners(dataset: str) -> dict[str, dict[str, Mark]]:
    """Each learner's marks of a dataset by their keys, of those who made some; files that are damaged are left out."""
    found = {}
    for path in sorted((config.home() / "marks" / "learners").glob(f"*/{dataset}.json")):
        with contextlib.suppress(LessonError):
            found[path.parent.name] = dict(_read(str(path)))
    return {key: marks for key, marks in found.items() if marks}


def save_version(dataset: Dataset, of: str = "") -> str:
    """Store the present marks under their fingerprint, for a `RunSpec` with `marks=` it; returns it ("" for none). Of `of`, see `read`."""
    with _changing(dataset, of) as marks:
        name = fingerprint(marks)
        path = _path(dataset.name, name)
        if name and not path.is_file():
            write_bytes(path, _packed(marks))
    return name


def remove_dataset(name: str) -> None:
    """Delete one of the learners' own datasets with its corrections (`own_photos.remove`). Its runs stay.

    Raises:
        LessonError: there is no such dataset, or it is one of the lesson's; a run on its photos is under way.
    """
    dataset = catalog.resolve(name)
    own_photos.check_removable(dataset)
    for key in ("", *of_learners(name)):
        clear(dataset, key)
    own_photos.remove(dataset)


# applying
def apply(found: Labels, marks: Marks) -> Labels:
    """The labels as the learner corrected them: marked breeds put right, photos left out gone, breeds counted again.

    A mark that does not fit these labels changes nothing (see `ignored`). A breed that lost all its photos is none.
    """
    fitting = {photo: m for photo, m in marks.items() if _fits(found, photo, m)}
    if not fitting:
        return found
    gone = {photo for photo, m in fitting.items() if m.leave_out}
    right = {photo: m.breed for photo, m in fitting.items() if m.breed}
    of = {photo: right.get(photo, breed) for photo, breed in found.of.items() if photo not in gone}
    counts = dict(sorted(Counter(of.values()).items()))
    return Labels(list(counts), of, found.unmatched, counts)


def ignored(found: Labels, marks: Marks) -> list[str]:
    """Photos whose marks do not fit these labels: made under another pattern, the breed, or the photo, is none here."""
    return sorted(photo for photo, m in marks.items() if not _fits(found, photo, m))


def halves(found: Labels, train: Sequence[str], valid: Sequence[str], marks: Marks) -> Halves:
    """Apply marks to photos that are split already.

    After the split, so that the same photos are held out with and without them: a photo left out is gone from its
    half, a corrected one stays in its half and changes what is expected of it. In the training half that changes
    what is learned; in the validation half it changes the measure itself: an error of 20 % before and 18 % after
    are not of the same test. How many labels of the test changed is in `facts["changed_valid"]` and
    `facts["left_out_valid"]`; what the run before scores on the corrected test is worked out by `remeasured`.

    Args:
        found: the labels before marks.
        train, valid: the halves, as `labels.split` gives them for `found`.

    Raises:
        LessonError: nothing is left to train on, or to test with.
    """
    after = apply(found, marks)
    facts = {"changed_train": 0, "changed_valid": 0, "left_out_train": 0, "left_out_valid": 0}
    kept: dict[str, list[str]] = {}
    for half, photos in (("train", train), ("valid", valid)):
        kept[half] = [photo for photo in photos if photo in after.of]
        facts[f"left_out_{half}"] = len(photos) - len(kept[half])
        facts[f"changed_{half}"] = sum(after.of[photo] != found.of[photo] for photo in kept[half])
    facts["ignored"] = len(ignored(found, marks))
    learned = {after.of[photo] for photo in kept["train"]}
    lost = [breed for breed in after.breeds if breed not in learned]
    if lost:
        raise LessonError(
            tr("With your corrections there is no photo of “{breed}” to train on.", breed=lost[0]),
            tr("Take some of them back."),
        )
    if len(after.breeds) < 2:
        raise LessonError(tr("With your corrections there is nothing to tell apart."), tr("Take some of them back."))
    if not kept["valid"]:
        raise LessonError(tr("With your corrections no photo is left to test with."), tr("Take some of them back."))
    return Halves(after, kept["train"], kept["valid"], facts)


def remeasured(frame: pd.DataFrame, probabilities: np.ndarray, vocab: Sequence[str], marks: Marks) -> pd.DataFrame:
    """A run's predictions held against the corrected labels: what it would have scored on the test as it is now.

    Args:
        frame: the run's predictions. probabilities: (rows of frame, breeds), its columns in the order of `vocab`.

    Returns:
        A frame as given, without the photos left out; `actual`, `loss`, `probability_actual` and `correct` are of
        the marked breed where there is one. Marks with a breed outside `vocab` change nothing.
    """
    column = {breed: i for i, breed in enumerate(vocab)}
    said = [marks.get(photo) for photo in frame["photo"]]
    out, stays = frame.copy(), np.array([not (m and m.leave_out) for m in said], dtype=bool)
    breed_at = {row: m.breed for row, m in enumerate(said) if m and m.breed in column}
    rows, breeds = list(breed_at), list(breed_at.values())
    p = np.asarray(probabilities)[rows, [column[breed] for breed in breeds]].astype(float)
    values = {"actual": breeds, "probability_actual": p, "loss": -np.log(np.maximum(p, np.finfo(np.float32).tiny))}
    for name, new in values.items():
        whole = out[name].to_numpy(copy=True)
        whole[rows] = new
        out[name] = whole
    out["correct"] = (out["actual"] == out["predicted"]).to_numpy(dtype=bool)
    return out[stays].reset_index(drop=True)


def _fits(found: Labels, photo: str, m: Mark) -> bool:
    return photo in found.of and (m.leave_out or m.breed in found.counts)


def _path(dataset: str, version: str = "", of: str = "") -> Path:
    if not _DATASET.fullmatch(dataset):
        catalog.resolve(dataset)  # says that there is none
    if of:
        assert KEY.fullmatch(of), of
        return config.home() / "marks" / "learners" / of / f"{dataset}.json"
    return config.home() / "marks" / f"{dataset}{'-' if version else ''}{version}.json"


def _packed(marks: Marks) -> bytes:
    said: dict[str, Any] = {p: {"leave_out": True} if m.leave_out else {"breed": m.breed} for p, m in marks.items()}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _read(path: str) -> dict[str, Mark]:
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return {}
    # A new file each time, so its number tells also two writes within one tick of the clock apart.
    return _parsed(path, stat.st_mtime_ns, stat.st_ino, stat.st_size)


@functools.lru_cache(maxsize=32)
def _parsed(path: str, *stamp: int) -> dict[str, Mark]:
    try:
        said = read_json(Path(path), dict[str, dict[str, str | bool]])
        return {photo: Mark("" if s.get("leave_out") else str(s["breed"])) for photo, s in sorted(said.items())}
    except (DamagedFileError, KeyError):
        raise LessonError(
            tr("The corrections in {file} cannot be read: something else has written there.", file=str(path)),
            tr("Delete that file."),
        ) from None


@contextmanager
def _changing(dataset: Dataset, of: str = "") -> Iterator[dict[str, Mark]]:
    """The present marks to change, written back at the end of the block; nobody else writes them meanwhile."""
    path = _path(dataset.name, of=of)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(f".{path.stem}.lock")):
            before = _read(str(path))
            marks = dict(before)
            yield marks
            if marks and marks != before:
                write_bytes(path, _packed(marks))
            elif not marks:
                path.unlink(missing_ok=True)
    except OSError as problem:
        raise disk_problem(problem, path.parent) from problem
