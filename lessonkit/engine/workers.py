"""How a worker of the lesson is started, in its engine and in a cluster: threads, memory, processes, where it listens."""

from __future__ import annotations

import logging
from typing import Any

from distributed import Client
from distributed.comm import get_address_host
from distributed.security import Security
from distributed.system import MEMORY_LIMIT
from distributed.utils import get_ip

from lessonkit import machine, version
from lessonkit.engine import memory
from lessonkit.engine.without_http import QuietWorker
from lessonkit.errors import EngineError

TRAIN_THREADS = 2  # one for the run, one that answers a question meanwhile


def options(security: Security) -> dict[str, Any]:
    """What every worker's nanny is started with: without HTTP, and with the memory of the machine or its cgroup."""
    quiet = {"dashboard": False, "silence_logs": logging.WARNING, "worker_class": QuietWorker}
    return {"memory_limit": MEMORY_LIMIT, "security": security, **quiet}


def training(security: Security, gpu: str = "") -> dict[str, Any]:
    """The same for a training worker; a GPU, as CUDA_VISIBLE_DEVICES names it, is then the only one that it sees.

    It needs none of Dask's resources: the engine gives each worker one run at a time, by its address.
    """
    return {
        **options(security),
        "nthreads": TRAIN_THREADS,
        "env": {"CUDA_VISIBLE_DEVICES": gpu} if gpu else {},
        "preload": "lessonkit.engine.priority",
    }


def host_towards(address: str) -> str:
    """This machine's own number on the way to an address: a worker listens there alone."""
    return get_ip(get_address_host(address))


def settings() -> dict[str, Any]:
    """What Dask does otherwise by default."""
    threads = str(machine.cores())
    return {
        # Dask's one thread would train slowly
        "distributed.nanny.pre-spawn-environ": {
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            **memory.environment(),
        },
        "distributed.worker.daemon": False,  # a worker may have processes of its own (DataLoader)
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.pause": False,  # at 95 % of the machine a worker is ended, before the machine is
        "distributed.worker.profile.enabled": False,  # reads the source of all that it samples into memory
        "distributed.scheduler.allowed-failures": 0,
        "distributed.scheduler.worker-ttl": None,  # it counts the machine's sleep (`silence` does not)
        "distributed.admin.tick.interval": "1s",  # fifty times a second, an idle engine took 7 % of a core; so it takes 3.5
        "distributed.admin.tick.limit": "60s",  # importing fastai holds the GIL: not worth a line in the log
    }


async def check_scheduler(client: Client, address: str) -> None:
    """See that a scheduler runs the same versions as this process (`version.here`).

    Args:
        client: an asynchronous one, connected to it.

    Raises:
        EngineError: it does not; what differs.
    """
    try:
        theirs = await client.run_on_scheduler(version.here)
    except (ImportError, AttributeError) as problem:
        raise EngineError(
            f"The scheduler at {address} does not find this version of the lesson ({problem}).",
            "Start it in an environment that has the same version installed as this one.",
        ) from None
    check_versions(address, theirs)


def check_versions(where: str, theirs: dict[str, str]) -> None:
    """See that another process runs what this one does, as `version.here` says in both.

    Raises:
        EngineError: it does not; what differs.
    """
    if differs := version.differences(theirs):
        raise EngineError(
            f"What runs at {where} is of other versions: {differs}.",
            "Install the same there and here: app, scheduler and workers send each other Python objects.",
        )
