"""The engine that serves this home: found, started where there is none, or asked to leave where it is an older version.

Two versions of the lesson meet when its files are updated while an app is open, or where two installations have one
home. Neither ends what the other does: an earlier engine finishes what it has, and what is queued waits for the next.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lessonkit import config, jobs, runs, version
from lessonkit.engine import asking, certificate, record
from lessonkit.errors import EngineError, LeavingError
from lessonkit.language import tr
from lessonkit.storage import locked

if TYPE_CHECKING:
    from distributed import Client
    from distributed.security import Security

START_SECONDS = 60.0
LEAVE_SECONDS = 20.0  # an engine that has nothing to finish is gone by then
LOG_BYTES = 5 * 2**20


def answering() -> tuple[record.Record, Client] | None:
    """The engine that answers, and a client of it; None where none answers.

    Raises:
        UpdatedError: it is of a newer version than this process.
        LeavingError: it is of an older version, and has something to finish.
        EngineError: another installation of the lesson uses it.
    """
    known = record.read()
    if known is None or not record.alive(known) or not listens(known):
        return None  # the number may be another process's by now
    if known.version != version.VERSION:
        _settle(known)
        return None
    if known.leaving:
        raise _leaving()
    client = _connect(known)
    return (known, client) if client else None


def start(deadline: float, before: record.Record | None) -> bool:
    """Start an engine and wait until one serves. True if it is the one started here, False if another was quicker.

    Processes that ask at once start one: the others wait for it.

    Args:
        before: the record as it was before `answering` found none that answers.

    Raises:
        LessonError: it cannot be started; why.
    """
    if version.RUNS.changed(at_most_every=0):
        raise version.updated()  # it would start from the files as they are now, and not know this process's version
    record.check_start()  # what no engine can start with is said here, not in its log

    def look() -> None:
        if _began_to_serve(before):
            raise _Served
        if time.monotonic() > deadline:
            raise _too_late()

    _make_home()
    try:
        with locked(config.home() / "engine-start.lock", look):
            return False if _began_to_serve(before) else _started(before, deadline)
    except _Served:
        return False
    except OSError as error:  # of the lock's file
        raise _home_problem(error) from None


class _Served(Exception):
    """Another process started an engine, and it serves."""


def _began_to_serve(before: record.Record | None) -> bool:
    """Whether an engine other than the one that was known before says that it serves."""
    known = record.read()
    return known != before and record.alive(known)


def _started(before: record.Record | None, deadline: float) -> bool:
    """Start an engine's process and wait until one serves, as `start`."""
    process = spawn()
    while time.monotonic() < deadline:
        known, code = record.read(), process.poll()
        if known is not None and known != before and record.alive(known):
            return known.pid == process.pid
        if code not in (None, 0):
            raise EngineError(tr("The engine ended as it started (code {code}).", code=str(code)), look_at_log())
        if code == 0:
            return False  # another engine serves the home, or did until now: ask again
        time.sleep(0.05)
    raise _too_late()


def _too_late() -> EngineError:
    return EngineError(tr("The engine did not start within {seconds} s.", seconds=round(START_SECONDS)), look_at_log())


def _settle(known: record.Record) -> None:
    """What is done about an engine of another version; returns once it has ended."""
    if version.RUNS.changed(at_most_every=0):
        raise version.updated()
    busy = _busy()
    if known.code and known.code != str(version.PACKAGE):
        if busy or _in_use(known):
            raise EngineError(
                tr(
                    "Another installation of the lesson, in {place}, is using {home}.",
                    place=str(Path(known.code).parent),
                    home=str(config.home()),
                ),
                tr("Close that one first, or set LESSONKIT_HOME to another folder for this one."),
            )
    elif busy and not known.code:
        raise _leaving()  # so old that it would end at once, in the middle of a run, if it were asked
    record.ask_to_leave(known)
    deadline = time.monotonic() + LEAVE_SECONDS
    while record.read() == known and record.alive(known):
        if busy or time.monotonic() > deadline:
            raise _leaving()
        time.sleep(0.05)


def _busy() -> bool:
    """Whether anything runs, as far as the files say; what waits goes on with the next engine."""
    return any(status.state == runs.RUNNING for status in runs.statuses().values()) or any(
        job.state == jobs.RUNNING for job in jobs.all_jobs()
    )


def _in_use(known: record.Record) -> bool:
    """Whether anybody is connected to an engine of another installation; taken for granted where it does not say."""
    client = _connect(known)
    if client is None:
        return True
    try:
        return asking.other_clients(client) > 0
    except asking.NoAnswer:
        return True
    finally:
        client.close(timeout=5)


def _leaving() -> LeavingError:
    return LeavingError(
        tr("The lesson was updated, and the engine from before the update is still busy."),
        tr("Wait until what it trains or downloads has ended, or stop that: the new version goes on with the rest."),
    )


def _connect(known: record.Record) -> Client | None:
    """A client of this engine; None where what listens there does not answer, or is another scheduler."""
    from distributed import Client

    for name in ("distributed", "distributed.client", "distributed.utils"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # an engine that died is no news: another is started
    try:
        client = Client(known.address, timeout=10, set_as_default=False, security=_security(known))
    except OSError:  # nobody answers, or not with this home's certificate, or there is none
        return None
    try:
        same = asking.identity(client)["id"] == known.scheduler
    except asking.NoAnswer:
        same = False
    if not same:  # another scheduler on a port that was used before
        client.close(timeout=5)
        return None
    return client


def listens(known: record.Record, seconds: float = 5.0) -> bool:
    """Whether this engine listens, and shows this home's certificate where it is this home's own."""
    try:
        security = _security(known)
        shown = security and security.get_connection_args("client")["ssl_context"]
    except OSError:  # its certificate is gone, or damaged
        return False
    return record.listens(known.address, shown, seconds)


def _security(known: record.Record) -> Security | None:
    """What it takes to speak with this engine; None where Dask's own configuration says that, as for LESSONKIT_SCHEDULER."""
    return certificate.security() if known.own and known.address.startswith("tls://") else None


def spawn() -> subprocess.Popen[bytes]:
    """The engine as a process of its own, that outlives this one and shares nothing with it but the environment."""
    log = record.log_path()
    _make_home()
    try:
        if log.is_file() and log.stat().st_size > LOG_BYTES:
            os.replace(log, log.with_suffix(".log.1"))
        out = log.open("ab")
    except OSError as error:
        raise _home_problem(error) from None
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = {**config.for_children(), "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONSAFEPATH": "1"}
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    with out:
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "lessonkit", "engine"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=log.parent,
                env=environment,
                **apart,
            )
        except (OSError, MemoryError) as error:
            why = getattr(error, "strerror", None) or tr("the memory did not suffice")
            raise EngineError(
                tr("The engine's process could not be started ({why}: {program}).", why=why, program=sys.executable),
                tr("Close other programs, or start the app again; then try again."),
            ) from None


def _make_home() -> None:
    try:
        config.home().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _home_problem(error) from None


def _home_problem(error: OSError) -> EngineError:
    return EngineError(
        tr(
            "The lesson's folder {folder} cannot be written to ({why}).",
            folder=str(config.home()),
            why=str(error.strerror),
        ),
        tr("Set LESSONKIT_HOME to a folder that can be."),
    )


def look_at_log() -> str:
    """Where an error of the engine says more, as a way out."""
    return tr("Look at {file} for why, then try again.", file=str(record.log_path()))
