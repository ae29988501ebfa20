"""What a page was sent waits on the disk for the worker that reads it, shows how it would label it, and makes a dataset."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from lessonkit import config
from lessonkit.errors import LessonError, PatternError, PhotoError, StopAsked
from lessonkit.language import Text, decimal, from_parts, parts, tr, translatable
from lessonkit.photos import catalog, imported, sources, wishes
from lessonkit.photos.images import open_photo
from lessonkit.photos.imported import STALE
from lessonkit.photos.layouts.reading import Proposal, Reading, counted
from lessonkit.photos.progress import Report, quiet, throttled
from lessonkit.photos.sources import Files
from lessonkit.photos.wishes import AnswerNeeded, Wish
from lessonkit.storage import MIB, disk_problem, file_size, need_space

# Streamlit holds what is uploaded in memory until the form is sent, and a class uploads at the same time.
LARGEST_UPLOAD = 500 * MIB
LARGEST_TABLE = 20 * MIB
EACH = LARGEST_UPLOAD + 4 * LARGEST_TABLE  # one learner's: the largest zip, its table, some photos for a model to name
SAMPLES = 6  # photos of each breed that are shown before a dataset is made
MOST_SAMPLES = 300  # of all breeds and readings; with more breeds than 50, each gets fewer
SAMPLE_SECONDS = 30.0  # that the samples may take; those that are not decoded by then are not shown
SAMPLE_SIDE = 160  # pixels
LISTED = 500  # files that were left out, listed by name for each reading
log = logging.getLogger(__name__)
_NAME = re.compile(r"[0-9a-f]{32}\.zip")


def uploads_folder() -> Path:
    """Where uploads wait for the worker that reads them."""
    return config.home() / "uploads"


def samples_folder(upload: str) -> Path:
    """Where the small photos lie that are shown of an upload, files that are served like any thumbnail."""
    return config.cache_folder() / "thumbs" / f"upload-{upload.removesuffix('.zip')}"


def keep_upload(file: BinaryIO) -> str:
    """Put an uploaded zip where a worker finds it; returns the name to give to `read_upload` and `add_upload`.

    Raises:
        LessonError: it is larger than any zip that is taken, too many wait already, or the disk is full.
    """
    folder = uploads_folder()
    size = file.seek(0, os.SEEK_END)
    if size > LARGEST_UPLOAD:
        raise LessonError(
            tr(
                "This zip has {size} MB; the limit is {most} MB.",
                size=decimal(size / MIB),
                most=decimal(LARGEST_UPLOAD // MIB),
            ),
            tr("Zip fewer photos, or make them smaller first."),
        )
    file.seek(0)
    name = f"{uuid.uuid4().hex}.zip"
    _tidy()
    _need_room(folder, size)
    _put(file, folder / name, size)
    return name


def _need_room(folder: Path, size: int) -> None:
    """Raises LessonError where, with so many bytes more, more uploads would wait than `LESSONKIT_UPLOADS` says."""
    waiting, most = sum(file_size(path) for path in folder.glob("*")), config.uploads()
    if waiting + size > most:
        raise LessonError(
            tr(
                "Uploads that became no dataset yet take {size} of the {most} MB that there are for them.",
                size=decimal(waiting / MIB),
                most=decimal(most // MIB),
            ),
            tr("Make datasets of them, or put them away; then send this one again."),
        )


def keep_table(upload: str, file: BinaryIO) -> None:
    """Put an uploaded table beside the zip whose photos it labels.

    Raises:
        LessonError: it is too large, no table, or the disk is full.
    """
    size = file.seek(0, os.SEEK_END)
    if size > LARGEST_TABLE:
        raise LessonError(
            tr(
                "This table has {size} MB; the limit is {most} MB.",
                size=decimal(size / MIB),
                most=decimal(LARGEST_TABLE // MIB),
            ),
            tr("Keep only the columns with the photos' names and their breeds."),
        )
    file.seek(0)
    path = _table_path(upload)
    _put(file, path, size)
    try:
        sources.table_of(path)
    except LessonError:
        path.unlink(missing_ok=True)
        raise LessonError(
            tr("This is no table with a line for each photo."),
            tr("Choose a CSV file with two columns: the photo, its breed."),
        ) from None


def waits(upload: str) -> bool:
    """Whether what `keep_upload` put there is there still."""
    return bool(_NAME.fullmatch(upload)) and (uploads_folder() / upload).is_file()


def read_upload(upload: str, wish: Mapping[str, Any], report: Report = quiet) -> dict[str, Any]:
    """How what `keep_upload` put there may be labelled, for a page to show. The upload stays.

    Args:
        wish: fields of `wishes.Wish`; "table" is True for the one that `keep_table` put there.
        report: told ("samples", photos decoded, photos).

    Returns:
        {"question": "" where nothing has to be answered, "chosen": the number of the reading to take or None,
        "readings": [{"labels", "pattern", "said", "doubt", "breeds": {breed: photos}, "alike": [[spelling, …], …],
        "left_out": {reason: files}, "files": [[file, reason], …] the first LISTED, "samples": {breed: [file, …]}}, …],
        "left_out": {reason: files}, "halves": {"train": photos, …}, "notes": [sentence, …],
        "texts": {sentence: as `language.parts` writes it}, for those with values in them: see `with_values`}

    Raises:
        LessonError: as `wishes.read`; the upload is deleted then, but for a pattern or a table that does not fit.
    """
    path = _path(upload)
    with _kept_for_another(upload), sources.opened(path) as files:
        found = wishes.proposed(files, _wish(upload, wish))
        samples = _samples(files, found, samples_folder(upload), throttled(report))
    halves = {half: sum(1 for h in found.splits.values() if h == half) for half in ("train", "valid", "test")}
    shown = {
        "question": found.question,
        "chosen": found.readings.index(found.chosen) if found.chosen else None,
        "readings": [_shown(reading, samples) for reading in found.readings],
        "left_out": counted(found.left_out),
        "halves": {half: n for half, n in halves.items() if n},
        "notes": list(found.notes),
    }
    return {**shown, "texts": {str(text): parts(text) for text in _strings(shown) if isinstance(text, Text)}}


def with_values(found: Mapping[str, Any]) -> dict[str, Any]:
    """What `read_upload` returned, once it went through a job's file: its sentences with their values, for `language.again`.

    A sentence whose values were changed by hand stays as it was written, in English.
    """
    known: dict[str, str] = {}
    texts = found.get("texts")
    for sentence, held in texts.items() if isinstance(texts, dict) else ():
        try:
            known[sentence] = from_parts(held)
        except ValueError as problem:
            log.warning("What was read of an upload: %s", problem)

    def put_back(value: Any) -> Any:
        if isinstance(value, str):
            return known.get(value, value)
        if isinstance(value, dict):
            return {put_back(key): put_back(one) for key, one in value.items()}
        return [put_back(one) for one in value] if isinstance(value, list) else value

    return {key: put_back(value) for key, value in found.items() if key != "texts"}


def _strings(value: Any) -> Iterator[str]:
    """All strings in nested dicts and lists, the keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(key)
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def add_upload(
    upload: str, title: str, wish: Mapping[str, Any], maker: str = "", report: Report = quiet
) -> dict[str, Any]:
    """`imported.add` of what `keep_upload` put there; returns {"name", "photos", "left_out": files}.

    The upload is deleted, but for one whose photos cannot be labelled so, which may be in another way, and where that
    was stopped.
    """
    path = _path(upload)
    with _kept_for_another(upload):
        made = imported.add(path, title, report, _wish(upload, wish), maker)
    forget(upload)
    return {"name": made.name, "photos": catalog.resolve(made.name).description.photos, "left_out": len(made.left_out)}


