"""Every page, found by itself, without a screen: on a machine that has nothing yet, and after the runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lessonkit.lesson.steps import EXPLORE, STEPS
from tests.app.conftest import PAGES, ROOT


def test_each_page_is_a_step_and_each_step_a_page() -> None:
    assert sorted(s.path for s in STEPS + EXPLORE) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_on_a_machine_with_nothing(page: str, on_home, empty: Path) -> None:
    app = on_home(empty, dataset="pets").switch_page(page).run()
    assert not app.exception
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_after_the_runs(page: str, on_home, baked: Path) -> None:
    app = on_home(baked).switch_page(page).run()
    assert not app.exception
    # numpy's own error, from stacking photos of two sizes, is what that page shows
    assert not [e.value for e in app.error if "ValueError: all input arrays" not in e.value]
    assert len(app.title) == 1


@pytest.mark.parametrize("page", ["train", "mistakes", "two_runs"])
def test_a_page_stands_whatever_its_address_names(page: str, on_home, baked: Path) -> None:
    odd = dict.fromkeys(("run", "model", "run_a", "run_b", "photo", "actual", "group"), "a" * 300)
    app = on_home(baked, dataset="drawn", **odd).switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


@pytest.mark.parametrize("page", ["one_size", "train", "mistakes", "too_many_epochs", "unfreezing", "your_pet"])
def test_what_is_missing_is_said_and_linked(page: str, on_home, empty: Path) -> None:
    app = on_home(empty, dataset="pets").switch_page(f"pages/{page}.py").run()
    assert any("yet" in m.value for m in app.main.markdown)


def test_no_page_imports_what_trains(baked: Path) -> None:
    """All pages in a process of their own: what is heavy stays in the engine."""
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("streamlit_app.py", default_timeout=60).run()
for page in sys.argv[1:]:
    app.switch_page(page).run()
    assert not app.exception, page
heavy = {"torch", "torchvision", "timm", "fastai"} & set(sys.modules)
print("heavy:", sorted(heavy))
"""
    environment = {**os.environ, "LESSONKIT_HOME": str(baked), "LESSONKIT_DEVICE": "cpu", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script, *PAGES],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "heavy: []" in done.stdout, done.stdout + done.stderr
