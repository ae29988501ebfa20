"""Every page, found by itself, without a screen: on a machine that has nothing yet, and after the runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lessonkit.lesson.steps import CLASS, EXPLORE, STEPS, step
from tests.app.conftest import PAGES, ROOT


def test_each_page_is_a_step_and_each_step_a_page() -> None:
    assert sorted(s.path for s in STEPS + EXPLORE + CLASS) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_on_a_machine_with_nothing(page: str, on_home, empty: Path) -> None:
    app = on_home(empty, dataset="pets").switch_page(page).run()
    assert not app.exception
    assert len(app.title) == 1


# The sentences that answer the twelve questions, by page.
ANSWERS = [
    (cells[2].strip(), cells[3].strip())
    for line in (ROOT / "docs" / "questions.md").read_text().splitlines()
    if len(cells := line.strip("| ").split(" | ")) == 4 and cells[0].isdigit()
]


def test_there_are_twelve_questions() -> None:
    assert len(ANSWERS) == 12


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_after_the_runs(page: str, on_home, baked: Path) -> None:
    app = on_home(baked).switch_page(page).run()
    texts = " ".join(m.value for m in app.main.markdown)
    assert [answer for of, answer in ANSWERS if of == Path(page).stem and answer not in texts] == []
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


def test_a_run_that_was_deleted_for_room_is_said_to_be(on_home, baked: Path) -> None:
    noted = baked / "swept.json"
    noted.write_text('[["0123456789ab", "drawn", 2000000000.0], ["ba9876543210", "drawn", 1000.0]]')
    try:
        began = {"dataset": "drawn", "since": "1900000000"}
        app = on_home(baked, **began, run="0123456789ab").switch_page("pages/train.py").run()
        assert not app.exception
        assert [i.value for i in app.info if "1 old run was deleted" in i.value]
    finally:
        noted.unlink()


NO_PHOTOS, NO_MODEL = "no photos on this machine yet", "no trained model on these photos yet"


@pytest.mark.parametrize(
    ("page", "words", "to"),
    [
        ("one_size", NO_PHOTOS, "data"),
        ("train", NO_PHOTOS, "data"),
        ("mistakes", NO_MODEL, "train"),
        ("too_many_epochs", NO_MODEL, "train"),
        ("unfreezing", "no frozen model on these photos yet", "train"),
        ("your_pet", "no trained model yet to ask", "train"),
        ("recap", "You have not guessed any of these photos yet", "start"),
        ("explorer", NO_MODEL, "train"),
        ("clean", NO_MODEL, "train"),
        ("take_home", NO_MODEL, "train"),
        ("two_runs", "takes two finished runs", "train"),
    ],
)
def test_what_is_missing_is_said_and_linked(page: str, words: str, to: str, on_home, empty: Path) -> None:
    app = on_home(empty, dataset="pets").switch_page(f"pages/{page}.py").run()
    assert len([m for m in app.main.markdown if words in m.value]) == 1
    links = [(link.proto.page, link.proto.label) for link in app.main.get("page_link")]
    assert ("" if to == "start" else to, f"Go to **{step(to).title}**") in links


@pytest.mark.parametrize("page", ["one_size", "train", "mistakes", "too_many_epochs", "your_pet", "two_runs"])
def test_nothing_is_said_to_be_missing_after_the_runs(page: str, on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn").switch_page(f"pages/{page}.py").run()
    assert not [m.value for m in app.main.markdown if m.value.startswith(":material/info:")]


def test_no_page_imports_what_trains(baked: Path) -> None:
    """All pages in a process of their own: what is heavy stays in the engine."""
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("streamlit_app.py", default_timeout=180).run()
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
