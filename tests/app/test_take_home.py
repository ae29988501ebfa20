"""Everything that can be taken home is offered on its page, and what was made is a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonkit import jobs, runs
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec
from lessonkit.takehome import export, files
from lessonkit.ui.core import downloads


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> runs.Run:
    """A finished run that has learned nothing: the page reads that it ended, and no more."""
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", "2")
    catalog.obtain("drawn")
    run = runs.create(RunSpec("drawn", catalog.resolve("drawn").fingerprint, catalog.resolve("drawn").pattern))
    run.path(runs.MODEL).touch()
    run.path(runs.HISTORY).write_text("epoch,train_loss,valid_loss,error_rate,seconds\n0,1.5,0.5,0.25,2.5\n")
    run.write_status(runs.Status(state=runs.DONE))
    return run


def test_each_kind_is_offered_once_and_a_made_one_is_a_link(on_home, home: Path, run: runs.Run) -> None:
    assert set(export.KINDS) | {files.PHOTOS} == set(files.ENDINGS)
    app = on_home(home, dataset="drawn", model=run.id).switch_page("pages/take_home.py").run()
    assert not app.exception
    offered = [button.key.removeprefix("make_") for button in app.button if (button.key or "").startswith("make_")]
    assert sorted(offered) == sorted(files.ENDINGS)
    made = files.make(run.id, "runs_csv")
    app.run()
    assert "make_runs_csv" not in [button.key for button in app.button]
    assert [link.url for link in app.get("link_button") if downloads.PLACE in link.url] == [downloads.url(made)]
    assert not app.error


def test_what_is_being_made_shows_its_progress_and_can_be_stopped(on_home, home: Path, run: runs.Run) -> None:
    app = on_home(home, dataset="drawn", model=run.id).switch_page("pages/take_home.py").run()
    app.button(key="make_runs_csv").click().run()
    name = files.path(run.id, "runs_csv").name
    assert jobs.read("take_home", name).args == [run.id, "runs_csv", None, "en"]
    assert "make_runs_csv" not in [button.key for button in app.button]
    app.button(key=f"stop_take_home_{name}").click().run()
    assert jobs.read("take_home", name).state == jobs.STOPPED
    app.run()
    assert any(jobs.ASKED in i.value for i in app.info)
    assert not app.exception
