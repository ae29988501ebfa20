"""The engine's process, `python -m lessonkit engine`: it holds the workers and hands them what is queued.

Never started inside an app: Streamlit replaces `sys.modules["__main__"]`, and workers spawned there would run
the page again. One engine a home, kept by a lock that the operating system frees when the process dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import dask
import filelock
from distributed import Client, Future, Nanny, Scheduler, SpecCluster
from distributed.security import Security

from lessonkit import config, run_removal, version
from lessonkit.engine import certificate, devices, record, tasks, turns, workers, workforce
from lessonkit.engine.dispatcher import JOBS_AT_ONCE, Dispatcher
from lessonkit.engine.silence import SILENT_SECONDS, Missing, Silence
from lessonkit.engine.without_http import QuietScheduler
from lessonkit.storage import is_disk_problem, shut_to_others

LOOK_SECONDS = 0.25
PREVIEW_THREADS = JOBS_AT_ONCE + turns.AT_ONCE  # a long download beside questions
LEAN_PREVIEW = 500 * 2**20  # a preview worker above this has imported fastai
LEAN_TRAIN = 1000 * 2**20  # a training worker that has imported fastai and nothing more holds about that

log = logging.getLogger("lessonkit.engine")


def main() -> int:
    """Run the engine until nobody needs it. Returns the exit code: 0, also when another engine serves this home.

    Raises:
        LessonError: the engine cannot start with one of the settings.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    log.setLevel(logging.INFO)
    record.check_start()
    config.home().mkdir(parents=True, exist_ok=True)
    lock = _lock()
    if lock is None:
        log.info("another engine serves %s", config.home())
        return 0
    try:
        asyncio.run(_serve())
    finally:
        lock.release()
    return 0


def _lock() -> filelock.FileLock | None:
    """The home's lock; None where a living engine holds it. One that is on its way out is waited for."""
    lock = filelock.FileLock(config.home() / "engine.lock")
    deadline = time.monotonic() + 20
    while True:
        try:
            lock.acquire(timeout=0.5)
            return lock
        except filelock.Timeout:
            if record.alive(record.read()) or time.monotonic() > deadline:
                return None


async def _serve() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT"):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(getattr(signal, name), _asked_to_end, name, ended)
    elsewhere = config.scheduler()
    certificate.remove()  # the last engine's
    workforce.remove()
    pem = b"" if elsewhere else certificate.make()
    if pem:
        _shut_home()
        certificate.keep(pem)
    elif os.name == "posix" and config.home().stat().st_mode & 0o002:
        log.warning("everybody on this machine may write in %s, and so have app and workers run code", config.home())
    security = certificate.security() if pem else Security()  # elsewhere, what Dask's own configuration says
    async with (
        _elsewhere(elsewhere, security) if elsewhere else _own_cluster(security) as address,
        Client(address, asynchronous=True, set_as_default=False, security=security) as client,
    ):
        if elsewhere:
            await workers.check_scheduler(client, elsewhere)
        dispatcher = Dispatcher(client, own=not elsewhere)
        dispatcher.recover()
        run_removal.tidy()
        mine = record.Record(
            address=address,
            pid=os.getpid(),
            host=socket.gethostname(),
            version=version.VERSION,
            started=time.time(),
            scheduler=(await client.scheduler.identity())["id"],
            own=not elsewhere,
            code=str(version.PACKAGE),
        )
        record.write(mine)
        log.info("serving at %s", address)
        beside = [at for at, name in (await dispatcher.workers()).items() if name.startswith("preview")]
        checked = client.submit(tasks.recheck_photos, workers=beside, pure=False)
        try:
            await _work(dispatcher, client, mine, ended, pem)
        except _WorkersLost as lost:
            record.remove(mine)
            await dispatcher.abandon()
            log.error("gone, and not started again by Dask: %s; the engine begins again", lost)
            _begin_again()
        finally:
            await checked.cancel()
            record.remove(mine)
            workforce.remove()
            await dispatcher.abandon()
    log.info("ended")


class _WorkersLost(Exception):
    """Workers of the engine's own that are gone for good, by their names."""


def _begin_again() -> None:
    """Put this process in its own place. Its workers end as their pipe to it breaks, and its lock is free."""
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _shut_home() -> None:
    """What learners gave is theirs, and whoever may write in the home could put an engine in this one's place."""
    if not shut_to_others(config.home()):
        log.warning("other users of this machine may look into %s", config.home())


def _asked_to_end(how: str, ended: asyncio.Event) -> None:
    log.info("asked to end (%s)", how)
    ended.set()


async def _work(dispatcher: Dispatcher, client: Client, mine: record.Record, ended: asyncio.Event, pem: bytes) -> None:
    idle_seconds = config.engine_idle()
    lean_seconds = config.engine_lean()
    silence, missing = Silence(), Missing()
    needed, trimmer, unsaid = time.monotonic(), Trimmer(client, lean_seconds, mine.own), 0
    while not ended.is_set():
        await _step(dispatcher)
        if pem:
            certificate.keep(pem)
        if dispatcher.busy or await client.run_on_scheduler(_others):
            needed = time.monotonic()
        if time.monotonic() - needed > idle_seconds:
            log.info("nobody was connected for %.0f s", idle_seconds)
            return
        known = record.read()
        unsaid = 0 if known == mine else unsaid + 1
        if unsaid > 1:  # one look may fall on a file that Windows will not open just now
            log.info("another engine was asked for")
            return
        if known is not None and known == mine and known.leaving:
            dispatcher.leaving = True
            if not dispatcher.holds and not any((await client.scheduler.processing()).values()):
                log.info("left, for another version of the lesson")
                return
        if mine.own:
            await _end_silent_workers(client, silence)
            if lost := missing.look((await dispatcher.workers()).values()):
                raise _WorkersLost(", ".join(lost))
        await trimmer.step(dispatcher)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ended.wait(), LOOK_SECONDS)


