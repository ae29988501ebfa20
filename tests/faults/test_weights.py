"""Pretrained weights over a network that fails: fetched once, gone on with, checked, stopped; never in silence."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lessonkit import architectures, jobs
from lessonkit.architectures import ARCHITECTURES
from lessonkit.engine import tasks
from lessonkit.errors import StopAsked, WeightsError
from lessonkit.photos import download
from lessonkit.photos.progress import quiet, stoppable
from lessonkit.training import weights
from tests.faults.bad_server import Answer, BadServer

DEADLINE = 20.0
WEIGHTS = os.urandom(900_000)
OF = "resnet34"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    """Serves a file of weights whose name says its checksum; none is on this machine."""
    named = f"resnet34-{hashlib.sha256(WEIGHTS).hexdigest()[:8]}.pth"
    monkeypatch.setitem(ARCHITECTURES, OF, dataclasses.replace(ARCHITECTURES[OF], weights=named))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(download, "PAUSE", 0.0)
    with BadServer({named: WEIGHTS}, then=Answer(kind="application/octet-stream")) as found:
        monkeypatch.setattr(weights, "TORCHVISION", f"{found.url}/")
        yield found


def here() -> list[str]:
    """What lies in the folder of weights, but for the lock."""
    return sorted(p.name for p in architectures.weights_path(OF).parent.iterdir() if p.suffix != ".lock")


def test_they_are_fetched_once_with_progress_and_checked(server: BadServer) -> None:
    told: list[tuple[str, int, int]] = []
    path = weights.obtain(OF, lambda *now: told.append(now))
    assert path == architectures.weights_path(OF)
    assert path.read_bytes() == WEIGHTS
    assert {stage for stage, _, _ in told} == {"weights"}
    assert told[-1] == ("weights", len(WEIGHTS), len(WEIGHTS))
    assert here() == [path.name]
    weights.obtain(OF)
    assert len(server.asked) == 1


def test_what_a_failed_try_brought_is_gone_on_from(server: BadServer) -> None:
    server.answers = [Answer(cut=600_000), *[Answer(status=404, ranges=False, body=b"")]]
    with pytest.raises(WeightsError) as said:
        weights.obtain(OF)
    assert "404" in said.value.sentence
    assert "what came is kept" in said.value.way_out
    assert not architectures.weights_present(OF)
    assert weights.obtain(OF).read_bytes() == WEIGHTS
    assert int(server.asked[-1].range.removeprefix("bytes=").rstrip("-")) >= 500_000


def test_of_two_that_ask_one_fetches_and_the_other_waits(server: BadServer) -> None:
    waits = threading.Event()
    server.answers = [Answer(stall=300_000)]

    def first(stage: str, done: int, total: int) -> None:
        if waits.is_set():
            server.closing.set()  # the server cuts the connection: the rest is asked for

    def second(stage: str, done: int, total: int) -> None:
        if stage == "waiting":
            waits.set()

    with ThreadPoolExecutor(2) as both:
        fetching = both.submit(weights.obtain, OF, first)
        while not server.asked:
            assert not fetching.done()
        waiting = both.submit(weights.obtain, OF, second)
        assert waiting.result(DEADLINE) == fetching.result(DEADLINE)
    assert waits.is_set()
    assert [asked.range is None for asked in server.asked] == [True, False]


def test_another_file_is_not_kept(server: BadServer) -> None:
    server.then = Answer(kind="application/octet-stream", body=b"something else")
    with pytest.raises(WeightsError, match="checksum is wrong"):
        weights.obtain(OF)
    assert here() == []


def test_a_login_page_is_not_taken_for_them(server: BadServer) -> None:
    server.then = Answer(kind="text/html", body=b"<html>please log in</html>")
    with pytest.raises(WeightsError, match="login page"):
        weights.obtain(OF)
    assert here() == []


@pytest.mark.parametrize("stall", [0, 300_000])
def test_fetching_stops_when_it_is_asked_to_though_nothing_comes(
    server: BadServer, stall: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "PATIENCE", 3600.0)
    server.answers = [Answer(stall=stall)]
    come = threading.Event()

    def report(stage: str, done: int, total: int) -> None:
        if done >= stall:
            come.set()

    ended: list[str] = []

    def fetch() -> None:
        with pytest.raises(StopAsked):
            weights.obtain(OF, stoppable(report, come.is_set))
        ended.append("stopped")

    fetching = threading.Thread(target=fetch, daemon=True)
    fetching.start()
    fetching.join(DEADLINE)
    assert ended == ["stopped"]
    assert weights.obtain(OF).read_bytes() == WEIGHTS, "the lock is free again"
    assert (server.asked[-1].range is not None) == (stall > 0), "what came was kept"


def test_a_job_fetches_them(server: BadServer, home: Path) -> None:
    job = jobs.create("weights", OF, OF)
    assert tasks.run_job("weights", OF) == jobs.DONE
    assert job.now().log[0]["stage"] == "weights"
    assert weights.obtain(OF, quiet).is_file()


def test_who_cannot_wait_for_a_download_is_told_and_nothing_is_asked_for(server: BadServer) -> None:
    with pytest.raises(WeightsError, match="not on this machine yet"):
        weights.require(OF)
    assert server.asked == []
