"""How much may wait in the queue, of one learner and of all: nobody can put a thousand runs in front of everybody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from lessonkit import config, jobs, runs
from lessonkit.errors import LessonError, QueueFullError
from lessonkit.jobs import Job
from lessonkit.language import tr, trn
from lessonkit.runs import Run
from lessonkit.storage import locked

# Jobs are shorter than runs, and a page may ask for several at once: photos, weights, each file that is taken home. Those
# that take a training worker count as runs do.
JOBS_FOR_A_RUN = 4

T = TypeVar("T", Run, Job)


class Waiting:
    """Who asked for what waits. One for an app; safe from any thread.

    Learners are known as long as the app runs, as their sessions are; those of a class also by what the home says of who
    asked: they may have asked another process of the same class, or this one before it was started again. Whoever is nobody in particular, as the command
    line, may ask for as much as they like; repeats that the engine queues by itself count for nobody.

    Args:
        each: how many runs one learner may have waiting.
    """

    def __init__(self, each: Callable[[], int] = config.waiting_each) -> None:
        self._each = each
        self._lock = threading.Lock()
        self._asked: dict[str, dict[str, str]] = {"run": {}, "task": {}}  # the key of what waits -> who asked first

    def run(self, learner: str, run_id: str, queue: Callable[[], Run]) -> Run:
        """What `queue` queues, where there is room for it; a run that is there already needs none.

        Args:
            learner: who asks; "" for nobody in particular.
            run_id: of the run that is asked for; "" where only `queue` finds out which that is.

        Raises:
            QueueFullError: this learner, or all of them, have as many runs waiting as they may.
        """
        with self._one_at_a_time():
            known = runs.statuses()
            waiting = {i for i, s in known.items() if s.state == runs.QUEUED and not s.repeat_of}
            there = run_id in known and (not known[run_id].ended or known[run_id].finished)
            self._check(learner, waiting, there, "run", 1)
            run = queue()
            self._note(learner, run.id, waiting, "run")
            return run

    def job(self, learner: str, key: str, queue: Callable[[], Job]) -> Job:
        """The same for a job, whose key is `kind-key`."""
        with self._one_at_a_time():
            known = {f"{job.kind}-{job.key}": job for job in jobs.all_jobs()}
            trains = key.partition("-")[0] in jobs.TRAINING
            waiting = {
                k for k, job in known.items() if job.state == jobs.QUEUED and (job.kind in jobs.TRAINING) == trains
            }
            there = key in known and not known[key].ended
            self._check(learner, waiting, there, "task", 1 if trains else JOBS_FOR_A_RUN)
            job = queue()
            self._note(learner, key, waiting, "task")
            return job

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Nobody else asks meanwhile, in another process neither: two would both see the last place free."""
        with self._lock:
            config.home().mkdir(parents=True, exist_ok=True)
            with locked(config.home() / "asking.lock"):
                yield

    def _check(self, learner: str, waiting: set[str], there: bool, what: str, times: int) -> None:
        if not learner or there:
            return
        each, whole = self._each() * times, config.waiting_all() * times
        mine = sum(1 for key in waiting if self._first(what, key) == learner)
        if mine >= each:
            said = (
                trn(
                    "Of what you asked for, {n} run waits already, and each learner may have {most} waiting.",
                    "Of what you asked for, {n} runs wait already, and each learner may have {most} waiting.",
                    mine, most=each,
                )
                if what == "run"
                else trn(
                    "Of what you asked for, {n} task waits already, and each learner may have {most} waiting.",
                    "Of what you asked for, {n} tasks wait already, and each learner may have {most} waiting.",
                    mine, most=each,
                )
            )  # fmt: skip
            raise QueueFullError(said, tr("Wait until one of them has begun, or stop one; then try again."))
        if len(waiting) >= whole:
            said = (
                trn(
                    "In the queue {n} run waits already, and no more than {most} may.",
                    "In the queue {n} runs wait already, and no more than {most} may.",
                    len(waiting), most=whole,
                )
                if what == "run"
                else trn(
                    "In the queue {n} task waits already, and no more than {most} may.",
                    "In the queue {n} tasks wait already, and no more than {most} may.",
                    len(waiting), most=whole,
                )
            )  # fmt: skip
            raise QueueFullError(said, tr("Wait until some of them have begun, then try again."))

    def _first(self, what: str, key: str) -> str:
        """Who asked for it first; "" where nobody in particular did."""
        if key in self._asked[what]:
            return self._asked[what][key]
        try:
            known = runs.asked_by(Run(key)) if what == "run" else jobs.asked_by(*key.split("-", 1))
        except (LessonError, OSError):  # said where the run is shown
            return ""
        return next(iter(known), "")

    def _note(self, learner: str, key: str, waiting: set[str], what: str) -> None:
        asked = self._asked[what]
        for gone in asked.keys() - waiting:
            del asked[gone]
        if learner:
            asked.setdefault(key, learner)
