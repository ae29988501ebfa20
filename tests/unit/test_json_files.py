"""Files that somebody changed by hand: named as what they are, and everything else is read."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path

import pytest

from lessonkit import jobs, json_files, runs, storage
from lessonkit.engine import record
from lessonkit.errors import DamagedFileError
from lessonkit.json_files import Watched, read_json
from lessonkit.runs import Run, Status
from lessonkit.spec import RunSpec

DEEP = "[" * 100_000 + "]" * 100_000
ROW = "epoch,train_loss,valid_loss,error_rate,seconds\n0,1.5,1.25,0.5,2.0\n"
DAMAGED = {
    "status.json": [
        '{"queued_at": "yesterday"}', '{"done": "many", "total": 3}', '{"done": -1}', '{"state": "asleep"}', '{"state": 5}',
        '{"heartbeat": NaN}', '{"facts": []}', '{"facts": {"breeds": "many"}}', '{"facts": {"breeds": 0}}', '{"sentence": null}',
        '{"sentence": []}', '{"sentence": ["a"]}', '{"way_out": ["{a}", "", {"b": 1}]}', '{"went_on": ["{a}", "", {"a": {}}]}',
        "[]", "3", "null", "", "{", "\xff", DEEP, '{"facts": ' + DEEP + "}",
    ],
    "spec.json": [
        "[]", '"drawn"', "", DEEP, '{"dataset": 5}', '{"dataset": "drawn", "pattern": null}', '{"dataset": "drawn", "seed": "1"}',
        '{"dataset": "drawn", "architecture": ["resnet34"]}', '{"dataset": "drawn", "starts_from": "../x"}',
        '{"dataset": "drawn", "frozen": "no"}', "{}",
    ],
    "history.csv": [ROW + "1,1.2,1.1\n", ROW + "1,a,b,c,d\n", ROW + "1.5,1,1,1,1\n", ROW + "\n", "\xff\n\xff\n"],
}  # fmt: skip


def run_that_is_done(seed: int = 1) -> Run:
    run = runs.create(RunSpec("drawn", seed=seed))
    run.path("history.csv").write_text(ROW)
    run.write_status(Status(state=runs.DONE, queued_at=float(seed)))
    return run


def settled(folder: Path) -> None:
    """Give all files a time of some while ago: what was written just now is read again, whatever else it says."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 7200, time.time() - 7200))


@pytest.mark.parametrize(("name", "held"), [(name, held) for name, all_of in DAMAGED.items() for held in all_of])
def test_a_run_with_a_damaged_file_is_named_and_the_others_are_listed(home: Path, name: str, held: str):
    whole, damaged = run_that_is_done(1), run_that_is_done(2)
    damaged.path(name).write_bytes(held.encode("latin1"))
    for _ in range(2):  # also when it is known already
        found = runs.snapshot()
        assert [run.id for run in found.runs] == [whole.id]
        assert list(found.unreadable) == [damaged.id]
        assert str(found.unreadable[damaged.id])
        assert runs.find(damaged.id) is None
        settled(home)


@pytest.mark.parametrize("line", ["{", "[1]", "5", '{"loss": "high"}', '{"loss": null}', DEEP, "\xff"])
def test_a_damaged_batch_is_a_sentence(home: Path, line: str):
    run = run_that_is_done()
    run.path("events.jsonl").write_bytes((json.dumps({"batch": 0}) + "\n" + line + "\n").encode("latin1"))
    with pytest.raises(DamagedFileError, match=r"events\.jsonl"):
        run.events()


@pytest.mark.parametrize("held", ["", "[1]", '"Birman"', '{"Birman": 1}', DEEP])
def test_damaged_names_of_breeds_are_a_sentence(home: Path, held: str):
    run = run_that_is_done()
    run.path("vocab.json").write_text(held)
    with pytest.raises(DamagedFileError, match=r"vocab\.json"):
        run.vocab()


@pytest.mark.parametrize(
    "held", ["[]", "{", '{"kind": "obtain"}', DEEP, '{"kind": "obtain", "key": "pets", "done": "all"}']
)
def test_a_job_whose_file_is_damaged_is_done_again_when_it_is_asked_for(home: Path, held: str):
    jobs.create("obtain", "pets", "pets")
    other = jobs.create("cache", "pets-208", "pets", 208)
    jobs.Job("obtain", "pets").path.write_text(held)
    assert jobs.read("obtain", "pets") is None
    assert jobs.all_jobs() == [other]
    assert jobs.create("obtain", "pets", "pets").now().state == jobs.QUEUED


@pytest.mark.parametrize("result", [None, [1], "x", {"lrs": "x"}, {"lrs": [1.0], "losses": ["a"]}, {"lrs": [1.0]}])
def test_a_damaged_learning_rate_curve_is_a_sentence(home: Path, result: object):
    job = jobs.create("find_rate", "0123456789ab", RunSpec("drawn").to_dict())
    jobs.Reporter(job).end(jobs.DONE, result=result)
    with pytest.raises(DamagedFileError, match="find_rate"):
        job.now().rate_found()


