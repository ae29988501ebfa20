"""A class: thirty learners on one server, who follow a run or open a page at the same moment. `python -m bench.classroom`.

Each learner is a websocket that speaks Streamlit's own messages, as a browser's page does; their browsers are left out,
since a class brings its own machines.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from bench import results
from bench.app import bake
from bench.rows import Limit, Row
from lessonkit import config
from lessonkit.engine.client import Engine
from lessonkit.lesson.defaults import default_specs
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from tests.browser.serving import Server

LEARNERS = 30
EPOCHS = 2
PAGES = ("mistakes", "unfreezing", "train", "explorer")
PATIENCE = 60.0  # seconds


class Learner:
    """One session: it opens pages, and runs what moves on them again as often as the page asks, as a browser does."""

    def __init__(self, socket: ClientConnection, query: str):
        self.socket, self.query = socket, query
        self.hashes: dict[str, str] = {}
        self.finished = asyncio.Event()
        self.reruns: list[asyncio.Task[None]] = []
        self.listening = asyncio.create_task(self._listen())

    async def open(self, page: str) -> float:
        """Seconds from asking for a page until all of it has been sent."""
        for rerun in self.reruns:
            rerun.cancel()
        self.reruns.clear()
        self.finished.clear()
        begun = time.perf_counter()
        await self._ask(page_script_hash=self.hashes.get(page, ""))
        await asyncio.wait_for(self.finished.wait(), PATIENCE)
        return time.perf_counter() - begun

    async def leave(self) -> None:
        for task in (*self.reruns, self.listening):
            task.cancel()
        await self.socket.close()

    async def _ask(self, **how: Any) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        for key, value in how.items():
            setattr(message.rerun_script, key, value)
        await self.socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for data in self.socket:
            if isinstance(data, str):
                continue  # Streamlit's messages are bytes
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self.hashes |= {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            elif kind == "auto_rerun":
                self.reruns.append(asyncio.create_task(self._again(message.auto_rerun)))
            elif kind == "script_finished":
                self.finished.set()

    async def _again(self, moving: Any) -> None:
        while True:
            await asyncio.sleep(moving.interval)
            await self._ask(fragment_id=moving.fragment_id, is_auto_rerun=True)


@contextlib.asynccontextmanager
async def learners(server: Server, number: int, query: str) -> AsyncIterator[list[Learner]]:
    """So many learners who have opened the first page."""
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    here = [
        Learner(await connect(address, subprotocols=["streamlit"], max_size=None), query)  # type: ignore[list-item]
        for _ in range(number)
    ]
    try:
        await asyncio.gather(*(one.open("") for one in here))
        yield here
    finally:
        await asyncio.gather(*(one.leave() for one in here))


def measure(dataset: str, repeats: int, say: Callable[[str], None]) -> tuple[list[Row], list[Limit]]:
    """What thirty learners cost a run, and a run thirty learners; on the lesson's runs, made first if they are not."""
    bake(dataset, say)
    epoch = Row(f"an epoch of the whole net, followed by {LEARNERS} / by nobody", "followed", "alone", None)
    first = Limit(f"{LEARNERS} learners open the same page at the same moment: half of them have it", "s", None)
    last = Limit(f"{LEARNERS} learners open the same page at the same moment: the last has it", "s", None)
    change = Limit(f"a page change while {LEARNERS - 1} others follow a run", "s", None)
    for repeat in range(repeats):
        say(f"repeat {repeat + 1} of {repeats}: the class")
        server = Server(config.home())
        try:
            asyncio.run(_lesson(server, dataset, epoch, first, last, change))
        finally:
            server.close()
    return [epoch], [first, last, change]


async def _lesson(server: Server, dataset: str, epoch: Row, first: Limit, last: Limit, change: Limit) -> None:
    engine = Engine()
    try:
        await asyncio.to_thread(engine.device)
        stage = default_specs(catalog.resolve(dataset), engine.device()["kind"])["frozen"]
        async with learners(server, LEARNERS, f"dataset={dataset}") as here:
            for page in PAGES:
                took = sorted(await asyncio.gather(*(one.open(page) for one in here)))
                first.measured.append(statistics.median(took))
                last.measured.append(took[-1])
        sides = [("alone", 0), ("followed", LEARNERS)]
        random.shuffle(sides)
        for side, watching in sides:
            epoch.add(side, await _run(server, engine, stage, watching, change))
    finally:
        await asyncio.to_thread(engine.close)


async def _run(server: Server, engine: Engine, stage: RunSpec, watching: int, change: Limit) -> float:
    """Train a run while so many follow it, the last of whom goes from page to page. Returns seconds an epoch."""
    unfrozen = stage.but(
        starts_from=stage.id, frozen=False, precompute=False, epochs=EPOCHS, learning_rate=(1e-6, 1e-5)
    )
    spec = unfrozen.but(seed=random.randrange(1_000_000, 2**31 - 1))  # one that nobody has trained
    run = await asyncio.to_thread(engine.submit, spec)
    try:
        async with learners(server, watching, f"dataset={stage.dataset}&run={run.id}") as here:
            await asyncio.gather(*(one.open("train") for one in here))
            while not run.status().ended:
                if here:
                    change.measured.append(await here[-1].open(random.choice(PAGES)))
                await asyncio.sleep(1)
        return statistics.mean(row["seconds"] for row in run.history())
    finally:
        shutil.rmtree(Run(spec.id).folder, ignore_errors=True)


def main(dataset: str, repeats: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure, print the tables, write them to `bench/RESULTS.md`."""
    rows, limits = measure(dataset, repeats, say)
    about = f"{results.machine(f'{os.cpu_count()} cores')}; on {dataset}; the learners on the same machine, {repeats} repeats."
    results.write("A class", "\n".join([about, "", *results.ratios(rows), "", *results.limits(limits)]) + "\n")
    return [*(row.as_dict() for row in rows), *(limit.as_dict() for limit in limits)]


if __name__ == "__main__":
    main("pets", 2, lambda line: print(line, file=sys.stderr, flush=True))
