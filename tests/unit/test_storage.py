"""Locks: one holder at a time, and whoever waits for one says so and can be stopped."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import lessonkit
from lessonkit import storage

DEADLINE = 20.0


def test_one_thread_has_a_lock_and_the_next_gets_it_afterwards(tmp_path: Path):
    waits, order = threading.Event(), []

    def second() -> None:
        with storage.locked(tmp_path / "lock", waits.set):
            order.append("second")

    other = threading.Thread(target=second)
    with storage.locked(tmp_path / "lock"):
        other.start()
        assert waits.wait(DEADLINE)
        order.append("first")
    other.join(DEADLINE)
    assert order == ["first", "second"]


def test_whoever_waits_for_a_lock_can_be_stopped_and_the_holder_keeps_it(tmp_path: Path):
    class Stopped(Exception):
        pass

    looks = []

    def stop() -> None:
        looks.append(1)
        if len(looks) > 1:
            raise Stopped

    def wait() -> None:
        try:
            with storage.locked(tmp_path / "lock", stop):
                ended.append("has it")
        except Stopped:
            ended.append("stopped")

    ended: list[str] = []
    other = threading.Thread(target=wait)
    with storage.locked(tmp_path / "lock"):
        other.start()
        other.join(DEADLINE)
        assert ended == ["stopped"]
    with storage.locked(tmp_path / "lock", lambda: pytest.fail("nobody has it any more")):
        pass


def test_an_error_within_frees_the_lock(tmp_path: Path):
    with pytest.raises(KeyError), storage.locked(tmp_path / "lock"):
        raise KeyError
    with storage.locked(tmp_path / "lock", lambda: pytest.fail("it was not freed")):
        pass


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path):
    code = (
        "import sys, pathlib; from lessonkit import storage\n"
        "with storage.locked(pathlib.Path(sys.argv[1])): print('has it', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"has it\n"
        holder.kill()
        holder.wait(DEADLINE)
        with storage.locked(tmp_path / "lock", lambda: pytest.fail("the dead hold it")):
            pass
    finally:
        holder.kill()
        holder.communicate()


def test_there_is_one_way_to_take_a_lock():
    """A second helper would wait in another way, which nobody can stop. The engine's own lock is held for its life."""
    top = Path(lessonkit.__file__).parent
    using = {
        path.relative_to(top).as_posix()
        for path in top.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and node.module == "filelock")
        or (isinstance(node, ast.Import) and any(alias.name == "filelock" for alias in node.names))
    }
    assert using == {"storage.py", "engine/server.py"}
