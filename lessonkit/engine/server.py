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
import time
from collections.abc import AsyncIterator
from typing import Any

import dask
import filelock
from distributed import Client, Nanny, Scheduler, SpecCluster
from distributed.system import MEMORY_LIMIT

from lessonkit import __version__, config
from lessonkit.engine import address as record
from lessonkit.engine import devices
from lessonkit.engine.dispatcher import Dispatcher, split

LOOK_SECONDS = 0.25
PREVIEW_THREADS = 4  # two for jobs (a long download), two for previews beside them
TRAIN_THREADS = 2  # one for the run, one that answers a question meanwhile
LEAN_BYTES = 500 * 2**20  # a preview worker above this has imported fastai; when idle it is begun anew
LEAN_AFTER_SECONDS = 180.0

log = logging.getLogger("lessonkit.engine")


def main() -> int:
    """Run the engine until nobody needs it. Returns the exit code: 0, also when another engine serves this home."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    log.setLevel(logging.INFO)
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
    idle_seconds = float(os.environ.get("LESSONKIT_ENGINE_IDLE", "600"))
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT"):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(getattr(signal, name), ended.set)
    elsewhere = config.scheduler()
    async with (
        _elsewhere(elsewhere) if elsewhere else _own_cluster() as address,
        Client(address, asynchronous=True, set_as_default=False) as client,
    ):
        dispatcher = Dispatcher(client, own=not elsewhere)
        dispatcher.recover()
        mine = record.Record(
            address=address,
            pid=os.getpid(),
            host=socket.gethostname(),
            version=__version__,
            started=time.time(),
            scheduler=(await client.scheduler.identity())["id"],
            own=not elsewhere,
        )
        record.write(mine)
        log.info("serving at %s", address)
        try:
            await _work(dispatcher, client, mine, ended, idle_seconds)
        finally:
            record.remove(mine)
            await dispatcher.abandon()
    log.info("ended")


async def _work(
    dispatcher: Dispatcher, client: Client, mine: record.Record, ended: asyncio.Event, idle_seconds: float
) -> None:
    needed, trimmer, unsaid = time.monotonic(), Trimmer(client), 0
    while not ended.is_set():
        await dispatcher.step()
        if dispatcher.busy or await client.run_on_scheduler(_others):
            needed = time.monotonic()
        if time.monotonic() - needed > idle_seconds:
            log.info("nobody was connected for %.0f s", idle_seconds)
            return
        unsaid = 0 if record.read() == mine else unsaid + 1
        if unsaid > 1:  # one look may fall on a file that Windows will not open just now
            log.info("another engine was asked for")
            return
        if mine.own:
            await trimmer.step(dispatcher)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ended.wait(), LOOK_SECONDS)


def _others(dask_scheduler: Scheduler) -> int:
    """Clients connected, the engine's own left out. Runs on the scheduler, which counts one client of its own."""
    return len([c for c in dask_scheduler.clients if c != "fire-and-forget"]) - 1


class Trimmer:
    """Begins an idle preview worker anew once it holds fastai (0.9 GB), so that an idle engine stays small."""

    def __init__(self, client: Client):
        self.client = client
        self._idle_since = time.monotonic()
        self._looked = 0.0

    async def step(self, dispatcher: Dispatcher) -> None:
        now = time.monotonic()
        if now - self._looked < 5:
            return
        self._looked = now
        previewing = split(await dispatcher.workers())[1]
        processing = await self.client.scheduler.processing(workers=previewing)
        identity = (await self.client.scheduler.identity())["workers"]
        if dispatcher.busy or any(processing.values()):
            self._idle_since = now
        if now - self._idle_since < LEAN_AFTER_SECONDS:
            return
        large = [a for a in previewing if identity.get(a, {}).get("metrics", {}).get("memory", 0) > LEAN_BYTES]
        if large:
            log.info("the preview worker is begun anew: idle, and fastai in its memory")
            await self.client.restart_workers(large, raise_for_error=False)
            self._idle_since = now


@contextlib.asynccontextmanager
async def _elsewhere(address: str) -> AsyncIterator[str]:
    yield address


@contextlib.asynccontextmanager
async def _own_cluster() -> AsyncIterator[str]:
    """Workers of our own, on this machine alone: a training worker a GPU (or one in all), and a preview worker."""
    threads = str(devices.cores())
    settings = {
        # Dask's one thread would train slowly; its trim threshold makes each batch's memory new (None: left alone)
        "distributed.nanny.pre-spawn-environ": {
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "MALLOC_TRIM_THRESHOLD_": None,
        },
        "distributed.worker.daemon": False,  # a worker may have processes of its own (DataLoader)
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.pause": False,  # at 95 % of the machine a worker is ended, before the machine is
        "distributed.scheduler.allowed-failures": 0,
        "distributed.admin.tick.limit": "60s",  # importing fastai holds the GIL: not worth a line in the log
    }
    gpus = devices.gpus()
    train = [{"CUDA_VISIBLE_DEVICES": gpu} if len(gpus) > 1 else {} for gpu in gpus or [""]]
    options: dict[str, Any] = {
        "host": "127.0.0.1",
        "memory_limit": MEMORY_LIMIT,
        "dashboard": False,
        "silence_logs": logging.WARNING,
    }
    workers = {
        f"train-{n}": {"cls": Nanny, "options": {**options, "nthreads": TRAIN_THREADS, "env": env}}
        for n, env in enumerate(train)
    }
    workers["preview"] = {"cls": Nanny, "options": {**options, "nthreads": PREVIEW_THREADS}}
    scheduler = {"cls": Scheduler, "options": {"host": "127.0.0.1", "port": 0, "dashboard": False}}
    with dask.config.set(settings):
        async with SpecCluster(
            workers=workers, scheduler=scheduler, asynchronous=True, silence_logs=logging.WARNING
        ) as cluster:
            yield cluster.scheduler_address
