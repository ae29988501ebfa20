"""When an idle worker is begun again for the memory that it holds: by a clock that the test sets, on a real scheduler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest
from distributed import Client, Scheduler, SpecCluster, Worker

from lessonkit.engine import server
from lessonkit.engine.server import Trimmer

AFTER = 180.0  # seconds


class Engine:
    """A scheduler with one worker in this process, its trimmer, the time, and which workers were begun again."""

    def __init__(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        self.client = client
        self.now = 0.0
        self.begun_again: list[list[str]] = []
        self.busy = False
        monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(client, "restart_workers", self._restart)
        self.trimmer = Trimmer(client, AFTER, own=True)

    async def _restart(self, workers: list[str], **_: object) -> None:
        self.begun_again.append(workers)

    async def at(self, now: float) -> list[list[str]]:
        """What has been begun again once the trimmer has looked at this time."""
        self.now = now
        await self.trimmer.step(self)
        return self.begun_again

    async def workers(self) -> dict[str, str]:
        return {}


@pytest.fixture
def on_engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Engine], Awaitable[None]]], None]:
    """Runs a test on an engine whose worker holds more than it should."""
    monkeypatch.setattr(server, "LEAN_PREVIEW", 1)

    async def run(test: Callable[[Engine], Awaitable[None]]) -> None:
        local = {"host": "127.0.0.1", "dashboard": False}
        async with (
            SpecCluster(
                workers={"preview": {"cls": Worker, "options": {"nthreads": 1, **local}}},
                scheduler={"cls": Scheduler, "options": {**local, "port": 0}},
                asynchronous=True,
            ) as cluster,
            Client(cluster, asynchronous=True, set_as_default=False) as client,
        ):
            await test(Engine(client, monkeypatch))

    return lambda test: asyncio.run(run(test))


def test_a_worker_is_begun_again_once_it_has_been_idle_for_as_long(on_engine) -> None:
    async def test(engine: Engine) -> None:
        (address,) = (await engine.client.scheduler.identity())["workers"]
        assert await engine.at(AFTER - 1) == []
        assert await engine.at(AFTER + 5) == [[address]]
        assert await engine.at(2 * AFTER) == [[address]], "begun again, it is new"

    on_engine(test)


def test_a_worker_that_nobody_used_since_is_not_begun_again_however_large(on_engine) -> None:
    async def test(engine: Engine) -> None:
        assert len(await engine.at(AFTER + 5)) == 1
        for rounds in (1.1, 2, 3, 4, 5):
            assert len(await engine.at(rounds * AFTER + 5)) == 1, "begun again for nothing, and again"
        question = engine.client.submit(abs, -1, pure=False)
        assert await question == 1
        assert len(await engine.at(5.1 * AFTER + 5)) == 1
        assert len(await engine.at(7 * AFTER)) == 2

    on_engine(test)


def test_a_question_asked_and_answered_between_two_looks_counts_as_work(on_engine) -> None:
    async def test(engine: Engine) -> None:
        await engine.at(100)
        question = engine.client.submit(abs, -1, pure=False)  # kept: to be forgotten would be a change, too
        assert await question == 1
        assert await engine.at(AFTER + 5) == []
        assert await engine.at(2 * AFTER) == []
        assert len(await engine.at(2 * AFTER + 10)) == 1

    on_engine(test)


def test_nothing_is_begun_again_while_a_run_trains(on_engine) -> None:
    async def test(engine: Engine) -> None:
        engine.busy = True
        assert await engine.at(3 * AFTER) == []
        engine.busy = False
        assert await engine.at(3 * AFTER + 10) == []
        assert len(await engine.at(4 * AFTER + 10)) == 1

    on_engine(test)


def test_a_worker_that_holds_little_is_left_alone(on_engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LEAN_PREVIEW", 2**60)

    async def test(engine: Engine) -> None:
        assert await engine.at(3 * AFTER) == []

    on_engine(test)
