"""Which workers of somebody else's cluster can be given work: those that have this home and these versions.

Of the others it is said why they get nothing: in the log, and where no worker is left that can train, to whoever waits.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, NamedTuple

from distributed import Client

from lessonkit import config, version
from lessonkit.engine import record
from lessonkit.engine.workforce import Workforce
from lessonkit.language import ENGLISH, joined, speaking, tr

LOOK_SECONDS = 5.0  # until one that was refused is asked again: on NFS a new file may be seen late
ANSWER_SECONDS = 5.0
NONE_SECONDS = 10.0  # a worker that died is started again by then: until then nobody is told that there is none
MOST_SAID = 3  # refused workers, each with its reason: where there are more, most have the same

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
        self._refused: dict[str, Refused] = {}
        self._none_since: float | None = None

    async def usable(self, workers: dict[str, str], scheduler: str) -> dict[str, str]:
        """Those of the workers, their names by address, that see what an engine at the scheduler of that id sees."""
        self._shares &= set(workers)
        now = time.monotonic()
        self._refused = {w: why for w, why in self._refused.items() if w in workers}
        unknown = [
            w for w in workers if w not in self._shares and now - self._asked.get(w, -LOOK_SECONDS) >= LOOK_SECONDS
        ]
        if unknown:
            self._asked = {w: at for w, at in self._asked.items() if w in workers} | dict.fromkeys(unknown, now)
            for worker, seen in (await self._ask(unknown)).items():
                refused = _refused(seen, scheduler, workers[worker])
                if refused is None:
                    self._shares.add(worker)
                    self._refused.pop(worker, None)
                elif self._refused.get(worker) != refused:
                    self._refused[worker] = refused
                    log.error("worker %s at %s gets nothing to do: %s", workers[worker], worker, refused.detail)
        return {worker: name for worker, name in workers.items() if worker in self._shares}

    def workforce(self, workers: dict[str, str], scheduler: str, address: str) -> Workforce:
        """What was found out of these workers, their names by address, at the last call of `usable`.

        Args:
            scheduler, address: the id of the scheduler, and where it listens.
        """
        usable = sorted(self._shares & set(workers))
        training, _ = record.split({worker: workers[worker] for worker in usable})
        if training:
            self._none_since = None
            return Workforce(scheduler, usable)
        refused = [self._refused[w] for w in record.split(workers)[0] if w in self._refused]
        if refused:
            said, ways_out = (
                [*dict.fromkeys(texts)][:MOST_SAID]
                for texts in zip(*((one.why, one.way_out) for one in refused), strict=True)
            )
            with speaking(ENGLISH):
                first = tr("No run can be trained just now.")
                return Workforce(scheduler, usable, joined(first, *said), joined(*ways_out))
        now = time.monotonic()
        self._none_since = now if self._none_since is None else self._none_since
        if now - self._none_since < NONE_SECONDS:
            return Workforce(scheduler, usable)
        with speaking(ENGLISH):
            return Workforce(
                scheduler,
                usable,
                tr(
                    "No run can be trained just now: no worker is connected to the scheduler at {address}.",
                    address=address,
                ),
                tr("Start one on a machine that is to train: `lessonkit worker {address}`.", address=address),
            )

    async def _ask(self, workers: list[str]) -> dict[str, Any]:
        try:
            asked = self.client.run(seen_by_worker, workers=workers, on_error="return")
            return await asyncio.wait_for(asked, ANSWER_SECONDS)
        except (TimeoutError, OSError) as problem:  # one of them left just now, or does not answer
            return dict.fromkeys(workers, problem)


class Refused(NamedTuple):
    """Why a worker can do nothing for the engine, and what to do about it; `detail` is for the log, with its paths."""

    why: str
    way_out: str
    detail: str


def _refused(seen: dict[str, str] | BaseException, scheduler: str, name: str) -> Refused | None:
    """Why a worker of that name that saw this can do nothing for the engine; None where it can."""
    with speaking(ENGLISH):  # whoever reads of it may speak another language
        if isinstance(seen, OSError):  # a TimeoutError too: it is busy, or leaves just now
            return Refused(
                tr("The worker {worker} does not answer just now.", worker=name),
                tr("It is asked again every few seconds."),
                f"it does not answer just now ({seen!r})",
            )
        if isinstance(seen, BaseException):
            return Refused(
                tr(
                    "The worker {worker} does not answer as this version of the lesson does ({error}).",
                    worker=name,
                    error=type(seen).__name__,
                ),
                tr("Install the same version of the lesson there as here, and start that worker again."),
                f"it does not answer as this version of the lesson does ({seen!r})",
            )
        if differs := version.differences(seen):
            return Refused(
                tr("The worker {worker} runs other versions than the app: {differs}.", worker=name, differs=differs),
                tr("Install the same version of the lesson there as here, and start that worker again."),
                f"it is of other versions: {differs}",
            )
        if seen["scheduler"] != scheduler:
            return Refused(
                tr("The worker {worker} has another folder for photos and runs than the app.", worker=name),
                tr("Have both share one folder, set LESSONKIT_HOME to it there, and start that worker again."),
                f"its LESSONKIT_HOME, {seen['home']}, is not the folder that the app has in {config.home()}",
            )
        return None
