"""The numbers of the page that is taken home are those that the app's pages say, by the same rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import markupsafe
import pandas as pd
import plotly.graph_objects as go
import pytest

from lessonkit import runs
from lessonkit.analysis import predictions
from lessonkit.architectures import ARCHITECTURES
from lessonkit.lesson.luck import left_out_words
from lessonkit.lesson.overfitting import judged_words
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome.export import take_home
from lessonkit.takehome.html import page
from lessonkit.wording import percent
from tests.outcomes import history


@pytest.fixture
def mine(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The run in a home of the test's own, to which it may add."""
    home = shutil.copytree(run.folder.parent.parent, tmp_path / "home", symlinks=True)
    monkeypatch.setenv("LESSONKIT_HOME", str(home))
    return runs.all_runs()[0]


def as_if_trained(spec: RunSpec, like: Run, wrong: int) -> Run:
    """A finished run of this spec with another's files, so many of whose answers are wrong."""
    made = Run(spec.id)
    shutil.copytree(like.folder, made.folder)
    made.path("spec.json").write_text(spec.canonical())
    frame = pd.read_parquet(made.path("predictions.parquet"))
    frame.assign(correct=[place >= wrong for place in range(len(frame))]).to_parquet(made.path("predictions.parquet"))
    return made


def test_overfitting_is_judged_in_the_words_of_the_lessons_page(run: Run, monkeypatch: pytest.MonkeyPatch):
    rises = predictions.overfitting(history([1.0, 0.5, 0.1], [0.6, 0.5, 0.8], [0.3, 0.2, 0.2]))
    monkeypatch.setattr(predictions, "overfitting", lambda _: rises)
    said = judged_words(rises, run.status().facts.get("valid_photos", 0))
    assert "It looks like overfitting, but that may be luck." in said
    assert f"<p>{markupsafe.escape(said)}</p>" in take_home(run.id, "html").decode()


def test_the_bars_are_of_the_means_that_the_words_compare(mine: Run, monkeypatch: pytest.MonkeyPatch):
    drawn = []
    monkeypatch.setattr(page.compare, "runs_side_by_side", lambda frame: drawn.append(frame) or go.Figure())
    spec = mine.spec()
    for seed, wrong in ((spec.seed + 1, 2), (spec.seed + 2, 9)):
        as_if_trained(spec.but(seed=seed), mine, wrong)
    on = spec.but(starts_from=mine.id, epochs=1)
    last = [as_if_trained(on.but(seed=seed), mine, 4) for seed in (spec.seed, spec.seed + 1)][-1]
    text = take_home(last.id, "html").decode()
    part = text[text.index("All runs from the same beginning") :]
    assert "<figcaption>All runs side by side, by the means of their trainings</figcaption>" in part
    assert f"<p>Means of 2 trainings of each, with the same seeds. {left_out_words(1)}</p>" in part
    mean = (predictions.error_rate(predictions.read(mine)) + 2 / len(predictions.read(mine))) / 2
    assert f"error rate {percent(mean)} on average of 2 trainings" in part
    assert drawn[0]["error_rate"].tolist() == pytest.approx([mean, 4 / len(predictions.read(mine))])


def test_an_error_rate_of_few_photos_says_how_much_each_counts(mine: Run):
    frame = predictions.read(mine).head(1).assign(correct=False)
    frame.to_parquet(mine.path("predictions.parquet"))
    text = take_home(mine.id, "html").decode()
    assert "error rate: 1 of 1 photo named wrongly" in text
    assert "There is 1 validation photo, and it is 100 percentage points." in text
    assert "this model is no better than that. On so few photos each one counts much." in text


def test_the_parameters_of_the_table_of_networks_are_those_that_a_run_counts(run: Run):
    """The run was frozen, and trained its head alone: what it counts besides is the body."""
    facts = run.status().facts
    body = ARCHITECTURES[run.spec().architecture].body_parameters
    assert facts["parameters"] - facts["trainable"] == body


def test_the_calibration_error_is_said_in_percentage_points(run: Run):
    assert "percentage points apart: the expected calibration error" in take_home(run.id, "html").decode()
