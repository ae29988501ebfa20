"""What was made of photos (decoded pixels, activations, small photos) and is needed no more, deleted."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path

from lessonkit import config, jobs, runs

log = logging.getLogger(__name__)
PART = 16  # digits of a fingerprint that the names of activations and of small photos hold


def delete_made(here: Collection[str]) -> None:
    """Delete what was made of photos that no dataset has any more, unless a run or job needs it that is under way.

    What stays for a run goes the next time that this is called after it ended.

    Args:
        here: the fingerprints of all datasets on this machine.
    """
    needed = fingerprints_in_use()
    if "" in needed:
        return  # somebody works on photos whose fingerprint is not known
    kept = {fingerprint[:PART] for fingerprint in (*here, *needed)}
    for made in ("photos", "activations", "copies"):
        delete(path for path in _entries(config.cache_folder() / made) if path.name[:PART] not in kept)


def delete_small_photos(dataset: str, fingerprint: str) -> None:
    """Delete the small photos that were made of a dataset when it had this fingerprint: only pages show them."""
    delete([config.cache_folder() / "thumbs" / f"{dataset}-{fingerprint[:PART]}"])


def fingerprints_in_use() -> set[str]:
    """The fingerprints of the photos that queued and running runs and jobs work on; "" among them for one not known."""
    found, specs = {spec.fingerprint for spec in runs.under_way().values()}, runs.specs()
    for job in jobs.all_jobs():
        for argument in () if job.ended else job.args:
            if isinstance(argument, dict) and isinstance(argument.get("fingerprint"), str):
                found.add(argument["fingerprint"])
            elif isinstance(argument, str) and argument in specs:
                found.add(specs[argument].fingerprint)
    return found


def delete(paths: Iterable[Path]) -> None:
    """Delete folders and files, each at once: nobody finds half of one. One that is in use stays."""
    for path in paths:
        gone = path.with_name(f".{path.name}.gone-{uuid.uuid4().hex[:8]}")
        try:
            os.rename(path, gone)
        except FileNotFoundError:
            continue
        except OSError as problem:
            log.warning("%s cannot be deleted now: %s", path, problem)
            continue
        _remove(gone)


def _entries(top: Path) -> list[Path]:
    """What was made here; what a deletion left that was cut short is deleted at once."""
    with contextlib.suppress(FileNotFoundError):
        paths = [top / entry.name for entry in os.scandir(top)]
        for path in paths:
            if path.name.startswith(".") and ".gone-" in path.name:
                _remove(path)
        return [path for path in paths if not path.name.startswith(".")]
    return []


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
