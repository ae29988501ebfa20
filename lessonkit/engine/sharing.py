"""Which workers of somebody else's cluster can be given work: those that have this home and these versions."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from distributed import Client

from lessonkit import config, version
from lessonkit.engine import record

LOOK_SECONDS = 5.0  # until one that was refused is asked again: on NFS a new file may be seen late
ANSWER_SECONDS = 5.0

log = logging.getLogger("lessonkit.engine")


def seen_by_worker() -> dict[str, str]:
    """What a worker sees: its versions, its home, and the scheduler of the engine whose word lies there. Runs on it."""
    known = record.read()
    return {**version.here(), "home": str(config.home()), "scheduler": known.scheduler if known else ""}


class Sharing:
    """Asks each new worker once what it sees; one that sees something else is asked again every LOOK_SECONDS.

    Args:
        client: an asynchronous Dask client.
    """

    def __init__(self, client: Client):
        self.client = client
        self._shares: set[str] = set()
        self._asked: dict[str, float] = {}
        self._said: dict[str, str] = {}

    async def usable(self, workers: dict[str, str], scheduler: str) -> dict[str, str]:
        """Those of the workers, their names by address, that see what an engine at the scheduler of that id sees."""
        self._shares &= set(workers)
        now = time.monotonic()
        unknown = [
            w for w in workers if w not in self._shares and now - self._asked.get(w, -LOOK_SECONDS) >= LOOK_SECONDS
        ]
        if unknown:
            self._asked = {w: at for w, at in self._asked.items() if w in workers} | dict.fromkeys(unknown, now)
            for worker, seen in (await self._ask(unknown)).items():
                why = _refused(seen, scheduler)
                if not why:
                    self._shares.add(worker)
                elif self._said.get(worker) != why:
                    self._said[worker] = why
                    log.error("worker %s at %s gets nothing to do: %s", workers[worker], worker, why)
        return {worker: name for worker, name in workers.items() if worker in self._shares}

    async def _ask(self, workers: list[str]) -> dict[str, Any]:
        try:
            asked = self.client.run(seen_by_worker, workers=workers, on_error="return")
            return await asyncio.wait_for(asked, ANSWER_SECONDS)
        except (TimeoutError, OSError) as problem:  # one of them left just now, or does not answer
            return dict.fromkeys(workers, problem)


def _refused(seen: dict[str, str] | BaseException, scheduler: str) -> str:
    """Why a worker that saw this can do nothing for the engine; "" where it can."""
    if isinstance(seen, BaseException):
        return f"it does not answer as this version of the lesson does ({seen!r})"
    if differs := version.differences(seen):
        return f"it is of other versions: {differs}"
    if seen["scheduler"] != scheduler:
        return f"its LESSONKIT_HOME, {seen['home']}, is not the folder that the app has in {config.home()}"
    return ""
