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
    for made in ("photos", "activations"):
        delete(path for path in _folders(config.cache_folder() / made) if path.name[:PART] not in kept)


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


def delete(folders: Iterable[Path]) -> None:
    """Delete folders, each at once: nobody finds half of one. One that is in use stays."""
    for folder in folders:
        gone = folder.with_name(f".{folder.name}.gone-{uuid.uuid4().hex[:8]}")
        try:
            os.rename(folder, gone)
        except FileNotFoundError:
            continue
        except OSError as problem:
            log.warning("%s cannot be deleted now: %s", folder, problem)
            continue
        shutil.rmtree(gone, ignore_errors=True)


def _folders(top: Path) -> list[Path]:
    """The folders that were made here, and what a deletion that was cut short left, which is deleted at once."""
    with contextlib.suppress(FileNotFoundError):
        entries = list(os.scandir(top))
        for entry in entries:
            if entry.name.startswith(".") and ".gone-" in entry.name:
                shutil.rmtree(entry.path, ignore_errors=True)
        return [Path(entry.path) for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    return []
