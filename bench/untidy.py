"""Untidy people on one server: `python -m bench.untidy [--people 60] [--workers 2] [--seconds 300] [--dataset pets]`.

Each opens pages and presses buttons every PAUSE seconds, now and then vanishes in the middle of it and comes back, half
of the times as the same session, as a browser does that lost its network; meanwhile a network trains. Then what a page
costs the server, once alone on a machine and once in a class.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import statistics
import sys
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench import results
from bench.app import bake
from lessonkit import config
from lessonkit.classroom import controls
from lessonkit.engine.client import Engine
from lessonkit.lesson import steps
from lessonkit.lesson.defaults import FRESH, default_specs
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.serving import proxy
from tests.browser.serving import Server

PAUSE = 3.0  # seconds between what one of them does
VANISH = 0.05  # of the times: the connection is cut, without a goodbye
PATIENCE = 60.0  # seconds, after which it counts as an error
PAGES = ["", *(s.page for s in steps.STEPS[1:]), *(s.page for s in steps.EXPLORE)]
WORK = ("Train", "train", "Find", "Measure", "Delete", "Stop", "Get ", "Make", "Start", "Take", "Open the teacher")
"""Buttons that are not pressed: they ask for trainings, or clear away what the others look at."""


class Person:
    """Somebody with a browser: what it keeps over reloads is a cookie and the last session's id."""

    def __init__(self, server: Server, query: str, luck: random.Random):
        self.server, self.query, self.luck = server, query, luck
        self.hashes: dict[str, str] = {}
        self.buttons: dict[str, str] = {}
        self.session = ""
        self.page = ""  # that it has open, by its hash
        self.took: list[float] = []
        self.errors: Counter[str] = Counter()
        self.cookie = _cookie(server)
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._done = asyncio.Event()

    async def arrive(self, again: bool = False) -> None:
        """Open the lesson; try again where the server does not answer, which counts as an error.

        Args:
            again: as the session that was there before.
        """
        names = ["streamlit", "none", *([self.session] if again and self.session else [])]
        while True:
            try:
                self._socket = await connect(
                    f"ws://127.0.0.1:{self.server.port}/_stcore/stream",
                    subprotocols=names,  # type: ignore[arg-type]
                    additional_headers={"Cookie": self.cookie} if self.cookie else None,
                    max_size=None,
                    open_timeout=PATIENCE,
                )
            except (TimeoutError, OSError, WebSocketException) as problem:
                self.errors[type(problem).__name__] += 1
                await asyncio.sleep(PAUSE)
            else:
                break
        self._tasks = [asyncio.create_task(self._listen(self._socket))]
        await self.run("")

    async def vanish(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            self._socket.transport.abort()  # no goodbye
            with suppress(WebSocketException, OSError):
                await self._socket.wait_closed()

    async def run(self, page: str, button: str = "") -> None:
        """Ask for a page, or press a button on it, and wait until all of it is there."""
        for rerun in self._tasks[1:]:
            rerun.cancel()
        del self._tasks[1:]
        self._done.clear()
        begun = time.perf_counter()
        try:
            await self._ask(page, button)
            await asyncio.wait_for(self._done.wait(), PATIENCE)
        except (TimeoutError, WebSocketException) as problem:
            self.errors[type(problem).__name__] += 1
        else:
            self.took.append(time.perf_counter() - begun)

    async def live(self, until: float) -> None:
        page = ""
        await asyncio.sleep(self.luck.uniform(0, PAUSE))
        await self.arrive()
        while time.monotonic() < until:
            await asyncio.sleep(self.luck.uniform(0.5, 1.5) * PAUSE)
            if self.luck.random() < VANISH:
                with suppress(WebSocketException):
                    await self._ask(self.luck.choice(PAGES))  # it is gone before this page has come
                await self.vanish()
                await asyncio.sleep(self.luck.uniform(0, 10))
                await self.arrive(again=self.luck.random() < 0.5)
                page = ""
            elif self.buttons and self.luck.random() < 0.5:
                await self.run(page, self.luck.choice(list(self.buttons)))
            else:
                page = self.luck.choice(PAGES)
                self.buttons.clear()
                await self.run(page)
        await self.vanish()

    async def _ask(self, page: str, button: str = "", **how: Any) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page if how else self.hashes.get(page, "")
        if button:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = button, True
        for key, value in how.items():
            setattr(message.rerun_script, key, value)
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _listen(self, socket: ClientConnection) -> None:
        with suppress(WebSocketException):
            async for data in socket:
                if isinstance(data, bytes):
                    self._take(ForwardMsg.FromString(data))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "navigation":
            self.hashes |= {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            self.page = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._tasks.append(asyncio.create_task(self._again(message.auto_rerun)))
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._done.set()
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                self.errors[element.exception.type] += 1
            elif element.WhichOneof("type") == "alert" and "did not foresee" in element.alert.body:
                self.errors["a page failed"] += 1
            elif element.WhichOneof("type") == "button" and _harmless(element.button):
                self.buttons[element.button.id] = element.button.label

    async def _again(self, moving: Any) -> None:
        with suppress(WebSocketException):
            while True:
                await asyncio.sleep(moving.interval)
                await self._ask("", fragment_id=moving.fragment_id, is_auto_rerun=True)


def _harmless(button: Any) -> bool:
    return not button.disabled and not any(word in button.label for word in WORK)


def _query(dataset: str) -> str:
    """What the QR code's address has: the class's code lets a learner in."""
    return f"dataset={dataset}&code={controls.read().code}"


def _cookie(server: Server) -> str:
    """What a browser sends back: who it is, and of several processes which one has its session."""
    asked = urllib.request.Request(server.url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=PATIENCE) as page:
        return "; ".join(one.partition(";")[0] for one in page.headers.get_all("set-cookie") or [])


class Cost:
    """What a server's processes take: those that serve pages, and the proxy before them."""

    def __init__(self, server: Server, workers: int):
        whole = psutil.Process(server.process.pid)
        self.of = [one for one in whole.children() if one.status() != psutil.STATUS_ZOMBIE] if workers > 1 else [whole]

    def cpu(self, only: str = "") -> float:
        """Seconds of processor time so far; of those alone whose program is called so."""
        return sum(sum(one.cpu_times()[:2]) for one in self.of if one.name().startswith(only))

    def memory(self) -> float:
        """Bytes."""
        return sum(one.memory_info().rss for one in self.of)


def crowd(people: int, seconds: float, dataset: str, train: bool = True, workers: int = 1) -> list[str]:
    """So many of them, for so long, on a class's server, while a network trains. Rows of a table.

    Args:
        workers: processes that serve pages.
    """
    server = Server(config.home(), address="0.0.0.0", workers=workers if workers > 1 else 0)
    engine = Engine()
    run = _endless(engine, dataset) if train else None
    try:
        cost = Cost(server, workers)
        here = [Person(server, _query(dataset), random.Random(number)) for number in range(people)]
        before, cpu, passing, load = cost.memory(), cost.cpu(), cost.cpu(proxy.NAME), os.getloadavg()[0]

        async def all_of_them() -> None:
            until = time.monotonic() + seconds
            await asyncio.gather(*(one.live(until) for one in here))

        begun = time.monotonic()
        asyncio.run(all_of_them())
        lasted = time.monotonic() - begun
        took = sorted(t for one in here for t in one.took)
        errors = sum((one.errors for one in here), Counter())
        spent, passed = cost.cpu() - cpu, cost.cpu(proxy.NAME) - passing
        share = f", {1000 * passed / max(1, len(took)):.0f} of it the proxy's" if workers > 1 else ""
        said = server.logged().count("a page failed")
        return [
            f"| {people} people, {lasted:.0f} s{', a network trains' if run else ''} | {workers} | {len(took):,} ({len(took) / lasted:.1f} a second) | "
            f"{sum(errors.values())} {dict(errors) if errors else ''} | {_share(took, 0.5):.2f} s | {_share(took, 0.95):.2f} s | "
            f"{1000 * spent / max(1, len(took)):.0f} ms{share} | {before / 1e6:.0f} to {cost.memory() / 1e6:.0f} MB | "
            f"{load:.1f} to {os.getloadavg()[0]:.1f}{f'; {said} in the log' if said else ''} |"
        ]
    finally:
        if run is not None:
            engine.stop(run.id)
            with suppress(TimeoutError):
                _wait(lambda: run.status().ended, 60)
            shutil.rmtree(run.folder, ignore_errors=True)
        engine.close()
        server.close()


def _endless(engine: Engine, dataset: str) -> Run:
    """A training of the whole net that lasts for longer than anybody looks."""
    stage = default_specs(catalog.resolve(dataset), engine.device()["kind"])[FRESH]
    spec = stage.but(
        starts_from=stage.id, frozen=False, precompute=False, epochs=200, learning_rate=(1e-6, 1e-5),
        seed=random.randrange(1_000_000, 2**31 - 1),
    )  # fmt: skip
    run = engine.submit(spec)
    _wait(lambda: run.status().state == "running", 120)
    return run


def _wait(condition: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)


def _share(took: list[float], share: float) -> float:
    return took[min(len(took) - 1, int(share * len(took)))] if took else float("nan")


def page_cost(dataset: str, address: str, rounds: int = 20) -> dict[str, float]:
    """Milliseconds of processor time that the server's process takes for each page, its data cached; by the page's title."""
    server = Server(config.home(), address=address)
    process = psutil.Process(server.process.pid)
    titles = [step.title for step in (*steps.STEPS, *steps.EXPLORE)]

    async def measured() -> dict[str, float]:
        person, found = Person(server, _query(dataset), random.Random(0)), {}
        await person.arrive()
        for _ in range(2):
            for page in PAGES:
                await person.run(page)
        for title, page in zip(titles, PAGES, strict=True):
            await person.run(page)
            before = sum(process.cpu_times()[:2])
            for _ in range(rounds):
                await person.run(page)
            found[title] = 1000 * (sum(process.cpu_times()[:2]) - before) / rounds
        await person.vanish()
        assert not person.errors, person.errors
        return found

    try:
        return asyncio.run(measured())
    finally:
        server.close()


def main(people: list[int], seconds: float, dataset: str, workers: list[int]) -> None:
    """Measure, print the tables, write them to `bench/RESULTS.md`."""
    bake(dataset, lambda line: print(line, file=sys.stderr, flush=True))
    load = os.getloadavg()[0]
    alone, in_class = page_cost(dataset, "127.0.0.1"), page_cost(dataset, "0.0.0.0")
    lines = [
        f"{results.machine(f'{os.cpu_count()} cores')}; on {dataset}; the people on the same machine.",
        "",
        "| people | processes | interactions | errors | p50 | p95 | CPU each | server's memory | load of the machine |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(row for number in people for several in workers for row in crowd(number, seconds, dataset, workers=several)),
        "",
        f"A page's CPU time, its data cached, mean of the {len(PAGES)} pages: **{statistics.mean(alone.values()):.1f} ms** alone on a "
        f"machine, **{statistics.mean(in_class.values()):.1f} ms** in a class (from {min(alone, key=alone.__getitem__)}, "
        f"{min(alone.values()):.0f} ms, to {max(alone, key=alone.__getitem__)}, {max(alone.values()):.0f} ms; load {load:.1f}).",
    ]
    results.write("Untidy people", "\n".join(lines) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.untidy", description="Untidy people on one server.")
    parser.add_argument("--people", type=int, nargs="+", default=[60, 150], metavar="N")
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        default=[1],
        metavar="N",
        help="processes that serve pages; several need Caddy",
    )
    parser.add_argument("--seconds", type=float, default=300, metavar="S", help="how long each crowd stays")
    parser.add_argument("--dataset", default="pets", metavar="NAME")
    chosen = parser.parse_args()
    main(chosen.people, chosen.seconds, chosen.dataset, chosen.workers)
