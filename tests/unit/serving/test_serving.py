"""What several processes that serve pages have in common, without one of them."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from lessonkit.cli import app
from lessonkit.errors import LessonError
from lessonkit.serving import held, proxy, worker
from lessonkit.serving.held import Held
from lessonkit.serving.worker import Worker


def test_a_process_is_told_once_and_what_it_starts_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    me = Worker(2, (4001, 4002), 8501, "a secret", "of this code", True)
    monkeypatch.setenv(worker.TOLD, me.environment()[worker.TOLD])
    worker.told.cache_clear()
    try:
        assert worker.told() == me
        assert worker.TOLD not in __import__("os").environ
        assert worker.told() == me
    finally:
        worker.told.cache_clear()
    assert worker.told() is None


@pytest.mark.parametrize(("said", "known"), [(b"a secret", True), (b"a secret ", False), (b"", False), (None, False)])
def test_only_the_proxy_is_known(said: bytes | None, known: bool) -> None:
    assert Worker(1, (4001,), 8501, "a secret").knows(said) is known


@pytest.mark.parametrize(
    ("cookies", "process"),
    [
        ("lessonkit_process=2", 2),
        ("a=b; lessonkit_process=2; c=d", 2),
        ("lessonkit_process=2;c=d", 2),
        ("lessonkit_process=22", None),
        ("xlessonkit_process=2", None),
        ("a=lessonkit_process=2", None),
        ("lessonkit_process=3", None),
        ("", None),
    ],
)
def test_a_cookie_leads_to_its_process_and_to_the_next_one_where_that_is_gone(
    cookies: str, process: int | None, tmp_path: Path
) -> None:
    told = proxy.settings("0.0.0.0", 8501, (4001, 4002), "a secret", tmp_path)
    routes = told["apps"]["http"]["servers"]["lesson"]["routes"]
    of_cookie = [(re.compile(r["match"][0]["header_regexp"]["Cookie"]["pattern"]), r["handle"][0]) for r in routes[:2]]
    found = [handle for pattern, handle in of_cookie if pattern.search(cookies)]
    assert len(found) == (process is not None)
    if found:
        assert [up["dial"] for up in found[0]["upstreams"]] == ["127.0.0.1:4002", "127.0.0.1:4001"]
        assert found[0]["load_balancing"]["selection_policy"]["policy"] == "first"


def test_one_limit_of_uploads_holds_for_all_processes_together(home: Path) -> None:
    ports = (4001, 4002)
    mine, theirs = {"bytes": 0}, {"bytes": 0}
    one = Held(Worker(1, ports, 8501, "s"), lambda: mine["bytes"])
    other = Held(Worker(2, ports, 8501, "s"), lambda: theirs["bytes"])
    mine["bytes"] = 600
    assert one.fits(1000)
    theirs["bytes"] = 500
    assert not other.fits(1000)
    theirs["bytes"] = 400
    assert other.fits(1000)
    mine["bytes"] = 0
    one.note()
    theirs["bytes"] = 1000
    assert other.fits(1000), "what was dropped is room again"
    held.forget(2)
    mine["bytes"] = 1000
    assert one.fits(1000), "a process that died holds nothing"


@pytest.mark.parametrize(
    "problem", [OSError(28, "No space left on device"), LessonError("The disk is full.", "Free some.")]
)
def test_where_nothing_can_be_noted_each_process_goes_by_its_own_limit(
    home: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def full(*_: object) -> None:
        raise problem

    monkeypatch.setattr(held, "write_bytes", full)
    mine = {"bytes": 1000}
    one = Held(Worker(1, (4001, 4002), 8501, "s"), lambda: mine["bytes"])
    assert one.fits(1000)
    mine["bytes"] = 1001
    assert not one.fits(1000)


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for Caddy is a shell script")
def test_a_proxy_that_does_not_read_its_settings_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = tmp_path / "caddy"
    deaf.write_text("#!/bin/sh\necho no settings wanted\nexec 0<&-\nsleep 600\n")
    deaf.chmod(0o700)
    monkeypatch.setattr(proxy, "program", lambda: str(deaf))
    more_than_a_pipe_holds = {"settings": "x" * 2_000_000}
    process = proxy.start(more_than_a_pipe_holds, tmp_path, tmp_path / "log")
    assert process.wait(30) == -signal.SIGKILL
    assert "no settings wanted" in (tmp_path / "log").read_text()


def test_without_caddy_one_process_serves_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun: list[list[str]] = []

    class Ran(Exception):
        pass

    def run(asked: list[str], *_: object) -> None:
        begun.append(asked)
        raise Ran

    monkeypatch.setattr(proxy, "program", lambda: None)
    monkeypatch.setattr(app.os, "execv", lambda _, asked: run(asked))
    monkeypatch.setattr(app.subprocess, "Popen", run)
    with pytest.raises(Ran):
        app.serve(8501, "0.0.0.0", True, workers=4)
    assert "--server.address=0.0.0.0" in begun[0]
    said = capsys.readouterr().out
    assert "One process serves the lesson" in said
    assert "apt-get install caddy" in said
