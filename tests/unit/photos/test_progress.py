"""Long work is ended at once where somebody asks to stop, and nothing of it goes on."""

from __future__ import annotations

import math
import multiprocessing
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from lessonkit.errors import StopAsked
from lessonkit.photos import catalog, manifest
from lessonkit.photos.drawn.dataset import draw_dataset
from lessonkit.photos.progress import aside, stoppable, threads

DEADLINE = 20.0


def test_a_report_ends_the_work_once_that_is_asked_for_and_is_passed_on_before() -> None:
    told: list[int] = []
    report = stoppable(lambda stage, done, total: told.append(done), lambda: len(told) == 2, per_second=math.inf)
    for done in (1, 2):
        report("photos", done, 9)
    with pytest.raises(StopAsked):
        report("photos", 3, 9)
    assert told == [1, 2]


def test_reading_thousands_of_photos_ends_where_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    stopped = threading.Event()

    def slow(path: Path) -> bytes:
        read.append(path.name)
        if len(read) > 5:
            stopped.wait(DEADLINE)
        return b"x"

    def report(stage: str, done: int, total: int) -> None:
        stopped.set()
        raise StopAsked

    monkeypatch.setattr(Path, "read_bytes", slow)
    names = [f"{n}.jpg" for n in range(20_000)]
    with pytest.raises(StopAsked):
        manifest.seal(tmp_path, names, "", report)
    assert len(read) < len(names) / 2


def test_drawing_that_is_stopped_leaves_no_process_that_draws_on(tmp_path: Path) -> None:
    def report(stage: str, done: int, total: int) -> None:
        if done:
            raise StopAsked

    with pytest.raises(StopAsked) as stopped:
        draw_dataset(tmp_path, per_breed=10, side=64, report=report)
    assert stopped.tb is not None  # as long as that is held, whatever was under way is held too
    assert multiprocessing.active_children() == []
    assert not (tmp_path / "planted.json").exists()


def test_threads_finish_what_they_were_given() -> None:
    with threads(2) as pool:
        found = [pool.submit(pow, n, 2) for n in range(5)]
    assert [one.result() for one in found] == [0, 1, 4, 9, 16]


def test_items_made_aside_come_in_order_and_so_does_what_goes_wrong() -> None:
    def items() -> Generator[int]:
        yield from range(20)
        raise KeyError("at the end")

    came: list[int] = []
    with pytest.raises(KeyError, match="at the end"):
        came.extend(aside(items(), lambda: None))
    assert came == list(range(20))


def test_who_waits_for_an_item_that_does_not_come_can_give_up_and_it_is_closed_later() -> None:
    come, closed = threading.Event(), threading.Event()

    def items() -> Generator[int]:
        try:
            yield 1
            come.wait(DEADLINE)
            yield 2
        finally:
            closed.set()

    def alive() -> None:
        raise StopAsked

    found = aside(items(), alive)
    assert next(found) == 1
    with pytest.raises(StopAsked):
        next(found)
    come.set()
    assert closed.wait(DEADLINE)


def test_what_a_dataset_takes_on_the_disk_is_the_sum_of_its_photos(home: Path) -> None:
    pets = catalog.resolve("pets")
    pets.photos_folder.mkdir(parents=True)
    for n in range(3):
        (pets.photos_folder / f"Bengal_{n}.jpg").write_bytes(b"x" * 10**n)
    manifest.seal(pets.folder, manifest.find_photos(pets.photos_folder), pets.description.inside)
    assert catalog.resolve("pets").photos.bytes == 111
