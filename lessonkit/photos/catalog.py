"""The datasets on offer, and what of them is on this machine.

A dataset is a folder `datasets/<name>/` that holds `photos.txt` (its photos' names, a line each) and
`complete.json`, written last: without it the dataset is not there. Both are read once and kept until the marker changes.
"""

from __future__ import annotations

import os
import re
import shutil
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt

from lessonkit import config
from lessonkit.errors import DiskError, DownloadError, LessonError, SettingError
from lessonkit.json_files import Said, Watched, damaged, read_json
from lessonkit.language import tr, translatable
from lessonkit.photos import archives, leftovers
from lessonkit.photos.dataset import Dataset, Description, Photos
from lessonkit.photos.labels import DEFAULT_PATTERN
from lessonkit.photos.manifest import MARKER, NAMES, find_photos, listing_hash, seal
from lessonkit.photos.progress import Report, quiet
from lessonkit.photos.tar_archive import unpack
from lessonkit.storage import disk_problem, locked

TRIES = 3  # to read photos that change while they are read, before it is said so
OWN = "own-"
"""What the names of datasets begin with that are made of a learner's own photos (`photos.imported`)."""
OWN_FACTS = "dataset.json"  # in such a dataset's folder: `OwnFacts`
PLANTED = "planted.json"  # in the folder of a dataset with labels that are wrong on purpose
_OWN_NAME = re.compile(rf"{OWN}[a-z0-9][a-z0-9-]*")
_FASTAI = "https://s3.amazonaws.com/fast-ai-imageclas/"


DATASETS: dict[str, Description] = {
    d.name: d
    for d in (
        Description(
            "pets", "Oxford-IIIT Pet",
            translatable("Cats and dogs, as people and shelters took them: the lesson's own dataset."),
            7_390, 37, 811_706_944, "oxford-iiit-pet.tgz", f"{_FASTAI}oxford-iiit-pet.tgz", "pattern", DEFAULT_PATTERN,
            "Parkhi, Vedaldi, Zisserman and Jawahar, “Cats and Dogs”, CVPR 2012; CC BY-SA 4.0.",
            "e4db5c768afd933bb91f5f594d7417a4", "images", "URLs.PETS",
        ),
        Description(
            "imagewoof", "Imagewoof",
            translatable("Dogs out of ImageNet, of breeds that are hard to tell apart, in small photos."),
            12_954, 10, 92_612_825, "imagewoof2-160.tgz", f"{_FASTAI}imagewoof2-160.tgz", "folder", "",
            translatable("fast.ai's subset of ImageNet (Deng and others, CVPR 2009); for research and teaching."),
            "3559b194123981a540b87132dbda412f", fastai="URLs.IMAGEWOOF_160",
        ),
        Description(
            "drawn", translatable("Drawn pets"),
            translatable(
                "Cats and dogs that this lesson draws itself, so that it works without a network. They are drawings, "
                "not photos."
            ),
            720, 12, 0, "", "", "pattern", DEFAULT_PATTERN,
            translatable("Drawn on this machine; do with them what you like."), "", "images",
        ),
    )
}  # fmt: skip


def resolve(name: str) -> Dataset:
    """The dataset of that name as it is now: one of the lesson's, or of a learner's own.

    Its photos are read when they changed, else two files are looked at.

    Raises:
        LessonError: there is none of that name, or the datasets' folder cannot be read.
    """
    found = find(name)
    if found is None:
        raise LessonError(
            tr("There is no dataset “{name}” here.", name=name[:80]),
            tr("Choose one of {names}.", names=", ".join(all_datasets())),
        )
    return found


def find(name: str) -> Dataset | None:
    """As `resolve`, but None where there is no dataset of that name: a learner's own may have been deleted."""
    description = DATASETS.get(name) or _own(name)
    return None if description is None else _resolved(description)


def all_datasets() -> dict[str, Dataset]:
    """Every dataset by name: the lesson's, then the learners' own, by title."""
    return {**{name: _resolved(description) for name, description in DATASETS.items()}, **own_datasets()}


def own_datasets() -> dict[str, Dataset]:
    """The datasets made of learners' own photos, by title."""
    found = [description for name in _own_names() if (description := _own(name))]
    return {d.name: _resolved(d) for d in sorted(found, key=lambda d: (d.title.casefold(), d.name))}


def unreadable() -> dict[str, LessonError]:
    """Why one of the learners' own datasets is left out: what it is, is damaged. By name."""
    held = _descriptions.read_all(config.datasets_folder() / name / OWN_FACTS for name in _own_names())
    return {path.parent.name: why for path, why in held.unreadable.items()}


