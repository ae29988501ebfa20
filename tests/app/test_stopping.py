"""Where a page shows long work, it can be stopped there, and begun again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lessonkit import jobs, runs
from lessonkit.engine import lost
from lessonkit.jobs import Job
from lessonkit.runs import Run
from tests import kept


@pytest.fixture
def search(on_home: Callable[..., AppTest], own_runs: Path) -> tuple[AppTest, Job]:
    """The page “Train” while a search for a learning rate goes on."""
    app = on_home(own_runs, dataset="drawn")
    spec = kept.stage().spec().but(seed=0)
    job = jobs.create("find_rate", spec.id, spec.to_dict())
    job.state, job.stage, job.done, job.total = jobs.RUNNING, "lr_find", 1, 100
    job.write()
    return app.switch_page("pages/train.py").run(), job


def test_a_job_is_stopped_by_a_click_and_begun_again_by_another(search: tuple[AppTest, Job]) -> None:
    app, job = search
    app.button(key=f"stop_find_rate_{job.key}").click().run()
    assert not app.exception
    assert job.stop_asked()
    assert any("Stopping" in c.value for c in app.caption)
    jobs.Reporter(job.now()).end(jobs.STOPPED, jobs.ASKED)
    app.run()
    assert any(jobs.ASKED in i.value for i in app.info)
    app.button(key=f"again_find_rate_{job.key}").click().run()
    assert job.now().state == jobs.QUEUED


@pytest.mark.parametrize(("saved", "label"), [(False, "Try it again"), (True, "Finish it")])
def test_a_run_without_a_model_is_finished_from_its_checkpoint_where_it_has_one(
    on_home: Callable[..., AppTest], own_runs: Path, saved: bool, label: str
) -> None:
    app = on_home(own_runs, dataset="drawn")
    spec = kept.stage().spec()
    run = runs.create(spec.but(seed=77))
    if saved:
        run.path(runs.CHECKPOINT).touch()
    run.end(runs.INTERRUPTED, "Somebody stopped it.")
    app.query_params["run"] = run.id
    app.switch_page("pages/train.py").run()
    assert app.button(key=f"again_{run.id}").label == label
    app.button(key=f"again_{run.id}").click().run()
    assert not app.exception
    assert (run.status().state, run.has_checkpoint()) == (runs.QUEUED, saved)
    app.button(key=f"unqueue_{run.id}").click().run()
    assert Run(run.id).status().state == runs.INTERRUPTED


def test_a_run_that_was_cut_off_says_so_while_it_waits_and_where_it_went_on(
    on_home: Callable[..., AppTest], own_runs: Path
) -> None:
    app = on_home(own_runs, dataset="drawn")
    spec = next(r for r in runs.all_runs() if not r.spec().starts_from).spec()
    run = runs.create(spec.but(seed=78))
    said = lost.WORKER_DIED.said
    assert runs.begin(run)
    lost.died(run, lost.WORKER_DIED)
    app.query_params["run"] = run.id
    app.switch_page("pages/train.py").run()
    assert f":material/restart_alt: {said} It goes on by itself." in [c.value for c in app.caption]
    assert runs.begin(run)
    app.run()
    assert f":material/restart_alt: {run.status().went_on}" in [c.value for c in app.caption]
    assert run.status().went_on.startswith(said)
