"""Who gets which run: each free training worker one run, oldest first, never two.

Dask blames every task *assigned* to a worker that dies, so runs wait as folders rather than in Dask: a worker
that dies takes only its own run with it. Data jobs wait as files in the same way and share the preview worker.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from distributed import Client, Future

from lessonkit import jobs, runs
from lessonkit.engine import tasks
from lessonkit.engine.record import split
from lessonkit.runs import Run
from lessonkit.storage import is_disk_problem

JOBS_AT_ONCE = 2  # on the preview worker, which has threads to spare beside them
STALE_SECONDS = 60.0  # a run elsewhere that has not been heard of for so long is lost
KILLED = "The worker that trained this run ended suddenly; most often the memory did not suffice."
KILLED_JOB = "The worker that did this ended suddenly; most often the memory did not suffice."
ENGINE_DIED = "The engine ended while this run was training; the epochs it finished can still be read."
CUT_SHORT = "This was cut short: the engine ended."
AGAIN = "Train it again; take a smaller batch or smaller photos if it happens once more."
WHOLE = "Train it again to have it whole."
JOB_AGAIN = "Start it again; what is done already is kept where that can be."

log = logging.getLogger("lessonkit.engine")


@dataclass
class InHand:
    """A run or job that a worker has: `worker` is that worker's address.

    `ended` says whether its file tells how it ended; `end(state, sentence, way_out)` writes that.
    """

    future: Future
    worker: str
    ended: Callable[[], bool]
    end: Callable[[str, str, str], None]
    killed: tuple[str, str]


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
        self._unsaid: dict[str, Callable[[], None]] = {}
        self._queued = 0

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self.in_hand or self._queued)

    def recover(self) -> None:
        """Own up to what the last engine left half done. Queued runs and jobs simply go on."""
        for run_id, status in runs.statuses().items():
            if status.state == runs.RUNNING and (self.own or time.time() - status.heartbeat > STALE_SECONDS):
                self._say(run_id, lambda i=run_id: tasks.lose_run(Run(i), runs.INTERRUPTED, ENGINE_DIED, WHOLE))
        for job in jobs.all_jobs():
            if job.state == jobs.RUNNING and (self.own or time.time() - job.heartbeat > STALE_SECONDS):
                self._say(_key(job), lambda j=job: _end_job(j.now(), jobs.FAILED, CUT_SHORT, JOB_AGAIN))

    async def step(self) -> None:
        """Take back what is over, then hand out what waits."""
        workers = await self.workers()
        for key, write in list(self._unsaid.items()):
            self._say(key, write)
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
        for key, held in self.in_hand.items():
            self._end(key, held, runs.INTERRUPTED, "The engine was stopped while this was running.", WHOLE)

    async def _settle(self, key: str, held: InHand) -> None:
        if held.future.status == "finished":
            return  # `tasks.train` and `run_job` always write how it ended
        sentence, way_out = held.killed
        if held.future.status == "error":
            problem = await held.future.exception()
            log.error("%s was lost: %r", key, problem)
            if is_disk_problem(problem):  # nor could the worker write down that the disk is full
                said = tasks.for_learner(problem, key)
                sentence, way_out = said.sentence, said.way_out
        else:
            log.error("%s was lost: its worker %s left", key, held.worker)
            await held.future.cancel(force=True)
        self._end(key, held, runs.FAILED, sentence, way_out)

    def _end(self, key: str, held: InHand, state: str, sentence: str, way_out: str) -> None:
        self._say(key, lambda: None if held.ended() else held.end(state, sentence, way_out))

    def _say(self, key: str, write: Callable[[], None]) -> None:
        """Write down how a run or job ended. What a full disk refuses is tried again at each step, and meanwhile handed
        to nobody: its file may still say that it waits."""
        try:
            write()
        except FileNotFoundError:
            log.warning("%s is gone: how it ended is written nowhere", key)
        except OSError as problem:
            if key not in self._unsaid:
                log.error("%s: how it ended cannot be written down yet: %s", key, problem)
            self._unsaid[key] = write
            return
        self._unsaid.pop(key, None)

    def _waits(self, key: str) -> bool:
        return key not in self.in_hand and key not in self._unsaid

    def _free(self, workers: list[str]) -> list[str]:
        taken = {held.worker for held in self.in_hand.values()}
        return [w for w in workers if w not in taken]

    def _dispatch_jobs(self, training: list[str], previewing: list[str]) -> None:
        waiting = [j for j in jobs.all_jobs() if j.state == jobs.QUEUED and self._waits(_key(j))]
        self._queued = len(waiting)
        for job in waiting:
            alone = job.kind in jobs.TRAINING
            free = self._free(training) if alone else previewing if self._sharing() < JOBS_AT_ONCE else []
            if not free:
                continue

            def ended(job: jobs.Job = job) -> bool:
                return job.now().ended

            def end(state: str, sentence: str, way_out: str, job: jobs.Job = job) -> None:
                _end_job(job.now(), jobs.FAILED, sentence, JOB_AGAIN if state == runs.INTERRUPTED else way_out)

            future = self._submit(_key(job), tasks.run_job, (job.kind, job.key), free[0])
            self.in_hand[_key(job)] = InHand(future, free[0], ended, end, (KILLED_JOB, JOB_AGAIN))
            self._queued -= 1

    def _sharing(self) -> int:
        return sum(1 for key in self.in_hand if key.split("-")[0] in set(tasks.JOBS) - set(jobs.TRAINING))

    def _dispatch_runs(self, training: list[str]) -> None:
        statuses = runs.statuses()
        waiting = sorted((s.queued_at, i) for i, s in statuses.items() if s.state == runs.QUEUED and self._waits(i))
        self._queued += len(waiting)
        for _, run_id in waiting:
            run = Run(run_id)
            if run.stop_asked():
                self._say(run_id, run.end_unbegun)
                continue
            if not self._parent_ready(run, statuses):
                continue
            free = self._free(training)
            if not free:
                return

            def ended(run: Run = run) -> bool:
                return run.status_to_go_on().ended

            def end(state: str, sentence: str, way_out: str, run: Run = run) -> None:
                tasks.lose_run(run, state, sentence, way_out)

            future = self._submit(run_id, tasks.train, (run_id,), free[0])
            self.in_hand[run_id] = InHand(future, free[0], ended, end, (KILLED, AGAIN))
            self._queued -= 1

    def _submit(self, key: str, task: Callable[..., str], args: tuple[Any, ...], worker: str) -> Future:
        log.info("%s -> %s", key, worker)
        unique = f"{key}-{uuid.uuid4().hex[:8]}"
        return self.client.submit(task, *args, workers=[worker], key=unique, pure=False, retries=0)

    def _parent_ready(self, run: Run, statuses: dict[str, runs.Status]) -> bool:
        """Whether the run that this one goes on from is finished. One that never will be fails this one too."""
        try:
            parent = run.spec().starts_from
        except Exception as error:
            said = tasks.for_learner(error, f"run {run.id}")
            self._say(run.id, lambda: run.end(runs.FAILED, said.sentence, said.way_out))
            return False
        status = statuses.get(parent)
        if not parent or (status and status.finished):
            return True
        if status is None or status.ended:
            what = "is not on this machine" if status is None else "did not finish"
            why = f"The run that this one goes on from ({parent}) {what}."
            way_out = "Train that one first, then this one again."
            self._say(run.id, lambda: run.end(runs.FAILED, why, way_out))
        return False


def _key(job: jobs.Job) -> str:
    return f"{job.kind}-{job.key}"


def _end_job(job: jobs.Job, state: jobs.State, sentence: str, way_out: str) -> None:
    job.state, job.sentence, job.way_out, job.ended_at = state, sentence, way_out, time.time()
    job.write()