def _own_names() -> list[str]:
    try:
        return [name for name in os.listdir(config.datasets_folder()) if _OWN_NAME.fullmatch(name)]
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise _unreadable(problem) from problem


@dataclass(frozen=True)
class OwnFacts:
    """What OWN_FACTS says of a dataset that a learner made, as in `Description`."""

    title: str
    about: Said
    photos: NonNegativeInt
    breeds: NonNegativeInt
    labelled_by: Literal["pattern", "folder"]
    pattern: str
    licence: str


@dataclass(frozen=True)
class _Marker:
    """What `manifest.seal` wrote last."""

    fingerprint: str
    bytes: NonNegativeInt
    look: str = ""


def _own(name: str) -> Description | None:
    if not _OWN_NAME.fullmatch(name):  # a name from a URL may be anything
        return None
    path = config.datasets_folder() / name / OWN_FACTS
    return _descriptions.read_all([path], keep=True).found.get(path)


def _read_description(path: Path) -> Description:
    facts = read_json(path, OwnFacts)
    return Description(
        path.parent.name, facts.title, facts.about, facts.photos, facts.breeds, 0, "", "", facts.labelled_by,
        facts.pattern, facts.licence, "", inside="photos", own=True,
    )  # fmt: skip


def _resolved(description: Description) -> Dataset:
    folder = config.datasets_folder() / description.name
    marker = folder / MARKER
    try:
        os.stat(marker)
        held = _photos.read_all([marker], keep=True)
    except FileNotFoundError:
        lost = (
            damaged(marker, translatable("it is gone")) if description.own else None
        )  # the lesson gets its own ones again
        return Dataset(description, folder, damaged=lost)
    except OSError as problem:
        raise _unreadable(problem) from problem
    return Dataset(description, folder, held.found.get(marker), held.unreadable.get(marker))


def _read_photos(marker: Path) -> Photos:
    facts = read_json(marker, _Marker)
    try:
        names = (marker.parent / NAMES).read_text(encoding="utf-8").split("\n")[:-1]
    except (FileNotFoundError, UnicodeDecodeError) as problem:
        raise damaged(marker.parent / NAMES, str(problem)) from None
    try:
        planted = read_json(marker.parent / PLANTED, dict[str, str])
    except FileNotFoundError:
        planted = {}
    return Photos(tuple(names), facts.fingerprint, facts.look, facts.bytes, planted, frozenset(names))


_descriptions, _photos = Watched(_read_description), Watched(_read_photos)


def offered(description: Description) -> int:
    """How many photos a dataset that is not here would have: of the whole dataset, or as many as the setting has drawn."""
    if description.archive or description.own:
        return description.photos
    try:
        return config.drawn_per_breed() * description.breeds
    except SettingError:  # it is said where they are drawn
        return description.photos


def obtain(name: str, report: Report = quiet) -> Dataset:
    """Get a dataset onto this machine: fetch and unpack it, or draw it; if it is there, `recheck` it.

    Of two processes that ask, one works and the other waits. What a killed one left is tidied up, or, where it
    is the beginning of a download, gone on from. Where the list of its photos is damaged, they are read again.

    Args:
        report: told ("waiting", 0, 0) while another process is at it; ("download", bytes, bytes); ("unpack",
            bytes, bytes) of the archive read; ("draw", photos, photos); ("check", photos, photos).

    Raises:
        DownloadError: the archive cannot be fetched, or is not what it should be.
        DiskError: the disk is full or shut; what was fetched is kept.
        LessonError: no such dataset.
    """
    config.check_home()
    dataset = resolve(name)
    if dataset.present or dataset.damaged:
        return recheck(dataset, report)
    datasets = config.datasets_folder()
    try:
        datasets.mkdir(parents=True, exist_ok=True)
        with locked(datasets / f".{name}.lock", partial(report, "waiting", 0, 0)):
            if resolve(name).present:
                return resolve(name)
            for left in datasets.glob(f".{name}.making-*"):
                shutil.rmtree(left, ignore_errors=True)
            making = datasets / f".{name}.making-{uuid.uuid4().hex[:8]}"
            try:
                _make(dataset.description, making, report)
                shutil.rmtree(dataset.folder, ignore_errors=True)  # one without a marker: not whole
                os.rename(making, dataset.folder)
            finally:
                shutil.rmtree(making, ignore_errors=True)
            if dataset.description.archive:
                archives.forget(dataset.description.archive)
    except OSError as problem:
        raise disk_problem(problem, datasets) from problem
    return resolve(name)


