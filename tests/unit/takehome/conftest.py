"""A small run to take home, trained once for all processes that run tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lessonkit import runs
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from tests.conftest import made_once


@pytest.fixture(scope="session")
def _trained_home(drawn_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def train(home: Path) -> None:
        from lessonkit.training.fit import fit

        shutil.copytree(drawn_home / "datasets", home / "datasets")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LESSONKIT_HOME", str(home))
            patch.setenv("LESSONKIT_DEVICE", "cpu")
            drawn = catalog.resolve("drawn")
            spec = RunSpec("drawn", drawn.fingerprint, drawn.pattern, size=128, batch_size=16, epochs=2)
            fit(spec, runs.create(spec))

    trained = made_once(tmp_path_factory, "trained", train)
    return shutil.copytree(trained, tmp_path_factory.mktemp("trained") / "home")


@pytest.fixture
def run(_trained_home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of two epochs on the drawn pets, 6 photos a breed, in a home where it is the only one."""
    monkeypatch.setenv("LESSONKIT_HOME", str(_trained_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    return runs.all_runs()[0]
