"""One connection to the engine, made again when it is lost; what is sent to its workers, and waited for.

Light; Dask is imported at the first use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lessonkit import awake, runs
from lessonkit.engine import asking, record, starting, workforce
from lessonkit.engine.asking import NoAnswer
from lessonkit.engine.record import split
from lessonkit.errors import EngineError, NoWorkersError
from lessonkit.language import tr, translatable

if TYPE_CHECKING:
    from distributed import Client, Future

LOST = translatable("The worker that was asked ended before it answered; most often the memory did not suffice.")


class WorkerDied(EngineError):
    """The worker, or the engine, ended under a call."""


class TooLate(EngineError):
    """The answer did not come in time; the task goes on."""


class Connection:
    """The connection to this home's engine, safe from any thread.

    Args:
        left: called, with `lock` held, when the connection is closed or made anew: what its workers said is theirs alone.

    Attributes:
        lock: held while an engine is looked for or started, which takes seconds.
        client: Dask's; None while there is no connection. record: what the engine says of itself; None then too.
        started_it: whether this object started the engine that it is connected to.
    """

    def __init__(self, left: Callable[[], None]) -> None:
        self._left = left
        self.lock = threading.RLock()
        self.client: Client | None = None
        self.record: record.Record | None = None
        self.started_it = False
        # of that engine: a connection that was lost and made again changes nothing
        self._started_pid: int | None = None

    def connected(self) -> Client:
        """The client of an engine that answers; one is started if none does. Raises LessonError where none can be."""
        with self.lock:
            if self.usable() and self.client is not None:
                return self.client
            self.close()
            deadline = time.monotonic() + starting.START_SECONDS
            begun = False
            while True:
                before = record.read()
                found = starting.answering()
                if found is not None:
                    self.record, self.client = found
                    if begun:
                        self._started_pid = self.record.pid
                    self.started_it = self.record.pid == self._started_pid
                    return self.client
                begun = starting.start(deadline, before) or begun

    def usable(self) -> bool:
        """Whether the connection stands, to the engine that serves this home now."""
        if self.client is None or self.client.status != "running":
            return False
        return record.read() == self.record and record.alive(self.record)  # a client notices late that it is alone

    def stop_if_alone(self) -> bool:
        """End the engine if nobody else is connected to it and nothing runs or waits; whether it was ended."""
        with self.lock:
            if not self.usable() or self.client is None or self.record is None:
                return False
            others = asking.other_clients(self.client)
            if others > 0 or any(not status.ended for status in runs.statuses().values()):
                return False
            record.remove(self.record)
        self.close()
        return True

    def close(self) -> None:
        """Leave the engine, which goes on."""
        with self.lock:
            client, self.client, self.record = self.client, None, None
            self._left()
        if client is not None:
            client.close(timeout=5)

    def send(self, client: Client, where: str, function: Any, *args: Any) -> Future:
        """Submit to the workers for "train" or "preview"; waits for one that is being started again.

        Raises:
            WorkerDied: the engine ended meanwhile. EngineError: no such worker came in START_SECONDS, or none may come.
        """
        deadline = time.monotonic() + starting.START_SECONDS
        while True:
            none = (
                tr("The engine has no train worker.") if where == "train" else tr("The engine has no preview worker.")
            )
            problem = EngineError(none, starting.look_at_log())
            try:
                training, previewing = self.workers(client)
                if where == "train" and not training and (known := workforce.read(self.record)):
                    problem = known.problem or problem
            except NoAnswer as no_answer:
                training, previewing, problem = [], [], no_answer
            if fit := training if where == "train" else previewing:
                return client.submit(function, *args, workers=fit, pure=False, retries=0, priority=10)
            if time.monotonic() > deadline or isinstance(problem, NoWorkersError):
                raise problem
            if client is not self.client or not self.usable():
                raise WorkerDied(tr("The engine ended before it answered."), tr("Try again."))
            time.sleep(0.1)

    def workers(self, client: Client, timeout: float | None = None) -> tuple[list[str], list[str]]:
        """Addresses of the training and of the preview workers that may be asked (`record.split`). Raises NoAnswer."""
        names = asking.names(asking.workers(client, timeout))
        if self.record and not self.record.own:  # others share that scheduler, perhaps with a home of their own
            known = workforce.read(self.record)
            names = {address: name for address, name in names.items() if known and address in known.usable}
        return split(names)

    def wait(self, future: Future | None, timeout: float, late: str) -> Any:
        """The future's result, waited for until `timeout` (`late` says that), its worker's death or the engine's.

        Raises:
            TooLate: that time is over. WorkerDied: a worker or the engine ended.
        """
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
                if client is not self.client or not self.usable():
                    raise WorkerDied(tr("The engine ended before it answered."), tr("Try again.")) from None
                if awake.seconds() > deadline:
                    raise TooLate(tr(late, seconds=round(timeout)), tr("Try again.")) from None
                if self._orphaned(client, future):
                    future.cancel(force=True)
                    raise WorkerDied(tr(LOST), tr("Try again.")) from None
            except (KilledWorker, CancelledError, FutureCancelledError):
                raise WorkerDied(tr(LOST), tr("Try again.")) from None

    def _orphaned(self, client: Client, future: Future) -> bool:
        """Whether the task waits for a worker that left: Dask would let it wait for ever."""
        try:
            there = asking.ask(client, client.who_has, [future])
            return not there and asking.waits_for_no_worker(client, future.key)
        except NoAnswer:
            return False  # not known: whoever waits for it does so until its time is over


def run_task(task: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Any]:
    """A task of `tasks.CALLS`, as a worker runs it: ("done", its result) or ("error", the error)."""
    from lessonkit.engine import tasks

    return tasks.call(task, args, kwargs)


def answered(answer: tuple[str, Any]) -> Any:
    """What a task answered (`tasks.call`); its error is raised here."""
    kind, said = answer
    if kind == "error":
        raise said
    return said
