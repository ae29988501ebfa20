"""`bake` beside people who stop runs, train on, and change files: it says what is, and waits for nothing that will not come."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from lessonkit import runs
from lessonkit.analysis.recipes import REPEATS, recipe_of
from lessonkit.cli import bake
from lessonkit.engine.client import Engine
from lessonkit.errors import LessonError
from lessonkit.lesson.defaults import FRESH, MORE, default_specs
from lessonkit.photos import catalog
from lessonkit.runs import DONE, FAILED, QUEUED, STOPPED, Run
from lessonkit.spec import RunSpec


class Standin(Engine):
    """Trains within this process, a run at each look of `bake` at its runs, and queues repeats as the engine does.

    Args:
        ends: how a run ends, with the error rate of its one epoch; DONE and a rate by its seed where it is None.
    """

    def __init__(self, ends: Callable[[Run], str | None] = lambda _: None) -> None:
        super().__init__()
        self.ends, self.trained, self.looks = ends, [], 0

    def connect(self) -> None:
        pass

    def wake(self) -> None:
        pass

    def warm(self) -> None:
        pass

    def device(self, timeout: float = 0.0) -> dict:
        return {"kind": "cpu", "name": "a cpu"}

    def stop_if_alone(self) -> bool:
        return True

    def step(self, _: float = 0.0) -> None:
        self.looks += 1
        assert self.looks < 200, "bake waits for what will not come"
        waiting = sorted((s.turn, i) for i, s in runs.statuses().items() if s.state == QUEUED)
        for _, run_id in waiting[:1]:
            run = Run(run_id)
            assert runs.begin(run)
            self.trained.append(run_id)
            end(run, self.ends(run) or DONE)
        for run_id in [i for i, status in runs.statuses().items() if status.state == DONE]:
            runs.queue_repeats(Run(run_id))


def end(run: Run, state: str) -> None:
    error = (0.5, 0.1, 0.2, 0.3, 0.4)[run.spec().seed % REPEATS]
    run.path("history.csv").write_text(f"{','.join(runs.HISTORY_COLUMNS)}\n0,1.5,1.25,{error},2.0\n")
    run.path(runs.MODEL).touch()
    run.end(state, "" if state == DONE else "Stopped, as was asked.")


@pytest.fixture
def fresh(home: Path, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    """The lesson's first run on a small drawn dataset."""
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", "2")
    monkeypatch.setattr("lessonkit.engine.devices.likely", lambda: "cpu")
    return default_specs(catalog.obtain("drawn"), "cpu")[FRESH]


@pytest.fixture
def baked(fresh: RunSpec, monkeypatch: pytest.MonkeyPatch) -> Callable:
    def bake_with(ends: Callable[[Run], str | None] = lambda _: None) -> tuple[Standin, dict]:
        engine = Standin(ends)
        monkeypatch.setattr(bake, "Engine", lambda: engine)
        monkeypatch.setattr(bake, "time", SimpleNamespace(monotonic=time.monotonic, sleep=engine.step))
        return engine, {row["name"]: row for row in bake.bake("drawn")["runs"]}

    return bake_with


def stop_the_first(run: Run) -> str | None:
    return STOPPED if run.status().repeat_of == "" and not run.spec().starts_from else None


def stop_a_repeat(run: Run) -> str | None:
    return STOPPED if run.status().repeat_of and run.spec().seed == 2 else None


@pytest.mark.parametrize("ends", [stop_the_first, stop_a_repeat])
def test_a_run_that_somebody_stops_is_said_and_trained_by_the_next_bake(baked: Callable, ends: Callable):
    with pytest.raises(LessonError, match=r"is stopped: Stopped, as was asked\. .*Bake once more"):
        baked(ends)
    assert all(status.ended for status in runs.statuses().values()), "nothing is left waiting"
    engine, rows = baked()
    assert engine.trained
    assert [repeat["seed"] for repeat in rows[FRESH]["repeats"]] == list(range(REPEATS))
    assert recipe_of(rows[FRESH]["id"]).kept.spec().seed == 3, "0.3 of 0.1 to 0.5"


def test_repeats_that_somebody_stops_before_they_are_queued_are_not_waited_for(baked: Callable, fresh: RunSpec):
    first = Run(fresh.id)

    def ends(run: Run) -> None:
        if run.id == first.id:
            runs.drop_repeats(first)

    with pytest.raises(LessonError, match="Repeat 2 of 5 of this recipe was not queued"):
        baked(ends)


@pytest.mark.parametrize("file", ["status.json", "spec.json"])
def test_a_damaged_repeat_is_said(baked: Callable, fresh: RunSpec, file: str):
    damaged = runs.create(fresh.but(seed=3))
    end(damaged, FAILED)
    damaged.path(file).write_text("{")
    with pytest.raises(LessonError, match=rf"{file[:-5]}\.json .* damaged"):
        baked()


def test_what_learners_went_on_from_is_kept(baked: Callable, fresh: RunSpec, capsys: pytest.CaptureFixture[str]):
    """One trained the frozen model once, and went on from it; then the class's runs are baked."""
    first = runs.create(fresh)
    end(first, DONE)
    end(runs.create(fresh.but(starts_from=first.id, epochs=3)), DONE)
    end(runs.create(fresh.but(seed=1)), DONE)
    rows = baked()[1]
    assert rows[FRESH]["median"] == rows[FRESH]["id"] == first.id
    assert rows[MORE]["spec"]["starts_from"] == first.id
    end(runs.create(fresh.but(seed=1, size=96)), DONE)
    assert baked()[1][FRESH]["id"] == first.id, "and so it stays"
    assert "Kept: seed 0, since other runs go on from it already." in capsys.readouterr().out
