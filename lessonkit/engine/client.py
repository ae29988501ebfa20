"""The way to the engine: submit, follow, stop, ask. Light; Dask is imported at the first use.

Following needs no engine: a run is its folder (`runs.Run`), a job its file (`jobs.Job`). Nor do submitting and stopping
wait for one: they write files too (`control`), so that they are done at once whatever the workers are busy with.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from lessonkit import awake, config, jobs, language, runs, version
from lessonkit.classroom.places import KEY
from lessonkit.engine import asking, control, diary, record, workforce
from lessonkit.engine.asking import NoAnswer
from lessonkit.engine.connection import LOST, Connection, TooLate, WorkerDied, answered, run_task
from lessonkit.engine.turns import Turns
from lessonkit.engine.waiting import Waiting
from lessonkit.errors import EngineError, LessonError, QueueFullError
from lessonkit.language import tr, translatable
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.storage import disk_problem, is_disk_problem

if TYPE_CHECKING:
    from distributed import Future

CALL_SECONDS = 120.0
LOOK_SECONDS = 1.0  # a page that shows the engine's state waits no longer
LOOK_AGAIN = 5.0  # seconds until a scheduler that did not answer is asked for its state again
PREWARM_AGAIN = 60.0  # seconds after which `prewarm` asks again: an idle worker was started again, perhaps
WRITERS = 4  # threads that write files for whoever asks
WRITE_SECONDS = 30.0
TRAINING_LATE = translatable("The training worker did not answer within {seconds} s.")
ENGINE_LATE = translatable("The engine did not answer within {seconds} s.")

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("lessonkit.engine")


class Engine:
    """The engine of this home, for every session of an app at once: one connection, safe from any thread.

    Each method starts an engine when none answers (`state` and `write` alone do not), so that the next call after the
    engine died simply works. Those that wait for it raise EngineError with a sentence when none can be started.

    Args:
        learner: who asks just now, of whom no more than the settings say may wait; "" for nobody in particular. A learner's
            key in a class (`places.KEY`) is noted with each job.
        each: how many runs one learner may have waiting.
        aside: what is held while the calling thread waits for the engine or the disk.
    """

    def __init__(
        self,
        learner: Callable[[], str] = lambda: "",
        each: Callable[[], int] = config.waiting_each,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._aside = aside
        self._learner = learner
        self._waiting = Waiting(each)
        self._turns = Turns()
        self.connection = Connection(self._forget)
        self._warming: Future | None = None
        self._device: dict[str, Any] | None = None
        self._problem: LessonError | None = None  # why the training worker cannot train
        self._looking = threading.Lock()
        self._state: tuple[float, dict[str, Any]] = (-math.inf, _unknown())  # when to look again, and what was seen
        self._prewarming: Future | None = None
        self._prewarmed = -math.inf
        self._waking = threading.Lock()
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="control")

    def connect(self) -> None:
        """Have an engine answer, starting one if none does."""
        self.connection.connected()

    def close(self) -> None:
        """Leave the engine, which goes on."""
        self.connection.close()

    def stop_if_alone(self) -> bool:
        """End the engine if nobody else is connected to it and nothing runs or waits; whether it was ended."""
        return self.connection.stop_if_alone()

    @property
    def started_it(self) -> bool:
        """Whether this object started the engine that it is connected to."""
        return self.connection.started_it

    def _forget(self) -> None:
        """What the workers of an engine said is lost with it. Called with the connection's lock held."""
        self._warming, self._device, self._problem = None, None, None

    def warm(self) -> None:
        """Have a training worker import fastai and look at its device; returns at once. Asked again it does nothing."""
        client = self.connection.connected()
        with self.connection.lock:
            if self._device or (self._warming and self._warming.status == "pending"):
                return
            self._problem = None
            self._warming = self.connection.send(client, "train", run_task, "warm", (), {})
            self._warming.add_done_callback(self._note_device)

    def prewarm(self) -> None:
        """Have the preview worker import what looking at photos takes, seconds before it is asked; returns at once.

        Nothing happens where no engine is connected yet, or where that was asked less than a minute ago.
        """
        if not self.connection.lock.acquire(blocking=False):
            return  # an engine is being started, which takes seconds: no page waits for that
        try:
            client = self.connection.client
            if client is None or not self.connection.usable() or time.monotonic() - self._prewarmed < PREWARM_AGAIN:
                return
            self._prewarmed = time.monotonic()
        finally:
            self.connection.lock.release()
        try:
            _, previewing = self.connection.workers(client, LOOK_SECONDS)
        except NoAnswer as problem:
            log.info("%s", problem)  # whoever looks at a photo will ask again, and be told
            return
        if previewing:
            self._prewarming = client.submit(run_task, "prewarm", (), {}, workers=previewing, pure=False, retries=0)

    def device(self, timeout: float = CALL_SECONDS) -> dict[str, Any]:
        """What is trained on: {"kind": "cuda", "mps" or "cpu", "name"}. Waits for `warm` up to `timeout` seconds."""
        deadline = awake.seconds() + timeout
        for last in (False, True):
            self.warm()
            with self.connection.lock:
                known, warming = self._device, self._warming
            if known:
                return dict(known)
            try:
                with self._aside():
                    return answered(self.connection.wait(warming, deadline - awake.seconds(), TRAINING_LATE))
            except WorkerDied:
                if last:
                    raise
        raise AssertionError("unreachable")

    def wake(self) -> None:
        """Have an engine started if none is there, in the background; returns at once."""
        if not record.alive(record.read()) and self._waking.acquire(blocking=False):
            threading.Thread(target=self._woken, name="wake the engine", daemon=True).start()

    def _woken(self) -> None:
        try:
            self.connection.connected()
        except LessonError as problem:
            log.warning("%s", problem)  # whoever follows the run or job asks again, and is told (`connect`)
        finally:
            self._waking.release()

    def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a short function that writes files, and return its result; it waits for no worker.

        It runs in a thread of the engine's own: Streamlit ends a page's thread in the middle of a line when its tab is
        closed.

        Raises:
            LessonError: as the function raised it.
            DiskError: the disk is full or shut. EngineError: it took more than WRITE_SECONDS.
        """
        try:
            writing = self._writers.submit(function, *args, **kwargs)
            with self._aside():
                return writing.result(WRITE_SECONDS)
        except TimeoutError:
            raise EngineError(
                tr(
                    "The disk that holds {folder} did not answer within {seconds} s.",
                    folder=str(config.home()),
                    seconds=round(WRITE_SECONDS),
                ),
                tr("Try again."),
            ) from None
        except OSError as problem:
            if not is_disk_problem(problem):
                raise
            raise disk_problem(problem, config.home()) from problem

    def submit(self, spec: RunSpec, *, again: bool = False, repeats: int = 1, another: bool = False) -> Run:
        """Queue the run of this spec and return it; the same choice is the same run, whoever asks.

        The engine need not be there yet: it is started if none is. Only photos that were changed by hand are waited
        for: they are read again first, since their content is part of the run's name.

        Args:
            again: one that was stopped is trained again, whole, and those that go on from it (`runs.create_again`).
            another: where its recipe was trained before, its next repeat: other luck (`runs.create_another`); where too
                much waits for that, one that is under way.
            repeats: how many runs of its recipe there are to be; the others follow once it is done (`runs.create`).

        Raises:
            LessonError: as `control.submit`, the photos cannot be read, or too much waits (`waiting.Waiting`).
        """
        if self.write(control.photos_changed, spec):
            self.call("recheck", spec.dataset)
        queue = partial(control.submit, spec, again, repeats, another)
        try:
            with diary.noted("submit", spec.id, self._learner()):
                run = self.write(self._waiting.run, self._learner(), "" if another or again else spec.id, queue)
        except QueueFullError:
            same = [run_id for run_id, other in runs.under_way().items() if other.recipe == spec.recipe]
            if not (another and same):
                raise
            run = Run(same[0])  # where too much waits, whoever trains the same recipe watches one that is under way
        self.wake()
        return run

    def stop(self, run_id: str) -> None:
        """Ask a run to stop: one that trains keeps its finished epochs, one that waits never starts."""
        with diary.noted("stop", run_id, self._learner()):
            self.write(runs.stop, run_id)
        self.wake()

    def stop_job(self, kind: str, key: str) -> None:
        """Ask a job to stop: what it has made so far stays where that can be, one that waits never starts."""
        with diary.noted("stop", f"{kind}-{key}", self._learner()):
            self.write(jobs.stop, kind, key)

    def obtain(self, name: str) -> jobs.Job:
        """Have a dataset downloaded and unpacked, or drawn. Follow it with `job.now()`."""
        return self.start_job("obtain", name, name)

    def fetch_weights(self, architecture: str) -> jobs.Job:
        """Have an architecture's pretrained weights fetched."""
        return self.start_job("weights", architecture, architecture)

    def build_cache(self, name: str, side: int) -> jobs.Job:
        """Have a dataset's photos decoded once, their shorter side `side` pixels."""
        return self.start_job("cache", f"{name}-{side}", name, side)

    def read_zip(self, upload: str, wish: dict[str, Any]) -> jobs.Job:
        """Have an uploaded zip read (`uploads.keep_upload`): how it may be labelled is in `job.now().result`.

        Args:
            wish: how somebody wants it labelled, the fields of `wishes.Wish` (`uploads.read_upload`).
        """
        return self.start_job("read_zip", upload, upload, wish)

    def add_zip(self, upload: str, title: str, wish: dict[str, Any], maker: str = "") -> jobs.Job:
        """Have an uploaded zip made a dataset; its name is in `job.now().result["name"]`. Of `maker`, see `imported.add`."""
        return self.start_job("add_zip", upload, upload, title, wish, maker)

    def find_rate(self, spec: RunSpec) -> jobs.Job:
        """Have fastai's `lr_find` done for this spec, on a training worker; its result is in `job.now().result`."""
        return self.start_job("find_rate", spec.id, spec.to_dict())

    def measure(self, size: int, kind: str) -> jobs.Job:
        """Have an epoch's cost measured on a training worker, at this size in pixels (`timing.time_architectures`).

        Args:
            kind: of the device that it is measured on, by which its result is found.
        """
        return self.start_job("measure", f"{kind}-{size}", size)

    def take_home(self, name: str, run_id: str, kind: str, quiz: tuple[int, int] | None) -> jobs.Job:
        """Have a file to take home made.

        Args:
            name: the file's, by which the job is found (`files.path`). The others: as for that; it is made in the
                language of now.
        """
        return self.start_job("take_home", name, run_id, kind, quiz, language.current())

    def call(self, task: str, *args: Any, timeout: float = CALL_SECONDS, **kwargs: Any) -> Any:
        """Have a preview worker run a task of `tasks.CALLS`, and return its result.

        A worker that dies under it is started again by the engine and asked once more. Each learner has one question
        answered at a time (`turns.Turns`).

        Raises:
            LessonError: as the task raised it.
            EngineError: the task failed otherwise, or did not answer within `timeout` seconds.
        """
        with diary.noted(task, who=self._learner()), self._aside():
            return self._called(task, args, kwargs, timeout)

    def _called(self, task: str, args: tuple[Any, ...], kwargs: dict[str, Any], timeout: float) -> Any:
        deadline = awake.seconds() + timeout
        turn = self._turns.take(self._learner(), task, timeout)
        left = False
        try:
            for last in (False, True):
                client = self.connection.connected()
                future = self.connection.send(client, "preview", run_task, task, args, kwargs)
                try:
                    return answered(self.connection.wait(future, deadline - awake.seconds(), ENGINE_LATE))
                except WorkerDied:
                    if last:
                        raise
                except TooLate:
                    left = True
                    self._turns.leave(turn)
                    future.add_done_callback(lambda _: self._turns.give_back(turn))
                    raise
        finally:
            if not left:
                self._turns.give_back(turn)
        raise AssertionError("unreachable")

    def state(self) -> dict[str, Any]:
        """What the engine is doing, for a sidebar; starts none, looks at most once a second, waits LOOK_SECONDS at most.

        Returns {"alive": bool, "answers": False where it is alive but did not answer in that time,
        "workers": [{"name", "memory" (bytes)}] as far as it answered, "device": name or "" until known,
        "kind": "cuda", "mps", "cpu" or "", "problem": None, or a LessonError that says why it cannot train,
        "queued": runs that wait, "running": ids of runs that train}.
        """
        if time.monotonic() > self._state[0] and self._looking.acquire(blocking=False):
            try:
                found = self._look()
                self._state = (time.monotonic() + (1.0 if found["answers"] else LOOK_AGAIN), found)
            finally:
                self._looking.release()
        return dict(self._state[1])

    def start_job(self, kind: str, key: str, *args: Any) -> jobs.Job:
        """Queue a job of `tasks.JOBS` and return it; one that is queued or running is returned as it is.

        Raises:
            LessonError: too much waits (`waiting.Waiting`).
        """
        queue = partial(control.start_job, kind, key, *args)
        with diary.noted("start", f"{kind}-{key}", self._learner()):
            job = self.write(self._waiting.job, self._learner(), f"{kind}-{key}", queue)
        if KEY.fullmatch(who := self._learner()):
            self.write(jobs.note_asked, kind, key, who)
        self.wake()
        return job

    def _note_device(self, warming: Future) -> None:
        """Keep the answer here: a worker's memory is lost with it. Called in a thread of Dask's."""
        if warming.status == "cancelled":
            return  # by us, or with the engine
        kind: str = "error"
        answer: Any = EngineError(tr(LOST), tr("Try again."))
        if warming.status == "finished":
            kind, answer = warming.result(timeout=10)
        with self.connection.lock:
            if warming is not self._warming:
                return
            if kind == "done":
                self._device, self._problem = answer, None
            else:
                self._problem = answer

    def _look(self) -> dict[str, Any]:
        state = _unknown()
        statuses = {run_id: status.state for run_id, status in runs.statuses().items()}
        state["queued"] = sum(s == runs.QUEUED for s in statuses.values())
        state["running"] = sorted(i for i, s in statuses.items() if s == runs.RUNNING)
        client, device = self.connection.client, self._device
        if client is None or not self.connection.usable():
            known = record.read()  # one that this process may connect to, when something is asked of it
            if known is not None and record.alive(known):
                state["alive"] = known.version == version.VERSION and not known.leaving
            return state
        known = workforce.read(self.connection.record)
        state["alive"], state["problem"] = True, (known and known.problem) or self._problem
        if device is not None:
            state["device"], state["kind"] = device["name"], device["kind"]
        try:
            workers = asking.workers(client, LOOK_SECONDS).values()
            state["workers"] = [{"name": str(w["name"]), "memory": w["metrics"]["memory"]} for w in workers]
        except NoAnswer:
            state["answers"] = False
        return state


def _unknown() -> dict[str, Any]:
    nothing = {"device": "", "kind": "", "problem": None}
    return {"alive": False, "answers": True, "workers": [], **nothing, "queued": 0, "running": []}
