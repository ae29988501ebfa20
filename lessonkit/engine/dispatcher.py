"""Who gets which run: each free training worker one run, oldest first, never two.

Dask blames every task *assigned* to a worker that dies, so runs wait as folders rather than in Dask: a worker
that dies takes only its own run with it. Data jobs wait as files in the same way and share the preview worker.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Client, Future

from lessonkit import config, runs
from lessonkit.engine import jobs, tasks
from lessonkit.engine.address import split
from lessonkit.runs import Run

JOBS_AT_ONCE = 2  # on the preview worker, which has threads to spare beside them
STALE_SECONDS = 60.0  # a run elsewhere that has not been heard of for so long is lost
KILLED = "The worker that trained this run ended suddenly; most often the memory did not suffice."
KILLED_JOB = "The worker that did this ended suddenly; most often the memory did not suffice."
ENGINE_DIED = "The engine ended while this run was training; the epochs it finished can still be read."
AGAIN = "Train it again; take a smaller batch or smaller photos if it happens once more."

log = logging.getLogger("lessonkit.engine")


@dataclass
class InHand:
    """A run or job that a worker has: `worker` is that worker's address."""

    future: Future
    worker: str
    lost: Callable[[str], None]
    ended: Callable[[], bool]


class Dispatcher:
    """Hands out what is queued. `step` is one look at the queue; nothing else writes a queued run's status.

    Args:
        client: an asynchronous Dask client.
        own: whether the workers are the engine's own, so that they died with the last engine.
    """

    def __init__(self, client: Client, own: bool):
        self.client = client
        self.own = own
        self.in_hand: dict[str, InHand] = {}
        self._statuses_seen, self._jobs_seen = Watched(_status), Watched(jobs.read_path)
        self._queued = 0

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self.in_hand or self._queued)

    def recover(self) -> None:
        """Own up to what the last engine left half done. Queued runs and jobs simply go on."""
        for run_id, status in self._statuses().items():
            if status.state == runs.RUNNING and (self.own or time.time() - status.heartbeat > STALE_SECONDS):
                tasks.end_run(Run(run_id), runs.INTERRUPTED, ENGINE_DIED, "Train it again to have it whole.")
        for job in self._jobs():
            if job.state == jobs.RUNNING and (self.own or time.time() - job.heartbeat > STALE_SECONDS):
                _fail_job(job, "This was cut short: the engine ended.")

    async def step(self) -> None:
        """Take back what is over, then hand out what waits."""
        workers = await self.workers()
        for key, held in list(self.in_hand.items()):
            if held.future.done() or held.worker not in workers:
                del self.in_hand[key]
                await self._settle(key, held)
        training, previewing = split(workers)
        self._dispatch_jobs(training, previewing)
        self._dispatch_runs(training)

    async def workers(self) -> dict[str, str]:
        """The workers' names by address."""
        identity = await self.client.scheduler.identity()
        return {address: str(worker["name"]) for address, worker in identity["workers"].items()}

    async def abandon(self) -> None:
        """Own up to what is in hand when the engine ends in the middle of it."""
        for held in self.in_hand.values():
            if not held.ended():
                held.lost("The engine was stopped while this was running.")

    async def _settle(self, key: str, held: InHand) -> None:
        if held.future.status == "finished":
            return  # `tasks.train` and `run_job` always write how it ended
        if held.future.status == "error":
            log.error("%s was lost: %r", key, await held.future.exception())
        else:
            log.error("%s was lost: its worker %s left", key, held.worker)
            await held.future.cancel(force=True)
        if not held.ended():
            held.lost("")

    def _free(self, workers: list[str]) -> list[str]:
        taken = {held.worker for held in self.in_hand.values()}
        return [w for w in workers if w not in taken]

    def _dispatch_jobs(self, training: list[str], previewing: list[str]) -> None:
        waiting = [j for j in self._jobs() if j.state == jobs.QUEUED and f"{j.kind}-{j.key}" not in self.in_hand]
        self._queued = len(waiting)
        for job in waiting:
            alone = job.kind in tasks.TRAINING_JOBS
            free = self._free(training) if alone else previewing if self._sharing() < JOBS_AT_ONCE else []
            if not free:
                continue

            def lost(why: str, job: jobs.Job = job) -> None:
                _fail_job(job.now(), why or KILLED_JOB)

            def ended(job: jobs.Job = job) -> bool:
                return job.now().ended

            self._hand(f"{job.kind}-{job.key}", tasks.run_job, (job.kind, job.key), free[0], lost, ended)
            self._queued -= 1

    def _sharing(self) -> int:
        return sum(1 for key in self.in_hand if key.split("-")[0] in set(tasks.JOBS) - set(tasks.TRAINING_JOBS))

    def _dispatch_runs(self, training: list[str]) -> None:
        statuses = self._statuses()
        waiting = sorted(
            ((s.queued_at, i) for i, s in statuses.items() if s.state == runs.QUEUED and i not in self.in_hand)
        )
        self._queued += len(waiting)
        for _, run_id in waiting:
            run = Run(run_id)
            if run.stop_asked():
                tasks.end_run(
                    run, runs.INTERRUPTED, "This run was stopped before it began.", "Train it again to have it."
                )
                continue
            if not self._parent_ready(run, statuses):
                continue
            free = self._free(training)
            if not free:
                return

            def lost(why: str, run: Run = run) -> None:
                tasks.end_run(run, runs.INTERRUPTED if why else runs.FAILED, why or KILLED, AGAIN)

            def ended(run: Run = run) -> bool:
                return run.status().ended

            self._hand(run_id, tasks.train, (run_id,), free[0], lost, ended)
            self._queued -= 1

    def _hand(
        self,
        key: str,
        task: Callable[..., str],
        args: tuple[Any, ...],
        worker: str,
        lost: Callable[[str], None],
        ended: Callable[[], bool],
    ) -> None:
        log.info("%s -> %s", key, worker)
        unique = f"{key}-{uuid.uuid4().hex[:8]}"
        future = self.client.submit(task, *args, workers=[worker], key=unique, pure=False, retries=0)
        self.in_hand[key] = InHand(future, worker, lost, ended)

    def _parent_ready(self, run: Run, statuses: dict[str, runs.Status]) -> bool:
        """Whether the run that this one goes on from is finished. One that never will be fails this one too."""
        try:
            parent = run.spec().starts_from
        except Exception as error:
            said = tasks.explain(error, f"run {run.id}")
            tasks.end_run(run, runs.FAILED, said.sentence, said.way_out)
            return False
        status = statuses.get(parent)
        if not parent or (status and status.finished):
            return True
        if status is None or status.ended:
            what = "is not on this machine" if status is None else "did not finish"
            why = f"The run that this one goes on from ({parent}) {what}."
            tasks.end_run(run, runs.FAILED, why, "Train that one first, then this one again.")
        return False

    def _statuses(self) -> dict[str, runs.Status]:
        """Every run's status by id."""
        found = self._statuses_seen.look(config.runs_folder().glob("[!.]*/status.json"))
        return {path.parent.name: status for path, status in found.items()}

    def _jobs(self) -> list[jobs.Job]:
        """Every job, the oldest first."""
        return sorted(self._jobs_seen.look(jobs.folder().glob("[!.]*.json")).values(), key=lambda j: j.queued_at)


class Watched:
    """What `read` makes of files, each read again only when it changed: the queue is looked at 4 times a second."""

    def __init__(self, read: Callable[[Path], Any]):
        self.read = read
        self._seen: dict[Path, tuple[Any, Any]] = {}

    def look(self, paths: Iterable[Path]) -> dict[Path, Any]:
        """What `read` makes of each file, without those that are gone or cannot be read."""
        found = {}
        for path in paths:
            known = self._seen.get(path)
            try:
                stat = path.stat()
                mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                found[path] = known if known and known[0] == mark else (mark, self._read(path))
            except (FileNotFoundError, NotADirectoryError):
                continue  # deleted, or queued anew, since the folder was listed
        self._seen = found
        return {path: value for path, (_, value) in found.items() if value is not None}

    def _read(self, path: Path) -> Any:
        try:
            return self.read(path)
        except (ValueError, TypeError):
            log.warning("%s cannot be read; left as it is", path)
            return None


def _status(path: Path) -> runs.Status:
    return Run(path.parent.name).status()


def _fail_job(job: jobs.Job, why: str) -> None:
    job.state, job.sentence, job.ended_at = jobs.FAILED, why, time.time()
    job.way_out = "Start it again; what is done already is kept where that can be."
    job.write()