async def _step(dispatcher: Dispatcher) -> None:
    """One look at the queue. That the disk is full or shut must not end the engine with whatever trains."""
    try:
        await dispatcher.step()
    except OSError as problem:
        if not is_disk_problem(problem):
            raise
        log.error("the queue could not be read or written: %s", problem)
        await asyncio.sleep(10 * LOOK_SECONDS)


async def _end_silent_workers(client: Client, silence: Silence) -> None:
    """Restart workers that live but no longer respond."""
    silent = silence.look((await client.scheduler.identity())["workers"])
    if silent:
        log.error("no response for %.0f s, and restarted: %s", SILENT_SECONDS, ", ".join(silent))
        await client.restart_workers(silent, raise_for_error=False)


def _others(dask_scheduler: Scheduler) -> int:
    """Clients connected, the engine's own left out. Runs on the scheduler, which counts one client of its own."""
    return len([c for c in dask_scheduler.clients if c != "fire-and-forget"]) - 1


def _transitions(dask_scheduler: Scheduler) -> int:
    return dask_scheduler.transition_counter


class Trimmer:
    """Starts idle workers again once they hold more than an idle engine should: what a worker imported or trained
    stays in its memory otherwise. A training worker imports fastai again at once, so that the next run need not wait.

    Args:
        after: seconds without a run, a job or a call, before it does.
        own: whether the training workers are the engine's own.
    """

    def __init__(self, client: Client, after: float, own: bool):
        self.client = client
        self.after = after
        self._limits = {"preview": LEAN_PREVIEW}
        if own and not devices.gpus():  # what a GPU's driver takes cannot be given back by starting it again
            self._limits["train"] = LEAN_TRAIN
        self._idle_since = self._looked = time.monotonic()
        self._warming: list[Future] = []
        self._moved = 0  # how many changes of any task's state the scheduler had counted
        self._settled = -1  # the same, once those that were last started again were ready
        self._settling = False

    async def step(self, dispatcher: Dispatcher) -> None:
        if version.RUNS.changed():
            return  # new workers would import files of another version
        now = time.monotonic()
        if now - self._looked < min(5.0, self.after):
            return
        self._looked = now
        # not only what is under way: a question may be asked and answered between two looks
        moved = await self.client.run_on_scheduler(_transitions)
        if moved != self._moved or dispatcher.busy or any((await self.client.scheduler.processing()).values()):
            self._idle_since = now
        self._moved = moved
        if self._settling and all(warming.done() for warming in self._warming):
            self._settled, self._settling = moved, False
        if now - self._idle_since < self.after or moved == self._settled:
            return  # what nobody has used since is as large as it begins: on some machines more than the limit
        identity = (await self.client.scheduler.identity())["workers"]
        large = {address: str(w["name"]) for address, w in identity.items() if w["metrics"]["memory"] > self._limit(w)}
        if not large:
            return
        log.info("idle, and large: %s started again", ", ".join(large.values()))
        await self.client.restart_workers(list(large), raise_for_error=False)
        self._idle_since = time.monotonic()
        self._settling = True
        self._warming = [
            self.client.submit(tasks.warm, workers=[address], pure=False)
            for address, name in (await dispatcher.workers()).items()
            if name in large.values() and name.startswith("train")
        ]

    def _limit(self, worker: dict[str, Any]) -> float:
        return next((v for k, v in self._limits.items() if str(worker["name"]).startswith(k)), float("inf"))


@contextlib.asynccontextmanager
async def _elsewhere(address: str, security: Security) -> AsyncIterator[str]:
    """Training workers on other machines, and a preview worker beside the app all the same: no run holds it up.

    The preview worker listens where that scheduler reaches this machine, and nowhere else.
    """
    with dask.config.set(workers.settings()):
        async with Nanny(
            address,
            **workers.options(security),
            host=workers.host_towards(address),
            name=f"preview-{socket.gethostname()}",
            nthreads=PREVIEW_THREADS,
        ):
            yield address


@contextlib.asynccontextmanager
async def _own_cluster(security: Security) -> AsyncIterator[str]:
    """Workers of our own, on this machine alone: a training worker a GPU (or one in all), and a preview worker."""
    gpus = devices.gpus()
    local = {"host": "127.0.0.1", "protocol": "tls://"}
    wanted = {
        f"train-{n}": {"cls": Nanny, "options": {**workers.training(security, gpu), **local}}
        for n, gpu in enumerate(gpus if len(gpus) > 1 else [""])
    }
    beside = {**workers.options(security), **local, "nthreads": PREVIEW_THREADS}
    wanted["preview"] = {"cls": Nanny, "options": beside}
    scheduler = {
        "cls": QuietScheduler,
        "options": {**local, "security": security, "dashboard": False, "port": 0},
    }
    with dask.config.set(workers.settings()):
        async with SpecCluster(
            workers=wanted, scheduler=scheduler, asynchronous=True, silence_logs=logging.WARNING, security=security
        ) as cluster:
            yield cluster.scheduler_address
