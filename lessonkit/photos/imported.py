"""Somebody's own photos, a zip or a folder of them, become a dataset like the lesson's.

They are read first (`photos.layouts`), and only made a dataset where it is plain how they are labelled, or where that was
said. Such a dataset is a folder `datasets/own-<title>/`: `photos/`, each as it was but for the place, time and
camera written into it; `dataset.json` (`catalog.OwnFacts`); `left_out.json`; `reading.json` (how they were
labelled, which half each came in); and what every dataset has (`manifest.seal`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
import unicodedata
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from lessonkit import config
from lessonkit.errors import LessonError, PatternError, PhotoError, PhotoNotReadError
from lessonkit.json_files import in_parts
from lessonkit.language import again, decimal, parts, tr, translatable, trn
from lessonkit.machine import cores
from lessonkit.photos import catalog, labels, manifest, sources, wishes
from lessonkit.photos.apart import processor_seconds
from lessonkit.photos.budget import Budget
from lessonkit.photos.images import open_photo
from lessonkit.photos.layouts.reading import SINGLE, Proposal, Reading
from lessonkit.photos.metadata import without_metadata
from lessonkit.photos.own_photos import LEFT_OUT, READING
from lessonkit.photos.plan import Plan, plan
from lessonkit.photos.progress import Report, quiet, throttled
from lessonkit.photos.sources import Files
from lessonkit.photos.wishes import AS_IT_SHOWS, AnswerNeeded, Wish
from lessonkit.storage import disk_problem, need_space, write_bytes, write_json

LONGEST_TITLE = 60  # characters
STALE = 24 * 3600  # seconds after which what a killed process left is tidied up


@dataclass(frozen=True)
class Made:
    """A dataset that was made.

    Attributes:
        name: of the dataset.
        reading: how it is labelled, of the photos that were kept.
        left_out: file -> why.
        notes: what else there is to know.
    """

    name: str
    reading: Reading
    left_out: Mapping[str, str]
    notes: tuple[str, ...]


def add(
    source: Path | BinaryIO, title: str = "", report: Report = quiet, wish: Wish = AS_IT_SHOWS, maker: str = ""
) -> Made:
    """Make a dataset of a zip or a folder of photos; its name is `own-` and the title in plain letters.

    Photos are taken as they are, without the place, time and camera written into them. Left out and said: what cannot be opened or is no photo, a photo that is there twice
    (it would be both learned and tested with), one that is the only one of its breed, and what the reading leaves out.

    Args:
        source: the path of a zip or of a folder, or a zip open for reading that can seek.
        title: for the learner, of LONGEST_TITLE characters at the most; "" for the source's own name, which is cut.
        report: told ("unpack", photos' bytes, bytes), then ("check", photos, photos).
        wish: how they are labelled.
        maker: in a class, the key of the learner who gave them; "" for somebody alone.

    Raises:
        AnswerNeeded: more than one way to label them may be meant, or none is plain. Nothing is made.
        LessonError: this is no zip, a hostile one, or nothing can be trained on its photos; all of that which names
            and sizes tell is said before anything is unpacked. No dataset is left then.
        PatternError: the pattern is none.
    """
    check_title(title)
    check_number()
    with sources.opened(source) as files:
        found = wishes.proposed(files, wish)
        if found.chosen is None:
            if wish.labels != "auto" or wish.pattern or wish.table is not None:
                raise wishes.not_so(files, wish)
            raise AnswerNeeded(found)
        return _make(files, found.chosen, found, _title(title or files.name), report, maker)


def check_title(title: str) -> None:
    """Raises LessonError where a title is longer than one that is shown in lists can be."""
    if len(title) > LONGEST_TITLE:
        raise LessonError(
            tr("This title is {characters} characters long.", characters=decimal(len(title))),
            tr("Use up to {characters}.", characters=LONGEST_TITLE),
        )


def check_number() -> None:
    """Raises LessonError where there are as many datasets of people's own as may be."""
    most = config.own_datasets()
    if len(catalog.own_datasets()) >= most:
        raise LessonError(
            tr("There are {most} datasets of people's own photos here already.", most=decimal(most)),
            tr("Delete one of them first."),
        )


def add_zip(source: Path | BinaryIO, title: str, report: Report = quiet, pattern: str = "") -> str:
    """`add` of a zip, labelled as it shows or by a pattern; returns the dataset's name."""
    return add(source, title, report, Wish(pattern=pattern)).name


def _make(files: Files, reading: Reading, proposal: Proposal, title: str, report: Report, maker: str) -> Made:
    laid = plan(reading)
    datasets = config.datasets_folder()
    making = datasets / f".own-making-{uuid.uuid4().hex[:8]}"
    sizes = {member.path: member.size for member in files.members}
    try:
        datasets.mkdir(parents=True, exist_ok=True)
        _tidy(datasets)
        need_space(datasets, sum(sizes[path] for path in laid.files.values()), translatable("unpack"))
        photos, unfit = _take(files, laid, sizes, making / "photos", throttled(report))
        found, single = _trainable(photos, laid, unfit)
        for photo in single:
            (making / "photos" / photo).unlink()
        lost = {laid.files[photo]: why for photo, why in (unfit | single).items()}
        left_out = {**reading.left_out, **lost}
        facts = {
            "about": parts(
                tr("Your own photos, {breeds} breeds, labelled {how}.", breeds=len(found.breeds), how=again(reading.said))
            ),
            "photos": sum(found.counts.values()) + len(found.unmatched), "breeds": len(found.breeds),
            "labelled_by": laid.labelled_by, "pattern": laid.pattern, "licence": translatable("Your own photos."),
        }  # fmt: skip
        write_json(making / LEFT_OUT, in_parts(sorted(left_out.items())))
        splits = {photo: proposal.splits[path] for photo, path in laid.files.items() if path in proposal.splits}
        kept = {photo: split for photo, split in sorted(splits.items()) if photo in found.of}
        write_json(
            making / READING,
            {
                "labels": reading.labels,
                "pattern": reading.pattern,
                "said": reading.said,
                "splits": kept,
                "maker": maker,
            },
        )
        manifest.seal(making, manifest.find_photos(making / "photos"), "photos", report)
        name = _put(making, title, facts)
    except OSError as problem:
        raise disk_problem(problem, datasets) from problem
    finally:
        shutil.rmtree(making, ignore_errors=True)
    of = {laid.files[photo]: breed for photo, breed in found.of.items()}
    return Made(name, replace(reading, of=of, left_out=left_out), left_out, tuple(proposal.notes))


def _trainable(photos: list[str], laid: Plan, unfit: Mapping[str, str]) -> tuple[labels.Labels, dict[str, str]]:
    """The labels of the photos that can be trained on, and those that are the only one of their breed now.

    Raises:
        PatternError: fewer than two breeds have two photos that open.
    """
    found = labels.label(photos, laid.pattern, laid.labelled_by)
    single = {photo: SINGLE for photo, breed in found.of.items() if found.counts[breed] == 1}
    kept = labels.label([photo for photo in photos if photo not in single], laid.pattern, laid.labelled_by)
    if len(kept.breeds) > 1:
        return kept, single
    file, why = next(iter(unfit.items()))
    usable = (
        tr("Of those that can be used, all photos are of one breed, “{breed}”.", breed=kept.breeds[0])
        if kept.breeds
        else tr("Of those that can be used, no two photos are of the same breed.")
    )
    raise PatternError(
        trn(
            "{usable} {n} of the files could not be, for instance “{file}”: {why}",
            "{usable} {n} of the files could not be, for instance “{file}”: {why}",
            len(unfit),
            usable=usable,
            file=file,
            why=why,
        ),
        tr("Put at least two photos of each breed there that can be opened."),
    )


def _take(
    files: Files, laid: Plan, sizes: Mapping[str, int], top: Path, report: Report
) -> tuple[list[str], dict[str, str]]:
    """Write every photo that opens below `top`, without place and camera data; returns (photos, left out).

    Two photos of the same bytes are one.
    """

    total = sum(sizes[path] for path in laid.files.values())
    budget = Budget(len(laid.files), total)

    def take(photo: str) -> tuple[str, str]:
        """(the photo's digest, "") or ("", why it is left out)."""
        try:
            data = files.read(laid.files[photo])
            begun = processor_seconds()
            try:
                open_photo(data, enough=64)  # decoded whole, though small: a photo that is cut off is found out
            finally:
                budget.spend(laid.files[photo], processor_seconds() - begun)
            data = without_metadata(data)
        except PhotoNotReadError as problem:  # what is left out is left out for ever
            raise LessonError(
                tr("“{file}”: {why}", file=laid.files[photo], why=problem.sentence), problem.way_out
            ) from problem
        except PhotoError as problem:
            return "", problem.sentence
        (top / photo).parent.mkdir(parents=True, exist_ok=True)
        (top / photo).write_bytes(data)
        return hashlib.sha256(data).hexdigest(), ""

    photos: list[str] = []
    unfit: dict[str, str] = {}
    first: dict[str, str] = {}
    done = 0
    report("unpack", 0, total)
    pool = ThreadPoolExecutor(min(4, cores()))
    try:
        for photo, (digest, why) in zip(laid.files, pool.map(take, laid.files), strict=True):
            if digest in first:
                why = tr("It is the same photo as “{file}”.", file=laid.files[first[digest]])
                (top / photo).unlink()
            if why:
                unfit[photo] = why
            else:
                first[digest] = photo
                photos.append(photo)
            done += sizes[laid.files[photo]]
            report("unpack", done, total)
    finally:
        pool.shutdown(cancel_futures=True)
    if not photos:
        photo, why = next(iter(unfit.items()))
        raise LessonError(
            tr("None of the photos can be opened. {file}: {why}", file=laid.files[photo], why=why),
            tr("Give other photos."),
        )
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
