"""What is taken home, as files in the lesson's home: made once by the engine, served from there, cleared away again.

A file is named by the run, the kind and all that its content depends on: what was done since is seen, and made again.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import time
import uuid
import zipfile
from pathlib import Path

import lessonkit
from lessonkit import config, language, runs
from lessonkit.errors import LessonError
from lessonkit.language import tr, translatable
from lessonkit.photos import catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.progress import Report, quiet, throttled
from lessonkit.runs import Run, Snapshot
from lessonkit.storage import disk_problem, need_space, write_bytes
from lessonkit.takehome import export, lineage
from lessonkit.takehome.lineage import Quiz
from lessonkit.takehome.notebook import cells

PHOTOS = "photos"
ENDINGS = {
    "notebook": "ipynb", "html": "html", "safetensors": "safetensors", "learner": "pkl", "onnx": "onnx", "app": "zip",
    PHOTOS: "zip",
    "predictions_csv": "csv", "predictions_parquet": "parquet", "runs_csv": "csv", "runs_parquet": "parquet",
}  # fmt: skip
OF_DATASET = (PHOTOS, "runs_csv", "runs_parquet")  # the same for all of a dataset's runs
TELLING = ("notebook", "html")  # these tell of all runs from the same beginning
KEPT, PAGE_KEPT = 24 * 3600, 3600  # seconds after which a file is cleared away; who asks later has it made again
_NAME = re.compile(r"(?P<kind>[a-z_]+)-(?P<of>[a-z0-9-]+)-(?P<key>[0-9a-f]{12})(?:-(?P<speaks>[a-z0-9]+))?\.[a-z0-9]+")


def folder() -> Path:
    return config.home() / "takehome"


def path(run_id: str, kind: str, quiz: Quiz | None = None, known: Snapshot | None = None) -> Path:
    """Where the file lies, or would lie, in the language of now. Cheap: a page asks at each rerun.

    Args:
        kind: one of ENDINGS.
        quiz: the learner's own guesses, for the page.
        known: all runs as they are, where a page has looked already.

    Raises:
        LessonError: there is no such kind, or the run has no model.
    """
    known = known or runs.snapshot()
    if kind not in ENDINGS:
        export.check(kind)
    run = lineage.finished(run_id, known)
    spec = run.spec()
    of = spec.dataset if kind in OF_DATASET else run_id
    hangs_on: list[object] = [lessonkit.__version__, kind, of, lineage.photos_here(spec)]
    if kind == PHOTOS:
        hangs_on.append(spec.fingerprint)
    elif kind in OF_DATASET:
        hangs_on += lineage.states(spec.dataset, known)
    else:
        hangs_on.append(run.weights_hash())
    speaks = language.current() if kind in export.SPEAKING else ""
    if speaks:
        hangs_on += [speaks, *_own_texts(speaks)]
    if kind in TELLING:
        hangs_on += lineage.traces(run, known)
    if kind == "html":
        hangs_on.append(quiz)
    key = hashlib.sha256(json.dumps(hangs_on).encode()).hexdigest()[:12]
    tag = "" if speaks in ("", language.ENGLISH) else "-" + re.sub(r"[^a-z0-9]", "", speaks.lower())
    return folder() / f"{kind}-{of}-{key}{tag}.{ENDINGS[kind]}"


def make(run_id: str, kind: str, quiz: Quiz | None = None, report: Report = quiet) -> str:
    """Make the file, unless it is there; returns its name in `folder()`. What has become old is cleared away.

    Args:
        report: told as by `export.take_home`, and ("zipping", bytes, bytes) of the photos. What it raises ends the work.

    Raises:
        LessonError: as `bundle.take_home`; the photos are not on this machine; the disk is full.
    """
    wanted = path(run_id, kind, quiz)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        _tidy(wanted)
        if not wanted.is_file():
            if kind == PHOTOS:
                _zip_photos(catalog.resolve(Run(run_id).spec().dataset), wanted, report)
            else:
                write_bytes(wanted, export.take_home(run_id, kind, quiz, report))
    except OSError as problem:
        raise disk_problem(problem, folder()) from problem
    return wanted.name


def _own_texts(of: str) -> list[object]:
    """What LESSONKIT_TEXTS has in a language: a sentence that was changed there makes another file."""
    place = config.texts()
    found = sorted((place / of).glob("*.po")) if place else []
    try:
        return [_digest(file, (facts := file.stat()).st_size, facts.st_mtime_ns) for file in found]
    except OSError:  # not to be read, and then its texts are left out
        return []


@functools.lru_cache(maxsize=64)
def _digest(file: Path, *_state: float) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def find(name: str) -> Path | None:
    """The file of that name, which may come from a URL; None where there is none."""
    found = folder() / name
    return found if _NAME.fullmatch(name) and found.is_file() else None


def download_name(name: str) -> str:
    """What a file is called on the learner's own machine."""
    found = _NAME.fullmatch(name)
    if found is None:
        return name
    ending = name.rpartition(".")[2]
    if found["kind"] == PHOTOS:  # the notebook looks for it by this name
        return f"{cells.photos_folder_name(found['of'])}.{ending}"
    if found["kind"].endswith(f"_{ending}"):
        return f"{found['kind'].removesuffix(f'_{ending}')}-{found['of']}.{ending}"
    return f"whats-your-pet-{found['of']}.{ending}"


def photos_wanted(dataset: Dataset) -> bool:
    """Whether the notebook needs this machine's photos elsewhere: they are here, and fastai cannot fetch them."""
    return dataset.present and not cells.downloadable(dataset)


def _zip_photos(dataset: Dataset, wanted: Path, report: Report) -> None:
    """All photos of a dataset in a zip, in one folder, written as they are: photos do not compress."""
    if not dataset.present:
        raise LessonError(
            tr("These photos are not on this machine any more."), tr("Get them on the page “Get the data”.")
        )
    need_space(folder(), dataset.photos.bytes, translatable("put the photos into a zip"))
    top, inside = dataset.photos_folder, cells.photos_folder_name(dataset.name)
    beside, report = wanted.with_name(f".{wanted.name}.{uuid.uuid4().hex[:8]}"), throttled(report)
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
            for photo in dataset.names:
                report("zipping", archive.fp.tell() if archive.fp else 0, dataset.photos.bytes)
                archive.write(top / photo, f"{inside}/{photo}")
        os.replace(beside, wanted)
    finally:
        beside.unlink(missing_ok=True)


def _tidy(wanted: Path) -> None:
    """Clear away what an older state of the same thing left, and what is old."""
    this = _NAME.fullmatch(wanted.name)
    for left in folder().iterdir():
        other = _NAME.fullmatch(left.name)
        same = other and this and left != wanted and _of(other) == _of(this)
        # Of a page there may be several at once: each learner's holds that learner's guesses.
        kept = KEPT if not same else PAGE_KEPT if other["kind"] == "html" else 0
        try:
            if time.time() - left.stat().st_mtime > kept:
                left.unlink()
        except OSError:  # somebody took it away first, or, on Windows, is downloading it
            continue


def _of(name: re.Match[str]) -> tuple[str, ...]:
    """What a file is, whatever was done since: kind, run or dataset, language."""
    return name["kind"], name["of"], name["speaks"] or language.ENGLISH
