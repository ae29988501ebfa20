"""A run that is killed goes on from what was saved of it, and ends as it would have ended, bit for bit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from lessonkit import corrections, runs
from lessonkit.engine import lost, tasks
from lessonkit.errors import CheckpointError, StopAsked
from lessonkit.json_files import check
from lessonkit.photos import catalog
from lessonkit.run_folder import Saved
from lessonkit.runs import MODEL, Run
from lessonkit.spec import RunSpec
from lessonkit.training import checkpoint, optimizer
from lessonkit.training import fit as training_fit
from lessonkit.training.fit import fit
from tests.resumed import outcome

BATCHES = 3  # an epoch: 58 photos are 3 full batches of 16
KINDS = {
    "activations": {},
    "frozen": {"precompute": False, "batch_norm": "trained"},
    "unfrozen": {"precompute": False, "frozen": False, "learning_rate": (1e-5, 1e-3)},
}


@pytest.fixture(autouse=True)
def here(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr(checkpoint, "SECONDS", 0)
    monkeypatch.setattr(checkpoint, "MOST_OF_THE_TIME", 1e9)


class Died(BaseException):
    """The process was killed here."""


def spec_of(**changes: object) -> RunSpec:
    pattern = catalog.resolve("drawn").pattern
    return RunSpec("drawn", pattern=pattern, size=32, batch_size=16, epochs=4, seed=71).but(**changes)


def dying_after(batches: int) -> Callable[[str, int, int], None]:
    """A Report that dies once so many batches are trained."""

    def report(stage: str, done: int, total: int) -> None:
        if stage == "training" and done == batches:
            raise Died

    return report


def killed(run: Run, batches: int) -> None:
    """Train a queued run in a process that is killed after so many batches of the whole."""
    assert runs.begin(run)
    with pytest.raises(Died):
        fit(run.spec(), run, dying_after(batches))
    lost.died(run, lost.WORKER_DIED)


def whole(spec: RunSpec) -> tuple:
    run = runs.create(spec)
    assert tasks.train(run.id) == runs.DONE
    found = outcome(run)
    shutil.rmtree(run.folder)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_went_on_is_the_run_that_was_not_killed(kind: str):
    spec = spec_of(**KINDS[kind])
    expected = whole(spec)
    run = runs.create(spec)
    killed(run, 2 * BATCHES + 2)
    run.path("history.csv").write_text("epoch,train")  # as a power cut leaves it: it is not synced to the disk
    with run.path("events.jsonl").open("a") as file:
        file.write('{"epoch": 2, "bat')
    killed(run, 3 * BATCHES + 1)
    assert tasks.train(run.id) == runs.DONE
    assert outcome(run) == expected
    status = run.status()
    assert status.resumes == 2
    assert status.went_on == "The worker that trained this run ended suddenly. It went on from epoch 4 of 4."
    events = [(e["epoch"], e["batch"]) for e in run.events()[0]]
    assert events == [(epoch, batch) for epoch in range(4) for batch in range(BATCHES)]
    shutil.rmtree(run.folder)


def test_a_run_asked_for_again_the_moment_it_is_done_waits_and_has_not_failed(monkeypatch: pytest.MonkeyPatch):
    run = runs.create(spec_of(seed=73))

    def done_and_asked_again(spec: RunSpec, run: Run, report: object) -> None:
        run.end(runs.DONE)
        shutil.rmtree(run.folder)
        runs.create(spec)

    monkeypatch.setattr(training_fit, "fit", done_and_asked_again)
    assert tasks.train(run.id) == runs.QUEUED
    assert run.status().sentence == ""
    shutil.rmtree(run.folder)


@pytest.mark.slow
def test_a_run_that_was_killed_before_anything_was_saved_begins_again():
    spec = spec_of(seed=72)
    expected = whole(spec)
    run = runs.create(spec)
    killed(run, 2)
    assert tasks.train(run.id) == runs.DONE
    assert outcome(run) == expected
    assert run.status().went_on.endswith("No epoch of it was saved by then: it began again.")
    assert len(run.events()[0]) == 4 * BATCHES


@pytest.mark.slow
def test_a_third_death_says_why_and_keeps_what_was_saved():
    run = runs.create(spec_of(seed=73))
    for batches in (BATCHES + 1, 2 * BATCHES + 1, 3 * BATCHES + 1):
        killed(run, batches)
    assert tasks.train(run.id) == runs.STOPPED
    status = run.status()
    assert status.sentence == f"{lost.WORKER_DIED.sentence} The 3 of 4 epochs that were saved by then are kept."
    assert status.way_out
    assert len(run.history()) == 3
    assert run.path(MODEL).exists()


def test_a_third_death_before_anything_was_saved_says_why():
    run = runs.create(spec_of(seed=74))
    for _ in range(3):
        killed(run, 1)
    status = run.status()
    assert (status.state, status.sentence, status.way_out) == (
        runs.FAILED, lost.WORKER_DIED.sentence, lost.WORKER_DIED.way_out,
    )  # fmt: skip


def test_a_run_that_was_asked_to_stop_and_died_has_the_epochs_that_were_saved():
    run = runs.create(spec_of(seed=75))
    assert runs.begin(run)

    def report(stage: str, done: int, total: int) -> None:
        if stage == "training" and done == 2 * BATCHES + 1:
            run.ask_to_stop()
            raise Died

    with pytest.raises(Died):
        fit(run.spec(), run, report)
    lost.died(run, lost.WORKER_DIED)
    assert tasks.train(run.id) == runs.STOPPED
    assert run.status().sentence == "Stopped, as was asked. The 2 of 4 epochs that were saved by then are kept."
    assert len(run.history()) == 2


@pytest.mark.parametrize("early", [True, False])
def test_a_run_that_went_on_and_is_stopped_at_once_keeps_the_epochs_from_before(early: bool):
    run = runs.create(spec_of(seed=176 - early))
    killed(run, 2 * BATCHES + 1)
    assert runs.begin(run)

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "training":
            assert not early
            run.ask_to_stop()

    with pytest.MonkeyPatch.context() as patch:
        if early:
            patch.setattr(training_fit, "prepare", stopped_in(run, training_fit.prepare))
        fit(run.spec(), run, stop)
    status = run.status()
    kept = "saved by then" if early else "finished"
    assert (status.state, status.sentence) == (
        runs.STOPPED, f"Stopped, as was asked. The 2 of 4 epochs that were {kept} are kept.",
    )  # fmt: skip
    assert len(run.history()) == 2
    assert len(pd.read_parquet(run.path("predictions.parquet"))) == 14


def stopped_in(run: Run, prepare: Callable) -> Callable:
    """A `prepare` in which somebody asks the run to stop, the first time."""
    asked = iter([True])

    def stopped(*args: object) -> object:
        if next(asked, False):
            run.ask_to_stop()
            raise StopAsked
        return prepare(*args)

    return stopped


def damage_tensors(run: Run) -> None:
    path = run.path(runs.CHECKPOINT)
    data = bytearray(path.read_bytes())
    data[-5] ^= 0xFF
    path.write_bytes(data)


def damage_header(run: Run) -> None:
    path = run.path(runs.CHECKPOINT)
    path.write_bytes(path.read_bytes()[:100])


def cut(run: Run) -> None:
    path = run.path(runs.CHECKPOINT)
    path.write_bytes(path.read_bytes()[:-100])


def empty(run: Run) -> None:
    run.path(runs.CHECKPOINT).write_bytes(b"")


@pytest.mark.slow
@pytest.mark.parametrize("how", [damage_tensors, damage_header, cut, empty])
def test_a_run_whose_checkpoint_is_damaged_begins_again_and_says_so(how: Callable[[Run], None]):
    run = runs.create(spec_of(seed=77))
    killed(run, 2 * BATCHES + 1)
    how(run)
    state = tasks.train(run.id)
    if state == runs.QUEUED:  # found out in the midst of it
        state = tasks.train(run.id)
    assert state == runs.DONE
    assert "began again" in run.status().went_on
    assert len(run.history()) == 4
    assert len(run.events()[0]) == 4 * BATCHES
    shutil.rmtree(run.folder)


@pytest.mark.slow
def test_a_run_begins_again_where_its_photos_are_others():
    run = runs.create(spec_of(seed=78))
    killed(run, 2 * BATCHES + 1)
    dataset = catalog.resolve("drawn")
    photo = next(iter(dataset.names))
    corrections.mark(dataset, photo, leave_out=True)
    try:
        marked = runs.create(run.spec().but(marks=corrections.save_version(dataset)))
        shutil.copy(run.path(runs.CHECKPOINT), marked.path(runs.CHECKPOINT))
        assert tasks.train(marked.id) == runs.QUEUED
        assert tasks.train(marked.id) == runs.DONE
        assert "have changed since this run was saved. No epoch of it was saved" in marked.status().went_on
    finally:
        corrections.clear(dataset)
    runs.stop(run.id)


@pytest.mark.slow
def test_no_part_of_what_is_saved_can_be_left_out(monkeypatch: pytest.MonkeyPatch):
    """Whatever a run went on without would show in what it ends with."""
    spec = spec_of(seed=79, learning_rate=3e-2)
    expected = whole(spec)
    for name, without in {
        "averages": lambda patch: patch.setattr(optimizer.FusedAdam, "remember", lambda *_: None),
        "views": lambda patch: patch.setattr("lessonkit.training.batches.Loader.pass_over", lambda *_: None),
        "smoothed": lambda patch: patch.setattr(checkpoint.Loaded, "smoothed", torch.tensor(0.0)),
    }.items():
        run = runs.create(spec)
        killed(run, 2 * BATCHES + 1)
        with monkeypatch.context() as patch:
            without(patch)
            assert tasks.train(run.id) == runs.DONE
        assert outcome(run) != expected, name
        shutil.rmtree(run.folder)


def test_short_runs_save_nothing_until_they_are_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 10.0)
    written = []
    monkeypatch.setattr(
        checkpoint, "write_bytes", lambda path, data: written.append(path.name) or path.write_bytes(data)
    )
    run = runs.create(spec_of(seed=80))
    assert tasks.train(run.id) == runs.DONE
    assert written == [runs.CHECKPOINT]


def test_what_cannot_be_gone_on_from_is_a_sentence():
    run = runs.create(spec_of(seed=81))
    killed(run, 2 * BATCHES + 1)
    damage_tensors(run)
    with pytest.raises(CheckpointError, match="damaged"):
        fit(run.spec(), run)
    runs.stop(run.id)


def test_the_weights_of_a_run_that_is_over_are_read_back(tmp_path: Path):
    run = runs.create(spec_of(seed=82))
    killed(run, 2 * BATCHES + 1)
    saved = run.saved()
    assert saved is not None
    assert (saved.epochs, saved.over, len(saved.history)) == (2, "", 2)
    names = {name.split("/")[0] for name in load_file(run.path(runs.CHECKPOINT))}
    assert names == {"weights", "averages", "smoothed"}
    runs.stop(run.id)


def test_the_loss_scaler_of_float16_is_saved_and_put_back():
    scaler = torch.amp.GradScaler("cpu", init_scale=512.0)
    learn = SimpleNamespace(scaler=scaler)
    state = checkpoint._scaler(learn)
    told = check(json.dumps(asdict(Saved(0, [], scaler=state))).encode(), Saved, Path("checkpoint")).scaler
    again = torch.amp.GradScaler("cpu")
    again.load_state_dict(told)
    assert again.get_scale() == 512.0
    assert told == state
    assert type(told["growth_interval"]) is int
    assert checkpoint._scaler(SimpleNamespace(scaler=torch.amp.GradScaler("cpu", enabled=False))) is None
    assert checkpoint._scaler(SimpleNamespace()) is None
