"""What Dask's scheduler is asked, each with a time limit: Dask itself would wait for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lessonkit.errors import EngineError
from lessonkit.language import tr

if TYPE_CHECKING:
    from distributed import Client

ANSWER_SECONDS = 10.0  # the scheduler answers at once, unless it is stopped or its machine is asleep


class NoAnswer(EngineError):
    """The scheduler did not answer in time, or the connection to it is broken."""


def ask(client: Client, method: Callable[..., Any], *args: Any, timeout: float | None = None) -> Any:
    """What a method of a Dask client answers.

    Raises:
        NoAnswer: nothing came within `timeout` seconds (ANSWER_SECONDS).
    """

    async def asked() -> Any:
        return await method(*args)

    try:
        return client.sync(asked, callback_timeout=ANSWER_SECONDS if timeout is None else timeout)
    except (OSError, RuntimeError) as problem:  # a TimeoutError is an OSError; the client was closed meanwhile
        raise NoAnswer(
            tr("The engine did not answer ({error}).", error=type(problem).__name__),
            tr("Wait a moment; if it goes on, stop the app and start it again."),
        ) from None


def identity(client: Client, timeout: float | None = None) -> dict[str, Any]:
    """What the scheduler says of itself ("id", "workers", …). Raises NoAnswer."""

    async def asked() -> Any:
        if client.scheduler is None:
            raise ConnectionError("not connected")
        return await client.scheduler.identity()

    return ask(client, asked, timeout=timeout)


def workers(client: Client, timeout: float | None = None) -> dict[str, dict[str, Any]]:
    """What the scheduler knows of each worker ("name", "metrics", …), by address. Raises NoAnswer.

    Not `client.scheduler_info()`: it keeps the answer in a place that Dask's own refresh, every few seconds, empties of
    workers, perhaps before it is read.
    """
    return identity(client, timeout)["workers"]


def names(known: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The workers' names by address, of what `workers` returned."""
    return {address: str(worker["name"]) for address, worker in known.items()}


def other_clients(client: Client) -> int:
    """How many clients an engine's scheduler has besides this one and the engine's own. Raises NoAnswer."""
    return ask(client, client.run_on_scheduler, _clients) - 2


def waits_for_no_worker(client: Client, key: str) -> bool:
    """Whether the task of this key will never run: its worker left. Raises NoAnswer."""
    return ask(client, client.run_on_scheduler, _no_worker, key)


def _clients(dask_scheduler: Any) -> int:
    return len([c for c in dask_scheduler.clients if c != "fire-and-forget"])


def _no_worker(key: str, dask_scheduler: Any) -> bool:
    task = dask_scheduler.tasks.get(key)
    return task is None or task.state in ("no-worker", "released", "forgotten")
