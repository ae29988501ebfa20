"""A zip of a learner's own photos becomes a dataset like the lesson's.

Such a dataset is a folder `datasets/own-<title>/`: `photos/` as they were in the zip, `dataset.json` (what
`catalog.Dataset` says of it), `left_out.json`, and what every dataset has (`sealing.seal`).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import time
import unicodedata
import uuid
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from lessonkit import config
from lessonkit.errors import LessonError, PatternError, PhotoError
from lessonkit.photos import catalog, labels, manifest, zip_archive
from lessonkit.photos.catalog import own_datasets as own_datasets
from lessonkit.photos.images import FORMATS_SAID, open_photo
from lessonkit.photos.progress import Report, quiet, throttled
from lessonkit.photos.zip_archive import LeftOut
from lessonkit.storage import MIB, disk_problem, need_space, write_bytes, write_json

NAME_PATTERN = r"/([^/]*?[^/\d _(-])[ _-]*\(?\d+\)?\.\w+$"
"""As the lesson's own, for names as people give them: “beagle 12.JPG”, “beagle-3.png”, “beagle (4).jpeg”."""
FOR_DATED = r"_([^_/]+)\.\w+$"
"""An example for a learner whose photos are named by the day, then the breed."""
LONGEST_TITLE = 60  # characters
# Streamlit holds what is uploaded in memory until the form is sent, and a class uploads at the same time.
LARGEST_UPLOAD = 500 * MIB
_HALVES = {"train", "training", "valid", "val", "validation", "test", "testing"}  # folders that are no breeds
STALE = 24 * 3600  # seconds after which what a killed process left is tidied up


def add_zip(source: Path | BinaryIO, title: str, report: Report = quiet, pattern: str = "") -> str:
    """Make a dataset of a zip of photos; returns its name, `own-` and the title in plain letters.

    The folder that a photo lies in names its breed, where at least two folders hold photos; in folders within
    folders the innermost one. Else, or where the folders are only called train and valid, the file names do, by
    `pattern`, or if none is given by the lesson's own or NAME_PATTERN, whichever labels more. Photos are taken as they
    are. Left out and said, in `left_out`: what cannot be opened or is no photo, a photo that is there twice (it would
    be both learned and tested with), and one that is the only one of its breed.

    Args:
        source: the zip: a path, or a file open for reading that can seek.
        title: for the learner; cut to LONGEST_TITLE characters.
        report: told ("unpack", photos' bytes, bytes), then ("check", photos, photos).
        pattern: how names are read; given, folders are not asked.

    Raises:
        LessonError: this is no zip, a hostile one, or nothing can be trained on its photos; all of that which names
            and sizes tell is said before anything is unpacked. No dataset is left then.
        PatternError: the pattern is none.
    """
    title = _title(title)
    datasets = config.datasets_folder()
    with zip_archive.opened(source) as archive:
        contents = zip_archive.photos_in(archive)
        contents, labelled_by, pattern = _labelling(contents, pattern)
        making = datasets / f".own-making-{uuid.uuid4().hex[:8]}"
        try:
            datasets.mkdir(parents=True, exist_ok=True)
            _tidy(datasets)
            need_space(datasets, contents.bytes, "unpack")
            photos, unfit = _take(archive, contents, making / "photos", throttled(report))
            found, single = _trainable(photos, pattern, labelled_by, unfit)
            for photo, _ in single:
                (making / "photos" / photo).unlink()
            left_out = sorted([*contents.left_out, *unfit, *single])
            facts = {
                "about": f"Your own photos, {len(found.breeds)} breeds by "
                + ("their folders." if labelled_by == "folder" else "their file names."),
                "photos": sum(found.counts.values()) + len(found.unmatched), "breeds": len(found.breeds),
                "labelled_by": labelled_by, "pattern": pattern, "licence": "Your own photos.",
            }  # fmt: skip
            write_json(making / "left_out.json", left_out)
            manifest.seal(making, manifest.find_photos(making / "photos"), "photos", report)
            return _put(making, title, facts)
        except OSError as problem:
            raise disk_problem(problem, datasets) from problem
        finally:
            shutil.rmtree(making, ignore_errors=True)


