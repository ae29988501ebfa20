"""Fixtures that all tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.engines import end_engine

# Read by OpenMP as torch is imported: a thread that waits for another spins otherwise, and takes the core from the tests
# that run beside this one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# What a test leaves behind, such as a thread that wakes an engine after a while, acts on the home of that moment: between
# two tests' own that must not be the user's.
HOME = Path(tempfile.mkdtemp(prefix="lessonkit-tests-"))
os.environ["LESSONKIT_HOME"] = str(HOME)

ROOT = Path(__file__).parents[1]
SMALL = {"LESSONKIT_DRAWN_PER_BREED": "8", "LESSONKIT_DEVICE": "cpu"}  # as the runs of `lesson_done` were made
PETS = Path(__file__).parents[2] / "shared" / "pets"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty LESSONKIT_HOME, and none of the other settings."""
    for setting in [name for name in os.environ if name.startswith("LESSONKIT_") and name != "LESSONKIT_CHROMIUM"]:
        monkeypatch.delenv(setting)
    folder = tmp_path / "home"
    monkeypatch.setenv("LESSONKIT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def pets_archive() -> Path:
    """737 real photos of 37 breeds, in the layout of the archive that fastai calls URLs.PETS."""
    path = PETS / "oxford-iiit-pet.tgz"
    if not path.is_file():
        pytest.skip(f"the real photos are not here ({path})")
    return path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: those with an engine or a browser wait for it a third of their time."""
    return (os.cpu_count() or 1) + 1


# Files and folders whose tests take longest, in the order in which they are begun: what is short fills the end evenly.
# A browser waits most of the time, so that others run beside it; the lesson needs no runs, which are being made meanwhile.
FIRST = ("test_lesson.py", "browser", "faults", "training", "takehome", "app")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((n for n, name in enumerate(FIRST) if name in item.path.parts), len(FIRST)))
    for item in items:
        if "lesson_done" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


def pytest_unconfigure() -> None:
    """What was done in HOME goes with it, an engine that was started there too."""
    end_engine(HOME)
    shutil.rmtree(HOME, ignore_errors=True)


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, once for all processes that run tests side by side. Nobody may change what is in it.

    TESTS_KEEP, a folder, has it kept there for the tests that are run later: by `tests/break_lines.py`.
    """
    base = temporary.getbasetemp()
    folder = Path(os.environ.get("TESTS_KEEP") or (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def drawn_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LESSONKIT_HOME, made once, that holds `drawn` with 6 photos a breed. Tests may add to it, not take away.

    Point the setting at it where a test reads it: `monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))`.
    """
    from lessonkit.photos import catalog

    def draw(home: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LESSONKIT_HOME", str(home))
            patch.setenv("LESSONKIT_DRAWN_PER_BREED", "6")
            catalog.obtain("drawn")

    drawn = made_once(tmp_path_factory, "drawn", draw)
    return shutil.copytree(drawn, tmp_path_factory.mktemp("drawn") / "home")


@pytest.fixture(scope="session")
def lesson_done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LESSONKIT_HOME with a small drawn dataset and the lesson's four runs on it, as `bake` makes them: to be copied."""

    def bake(home: Path) -> None:
        environment = {**os.environ, "LESSONKIT_HOME": str(home), **SMALL}
        command = [sys.executable, "-m", "lessonkit", "bake", "--dataset", "drawn"]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return made_once(tmp_path_factory, "lesson-done", bake)
