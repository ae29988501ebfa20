"""Where the engine of this home can be reached: `engine.json`, written once it serves, removed when it ends."""

from __future__ import annotations

import dataclasses
import os
import socket
import ssl
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lessonkit import config
from lessonkit.engine import certificate
from lessonkit.errors import DamagedFileError, EngineError
from lessonkit.json_files import read_json
from lessonkit.language import tr
from lessonkit.storage import write_json


@dataclass(frozen=True)
class Record:
    """An engine that serves this home.

    Attributes:
        address: of its Dask scheduler.
        pid, host: its process, and the machine that it runs on.
        version: of the code that it runs (`version.VERSION`).
        started: seconds since 1970.
        scheduler: the scheduler's own id, so that another one on a reused port is not taken for it.
        own: whether its workers are its own, rather than those of LESSONKIT_SCHEDULER.
        code: the folder of the package that it runs; "" from a version that did not say so.
        leaving: whether it was asked to take nothing more, and to end once it has finished what it has.
    """

    address: str
    pid: int
    host: str
    version: str
    started: float
    scheduler: str
    own: bool
    code: str = ""
    leaving: bool = field(default=False, compare=False)


def path() -> Path:
    return config.home() / "engine.json"


def log_path() -> Path:
    return config.home() / "engine.log"


def read() -> Record | None:
    """The engine that says it serves this home; None where none does, or its word cannot be read."""
    try:
        return read_json(path(), Record)
    except (OSError, DamagedFileError):
        return None


def write(record: Record) -> None:
    write_json(path(), asdict(record), private=True)


def remove(record: Record) -> None:
    """Remove this engine's word, unless another engine wrote its own since."""
    if read() == record:
        path().unlink(missing_ok=True)


def ask_to_leave(record: Record) -> None:
    """Have an engine take nothing more, finish what it has and end, unless it ended since."""
    if read() == record:
        write(dataclasses.replace(record, leaving=True))


def alive(record: Record | None) -> bool:
    """Whether its process still runs, as far as can be seen from here; one on another machine is trusted."""
    if record is None:
        return False
    if record.host != socket.gethostname():
        return True
    import psutil

    if record.pid == os.getpid() or not psutil.pid_exists(record.pid):
        return False  # our own number, read from a file: it was another process's, before a restart
    try:
        process = psutil.Process(record.pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= record.started + 60
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def listens(address: str, shown: ssl.SSLContext | None = None, seconds: float = 5.0) -> bool:
    """Whether anything listens there: found out at once, where Dask would try for as long as it may.

    Args:
        shown: for an engine of this home its certificate, by which the two know each other.
        seconds: that it may take.
    """
    host, _, port = address.rpartition("/")[2].rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as reached:
            if shown is not None:
                shown.wrap_socket(reached).close()
    except (OSError, ValueError):  # an SSLError is an OSError
        return False
    return True


def check_start() -> None:
    """See that an engine can start with the settings.

    Raises:
        LessonError: a setting cannot be used, or nothing answers where LESSONKIT_SCHEDULER points.
    """
    config.check_engine()
    elsewhere = config.scheduler()
    if elsewhere:
        certificate.check_elsewhere(elsewhere)
        if not listens(elsewhere):
            raise EngineError(
                tr("No Dask scheduler answers at {address}, the address in LESSONKIT_SCHEDULER.", address=elsewhere),
                tr("Start the scheduler, correct the address, or unset LESSONKIT_SCHEDULER."),
            )


def split(workers: dict[str, str]) -> tuple[list[str], list[str]]:
    """Addresses of the training workers and of the preview workers, of all workers' names by address.

    Training workers are those named "train…", in a cluster that names none all but those named "preview…", of
    which the engine brings one.
    """
    previewing = [a for a, name in workers.items() if name.startswith("preview")]
    training = [a for a, name in workers.items() if name.startswith("train")]
    return sorted(training or set(workers) - set(previewing)), sorted(previewing)
