"""A run whose files were changed by hand: named once, where runs are listed; every page stands and shows the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lessonkit.storage import write_bytes
from tests import kept
from tests.app.conftest import PAGES

DEEP = "[" * 100_000 + "]" * 100_000
DAMAGED = {
    "status.json": '{"state": "done", "queued_at": "yesterday"}',
    "spec.json": DEEP,
    "history.csv": "epoch,train_loss,valid_loss,error_rate,seconds\n0,high,high,high,high\n",
    "events.jsonl": "[]\n",
    "vocab.json": "{}",
    "predictions.parquet": "PAR1",
}
NAMED = ("status.json", "spec.json", "history.csv")  # what every list of runs reads


@pytest.fixture
def damaged_home(baked: Path, tmp_path: Path, no_engine: None) -> Path:
    """A copy of the baked home, to be damaged."""
    return Path(shutil.copytree(baked, tmp_path / "home", ignore=shutil.ignore_patterns("engine.*", "*.lock")))


@pytest.mark.parametrize("name", DAMAGED)
def test_every_page_stands_beside_a_damaged_run(name: str, on_home, damaged_home: Path) -> None:
    app = on_home(damaged_home, dataset="drawn")
    frozen = kept.stage()
    app = on_home(damaged_home, dataset="drawn", run=frozen.id, model=frozen.id)
    write_bytes(frozen.path(name), DAMAGED[name].encode())  # changed in its place, it would be read a few seconds later
    said = []
    for page in PAGES:
        app.switch_page(page).run()
        assert not app.exception, page
        assert app.title, page
        assert not [e.value for e in app.error if "did not foresee" in e.value], page
        said += [w.value for w in app.warning if frozen.id in w.value and name in w.value]
    assert len(said) == (name in NAMED), "it is named once"


def test_a_run_that_ended_and_lost_its_epochs_is_named_too(on_home, damaged_home: Path) -> None:
    app = on_home(damaged_home, dataset="drawn")
    frozen = kept.stage()
    frozen.path("history.csv").unlink()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert [w.value for w in app.warning if frozen.id in w.value and "no epoch" in w.value]
