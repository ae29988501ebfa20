"""Which code this process runs, and whether the files on disk are still those that it began with."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

import lessonkit
from lessonkit.errors import UpdatedError
from lessonkit.language import tr

PACKAGE = Path(lessonkit.__file__).resolve().parent
LOOK_SECONDS = 2.0


class Code:
    """Files of code, as they are when this is made: made when a module is imported, as they were imported.

    Args:
        files: lists the files; called again at each look, since an update brings new ones.
    """

    def __init__(self, files: Callable[[], Iterable[Path]]):
        self._files = files
        self._lock = threading.Lock()
        self._stamps = self._stamp()
        self.fingerprint = self._now = self._read()
        self._looked = time.monotonic()

    def changed(self, at_most_every: float | None = None) -> bool:
        """Whether their content is not what it was; looked at again after so many seconds, LOOK_SECONDS unless given."""
        pause = LOOK_SECONDS if at_most_every is None else at_most_every
        with self._lock:
            if time.monotonic() - self._looked >= pause:
                self._looked = time.monotonic()
                if (stamps := self._stamp()) != self._stamps:
                    self._stamps, self._now = stamps, self._read()
            return self._now != self.fingerprint

    def files(self) -> list[Path]:
        """They as they are now."""
        return list(self._files())

    def _stamp(self) -> dict[Path, tuple[int, int]]:
        stamps = {}
        for file in self._files():
            try:
                stat = file.stat()
            except OSError:
                continue  # replaced at this moment; the next look sees what it has become
            stamps[file] = (stat.st_mtime_ns, stat.st_size)
        return stamps

    def _read(self) -> str:
        digest = hashlib.sha256()
        for file in sorted(self._files()):
            try:
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
            except OSError:
                continue
        return digest.hexdigest()[:12]


def lesson() -> Code:
    """All of the lesson's code, as it is now."""
    return Code(lambda: PACKAGE.rglob("*.py"))


def updated() -> UpdatedError:
    """What is said where the files are not those that a process began with."""
    return UpdatedError(
        tr("The lesson was updated while it was open."),
        tr("Stop it and start it again, then reload this page: nothing that was trained or queued is lost."),
    )


def _without_pages() -> list[Path]:
    return [file for file in PACKAGE.rglob("*.py") if "ui" not in file.relative_to(PACKAGE).parts]


RUNS = Code(_without_pages)  # what an engine and those who ask it must have in common
VERSION = f"{lessonkit.__version__}+{RUNS.fingerprint}"


def here() -> dict[str, str]:
    """The versions that app, scheduler and workers of a cluster must have in common, by name, as this process has them."""
    return {
        "lessonkit": VERSION,
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "distributed": metadata.version("distributed"),
    }


def differences(theirs: dict[str, str]) -> str:
    """What another process has otherwise than this one, of what `here` says there; "" where nothing is."""
    return "; ".join(
        f"{name} {theirs.get(name, 'unknown')} there, {mine} here"
        for name, mine in here().items()
        if theirs.get(name) != mine
    )