def left_out(name: str) -> LeftOut:
    """What of the zip was not taken, (file, why) each, sorted by file. Raises LessonError for an unknown dataset."""
    path = catalog.folder(name) / "left_out.json"
    return list(_left_out(str(path), path.stat().st_mtime_ns)) if path.is_file() else []


def remove(name: str) -> None:
    """Delete one of the learners' own datasets, and what was made of its photos. Its runs stay.

    Raises:
        LessonError: there is no such dataset, or it is one of the lesson's.
    """
    if name not in own_datasets():
        catalog.get(name)  # says that there is none
        raise LessonError("The lesson's own datasets stay.", "Only those made of your own photos can be deleted.")
    fingerprint, folder = catalog.fingerprint(name), catalog.folder(name)
    gone = folder.with_name(f".own-removing-{uuid.uuid4().hex[:8]}")
    try:
        os.rename(folder, gone)  # at once: a page sees it whole or not at all
    except OSError as problem:
        raise disk_problem(problem, folder.parent) from problem
    shutil.rmtree(gone, ignore_errors=True)
    catalog.forget_made(name, fingerprint)


# from a page to the worker
def uploads_folder() -> Path:
    """Where uploads wait for the worker that reads them."""
    return config.home() / "uploads"


def keep_upload(file: BinaryIO) -> str:
    """Put an uploaded zip where a worker finds it; returns the name to give to `add_upload`.

    Raises:
        LessonError: it is larger than any zip that is taken, or the disk is full.
    """
    folder = uploads_folder()
    size = file.seek(0, os.SEEK_END)
    if size > LARGEST_UPLOAD:
        raise LessonError(
            f"This zip is {size / MIB:,.0f} MB large; up to {LARGEST_UPLOAD // MIB:,} MB are taken.",
            "Zip fewer photos, or make them smaller first.",
        )
    file.seek(0)
    name = f"{uuid.uuid4().hex}.zip"
    beside = folder / f".{name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another upload tidies up too
                if time.time() - path.stat().st_mtime > STALE:
                    path.unlink()
        need_space(folder, size, "keep the zip")
        try:
            with beside.open("wb") as out:
                shutil.copyfileobj(file, out, MIB)
            os.replace(beside, folder / name)
        finally:  # a page may be ended in the middle of the copy
            beside.unlink(missing_ok=True)
    except OSError as problem:
        raise disk_problem(problem, folder) from problem
    return name


def waits(upload: str) -> bool:
    """Whether what `keep_upload` put there is there still."""
    return bool(re.fullmatch(r"[0-9a-f]{32}\.zip", upload)) and (uploads_folder() / upload).is_file()


def add_upload(upload: str, title: str, pattern: str = "", report: Report = quiet) -> dict[str, Any]:
    """`add_zip` of what `keep_upload` put there; returns {"name", "photos", "left_out": files}.

    The upload is deleted, but for one whose names a pattern did not read: it may be read by another.
    """
    if not re.fullmatch(r"[0-9a-f]{32}\.zip", upload):
        raise LessonError("There is no such upload.", "Choose the zip again.")
    path = uploads_folder() / upload
    try:
        name = add_zip(path, title, report, pattern)
    except PatternError:
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)
    return {"name": name, "photos": catalog.get(name).photos, "left_out": len(left_out(name))}


