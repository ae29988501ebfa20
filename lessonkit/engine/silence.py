"""Workers that are not heard of any more, though their process lives."""

from __future__ import annotations

import time
from typing import Any

SILENT_SECONDS = 300.0  # a worker tells the scheduler twice a second that it lives, unless it computes without a pause
STEP_SECONDS = 5.0  # longer than this between two looks, the machine was asleep


class Silence:
    """Counts for how long each worker was not heard of.

    Dask's own `worker-ttl` counts the machine's sleep too: when it wakes, that would end the workers, and with them what
    they train.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, float]] = {}  # when it was heard of last; seconds awake since
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
