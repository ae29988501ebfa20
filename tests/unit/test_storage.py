"""Locks have one holder, and whoever waits for one can be stopped; room on the disk is set aside or said to be missing."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import lessonkit
from lessonkit import storage
from tests.small_disk import on_small_disk

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


# room


def test_a_reserved_file_keeps_what_it_holds_and_is_zeros_behind(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"held")
    for size, holds in ((9, b"held\0\0\0\0\0"), (9, b"held\0\0\0\0\0"), (2, b"he")):
        storage.reserve(path, size)
        assert path.read_bytes() == holds
    storage.reserve(tmp_path / "new", 3)
    assert (tmp_path / "new").read_bytes() == b"\0\0\0"


def test_where_the_system_cannot_set_room_aside_the_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(storage, "_allocated", lambda *_: False)
    path, size = tmp_path / "a", 3 * storage.MIB + 5
    with path.open("wb") as file:
        file.seek(2 * storage.MIB)
        file.write(b"held")
        file.truncate(size - 9)  # sparse, as files were that are there already
    storage.reserve(path, size)
    assert path.read_bytes() == bytes(2 * storage.MIB) + b"held" + bytes(storage.MIB + 1)
    if hasattr(path.stat(), "st_blocks"):
        assert path.stat().st_blocks * 512 >= size


RESERVE = """
import sys
from pathlib import Path
from lessonkit import storage
from tests.small_disk import on_small_disk
if {by_hand}:
    storage._allocated = lambda *_: False
folder = Path(sys.argv[1])
(folder / "old").write_bytes(b"held")
for name in ("old", "new"):
    try:
        storage.reserve(folder / name, 5_000_000)
    except OSError as problem:
        print(problem.strerror)
print(sorted(path.name for path in folder.iterdir()), (folder / "old").read_bytes())
"""


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_a_full_disk_has_no_room_for_leaves_all_as_it_was(tmp_path: Path, by_hand: bool):
    done = on_small_disk(tmp_path / "small", 100_000, RESERVE.format(by_hand=by_hand))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["No space left on device"] * 2 + ["['old'] b'held'"]