def _labelling(contents: zip_archive.Contents, pattern: str) -> tuple[zip_archive.Contents, str, str]:
    """The photos, each breed spelled in one way, and how they get their labels: "folder" or "pattern", and the pattern.

    By their names alone. File names are asked where folders do not tell two breeds apart, or only photos to train on
    from photos to test with.
    """
    names = list(contents.photos)
    if not names:
        others = f": {contents.left_out[0][0]}: {contents.left_out[0][1]}" if contents.left_out else "."
        raise LessonError(f"There are no photos in this zip{others}", f"Put photos into it: {FORMATS_SAID} files.")
    if pattern:
        labels.check_pattern(pattern)
        contents = _one_spelling(contents, pattern, "pattern")
        _trainable(list(contents.photos), pattern, "pattern")
        return contents, "pattern", pattern
    said: PatternError | None = None
    if len({PurePosixPath(name).parent for name in names} - {PurePosixPath(".")}) >= 2:
        spelled = _one_spelling(contents, "", "folder")
        try:
            found, _ = _trainable(list(spelled.photos), "", "folder")
            if not {breed.casefold() for breed in found.breeds} <= _HALVES:
                return spelled, "folder", ""
        except PatternError as problem:
            said = problem
    tried = {p: _one_spelling(contents, p, "pattern") for p in (labels.DEFAULT_PATTERN, NAME_PATTERN)}
    read = {p: labels.label(list(spelled.photos), p) for p, spelled in tried.items()}
    best = max(read, key=lambda p: (len(read[p].breeds) > 1, len(read[p].of)))
    try:
        _trainable(list(tried[best].photos), best, "pattern")
    except PatternError as problem:
        if contents.folder and not read[best].breeds:
            raise PatternError(
                f"All photos lie in one folder, “{contents.folder}”: if that is their breed, it is the only one, and there is "
                "nothing to tell it from.",
                "Zip it together with a folder of another breed.",
            ) from None
        raise said or problem from None
    return tried[best], "pattern", best


def _one_spelling(contents: zip_archive.Contents, pattern: str, labelled_by: str) -> zip_archive.Contents:
    """The photos, those of a breed that is spelled Beagle here and beagle there named in the way of the most.

    The names are changed, not the labels: so the notebook, and whoever types another pattern, finds the same breeds.
    """
    found = labels.label(list(contents.photos), pattern, labelled_by)
    spelled: dict[str, str] = {}
    for breed in sorted(found.breeds, key=lambda b: -found.counts[b]):
        spelled.setdefault(breed.casefold(), breed)
    if len(spelled) == len(found.breeds):
        return contents
    photos: dict[str, zipfile.ZipInfo] = {}
    taken = {photo.casefold(): photo for photo in contents.photos}
    for photo, info in contents.photos.items():
        breed = found.of.get(photo, "")
        wanted = spelled.get(breed.casefold(), breed)
        new = photo
        if breed != wanted and labelled_by == "folder":
            path = PurePosixPath(photo)
            new = str(path.parent.with_name(wanted) / path.name)
        elif breed != wanted:
            (match,) = labels.explain([photo], pattern)
            start, end, _ = match.groups[0] or (0, 0, "")
            before = len(match.text) - len(photo)
            new = f"{photo[: start - before]}{wanted}{photo[end - before :]}" if start >= before else photo
        photos[new if taken.get(new.casefold(), photo) == photo else photo] = info
    return replace(contents, photos=dict(sorted(photos.items())))


