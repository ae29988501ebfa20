"""Workers that no longer respond, though their process lives; and those that are gone for good."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

SILENT_SECONDS = 300.0  # a worker tells the scheduler twice a second that it lives, unless it computes without a pause
MISSING_SECONDS = 30.0  # Dask starts a worker that died again within a few seconds
STEP_SECONDS = 5.0  # longer than this between two looks, the machine was asleep


class Silence:
    """Counts for how long each worker has not responded.

    Dask's own `worker-ttl` counts the machine's sleep too: when it wakes, that would end the workers, and with them what
    they train.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, float]] = {}  # when it last responded; seconds awake since
        self._looked = time.monotonic()

    def look(self, workers: dict[str, dict[str, Any]]) -> list[str]:
        """Addresses of those that were silent for SILENT_SECONDS, of what the scheduler knows of all workers."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, STEP_SECONDS), now
        seen = {}
        for address, worker in workers.items():
            last, quiet = self._seen.get(address, (worker["last_seen"], 0.0))
            seen[address] = (worker["last_seen"], quiet + passed if worker["last_seen"] == last else 0.0)
        self._seen = seen
        return [address for address, (_, quiet) in seen.items() if quiet > SILENT_SECONDS]


class Missing:
    """Counts for how long each worker that was there is not there any more.

    Dask starts a worker again whose process dies; one that dies within its first second it may forget.
    """

    def __init__(self) -> None:
        self._gone: dict[str, float] = {}  # seconds awake, by name
        self._looked = time.monotonic()

    def look(self, names: Collection[str]) -> list[str]:
        """Names of those that were missing for MISSING_SECONDS, of all that were ever there; `names` are there now."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, STEP_SECONDS), now
        self._gone = {name: quiet + passed for name, quiet in self._gone.items()} | dict.fromkeys(names, 0.0)
        return [name for name, quiet in self._gone.items() if quiet > MISSING_SECONDS]