@pytest.mark.parametrize(
    "held",
    [
        "",
        "[]",
        DEEP,
        '{"pid": "x"}',
        '{"address": 5, "pid": 1, "host": "", "version": "", "started": 0, "scheduler": "", "own": true}',
    ],
)
def test_a_damaged_word_of_the_engine_is_none(home: Path, held: str):
    home.mkdir()
    record.path().write_text(held)
    assert record.read() is None


def test_the_queue_is_handed_out_past_damaged_files(home: Path):
    waiting, damaged = runs.create(RunSpec("drawn")), run_that_is_done(2)
    damaged.path("status.json").write_text(DEEP)
    job = jobs.create("obtain", "pets", "pets")
    jobs.create("cache", "pets-208", "pets", 208).path.write_text(DEEP)
    assert list(runs.statuses()) == [waiting.id]
    assert [j.key for j in jobs.all_jobs()] == [job.key]


def test_a_run_whose_status_is_damaged_can_still_say_how_it_ended(home: Path):
    run = run_that_is_done()
    run.path("status.json").write_text("[]")
    status = run.status_to_go_on()
    status.state = runs.FAILED
    run.write_status(status)
    assert run.status().state == runs.FAILED


def test_files_are_read_again_only_when_they_changed(tmp_path: Path):
    read: list[str] = []

    def names(path: Path) -> list[str]:
        read.append(path.name)
        return read_json(path, list[str])

    watched, paths = Watched(names), [tmp_path / name for name in ("a.json", "b.json", "gone.json")]
    for path in paths[:2]:
        storage.write_json(path, ["x"])
    settled(tmp_path)
    for _ in range(3):
        assert watched.read_all(paths).found == {paths[0]: ["x"], paths[1]: ["x"]}
    assert read == ["a.json", "b.json"]
    storage.write_json(paths[1], ["y"])
    assert watched.read_all(paths).found[paths[1]] == ["y"]
    paths[0].write_text("[1]")
    settled(tmp_path)
    for _ in range(2):
        held = watched.read_all(paths)
        assert (list(held.found), list(held.unreadable)) == ([paths[1]], [paths[0]])
    assert read == ["a.json", "b.json", "b.json", "a.json", "b.json"]


@pytest.mark.parametrize("minutes", [0, -10, 10])
def test_a_file_written_twice_within_one_tick_of_the_clock_is_read_twice(tmp_path: Path, minutes: int):
    """`minutes`: by which the clock of the disk's server is before this machine's."""
    path = tmp_path / "a.json"
    watched = Watched(lambda path: read_json(path, list[str]))
    path.write_text('["x"]')
    now = time.time_ns() + minutes * 60 * 10**9
    os.utime(path, ns=(now, now))
    assert watched.read_all([path]).found[path] == ["x"]
    path.write_text('["y"]')  # of the same size, and the same file
    os.utime(path, ns=(now, now))
    assert watched.read_all([path]).found[path] == ["y"]


@pytest.mark.parametrize("minutes", [0, -10, 10])
def test_a_file_that_stays_is_read_no_more_whatever_its_servers_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
):
    read: list[Path] = []
    watched, path = Watched(lambda path: read.append(path)), tmp_path / "a.json"
    path.write_text("[]")
    os.utime(path, (time.time() + minutes * 60,) * 2)
    monkeypatch.setattr(json_files, "FRESH_SECONDS", -1.0)  # a moment has passed between any two looks
    for _ in range(4):
        watched.read_all([path])
    assert read == [path] * 2, "as it was found, and once more as it stayed"


@pytest.mark.skipif(os.name == "nt", reason="no NFS")
def test_a_file_that_another_machine_replaces_under_its_reader_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "a.json"
    path.write_text('["x"]')
    usual, tries = Path.read_bytes, iter([OSError(errno.ESTALE, "Stale file handle"), None])

    def once_stale(one: Path) -> bytes:
        if problem := next(tries):
            raise problem
        return usual(one)

    monkeypatch.setattr(Path, "read_bytes", once_stale)
    assert read_json(path, list[str]) == ["x"]


def test_that_the_disk_did_not_give_a_file_is_not_remembered(tmp_path: Path):
    refused = [OSError(errno.EIO, os.strerror(errno.EIO))]

    def read(path: Path) -> str:
        if refused:
            raise refused.pop()
        return path.read_text()

    path, watched = tmp_path / "a.json", Watched(read)
    path.write_text("x")
    settled(tmp_path)
    assert "Input/output error" in str(watched.read_all([path]).unreadable[path])
    assert watched.read_all([path]).found == {path: "x"}


def test_numbers_are_no_texts_and_what_is_wrong_is_said(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"queued_at": "1"}')
    with pytest.raises(DamagedFileError, match=r"a\.json.*queued_at: Input should be a valid number"):
        json_files.read_json(path, Status)