def forget(upload: str) -> None:
    """Delete an upload, its table and its samples."""
    if _NAME.fullmatch(upload):
        (uploads_folder() / upload).unlink(missing_ok=True)
        _table_path(upload).unlink(missing_ok=True)
        shutil.rmtree(samples_folder(upload), ignore_errors=True)


@contextlib.contextmanager
def _kept_for_another(upload: str) -> Iterator[None]:
    try:
        yield
    except (PatternError, AnswerNeeded, StopAsked):
        raise
    except BaseException:
        forget(upload)
        raise


def _path(upload: str) -> Path:
    if not waits(upload):
        raise LessonError(tr("There is no such upload."), tr("Choose the zip again."))
    return uploads_folder() / upload


def _table_path(upload: str) -> Path:
    return uploads_folder() / f"{upload.removesuffix('.zip')}.csv"


def _wish(upload: str, wish: Mapping[str, Any]) -> Wish:
    given = {name: value for name, value in wish.items() if name != "table"}
    return Wish(**given, table=sources.table_of(_table_path(upload)) if wish.get("table") else None)


def _shown(reading: Reading, samples: Mapping[str, str]) -> dict[str, Any]:
    of_breed: dict[str, list[str]] = {breed: [] for breed in reading.breeds}
    for path, breed in reading.of.items():
        if path in samples and len(of_breed[breed]) < SAMPLES:
            of_breed[breed].append(samples[path])
    return {
        "labels": reading.labels, "pattern": reading.pattern, "said": reading.said, "doubt": reading.doubt,
        "breeds": reading.breeds, "alike": [list(group) for group in reading.alike], "left_out": counted(reading.left_out),
        "files": [[file, why] for file, why in sorted(reading.left_out.items())[:LISTED]], "samples": of_breed,
    }  # fmt: skip


