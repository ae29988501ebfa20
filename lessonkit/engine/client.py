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
from lessonkit.engine import asking, control, diary, record, starting, workforce
from lessonkit.engine.asking import NoAnswer
from lessonkit.engine.record import split
from lessonkit.engine.turns import Turns
from lessonkit.engine.waiting import Waiting
from lessonkit.errors import EngineError, LessonError, NoWorkersError, QueueFullError
from lessonkit.language import tr, translatable
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.storage import disk_problem, is_disk_problem

if TYPE_CHECKING:
    from distributed import Client, Future

CALL_SECONDS = 120.0
LOOK_SECONDS = 1.0  # a page that shows the engine's state waits no longer
LOOK_AGAIN = 5.0  # seconds until a scheduler that did not answer is asked for its state again
PREWARM_AGAIN = 60.0  # seconds after which `prewarm` asks again: an idle worker was started again, perhaps
WRITERS = 4  # threads that write files for whoever asks
WRITE_SECONDS = 30.0
LOST = translatable("The worker that was asked ended before it answered; most often the memory did not suffice.")
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
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._record: record.Record | None = None
        self._warming: Future | None = None
        self._device: dict[str, Any] | None = None
        self._problem: LessonError | None = None  # why the training worker cannot train
        self._looking = threading.Lock()
        self._state: tuple[float, dict[str, Any]] = (-math.inf, _unknown())  # when to look again, and what was seen
        self._prewarming: Future | None = None
        self._prewarmed = -math.inf
        self._waking = threading.Lock()
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="control")
        self.started_it = False  # whether this object started the engine that it is connected to
        self._started_pid: int | None = (
            None  # of that engine: a connection that was lost and made again changes nothing
        )

    def connect(self) -> None:
        """Have an engine answer, starting one if none does."""
        self._connected()

    def warm(self) -> None:
        """Have a training worker import fastai and look at its device; returns at once. Asked again it does nothing."""
        client = self._connected()
        with self._lock:
            if self._device or (self._warming and self._warming.status == "pending"):
                return
            self._problem = None
            self._warming = self._send(client, "train", _call, "warm", (), {})
            self._warming.add_done_callback(self._note_device)

    def prewarm(self) -> None:
        """Have the preview worker import what looking at photos takes, seconds before it is asked; returns at once.

        Nothing happens where no engine is connected yet, or where that was asked less than a minute ago.
        """
        if not self._lock.acquire(blocking=False):
            return  # an engine is being started, which takes seconds: no page waits for that
        try:
            client = self._client
            if client is None or not self._usable() or time.monotonic() - self._prewarmed < PREWARM_AGAIN:
                return
            self._prewarmed = time.monotonic()
        finally:
            self._lock.release()
        try:
            _, previewing = self._workers(client, LOOK_SECONDS)
        except NoAnswer as problem:
            log.info("%s", problem)  # whoever looks at a photo will ask again, and be told
            return
        if previewing:
            self._prewarming = client.submit(_call, "prewarm", (), {}, workers=previewing, pure=False, retries=0)

    def device(self, timeout: float = CALL_SECONDS) -> dict[str, Any]:
        """What is trained on: {"kind": "cuda", "mps" or "cpu", "name"}. Waits for `warm` up to `timeout` seconds."""
        deadline = awake.seconds() + timeout
        for last in (False, True):
            self.warm()
            with self._lock:
                known, warming = self._device, self._warming
            if known:
                return dict(known)
            try:
                with self._aside():
                    return _value(self._wait(warming, deadline - awake.seconds(), TRAINING_LATE))
            except _WorkerDied:
                if last:
                    raise
        raise AssertionError("unreachable")

    def wake(self) -> None:
        """Have an engine started if none is there, in the background; returns at once."""
        if not record.alive(record.read()) and self._waking.acquire(blocking=False):
            threading.Thread(target=self._woken, name="wake the engine", daemon=True).start()

    def _woken(self) -> None:
        try:
            self._connected()
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
                client = self._connected()
                future = self._send(client, "preview", _call, task, args, kwargs)
                try:
                    return _value(self._wait(future, deadline - awake.seconds(), ENGINE_LATE))
                except _WorkerDied:
                    if last:
                        raise
                except _TooLate:
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

    def stop_if_alone(self) -> bool:
        """End the engine if nobody else is connected to it and nothing runs or waits; whether it was ended."""
        with self._lock:
            if not self._usable() or self._client is None or self._record is None:
                return False
            others = asking.other_clients(self._client)
            if others > 0 or any(not status.ended for status in runs.statuses().values()):
                return False
            record.remove(self._record)
        self.close()
        return True

    def close(self) -> None:
        """Leave the engine, which goes on."""
        with self._lock:
            client, self._client, self._record = self._client, None, None
            self._warming, self._device, self._problem = None, None, None
        if client is not None:
            client.close(timeout=5)

    def _connected(self) -> Client:
        with self._lock:
            if self._usable() and self._client is not None:
                return self._client
            self.close()
            deadline = time.monotonic() + starting.START_SECONDS
            begun = False
            while True:
                found = starting.answering()
                if found is not None:
                    self._record, self._client = found
                    if begun:
                        self._started_pid = self._record.pid
                    self.started_it = self._record.pid == self._started_pid
                    return self._client
                begun = starting.start(deadline) or begun

    def _usable(self) -> bool:
        if self._client is None or self._client.status != "running":
            return False
        return record.read() == self._record and record.alive(self._record)  # a client notices late that it is alone

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

    def _send(self, client: Client, where: str, function: Any, *args: Any) -> Future:
        """Submit to the workers for "train" or "preview"; waits for one that is being started again."""
        deadline = time.monotonic() + starting.START_SECONDS
        while True:
            none = (
                tr("The engine has no train worker.") if where == "train" else tr("The engine has no preview worker.")
            )
            problem = EngineError(none, starting.look_at_log())
            try:
                training, previewing = self._workers(client)
                if where == "train" and not training and (known := workforce.read(self._record)):
                    problem = known.problem or problem
            except NoAnswer as no_answer:
                training, previewing, problem = [], [], no_answer
            if fit := training if where == "train" else previewing:
                return client.submit(function, *args, workers=fit, pure=False, retries=0, priority=10)
            if time.monotonic() > deadline or isinstance(problem, NoWorkersError):
                raise problem
            if client is not self._client or not self._usable():
                raise _WorkerDied(tr("The engine ended before it answered."), tr("Try again."))
            time.sleep(0.1)

    def _workers(self, client: Client, timeout: float | None = None) -> tuple[list[str], list[str]]:
        """Addresses of the training and of the preview workers that may be asked (`record.split`). Raises NoAnswer."""
        names = asking.names(asking.workers(client, timeout))
        if self._record and not self._record.own:  # others share that scheduler, perhaps with a home of their own
            known = workforce.read(self._record)
            names = {address: name for address, name in names.items() if known and address in known.usable}
        return split(names)

    def _wait(self, future: Future | None, timeout: float, late: str) -> Any:
        """The future's result, waited for until `timeout` (`late` says that), its worker's death or the engine's."""
        from distributed import CancelledError, KilledWorker
        from distributed.client import FutureCancelledError

        assert future is not None
        client, deadline = future.client, awake.seconds() + timeout
        while True:
            try:
                return future.result(timeout=max(0.0, min(2.0, deadline - awake.seconds())))
            except TimeoutError:
                if future.done():
                    continue
                if client is not self._client or not self._usable():
                    raise _WorkerDied(tr("The engine ended before it answered."), tr("Try again.")) from None
                if awake.seconds() > deadline:
                    raise _TooLate(tr(late, seconds=round(timeout)), tr("Try again.")) from None
                if self._orphaned(client, future):
                    future.cancel(force=True)
                    raise _WorkerDied(tr(LOST), tr("Try again.")) from None
            except (KilledWorker, CancelledError, FutureCancelledError):
                raise _WorkerDied(tr(LOST), tr("Try again.")) from None

    def _orphaned(self, client: Client, future: Future) -> bool:
        """Whether the task waits for a worker that left: Dask would let it wait for ever."""
        try:
            there = asking.ask(client, client.who_has, [future])
            return not there and asking.waits_for_no_worker(client, future.key)
        except NoAnswer:
            return False  # not known: whoever waits for it does so until its time is over

    def _note_device(self, warming: Future) -> None:
        """Keep the answer here: a worker's memory is lost with it. Called in a thread of Dask's."""
        if warming.status == "cancelled":
            return  # by us, or with the engine
        kind: str = "error"
        answer: Any = EngineError(tr(LOST), tr("Try again."))
        if warming.status == "finished":
            kind, answer = warming.result(timeout=10)
        with self._lock:
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
        client, device = self._client, self._device
        if client is None or not self._usable():
            known = record.read()  # one that this process may connect to, when something is asked of it
            if known is not None and record.alive(known):
                state["alive"] = known.version == version.VERSION and not known.leaving
            return state
        known = workforce.read(self._record)
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


class _WorkerDied(EngineError):
    """The worker, or the engine, ended under a call."""


class _TooLate(EngineError):
    """The answer did not come in time; the task goes on."""


def _call(task: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Any]:
    from lessonkit.engine import tasks

    return tasks.call(task, args, kwargs)


def _value(answer: tuple[str, Any]) -> Any:
    """What a task answered (`tasks.call`); its error is raised here."""
    kind, value = answer
    if kind == "error":
        raise value
    return value
