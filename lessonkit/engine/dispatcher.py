"""Who gets which run: each free training worker one run, oldest first, never two.

Dask blames every task *assigned* to a worker that dies, so runs wait as folders rather than in Dask: a worker
that dies takes only its own run with it. Data jobs wait as files in the same way and share the preview worker.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from distributed import Client, Future

from lessonkit import config, jobs, runs
from lessonkit.engine import at_work, lost, sweeping, tasks, workforce
from lessonkit.engine.record import split
from lessonkit.engine.sharing import Sharing
from lessonkit.errors import LessonError
from lessonkit.language import tr, translatable
from lessonkit.runs import Run
from lessonkit.storage import is_disk_problem

JOBS_AT_ONCE = 2  # on the preview worker, which has threads to spare beside them
ZIPS = (
    "read_zip",
    "add_zip",
)  # what these take is decided by whoever made the zip: one at a time, the other place is free
KILLED_JOB = translatable("The worker that did this ended suddenly; most often the memory did not suffice.")
JOB_STOPPED = translatable("The engine was stopped while this was running.")
CUT_SHORT = translatable("This was cut short: the engine ended.")
JOB_AGAIN = translatable("Start it again; what is done already is kept where that can be.")
_SHARING = frozenset(tasks.JOBS) - frozenset(jobs.TRAINING)

log = logging.getLogger("lessonkit.engine")


@dataclass
class InHand:
    """A run or job that a worker has: `worker` is that worker's address.

    `ended` says whether its file tells how it ended; `failed(sentence, way_out)`, `killed` and `put_back` write that it
    could not be done, that its worker died, and that the engine was asked to end.
    """

    future: Future
    worker: str
    ended: Callable[[], bool]
    failed: Callable[[str, str], object]
    killed: Callable[[], object]
    put_back: Callable[[], object]


class Dispatcher:
    """Hands out what is queued. `step` is one look at the queue; nothing else writes a queued run's status.

    Args:
        client: an asynchronous Dask client.
        own: whether the workers are the engine's own, so that they end with it.
    """

    def __init__(self, client: Client, own: bool):
        self.client = client
        self.own = own
        self.in_hand: dict[str, InHand] = {}
        self._unsaid: dict[str, Callable[[], None]] = {}
        self._queued = 0
        self._sharing_home = None if own else Sharing(client)
        self._workforce: workforce.Workforce | None = None  # as it was written down last
        self._judge = at_work.Judge()
        self._living: dict[str, at_work.Work] = {}
        self._followed: set[str] = set()  # runs that are done, whose repeats were queued if there are to be any
        self._ended = -1  # runs, when it was last looked whether they take too much
        self.leaving = False  # what waits is left to the next engine

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self.in_hand or self._queued or self._living)

    @property
    def holds(self) -> bool:
        """Whether a worker has something of it, or how something ended is still to be written down."""
        return bool(self.in_hand or self._unsaid)

    def recover(self) -> None:
        """Say what the last engine left half done; what workers elsewhere still do goes on. So does all that waits."""
        self._living = self._judge.living()
        self._say_unsaid()
        self._lose_the_dead(engine_died=True)
        at_work.tidy(self._living)

    async def step(self) -> None:
        """Take back what is over, then hand out what waits."""
        workers = await self.workers()
        self._living = self._judge.living()
        self._say_unsaid()
        for key, held in list(self.in_hand.items()):
            left = held.future.done() or held.worker not in workers
            if held.future.status == "finished" or (left and key not in self._living):
                del self.in_hand[key]
                await self._settle(key, held)
        self._lose_the_dead(engine_died=self.own)
        if self.leaving:
            return
        self._queue_repeats()
        training, previewing = split(await self._usable(workers))
        self._dispatch_jobs(training, previewing)
        self._dispatch_runs(training)

    def _lose_the_dead(self, engine_died: bool) -> None:
        """Take back what runs, as its file says, but in no living worker: an engine before this one handed it out.

        Args:
            engine_died: whether its worker ended because that engine did.
        """
        of_run = lost.ENGINE_DIED if engine_died else lost.WORKER_DIED
        of_job = CUT_SHORT if engine_died else KILLED_JOB

        def lose(key: str, still: Callable[[], bool], end: Callable[[], object]) -> None:
            def write() -> None:
                if still():  # it may have ended since its file was read
                    end()
                    at_work.forget(key)

            self._say(key, write)

        for run_id, status in runs.statuses().items():
            if status.state == runs.RUNNING and self._nobodys(run_id):
                run = Run(run_id)
                lose(
                    run_id,
                    lambda r=run: r.status().state == runs.RUNNING,
                    lambda r=run: lost.died(r, of_run),
                )
        for job in jobs.all_jobs():
            if job.state == jobs.RUNNING and self._nobodys(_key(job)):
                lose(
                    _key(job),
                    lambda j=job: j.now().state == jobs.RUNNING,
                    lambda j=job: _end_job(j.now(), jobs.FAILED, of_job, JOB_AGAIN),
                )

    def _nobodys(self, key: str) -> bool:
        return self._waits(key) and key not in self._living

    async def workers(self) -> dict[str, str]:
        """The workers' names by address."""
        identity = await self.client.scheduler.identity()
        return {address: str(worker["name"]) for address, worker in identity["workers"].items()}

    async def _usable(self, workers: dict[str, str]) -> dict[str, str]:
        """Those of the workers that have this home and these versions: the engine's own do. Of others it is written down."""
        if self._sharing_home is None:
            return workers
        scheduler = (await self.client.scheduler.identity())["id"]
        usable = await self._sharing_home.usable(workers, scheduler)
        found = self._sharing_home.workforce(workers, scheduler, config.scheduler() or "")
        if found != self._workforce:
            self._workforce = found
            self._say("workers", lambda: workforce.write(found))
        return usable

    async def abandon(self) -> None:
        """Say what the engine ends in the middle of. What workers elsewhere do goes on, and the next engine follows it."""
        living = {} if self.own else self._judge.living()
        for key, held in self.in_hand.items():
            if key in living:
                continue
            self._end(key, held, held.put_back)

    async def _settle(self, key: str, held: InHand) -> None:
        if held.future.status == "finished":
            return  # `tasks.train` and `run_job` always write how it ended
        write = held.killed
        if held.future.status == "error":
            problem = await held.future.exception()
            log.error("%s was lost: %r", key, problem)
            if is_disk_problem(problem):  # nor could the worker write down that the disk is full
                said = tasks.for_learner(problem, key)
                write = partial(held.failed, said.sentence, said.way_out)
        else:
            log.error("%s was lost: its worker %s left", key, held.worker)
            await held.future.cancel(force=True)
        self._end(key, held, write)

    def _end(self, key: str, held: InHand, write: Callable[[], object]) -> None:
        def unless_ended() -> None:
            if not held.ended():
                write()

        self._say(key, unless_ended)

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

    def _say_unsaid(self) -> None:
        for key, write in list(self._unsaid.items()):
            self._say(key, write)

    def _waits(self, key: str) -> bool:
        return key not in self.in_hand and key not in self._unsaid

    def _free(self, workers: list[str]) -> list[str]:
        """Those that nobody gave anything: this engine, or one before it whose work goes on."""
        taken = {held.worker for held in self.in_hand.values()} | {work.worker for work in self._living.values()}
        return [w for w in workers if w not in taken]

    def _dispatch_jobs(self, training: list[str], previewing: list[str]) -> None:
        waiting = [j for j in jobs.all_jobs() if j.state == jobs.QUEUED and self._waits(_key(j))]
        self._queued = len(waiting)
        for job in waiting:
            alone = job.kind in jobs.TRAINING
            full = self._sharing(_SHARING) >= JOBS_AT_ONCE or (job.kind in ZIPS and self._sharing(ZIPS) > 0)
            free = self._free(training) if alone else [] if full else previewing
            if not free:
                continue

            def ended(job: jobs.Job = job) -> bool:
                return job.now().ended

            def failed(sentence: str, way_out: str, job: jobs.Job = job) -> None:
                _end_job(job.now(), jobs.FAILED, sentence, way_out)

            future = self._submit(_key(job), tasks.run_job, (job.kind, job.key), free[0])
            killed, put_back = (partial(failed, why, JOB_AGAIN) for why in (KILLED_JOB, JOB_STOPPED))
            self.in_hand[_key(job)] = InHand(future, free[0], ended, failed, killed, put_back)
            self._queued -= 1

    def _sharing(self, kinds: Collection[str]) -> int:
        return sum(key.split("-")[0] in kinds for key in self.in_hand.keys() | self._living.keys())

    def _queue_repeats(self) -> None:
        statuses = runs.statuses()
        done = {run_id for run_id, status in statuses.items() if status.state == runs.DONE}
        ended = sum(status.ended for status in statuses.values())
        if ended != self._ended:
            self._ended = ended
            self._say("old runs", _sweep)
        for run_id in done - self._followed:
            self._say(f"repeats of {run_id}", lambda of=run_id: runs.queue_repeats(Run(of)))
        self._followed = done

    def _dispatch_runs(self, training: list[str]) -> None:
        statuses = runs.statuses()
        waiting = sorted((s.turn, i) for i, s in statuses.items() if s.state == runs.QUEUED and self._waits(i))
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

            future = self._submit(run_id, tasks.train, (run_id,), free[0])
            self.in_hand[run_id] = InHand(
                future,
                free[0],
                ended,
                partial(lost.failed, run, runs.FAILED),
                partial(lost.died, run, lost.WORKER_DIED),
                partial(lost.put_back, run),
            )
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
            why = (
                tr("The run that this one goes on from ({run}) is not on this machine.", run=parent)
                if status is None
                else tr("The run that this one goes on from ({run}) did not finish.", run=parent)
            )
            way_out = tr("Train that one first, then this one again.")
            self._say(run.id, lambda: run.end(runs.FAILED, why, way_out))
        return False


def _sweep() -> None:
    try:
        sweeping.sweep()
    except LessonError as problem:  # the setting; it is said on every page
        log.error("old runs stay: %s", problem)


def _key(job: jobs.Job) -> str:
    return f"{job.kind}-{job.key}"


def _end_job(job: jobs.Job, state: jobs.State, sentence: str, way_out: str) -> None:
    job.state, job.sentence, job.way_out, job.ended_at = state, sentence, way_out, time.time()
    job.write()
