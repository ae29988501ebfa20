"""The notebook runs, in plain fastai, and comes to the page's numbers within the tolerance that it states."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from lessonkit import runs
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.takehome.bundle import take_home
from lessonkit.training.fit import fit
from lessonkit.training.spec import RunSpec

PATIENCE = 85  # seconds a cell


def trained(spec: RunSpec) -> Run:
    run = runs.create(spec)
    if not run.status().finished:
        fit(spec, run)
    return run


def test_the_notebook_comes_to_the_pages_numbers(drawn_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    about = catalog.get("drawn")
    spec = RunSpec("drawn", catalog.fingerprint("drawn"), about.pattern, size=96, batch_size=16, epochs=4)
    first = trained(spec)
    change = {"frozen": False, "precompute": False, "epochs": 1, "learning_rate": (1e-5, 1e-3)}
    last = trained(spec.but(starts_from=first.id, **change))
    made = nbformat.reads(take_home(last.id, "notebook").decode(), 4)
    asked = "import json, sys; print(json.dumps([results, any(name.startswith('lessonkit') for name in sys.modules)]))"
    made.cells.append(nbformat.v4.new_code_cell(asked))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    NotebookClient(made, timeout=PATIENCE, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    results, of_the_lesson = json.loads(made.cells[-1].outputs[0]["text"])
    assert not of_the_lesson
    assert [(r["run"], r["what"]) for r in results] == [(n, w) for n in (1, 2) for w in ("error_rate", "valid_loss")]
    assert [r for r in results if not r["near"]] == []
    assert {r["what"]: r["page"] for r in results if r["run"] == 2} == {
        "error_rate": pytest.approx(last.history()[-1]["error_rate"], abs=1e-5),
        "valid_loss": pytest.approx(last.history()[-1]["valid_loss"], abs=1e-4),
    }
    guess = 11 / 12 - results[2]["within"]
    assert results[2]["here"] < guess, "the tolerance tells a notebook that learned from one that guesses"