def _samples(files: Files, found: Proposal, folder: Path, report: Report) -> dict[str, str]:
    """Six photos of each breed of each reading, small, as files in `folder`: path -> the file's name."""
    wanted: dict[str, None] = {}
    breeds = sum(len(reading.breeds) for reading in found.readings)
    each = min(SAMPLES, max(1, MOST_SAMPLES // max(1, breeds)))
    for reading in found.readings:
        of_breed: dict[str, list[str]] = {}
        for path, breed in reading.of.items():
            of_breed.setdefault(breed, []).append(path)
        for paths in of_breed.values():  # spread over the breed, not the first ones alone
            wanted |= dict.fromkeys(paths[:: max(1, len(paths) // each)][:each])
    folder.mkdir(parents=True, exist_ok=True)
    begun, made = time.monotonic(), {}
    for number, path in enumerate(list(wanted)[:MOST_SAMPLES]):
        if time.monotonic() - begun > SAMPLE_SECONDS:
            break
        # Named by the photo, so that a browser that keeps it shows the same photo when the zip is read in another way.
        name = f"{hashlib.sha256(path.encode()).hexdigest()[:16]}.webp"
        try:
            if not (folder / name).is_file():
                open_photo(files.read(path), max_side=SAMPLE_SIDE).save(folder / name, "WEBP", quality=75, method=2)
        except PhotoError:
            continue  # said by name when the dataset is made
        made[path] = name
        report("samples", number + 1, min(len(wanted), MOST_SAMPLES))
    return made


def _put(file: BinaryIO, path: Path, size: int) -> None:
    beside = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        need_space(path.parent, size, translatable("keep what was sent"))
        try:
            with beside.open("wb") as out:
                shutil.copyfileobj(file, out, MIB)
            os.replace(beside, path)
        finally:  # a page may be ended in the middle of the copy
            beside.unlink(missing_ok=True)
    except OSError as problem:
        raise disk_problem(problem, path.parent) from problem


def _tidy() -> None:
    """Delete what was sent a day ago and never became a dataset."""
    old = [*uploads_folder().glob("*"), *(config.cache_folder() / "thumbs").glob("upload-*")]
    for path in old:
        with contextlib.suppress(FileNotFoundError):  # another upload tidies up too
            if time.time() - path.stat().st_mtime > STALE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
