"""Repeats of a recipe: the engine queues them once the first is done, and whoever waits for another run goes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonkit import runs
from lessonkit.engine.client import Engine
from lessonkit.errors import LessonError
from lessonkit.runs import Run
from tests.engines import until
from tests.faults.standins import spec, trained, wait_end


def test_the_repeats_follow_once_the_first_is_done(engine: Engine, served: Path):
    first = engine.submit(spec("quick", 0), repeats=3)
    others = [Run(spec("quick", seed).id) for seed in (1, 2)]
    for run in (first, *others):
        until(run.exists, "it is queued")
        assert wait_end(run).state == runs.DONE
    assert trained(served) == [first.id, *(run.id for run in others)]
    assert [run.status().repeat_of for run in (first, *others)] == ["", first.id, first.id]


def test_somebodys_first_run_goes_before_anothers_repeats(engine: Engine, served: Path):
    first = engine.submit(spec("wait", 0), repeats=4)
    until(lambda: first.status().state == runs.RUNNING, "the first trains")
    engine.submit(spec("wait", 0), repeats=4)
    (served / "go").touch()
    repeat = Run(spec("wait", 1).id)
    until(repeat.exists, "its repeats are queued")
    other = engine.submit(spec("quick", 0))
    wait_end(other)
    last = Run(spec("wait", 3).id)
    wait_end(last)
    assert trained(served).index(other.id) < trained(served).index(last.id)
    assert len(trained(served)) == 5


def test_repeats_are_queued_by_the_next_engine_where_the_last_ended_before_it(home: Path, standin: Path):
    first = runs.create(spec("quick", 0), repeats=2)
    first.write_status(runs.Status(runs.DONE))
    engine = Engine()
    engine.connect()
    try:
        second = Run(spec("quick", 1).id)
        until(second.exists, "its repeat is queued")
        assert wait_end(second).state == runs.DONE
    finally:
        engine.close()


def test_where_the_queue_is_full_a_learner_watches_a_training_of_the_same_recipe(
    engine: Engine, served: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LESSONKIT_WAITING_EACH", "1")
    monkeypatch.setattr(engine, "_learner", lambda: "one")
    asked = [engine.submit(spec("wait", 0), another=True).id for _ in range(4)]
    assert len(set(asked)) < 4, "the last ones are shared"
    with pytest.raises(LessonError):
        engine.submit(spec("quick", 0), another=True)
    (served / "go").touch()
