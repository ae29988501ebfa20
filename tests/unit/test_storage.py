"""Locks have one holder, and whoever waits for one can be stopped; room on the disk is set aside or said to be missing."""

from __future__ import annotations

import ast
import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

import lessonkit
from lessonkit import storage
from lessonkit.errors import DiskError
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
from lessonkit.errors import DiskError
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


@pytest.mark.parametrize(
    ("number", "said", "way_out"),
    [
        (errno.ENOSPC, "There is no space on the disk to go on.", "another disk"),
        (errno.EROFS, "cannot be written in a/folder (Read-only file system)", "Make that folder writable"),
    ],
)
def test_a_full_disk_and_a_shut_one_are_told_apart(number: int, said: str, way_out: str):
    problem = OSError(number, os.strerror(number))
    assert storage.is_disk_problem(problem)
    told = storage.disk_problem(problem, Path("a/folder"))
    assert said in told.sentence.replace(os.sep, "/")
    assert way_out in told.way_out


def test_a_connection_that_broke_is_no_problem_of_the_disk():
    assert not storage.is_disk_problem(ConnectionResetError(errno.ECONNRESET, "reset"))
    assert not storage.is_disk_problem(ValueError())


def test_room_is_there_up_to_what_the_lesson_leaves_free(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: SimpleNamespace(free=100 * storage.MIB))
    monkeypatch.setenv("LESSONKIT_DISK_FREE", "30")
    storage.need_space(home, 70 * storage.MIB, "unpack")
    with pytest.raises(DiskError, match="to unpack: 70 MB are needed, 100 MB are free"):
        storage.need_space(home, 70 * storage.MIB + 1, "unpack")


# files


def test_a_file_that_could_not_be_written_is_the_old_one_and_nothing_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    storage.write_bytes(tmp_path / "a", b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        storage.write_bytes(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_what_is_private_is_so_before_anything_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen = []
    monkeypatch.setattr(storage.os, "fsync", lambda number: seen.append(stat.S_IMODE(os.fstat(number).st_mode)))
    before = os.umask(0o022)
    try:
        storage.write_json(tmp_path / "key", "secret", private=True)
        storage.write_json(tmp_path / "open", "for all")
    finally:
        os.umask(before)
    assert [oct(mode) for mode in seen] == ["0o600", "0o644"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's data folder from others by itself")
def test_others_may_do_nothing_more_in_a_folder_and_its_owner_what_they_could(tmp_path: Path):
    tmp_path.chmod(0o755)
    assert storage.shut_to_others(tmp_path)
    assert oct(stat.S_IMODE(tmp_path.stat().st_mode)) == "0o700"
    assert not storage.shut_to_others(tmp_path / "none")


@pytest.mark.skipif(not hasattr(errno, "ESTALE"), reason="Windows has none")
@pytest.mark.parametrize(("number", "tries"), [("ESTALE", storage.STALE_TRIES), ("EIO", 1)])
def test_reading_is_tried_again_only_where_the_file_was_replaced_meanwhile_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str, tries: int
):
    tried = []

    def gone(path: Path) -> bytes:
        tried.append(path)
        raise OSError(getattr(errno, number), "gone")

    monkeypatch.setattr(Path, "read_bytes", gone)
    with pytest.raises(OSError, match="gone"):
        storage.read_bytes(tmp_path / "a")
    assert len(tried) == tries


def test_what_names_a_folder_takes_is_tried_without_a_trace(tmp_path: Path):
    assert storage.takes_signs(tmp_path / "not" / "there" / "yet") == (os.name != "nt")
    assert list(tmp_path.iterdir()) == []