def _make(dataset: Description, making: Path, report: Report) -> None:
    """Everything of the dataset under `making`, the marker last."""
    if dataset.archive:
        archive = archives.archive(dataset.archive, dataset.url, dataset.bytes, dataset.check, report)
        try:
            unpack(archive, making, report, keep=dataset.inside)
            names = find_photos(making / dataset.inside)
            if not names:
                raise DownloadError(
                    tr(
                        "The archive {archive} holds no photos where they should be ({folder}).",
                        archive=dataset.archive,
                        folder=dataset.inside or tr("its folders"),
                    ),
                    tr("If it came from a mirror, ask whoever runs it; otherwise try again."),
                )
        except DiskError:  # nothing is wrong with it: once there is room, it is not fetched again
            raise
        except DownloadError:
            # Whatever is wrong with it, going on from it would not mend it.
            archives.forget(dataset.archive)
            raise
    else:
        from lessonkit.photos.drawn.dataset import draw_dataset

        draw_dataset(making, per_breed=config.drawn_per_breed(), report=report)
        names = find_photos(making / dataset.inside)
    seal(making, names, dataset.inside, report)


def changed_by_hand(dataset: Dataset) -> bool:
    """Whether photos were changed since the dataset was got or last rechecked, by names, sizes and times alone.

    40 ms for 7,390 photos. False for a dataset that is not on this machine. Raises LessonError where they cannot be read.
    """
    return bool(dataset.damaged) or dataset.present and dataset.photos.listing != _listing(dataset)


def recheck(dataset: Dataset, report: Report = quiet) -> Dataset:
    """Take note of photos that were put in, replaced or taken away by hand since the dataset was got.

    A change is seen from names, sizes and times alone, 40 ms for 7,390 photos. All are read again after one, and where
    the list of them is damaged. What was decoded of the photos before is deleted, once no run needs it: none can
    begin on it any more.

    Args:
        report: told ("waiting", 0, 0) while another process is at it; ("check", photos, photos).

    Returns:
        The dataset as it is now; the same where nothing changed, or where it is not on this machine.

    Raises:
        LessonError: no photo is left, they cannot be read, or the disk is full or shut.
    """
    if not changed_by_hand(dataset):
        return dataset
    top = dataset.photos_folder
    with locked(dataset.folder.with_name(f".{dataset.name}.lock"), partial(report, "waiting", 0, 0)):
        before = resolve(dataset.name)
        for _ in range(TRIES):
            if not changed_by_hand(before):
                return before
            names = find_photos(top)
            if not names:
                raise LessonError(
                    tr("There is no photo left in {folder}.", folder=str(top)),
                    tr(
                        "Put them back, or delete the folder {folder} and get the dataset again.",
                        folder=str(dataset.folder),
                    ),
                )
            try:
                seal(dataset.folder, names, dataset.description.inside, report)
            except FileNotFoundError:  # one was taken away while they were read
                continue
            except OSError as problem:
                if _is_within(problem, top):
                    raise _of_photos(problem, top) from problem
                raise disk_problem(problem, dataset.folder) from problem
            now = resolve(dataset.name)
            if before.present and now.fingerprint != before.fingerprint:
                leftovers.delete_small_photos(dataset.name, before.fingerprint)
                delete_unused()
            return now
    raise LessonError(
        tr("The photos in {folder} change while they are read.", folder=str(top)),
        tr("Wait until they are all there, then try again."),
    )


def delete_unused() -> None:
    """Delete what was made of photos that no dataset has any more, unless a run or job needs it that is under way."""
    known = all_datasets().values()
    if not any(dataset.damaged for dataset in known):  # whose photos are not known now
        leftovers.delete_made([dataset.fingerprint for dataset in known if dataset.present])


def _is_within(problem: OSError, top: Path) -> bool:
    return bool(problem.filename) and Path(problem.filename).is_relative_to(top)


def _of_photos(problem: OSError, top: Path) -> LessonError:
    return LessonError(
        tr("The photos in {folder} cannot be read ({why}).", folder=str(top), why=problem.strerror or str(problem)),
        tr("Make them readable, then try again."),
    )


def _listing(dataset: Dataset) -> str:
    """`listing_hash` of its photos. Raises LessonError where they cannot be read."""
    try:
        return listing_hash(dataset.photos_folder)
    except OSError as problem:
        raise _of_photos(problem, dataset.photos_folder) from problem


def _unreadable(problem: OSError) -> LessonError:
    where = config.datasets_folder()
    return LessonError(
        tr("The datasets in {folder} cannot be read ({why}).", folder=str(where), why=problem.strerror or str(problem)),
        tr("Make that folder readable, or set LESSONKIT_HOME to another."),
    )
