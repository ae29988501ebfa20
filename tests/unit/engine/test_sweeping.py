"""Old runs go when all of them take too much; what somebody needs stays."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import pytest

from lessonkit import config, recipe_names, run_removal, runs
from lessonkit.classroom import controls, learners
from lessonkit.engine import control, sweeping
from lessonkit.errors import LessonError
from lessonkit.runs import Run, Status
from lessonkit.spec import RunSpec
from lessonkit.storage import write_json

SIZE = 1000  # bytes of a run's model
PLAIN = RunSpec("pets", "f" * 64, "(.+)")


def ended(spec: RunSpec, days_ago: float, **status: object) -> str:
    """A run that ended so many days ago, with a model."""
    run, at = Run(spec.id), time.time() - days_ago * 24 * 3600
    run.folder.mkdir(parents=True)
    write_json(run.path(runs.HISTORY).with_name("spec.json"), spec.to_dict())
    run.path(runs.HISTORY).write_text("epoch,train_loss,valid_loss,error_rate,seconds\n0,1.0,1.0,0.2,1.0\n")
    run.path(runs.MODEL).write_bytes(b"0" * SIZE)
    known = Status(**{"state": runs.DONE, "queued_at": at, "started_at": at, "ended_at": at, **status})  # type: ignore[arg-type]
    write_json(run.path("status.json"), asdict(known))
    return run.id


def recipe(rate: float) -> RunSpec:
    return PLAIN.but(learning_rate=rate)


@pytest.fixture
def small(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs together may take no byte."""
    home.mkdir()
    monkeypatch.setattr(config, "runs_kept", lambda: 0)


def test_the_oldest_go_first_and_only_as_many_as_there_must(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    ids = [ended(recipe(0.001 * (n + 1)), days_ago=10 - n) for n in range(5)]
    each = run_removal.folder_size(Run(ids[0]))
    monkeypatch.setattr(config, "runs_kept", lambda: int(3.5 * each))
    assert [one.run for one in sweeping.sweep()] == ids[:2]
    assert {run.id for run in runs.all_runs()} == set(ids[2:])
    assert [one.run for one in run_removal.swept()] == ids[:2]
    assert sweeping.sweep() == []


def test_what_somebody_needs_stays(small: None) -> None:
    stage, later = recipe(0.001), recipe(0.002)
    gone = [ended(later.but(learning_rate=0.003), 9)]
    begun_with = ended(stage, 9)
    stays = {
        begun_with,
        ended(stage.but(starts_from=stage.id, epochs=2), 0.1),  # of today
        ended(recipe(0.004), 9, state=runs.RUNNING, ended_at=0.0),
        (named := ended(recipe(0.005), 9)),
        (of_class := ended(recipe(0.006), 9)),
        (seen := ended(recipe(0.007), 9)),
    }
    recipe_names.rename(Run(named).spec().recipe, "Mine")
    runs.note_asked(of_class, "a" * 16)
    learners.seen(controls.FIRST_PERIOD, "b" * 16, "train", seen)
    before = ended(recipe(0.008), 9)
    runs.note_asked(before, "c" * 16)
    controls.new_period([before])
    runs.note_asked(of_class, "a" * 16)
    learners.seen(controls.read().period, "b" * 16, "train", seen)
    assert sorted(one.run for one in sweeping.sweep()) == sorted([*gone, before])
    assert {run.id for run in runs.all_runs()} == stays


def test_of_a_recipe_the_training_that_is_kept_goes_last_and_a_run_after_those_that_began_from_it(small: None) -> None:
    stage = recipe(0.001)
    repeats = [ended(stage.but(seed=n), 9 - n) for n in (1, 2)]
    first, further = ended(stage, 30), ended(stage.but(starts_from=stage.id, epochs=2), 8)
    order = [one.run for one in sweeping.sweep()]
    assert sorted(order) == sorted([first, further, *repeats])
    assert order.index(further) < order.index(first)
    assert order[:2] == repeats


def test_a_run_that_another_goes_on_from_is_not_deleted(home: Path) -> None:
    home.mkdir()
    stage = ended(recipe(0.001), 9)
    ended(recipe(0.001).but(starts_from=stage, epochs=2), 9)
    assert run_removal.remove(stage) == 0
    assert Run(stage).exists()


@pytest.mark.parametrize(
    ("setting", "most", "spec"),
    [("EPOCHS", 5, {"epochs": 6}), ("BATCH", 16, {"batch_size": 32}), ("SIZE", 128, {"size": 160})],
)
def test_a_run_larger_than_the_settings_allow_is_refused_and_an_old_one_stays_readable(
    setting: str, most: int, spec: dict[str, int], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    large = PLAIN.but(**{"batch_size": 16, "size": 128, "epochs": 4, **spec})
    old = ended(large, 9)
    monkeypatch.setenv(f"LESSONKIT_{setting}", str(most))
    with pytest.raises(LessonError, match="Choose fewer"):
        control.check_limits(large)
    found = runs.find(old)
    assert found is not None
    assert found.spec() == large
