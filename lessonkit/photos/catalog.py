"""The datasets on offer, and what of them is on this machine.

A dataset is a folder `datasets/<name>/` that holds `photos.txt` (its photos' names, a line each) and
`complete.json`, written last: without it the dataset is not there. Pages ask at every rerun, so both are read
once and kept until the marker changes.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import re
import shutil
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lessonkit import config
from lessonkit.errors import DiskError, DownloadError, LessonError
from lessonkit.photos import download, leftovers
from lessonkit.photos.labels import DEFAULT_PATTERN
from lessonkit.photos.manifest import find_photos, listing_hash, seal
from lessonkit.photos.progress import Report, quiet
from lessonkit.photos.tar_archive import unpack
from lessonkit.storage import disk_problem, locked

log = logging.getLogger(__name__)

TRIES = 3  # to read photos that change while they are read, before it is said so
OWN = "own-"
"""What the names of datasets begin with that are made of a learner's own photos (`photos.own`)."""
OWN_FACTS = "dataset.json"  # in such a dataset's folder: what `Dataset` says of it
_OWN_NAME = re.compile(rf"{OWN}[a-z0-9][a-z0-9-]*")
_FASTAI = "https://s3.amazonaws.com/fast-ai-imageclas/"


@dataclass(frozen=True)
class Dataset:
    """A dataset that the lesson offers, or that a learner made of photos of their own.

    Attributes:
        name: as in a RunSpec, and its folder's name.
        title, about: for the learner: a name, and what it is in a sentence or two.
        photos, breeds: how many, of the whole dataset (a mirror may hold fewer; `drawn` may be set to others).
        bytes: size of its archive; 0 where nothing is downloaded.
        archive, url: the archive's file name and its home; "" where nothing is downloaded.
        labelled_by: "pattern" (the file names) or "folder".
        pattern: what labels it unless the learner types another; "" where folders do.
        licence: as a sentence.
        check: md5 of the archive's first MiB, from fastai's `download_checks.py`; "" where nothing is downloaded.
        inside: the folder of the unpacked archive that photos are named from; "" for its top.
        fastai: what fastai's `URLs` call its home; "" where it is none of fastai's.
    """

    name: str
    title: str
    about: str
    photos: int
    breeds: int
    bytes: int
    archive: str
    url: str
    labelled_by: str
    pattern: str
    licence: str
    check: str
    inside: str = ""
    fastai: str = ""


