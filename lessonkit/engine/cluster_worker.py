"""`lessonkit worker`: training workers of this machine for a scheduler elsewhere, which LESSONKIT_SCHEDULER names."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket

import dask
from distributed import Client, Nanny
from distributed.security import Security

from lessonkit import config
from lessonkit.engine import asking, at_work, devices, record, workers
from lessonkit.errors import EngineError

CLOSE_SECONDS = 10.0
WORD_SECONDS = 5.0  # between an engine's preview worker and its word in the home

log = logging.getLogger("lessonkit.engine")


def main(each_gpu: bool = False) -> int:
    """Train for the scheduler until it ends, or this process is asked to. Returns the exit code: 0 when asked to.

    Args:
        each_gpu: start a worker for each GPU, which sees that GPU alone, rather than one worker in all.

    Raises:
        LessonError: a setting cannot be used; nothing answers there; it runs another version; its app has another home.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    log.setLevel(logging.INFO)
    record.check_start()
    address = config.scheduler()
    if address is None:
        raise EngineError(
            "Which scheduler this worker is to train for is not said.",
            "Name its address, such as tls://192.168.1.5:8786, or set LESSONKIT_SCHEDULER.",
        )
    gpus = devices.gpus() if each_gpu else [""]
    if not gpus:
        raise EngineError(
            "There is no NVIDIA GPU here that training may use.",
            "Leave --each-gpu out, or look at what nvidia-smi, CUDA_VISIBLE_DEVICES and LESSONKIT_DEVICE say.",
        )
    return asyncio.run(_serve(address, gpus))


async def _serve(address: str, gpus: list[str]) -> int:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT"):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(getattr(signal, name), asked.set)
    security = Security()  # what Dask's own configuration says
    await _check(address, security)
    name = f"train-{socket.gethostname()}-{os.getpid()}"
    with dask.config.set(workers.settings()):
        nannies = [
            Nanny(
                address,
                **workers.training(security, gpu),
                host=workers.host_towards(address),
                name=f"{name}-gpu{gpu}" if gpu else name,
            )
            for gpu in gpus
        ]
        try:
            started = asyncio.gather(*nannies)
            ending = asyncio.create_task(asked.wait())
            await asyncio.wait({started, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.is_set():
                await started
                for nanny in nannies:
                    log.info("%s trains for %s in %s", nanny.name, address, config.home())
            gone = asyncio.gather(*(nanny.finished() for nanny in nannies))
            await asyncio.wait({gone, ending}, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, RuntimeError) as problem:  # Dask's own, where the worker's process does not start
            raise _unreachable(address, problem) from None
        finally:
            await asyncio.gather(*(nanny.close(timeout=CLOSE_SECONDS) for nanny in nannies), return_exceptions=True)
            with contextlib.suppress(OSError):  # the home is gone, or full: the engine waits a minute, then
                at_work.leave()
    if asked.is_set():
        log.info("asked to end, and ended")
        return 0
    log.error("the scheduler at %s is gone, or asked the worker to end", address)
    return 1


async def _check(address: str, security: Security) -> None:
    """See that the scheduler runs what this process does, and that its app, where there is one, has the same home."""
    try:
        async with Client(address, asynchronous=True, set_as_default=False, security=security, timeout=10) as client:
            await workers.check_scheduler(client, address)
            identity = await client.scheduler.identity()
            names = asking.names(identity["workers"]).values()
            if any(name.startswith("preview") for name in names) and not await _engine_here(identity["id"]):
                raise EngineError(
                    f"An app uses the scheduler at {address}, and its runs are not in {config.home()}.",
                    "Set LESSONKIT_HOME to the folder that the app has, shared between the machines.",
                )
    except OSError as problem:
        raise _unreachable(address, problem) from None


async def _engine_here(scheduler: str) -> bool:
    """Whether the engine of this home uses the scheduler of that id."""
    for _ in range(int(WORD_SECONDS / 0.5)):
        known = record.read()
        if known is not None and known.scheduler == scheduler:
            return True
        await asyncio.sleep(0.5)
    return False


def _unreachable(address: str, problem: Exception) -> EngineError:
    return EngineError(
        f"The scheduler at {address} does not take this worker ({problem}).",
        "Look whether both have certificates of the same authority (`lessonkit certificates`), and whether it still runs.",
    )
