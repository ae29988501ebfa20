"""How long work tells how far it is, and is ended at once where somebody asks to stop."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from lessonkit.errors import StopAsked

Report = Callable[[str, int, int], None]
"""report(stage, done, total): a short word, and how far it is in units of that stage; total 0 if unknown."""


def quiet(stage: str, done: int, total: int) -> None:
    """A Report that tells nobody."""


def stoppable(report: Report, stop_asked: Callable[[], bool], per_second: float = 10.0) -> Report:
    """`report`, which raises StopAsked once `stop_asked` says so; that is looked at `per_second` times a second at most."""
    looked = -math.inf

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal looked
        now = time.monotonic()
        if now - looked >= 1 / per_second:
            looked = now
            if stop_asked():
                raise StopAsked
        report(stage, done, total)

    return tell


T = TypeVar("T")
LOOK_SECONDS = 0.25  # between two looks whether somebody asked to stop, while nothing comes


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are waited for at the end; where an error ends the work, what they have not begun is dropped."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def aside(items: Generator[T], alive: Callable[[], None], ahead: int = 4) -> Generator[T]:
    """`items`, made one after another in a thread of their own: waiting for one that does not come can be ended.

    Args:
        alive: called every LOOK_SECONDS while the next item has not come. What it raises ends the waiting; the thread
            ends, and closes `items`, when the item that it waits for comes or fails.
        ahead: items that are made before they are asked for.
    """
    made: queue.Queue[tuple[str, Any]] = queue.Queue(ahead)
    given_up = threading.Event()

    def put(what: str, value: Any) -> None:
        while not given_up.is_set():
            try:
                made.put((what, value), timeout=LOOK_SECONDS)
                return
            except queue.Full:
                continue

    def make() -> None:
        with closing(items):
            try:
                for item in items:
                    put("item", item)
                    if given_up.is_set():
                        return
                put("end", None)
            except BaseException as problem:  # raised again where it is waited for
                put("problem", problem)

    threading.Thread(target=make, name="aside", daemon=True).start()
    try:
        while True:
            try:
                what, value = made.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                alive()
                continue
            if what == "end":
                return
            if what == "problem":
                raise value
            yield value
    finally:
        given_up.set()


def throttled(report: Report, per_second: float = 10.0) -> Report:
    """`report`, called at most `per_second` times a second, but always for a new stage and for its end."""
    last_stage, last_time = "", 0.0

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal last_stage, last_time
        now = time.monotonic()
        if stage != last_stage or (total and done >= total) or now - last_time >= 1 / per_second:
            last_stage, last_time = stage, now
            report(stage, done, total)

    return tell