DATASETS: dict[str, Dataset] = {
    d.name: d
    for d in (
        Dataset(
            "pets", "Oxford-IIIT Pet",
            "Cats and dogs of 37 breeds, some 200 photos each, as people and shelters took them: "
            "the lesson's own dataset.",
            7_390, 37, 811_706_944, "oxford-iiit-pet.tgz", f"{_FASTAI}oxford-iiit-pet.tgz", "pattern", DEFAULT_PATTERN,
            "Parkhi, Vedaldi, Zisserman and Jawahar, “Cats and Dogs”, CVPR 2012; CC BY-SA 4.0.",
            "e4db5c768afd933bb91f5f594d7417a4", "images", "URLs.PETS",
        ),
        Dataset(
            "imagewoof", "Imagewoof",
            "Ten breeds of dog out of ImageNet, chosen because they are hard to tell apart, in small photos.",
            12_954, 10, 92_612_825, "imagewoof2-160.tgz", f"{_FASTAI}imagewoof2-160.tgz", "folder", "",
            "fast.ai's subset of ImageNet (Deng and others, CVPR 2009); for research and teaching.",
            "3559b194123981a540b87132dbda412f", fastai="URLs.IMAGEWOOF_160",
        ),
        Dataset(
            "drawn", "Drawn pets",
            "Cats and dogs of 12 breeds that this lesson draws itself, so that it works without a network. "
            "They are drawings, not photos.",
            720, 12, 0, "", "", "pattern", DEFAULT_PATTERN, "Drawn on this machine; do with them what you like.", "",
            "images",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class _Marker:
    fingerprint: str
    listing: str  # see `manifest.listing_hash`
    bytes: int
    names: tuple[str, ...]
    known: frozenset[str]


def get(name: str) -> Dataset:
    """The dataset of that name: one of the lesson's, or of a learner's own. Raises LessonError where there is none."""
    found = DATASETS.get(name) or _own(name)
    if found is None:
        raise LessonError(f"There is no dataset “{name}” here.", f"Choose one of {', '.join(all_datasets())}.")
    return found


def all_datasets() -> dict[str, Dataset]:
    """Every dataset by name: the lesson's, then the learners' own, by title."""
    return {**DATASETS, **own_datasets()}


def own_datasets() -> dict[str, Dataset]:
    """The datasets made of learners' own photos, by title; all of them are on this machine, whole."""
    try:
        names = [name for name in os.listdir(config.datasets_folder()) if name.startswith(OWN)]
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise _unreadable(problem) from problem
    found = [dataset for name in names if (dataset := _own(name))]
    return {d.name: d for d in sorted(found, key=lambda d: (d.title.casefold(), d.name))}


def _own(name: str) -> Dataset | None:
    if not _OWN_NAME.fullmatch(name):  # a name from a URL may be anything
        return None
    path = config.datasets_folder() / name
    stamp = _stamp(path)
    return _read_own(str(path), stamp) if stamp is not None else None


@functools.lru_cache(maxsize=64)
def _read_own(path: str, stamp: int) -> Dataset | None:
    try:
        facts = json.loads((Path(path) / OWN_FACTS).read_text(encoding="utf-8"))
        return Dataset(name=Path(path).name, bytes=0, archive="", url="", check="", inside="photos", **facts)
    except (OSError, ValueError, TypeError) as problem:
        log.warning("the dataset in %s cannot be read: %s", path, problem)
        return None


def folder(name: str) -> Path:
    """Where the dataset lies, or would lie. Raises LessonError for an unknown name."""
    return config.datasets_folder() / get(name).name


def photos_folder(name: str) -> Path:
    """The folder that `photo_names` are relative to."""
    return folder(name) / get(name).inside


def present(name: str) -> bool:
    """Whether the dataset is on this machine, whole."""
    return _marker_time(name) is not None


def photo_names(name: str) -> list[str]:
    """Every photo, as a sorted list of posix paths relative to `photos_folder(name)`.

    Raises:
        LessonError: the dataset is not on this machine.
    """
    return list(_marker(name).names)


def has_photo(name: str, photo: str) -> bool:
    """Whether `photo` is one of `photo_names(name)`."""
    return photo in _marker(name).known


def fingerprint(name: str) -> str:
    """A SHA-256 over the photos' names, sizes and contents, as 64 hexadecimal digits.

    Raises:
        LessonError: the dataset is not on this machine.
    """
    return _marker(name).fingerprint


def photo_bytes(name: str) -> int:
    """Bytes that the photos take on disk. Raises LessonError when the dataset is not on this machine."""
    return _marker(name).bytes


def planted(name: str) -> dict[str, str]:
    """Photos that carry a wrong label on purpose: photo -> true breed; {} for datasets without such a list."""
    path = folder(name) / "planted.json"
    stamp = _marker_time(name)
    return dict(_planted(str(path), stamp)) if stamp is not None else {}


def obtain(name: str, report: Report = quiet) -> None:
    """Get a dataset onto this machine: fetch and unpack it, or draw it; if it is there, `recheck` it.

    Of two processes that ask, one works and the other waits. What a killed one left is tidied up, or, where it
    is the beginning of a download, gone on from.

    Args:
        report: told ("waiting", 0, 0) while another process is at it; ("download", bytes, bytes); ("unpack",
            bytes, bytes) of the archive read; ("draw", photos, photos); ("check", photos, photos).

    Raises:
        DownloadError: the archive cannot be fetched, or is not what it should be.
        DiskError: the disk is full or shut; what was fetched is kept.
        LessonError: no such dataset.
    """
    config.check_home()
    dataset = get(name)
    if present(name):
        recheck(name, report)
        return
    datasets = config.datasets_folder()
    try:
        datasets.mkdir(parents=True, exist_ok=True)
        with locked(datasets / f".{name}.lock", partial(report, "waiting", 0, 0)):
            if present(name):
                return
            for left in datasets.glob(f".{name}.making-*"):
                shutil.rmtree(left, ignore_errors=True)
            making = datasets / f".{name}.making-{uuid.uuid4().hex[:8]}"
            try:
                _make(dataset, making, report)
                shutil.rmtree(folder(name), ignore_errors=True)  # one without a marker: not whole
                os.rename(making, folder(name))
            finally:
                shutil.rmtree(making, ignore_errors=True)
            if dataset.archive:
                download.forget(dataset.archive)
    except OSError as problem:
        raise disk_problem(problem, datasets) from problem


def _make(dataset: Dataset, making: Path, report: Report) -> None:
    """Everything of the dataset under `making`, the marker last."""
    if dataset.archive:
        archive = download.archive(dataset.archive, dataset.url, dataset.bytes, dataset.check, report)
        try:
            unpack(archive, making, report, keep=dataset.inside)
            names = find_photos(making / dataset.inside)
            if not names:
                raise DownloadError(
                    f"The archive {dataset.archive} holds no photos where they should be "
                    f"({dataset.inside or 'its folders'}).",
                    "If it came from a mirror, ask whoever runs it; otherwise try again.",
                )
        except DiskError:  # nothing is wrong with it: once there is room, it is not fetched again
            raise
        except DownloadError:
            # Whatever is wrong with it, going on from it would not mend it.
            download.forget(dataset.archive)
            raise
    else:
        from lessonkit.photos.drawn import draw_dataset

        draw_dataset(making, per_breed=config.drawn_per_breed(), report=report)
        names = find_photos(making / dataset.inside)
    seal(making, names, dataset.inside, report)


def changed_by_hand(name: str) -> bool:
    """Whether photos were changed since the dataset was got or last rechecked, by names, sizes and times alone.

    40 ms for 7,390 photos. False for a dataset that is not on this machine. Raises LessonError where they cannot be read.
    """
    return present(name) and _marker(name).listing != _listing(name)


def recheck(name: str, report: Report = quiet) -> None:
    """Take note of photos that were put in, replaced or taken away by hand since the dataset was got.

    That any was is seen from names, sizes and times alone, 40 ms for 7,390 photos; only then all are read anew.
    The fingerprint is then of the photos as they are. Nothing happens for a dataset that is not on this machine.

    Args:
        report: told ("waiting", 0, 0) while another process is at it; ("check", photos, photos).

    What was decoded of the photos before is deleted, once no run needs it: none can begin on it any more.

    Raises:
        LessonError: no photo is left, they cannot be read, or the disk is full or shut.
    """
    if not changed_by_hand(name):
        return
    made, top = folder(name), photos_folder(name)
    with locked(made.with_name(f".{name}.lock"), partial(report, "waiting", 0, 0)):
        before = _marker(name)
        for _ in range(TRIES):
            if before.listing == _listing(name):
                return
            names = find_photos(top)
            if not names:
                raise LessonError(
                    f"There is no photo left in {top}.",
                    f"Put them back, or delete the folder {made} and get the dataset again.",
                )
            try:
                seal(made, names, get(name).inside, report)
            except FileNotFoundError:  # one was taken away while they were read
                continue
            except OSError as problem:
                raise _of_photos(problem, top) if _is_within(problem, top) else disk_problem(problem, made) from problem
            if fingerprint(name) != before.fingerprint:
                leftovers.delete_small_photos(name, before.fingerprint)
                delete_unused()
            return
    raise LessonError(
        f"The photos in {top} change while they are read.", "Wait until they are all there, then try again."
    )


def delete_unused() -> None:
    """Delete what was made of photos that no dataset has any more, unless a run or job needs it that is under way."""
    leftovers.delete_made([fingerprint(name) for name in all_datasets() if present(name)])


def _is_within(problem: OSError, top: Path) -> bool:
    return bool(problem.filename) and Path(problem.filename).is_relative_to(top)


def _of_photos(problem: OSError, top: Path) -> LessonError:
    return LessonError(
        f"The photos in {top} cannot be read ({problem.strerror or problem}).", "Make them readable, then try again."
    )


def _listing(name: str) -> str:
    """`listing_hash` the dataset's photos. Raises LessonError where they cannot be read."""
    try:
        return listing_hash(photos_folder(name))
    except OSError as problem:
        raise _of_photos(problem, photos_folder(name)) from problem


def _marker_time(name: str) -> int | None:
    return _stamp(folder(name))


def _stamp(made: Path) -> int | None:
    """When the dataset in this folder was finished; None where it was not."""
    try:
        return os.stat(made / "complete.json").st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _unreadable(problem) from problem


def _unreadable(problem: OSError) -> LessonError:
    where = config.datasets_folder()
    return LessonError(
        f"The datasets in {where} cannot be read ({problem.strerror or problem}).",
        "Make that folder readable, or set LESSONKIT_HOME to another.",
    )


def _marker(name: str) -> _Marker:
    stamp = _marker_time(name)
    if stamp is None:
        raise LessonError(f"{get(name).title} is not on this machine yet.", "Get it on the page “Get the data”.")
    return _read_marker(str(folder(name)), stamp)


@functools.lru_cache(maxsize=16)
def _read_marker(path: str, stamp: int) -> _Marker:
    facts = json.loads((Path(path) / "complete.json").read_text())
    names = (Path(path) / "photos.txt").read_text(encoding="utf-8").split("\n")[:-1]
    return _Marker(facts["fingerprint"], facts.get("look", ""), facts["bytes"], tuple(names), frozenset(names))


@functools.lru_cache(maxsize=16)
def _planted(path: str, stamp: int) -> dict[str, str]:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
