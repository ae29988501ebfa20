"""A run whose files were changed by hand: named once, where runs are listed; every page stands and shows the others."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lessonkit.storage import write_bytes
from tests import kept
from tests.app.conftest import PAGES, ROOT

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


READ_ONLY = """
import sys
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

made = PagesManager.__init__
PagesManager.__init__ = lambda manager, *a, **k: (made(manager, *a, **k), setattr(PagesManager, "uses_pages_directory", False))[0]
app = AppTest.from_file("streamlit_app.py", default_timeout=180)
app.query_params["dataset"] = "drawn"
app.run()
for page, button in (("start", "guess_0_0"), ("train", "train")):
    app.switch_page(f"pages/{page}.py").run()
    assert len(app.title) == 1
    before = {error.value for error in app.error}
    app.button(key=button).click().run()
    assert not app.exception
    print(page, *({error.value for error in app.error} - before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder is made read-only in other ways")
def test_on_a_home_that_may_not_be_written_pages_open_and_each_press_is_told_why_it_did_nothing(
    damaged_home: Path,
) -> None:
    for path in (damaged_home, *damaged_home.rglob("*")):
        if path.is_dir():
            path.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", READ_ONLY],
            cwd=ROOT,
            env={**os.environ, "LESSONKIT_HOME": str(damaged_home), "PYTHONPATH": str(ROOT)},
            preexec_fn=_obeys_permissions,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        said = done.stdout.splitlines()
        assert [line.split()[0] for line in said] == ["start", "train"]
        assert all("Files cannot be written in" in line and "Make that folder writable" in line for line in said), said
    finally:
        for path in (damaged_home, *damaged_home.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)


def _obeys_permissions() -> None:
    """Root writes wherever it likes, but for a process without that capability (CAP_DAC_OVERRIDE is 1)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP
