"""The list of all runs, which each page takes: what did not change is not read again, and what did is not missed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lessonkit import run_list, runs
from lessonkit.analysis.recipes import recipes
from lessonkit.runs import Run, Status
from lessonkit.spec import RunSpec

ROW = "0,0.5,0.4,0.1,3.0\n"
RUNS = 12
_counting: list[list[str]] = []


def _noted(event: str, details: tuple) -> None:
    if event == "open" and _counting and isinstance(details[0], str):
        _counting[-1].append(details[0])


sys.addaudithook(_noted)  # it cannot be taken away again, and notes nothing outside `opened`


@contextmanager
def opened(folder: Path) -> Iterator[list[str]]:
    """The names of files in `folder` that are opened inside."""
    found: list[str] = []
    _counting.append([])
    try:
        yield found
    finally:
        found += [Path(path).name for path in _counting.pop() if path.startswith(str(folder))]


@pytest.fixture
def many(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs that ended a while ago; files are looked at by the folders' times alone."""
    monkeypatch.setattr(run_list, "LOOK_AT_FILES", 3600.0)
    for seed in range(RUNS):
        run = runs.create(RunSpec("drawn", seed=seed))
        run.path(runs.HISTORY).write_text(f"{','.join(runs.HISTORY_COLUMNS)}\n{ROW}")
        run.write_status(Status(state=runs.DONE, queued_at=float(seed)))
    for folder in (home / "runs").iterdir():
        for path in (*folder.iterdir(), folder):
            os.utime(path, (time.time() - 7200, time.time() - 7200))
    return home / "runs"


def test_of_many_runs_only_those_are_read_that_changed(many: Path):
    with opened(many) as first:
        before = runs.snapshot()
    assert len(before.runs) == RUNS
    assert len(first) == 3 * RUNS
    with opened(many) as again:
        assert runs.snapshot() is before
        assert len(runs.statuses()) == len(runs.specs()) == RUNS
    assert again == []

    one = Run(RunSpec("drawn", seed=3).id)
    one.write_status(Status(state=runs.STOPPED, queued_at=99.0))
    with opened(many) as after:
        now = runs.snapshot()
    assert after == ["status.json"]
    assert (now.runs[0].id, now.runs[0].status().state) == (one.id, runs.STOPPED)
    assert {run.id for run in now.runs} == {run.id for run in before.runs}
    assert sum(run in before.runs for run in now.runs) == RUNS - 1, "the others are the same objects"


def test_a_run_under_way_is_followed_file_by_file(many: Path):
    run = runs.create(RunSpec("drawn", seed=RUNS))
    run.write_status(Status(state=runs.RUNNING))
    for epochs in (1, 2, 3):
        with run.path(runs.HISTORY).open("a") as history:
            if epochs == 1:
                history.write(f"{','.join(runs.HISTORY_COLUMNS)}\n")
            history.write(ROW)
        found = runs.snapshot().find(run.id)
        assert found is not None
        assert len(found.history()) == epochs


def test_a_file_that_was_edited_in_its_place_is_read_at_the_next_whole_look(
    many: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run_list, "LOOK_AT_FILES", 0.0)
    run = Run(RunSpec("drawn", seed=0).id)
    assert len(runs.snapshot().runs) == RUNS
    folder = run.folder.stat().st_mtime_ns
    run.path("status.json").write_text("{")
    assert run.folder.stat().st_mtime_ns == folder
    assert list(runs.snapshot().unreadable) == [run.id]


def test_a_run_that_is_deleted_or_comes_back_is_noticed_at_once(many: Path):
    run = Run(RunSpec("drawn", seed=5).id)
    assert runs.snapshot().find(run.id)
    run.folder.rename(many.parent / "elsewhere")
    assert runs.snapshot().find(run.id) is None
    assert run.id not in runs.statuses()
    (many.parent / "elsewhere").rename(run.folder)
    assert runs.snapshot().find(run.id)


def test_a_recipe_is_worked_out_once_for_a_snapshot(many: Path):
    (recipe,) = recipes(runs.snapshot().runs).values()
    assert recipe.kept is recipe.kept
    assert len(recipe.done) == RUNS