def _trainable(
    names: Sequence[str], pattern: str, labelled_by: str, unfit: LeftOut | None = None
) -> tuple[labels.Labels, LeftOut]:
    """The labels of the photos that can be trained on, and those that are the only one of their breed, or in none.

    Raises:
        PatternError: fewer than two breeds have two photos.
    """
    found = labels.label(names, pattern, labelled_by)
    single = [
        (photo, f"It is the only photo of “{breed}”: one cannot both train on it and test with it.")
        for photo, breed in found.of.items()
        if found.counts[breed] == 1
    ]
    if labelled_by == "folder":
        single += [(photo, "It lies in no folder of a breed.") for photo in found.unmatched]
    gone = {photo for photo, _ in single}
    kept = labels.label([name for name in names if name not in gone], pattern, labelled_by)
    if len(kept.breeds) > 1:
        return kept, single
    by = "folders" if labelled_by == "folder" else "file names"
    if kept.breeds:
        what = f"By their {by} all photos that can be used are of one breed, “{kept.breeds[0]}”: there is nothing to " \
            "tell apart."  # fmt: skip
    elif found.breeds:
        what = f"By their {by} no two photos are of the same breed, for instance “{names[0]}”."
    else:
        what = f"The {by} do not say of which breed the photos are, for instance “{names[0]}”."
    if unfit:
        what += f" {len(unfit):,} of the files could not be used, for instance “{unfit[0][0]}”: {unfit[0][1]}"
    raise PatternError(
        what,
        "Put the photos of each breed, two at least, into a folder that is named after it, and zip these folders; or say "
        rf"with a pattern where the breed stands in the photos' names: {FOR_DATED} reads rex out of 20240501_rex.jpg.",
    )


def _take(
    archive: zipfile.ZipFile, contents: zip_archive.Contents, top: Path, report: Report
) -> tuple[list[str], LeftOut]:
    """Write every photo that opens below `top`; returns (photos, left out). Two photos of the same bytes are one."""

    def take(photo: str) -> tuple[str, str]:
        """(the photo's digest, "") or ("", why it is left out)."""
        try:
            data = zip_archive.read(archive, contents.photos[photo])
            open_photo(data, enough=64)  # decoded whole, though small: a photo that is cut off is found out
        except PhotoError as problem:
            return "", problem.sentence
        (top / photo).parent.mkdir(parents=True, exist_ok=True)
        (top / photo).write_bytes(data)
        return hashlib.sha256(data).hexdigest(), ""

    photos: list[str] = []
    unfit: LeftOut = []
    first: dict[str, str] = {}
    done = 0
    report("unpack", 0, contents.bytes)
    pool = ThreadPoolExecutor(min(4, os.cpu_count() or 1))
    try:
        for photo, (digest, why) in zip(contents.photos, pool.map(take, contents.photos), strict=True):
            if digest in first:
                why = f"It is the same photo as “{first[digest]}”."
                (top / photo).unlink()
            if why:
                unfit.append((photo, why))
            else:
                first[digest] = photo
                photos.append(photo)
            done += contents.photos[photo].file_size
            report("unpack", done, contents.bytes)
    finally:
        pool.shutdown(cancel_futures=True)
    if not photos:
        photo, why = unfit[0]
        raise LessonError(f"None of the photos in this zip can be opened. {photo}: {why}", "Zip other photos.")
    return photos, unfit


def _put(making: Path, title: str, facts: dict[str, Any]) -> str:
    """Give the dataset its title and name, the first that are free, and put it where the catalog finds it."""
    slug = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", slug).strip("-")[:40].strip("-") or "photos"
    number = 1
    while True:
        more = f"-{number}" if number > 1 else ""
        folder = making.with_name(f"{catalog.OWN}{slug}{more}")
        if not folder.exists():
            said = f"{title} ({number})" if number > 1 else title
            write_bytes(making / catalog.OWN_FACTS, json.dumps({"title": said, **facts}, ensure_ascii=False).encode())
            try:
                os.rename(making, folder)
                return folder.name
            except OSError:
                if not folder.exists():
                    raise
        number += 1  # taken before, or by someone else between the two lines


def _title(title: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in title)
    return " ".join(plain.split())[:LONGEST_TITLE].strip() or "Own photos"


def _tidy(datasets: Path) -> None:
    for left in datasets.glob(".own-*-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > STALE:
                shutil.rmtree(left, ignore_errors=True)


@functools.lru_cache(maxsize=16)
def _left_out(path: str, stamp: int) -> list[tuple[str, str]]:
    return [(file, why) for file, why in json.loads(Path(path).read_text(encoding="utf-8"))]
