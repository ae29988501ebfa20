"""What lies in a run's folder when it goes on, ends, or is trained again; nothing is trained."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lessonkit import runs
from lessonkit.errors import DamagedFileError
from lessonkit.run_folder import BEFORE, EVENTS, LEFTOVER_SECONDS, MOST_OF_A_HEADER, Run
from lessonkit.runs import Saved, Status
from lessonkit.spec import RunSpec

HEAD = ",".join(runs.HISTORY_COLUMNS)
ROWS = ["0,1.0,0.9,0.4,5.0", "1,0.8,0.7,0.3,5.0"]


@pytest.fixture
def run(home: Path) -> Run:
    return runs.create(RunSpec("drawn", epochs=4))


def checkpoint(run: Run, **about: Any) -> None:
    """As safetensors begins: the length of a header, and the header."""
    said = {"epochs": 2, "history": ROWS, **about}
    header = json.dumps({"__metadata__": {"about": json.dumps(said)}}).encode()
    run.path(runs.CHECKPOINT).write_bytes(len(header).to_bytes(8, "little") + header)


def event(epoch: int, batch: int) -> str:
    return json.dumps({"epoch": epoch, "batch": batch, "loss": 0.5}) + "\n"


def test_a_checkpoint_says_what_is_in_it(run: Run):
    assert (run.saved(), run.has_checkpoint()) == (None, False)
    checkpoint(run, over="epochs", averaged=7)
    assert run.has_checkpoint()
    assert run.saved() == Saved(2, ROWS, over="epochs", averaged=7)


def header(text: str) -> bytes:
    return len(text).to_bytes(8, "little") + text.encode()


@pytest.mark.parametrize(
    "held",
    [
        b"",
        bytes(8),
        (MOST_OF_A_HEADER + 1).to_bytes(8, "little") + b"{}",
        header("{"),
        header("[]"),
        header('{"__metadata__": {}}'),
        header('{"__metadata__": {"about": "{}"}}'),
        header('{"__metadata__": {"about": "{\\"epochs\\": 2, \\"history\\": [\\"0,1,1,1,1\\"]}"}}'),
    ],
)
def test_a_checkpoint_that_does_not_say_it_is_damaged(run: Run, held: bytes):
    run.path(runs.CHECKPOINT).write_bytes(held)
    with pytest.raises(DamagedFileError, match=r"checkpoint\.safetensors"):
        run.saved()


@pytest.mark.parametrize("last", ["", '{"epoch": 1, "batch": 2', event(2, 0), event(2, 0) + event(2, 1)])
def test_a_run_that_goes_on_has_the_epochs_and_batches_that_were_saved_and_no_later_ones(run: Run, last: str):
    kept = event(0, 0) + event(0, 1) + event(1, 0) + event(1, 1)
    run.path(EVENTS).write_text(kept + last)
    run.path(runs.HISTORY).write_text(f"{HEAD}\n{ROWS[0]}\n")  # its last row was lost to a power cut
    run.keep_saved_epochs(Saved(2, ROWS))
    assert run.path(EVENTS).read_text() == kept
    assert run.path(runs.HISTORY).read_text() == "\n".join([HEAD, *ROWS, ""])
    for nothing in (Saved(0, []), None):
        run.path(EVENTS).write_text(kept)
        run.keep_saved_epochs(nothing)
        assert not run.path(EVENTS).exists()
        assert not run.path(runs.HISTORY).exists()


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({}, "Why. It went on from epoch 3 of 4."),
        ({"over": "epochs"}, "Why. Its training was over by then, and what it learned was saved."),
        ({"epochs": 4, "history": ROWS * 2}, "Why. Its training was over by then, and what it learned was saved."),
        (None, "Why. No epoch of it was saved by then: it began again."),
        ({"history": []}, "Why. What was saved of it cannot be read: it began again."),
    ],
)
def test_where_a_run_goes_on_is_said(run: Run, about: dict[str, Any] | None, said: str):
    run.write_status(Status(sentence="Why.", way_out="What to do."))
    run.path(runs.HISTORY).write_text("\n".join([HEAD, *ROWS, "2,0.7,0.6,0.2,5.0", ""]))
    if about is not None:
        checkpoint(run, **about)
    assert runs.begin(run)
    saved = run.saved()
    assert len(run.history()) == (saved.epochs if saved else 0), "the epoch that was not saved is trained again"
    found = run.status()
    assert (found.state, found.went_on, found.sentence, found.way_out) == (runs.RUNNING, said, "", "")
    assert run.has_checkpoint() == (about not in (None, {"history": []}))


def test_of_a_run_that_begins_for_the_first_time_nothing_is_said(run: Run):
    assert runs.begin(run)
    assert run.status().went_on == ""


def test_a_run_that_is_to_be_finished_keeps_why_it_was_not_trained_on(run: Run):
    checkpoint(run)
    run.path(runs.HISTORY).write_text("as it is")
    run.write_status(Status(finishing=True, sentence="Why.", way_out="What to do."))
    assert runs.begin(run)
    assert (run.status().sentence, run.status().went_on) == ("Why.", "")
    assert run.path(runs.HISTORY).read_text() == "as it is"


@pytest.mark.parametrize(("state", "stays"), [(runs.DONE, False), (runs.STOPPED, False), (runs.FAILED, True)])
def test_what_was_saved_goes_once_there_is_a_model_and_not_before(run: Run, state: Any, stays: bool):
    checkpoint(run)
    run.write_status(Status(runs.RUNNING, finishing=True, stage="train", queued_at=5.0, device="A processor"))
    run.end(state, "Why.", "What to do.")
    assert run.has_checkpoint() == stays
    found = run.status()
    assert (found.state, found.sentence, found.way_out) == (state, "Why.", "What to do.")
    assert (found.finishing, found.stage, found.queued_at, found.device) == (False, "", 5.0, "A processor")
    assert found.ended_at > 0


def test_the_result_of_before_goes_once_there_is_a_new_one(run: Run):
    run.path(runs.MODEL).write_bytes(b"before")
    run.end(runs.STOPPED)
    run.keep_result()
    run.put_aside()
    assert not run.path(runs.MODEL).exists()
    assert (run.path(BEFORE) / runs.MODEL).read_bytes() == b"before"
    run.path(runs.MODEL).write_bytes(b"new")
    run.end(runs.DONE)
    assert not run.path(BEFORE).exists()
    assert run.path(runs.MODEL).read_bytes() == b"new"


def test_a_file_that_is_half_written_stays_for_whoever_writes_it(run: Run):
    halves = [run.path(f".model.safetensors.{n}") for n in range(2)]
    for half in halves:
        half.touch()
    now = halves[0].stat().st_mtime
    os.utime(halves[0], (now, now - LEFTOVER_SECONDS - 60))
    os.utime(halves[1], (now, now - LEFTOVER_SECONDS + 600))
    run.tidy()
    assert [half.exists() for half in halves] == [False, True]


def test_a_run_that_learned_something_else_has_another_hash(run: Run):
    assert run.weights_hash() == ""
    seen = set()
    for n, weights in enumerate((b"one", b"other", b"one")):
        run.path(runs.MODEL).write_bytes(weights)
        os.utime(run.path(runs.MODEL), ns=(n, n))
        seen.add(run.weights_hash())
    assert {len(found) for found in seen} == {16}
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("status", "seconds"),
    [
        (Status(started_at=10.0, ended_at=40.0, slept=5.0, spent=100.0), 125.0),
        (Status(started_at=10.0, ended_at=40.0, slept=50.0, spent=100.0), 100.0),
        (Status(started_at=10.0, spent=100.0), 0.0),
        (Status(ended_at=40.0), 0.0),
    ],
)
def test_how_long_a_run_took(status: Status, seconds: float):
    assert status.seconds == seconds
