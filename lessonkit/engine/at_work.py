"""Which worker is at work on which run or job: a file for each, touched every few seconds while that worker lives.

The worker writes it itself, so that an engine which did not hand out what runs, as after its own restart beside workers
on other machines, knows which of them are busy, and which have died.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from lessonkit import config
from lessonkit.errors import DamagedFileError
from lessonkit.json_files import read_json
from lessonkit.storage import write_json

BEAT_SECONDS = 5.0
STALE_SECONDS = 60.0  # a worker on another machine that sent nothing for so long is lost
STEP_SECONDS = 5.0  # longer than this between two looks, the looking machine was asleep

log = logging.getLogger("lessonkit.engine")


@dataclass(frozen=True)
class Work:
    """That a worker is at work on something.

    Attributes:
        key: the run's id, or the job's `kind-key`.
        worker: the worker's address; "" for what no Dask worker does.
        host, pid, born: its machine, its process there, and when that was created, seconds since 1970.
        token: of this piece of work alone; another try has another.
    """

    key: str
    worker: str
    host: str
    pid: int
    born: float
    token: str

    def held(self) -> bool:
        """Whether it is still this worker's: an engine that took it for dead gave it to nobody or to another."""
        found = read(path_of(self.key))
        return found is not None and found.token == self.token


def folder() -> Path:
    return config.home() / "at_work"


def path_of(key: str) -> Path:
    return folder() / f"{re.sub(r'[^A-Za-z0-9._-]', '_', key)}.json"


@contextmanager
def on(key: str) -> Iterator[Work]:
    """While inside, this process is at work on the run or job of that key."""
    me = psutil.Process()
    work = Work(key, _address(), socket.gethostname(), me.pid, me.create_time(), uuid.uuid4().hex)
    folder().mkdir(parents=True, exist_ok=True)
    write_json(path_of(key), asdict(work))
    over = threading.Event()
    beat = threading.Thread(target=_beat, args=(work, over), name=f"at work on {key}", daemon=True)
    beat.start()
    try:
        yield work
    finally:
        over.set()
        beat.join()
        remove(work)


def read(path: Path) -> Work | None:
    """What this file says; None where it is gone or cannot be read."""
    try:
        return read_json(path, Work)
    except (OSError, DamagedFileError):
        return None


def remove(work: Work) -> None:
    """Say that this work is over, unless another worker has it."""
    if work.held():
        forget(work.key)


def forget(key: str) -> None:
    """Nobody is at work on this any more. A worker that is, after all, ends its work when it notices (`Work.held`)."""
    path_of(key).unlink(missing_ok=True)


def tidy(living: Collection[str]) -> None:
    """Delete what is left of workers that died; `living`: the keys of what others are at work on."""
    for path in folder().glob("[!.]*.json"):
        work = read(path)
        if work is None or work.key not in living:
            path.unlink(missing_ok=True)


def leave() -> None:
    """Say that processes of this machine that have ended are at work on nothing more: an engine elsewhere cannot see that,
    and waits STALE_SECONDS for a sign of life."""
    here = socket.gethostname()
    for path in folder().glob("[!.]*.json"):
        work = read(path)
        if work and work.host == here and not _lives(work, 0.0):
            remove(work)


class TakenAway(BaseException):
    """This worker was taken for dead, and its work was ended or given to another.

    No `Exception`: nothing on its way may take it for a failure of the training.
    """


class Judge:
    """Tells the living from the dead, among all that are at work on something.

    A process of this machine is asked after. One elsewhere lives as long as it touches its file: how long it did not is
    counted by this machine's looks, so that neither another clock nor a sleep of this machine counts.
    """

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[int, float]] = {}  # when its file was touched last; for how long it was not since
        self._looked = time.monotonic()

    def living(self) -> dict[str, Work]:
        """By key, the work whose worker lives."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, STEP_SECONDS), now
        seen, found = {}, {}
        for path in folder().glob("[!.]*.json"):
            try:
                touched = path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
            before, quiet = self._seen.get(path, (touched, 0.0))
            seen[path] = touched, quiet + passed if touched == before else 0.0
            work = read(path)
            if work and _lives(work, seen[path][1]):
                found[work.key] = work
        self._seen = seen
        return found


def _lives(work: Work, quiet: float) -> bool:
    if work.host != socket.gethostname():
        return quiet < STALE_SECONDS
    try:
        process = psutil.Process(work.pid)
        return abs(process.create_time() - work.born) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _beat(work: Work, over: threading.Event) -> None:
    while not over.wait(BEAT_SECONDS):
        try:
            os.utime(path_of(work.key))
        except FileNotFoundError:
            return
        except OSError as problem:
            log.warning("%s: that it is worked on cannot be written down: %s", work.key, problem)


def in_a_worker() -> bool:
    """Whether this is a worker's process, which is started again when it ends."""
    return bool(_address())


def _address() -> str:
    from distributed import get_worker

    try:
        return get_worker().address
    except ValueError:
        return ""
