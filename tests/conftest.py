"""Fixtures that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

PETS = Path(__file__).parents[2] / "shared" / "pets"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty LESSONKIT_HOME, and none of the other settings."""
    for setting in ("MIRROR", "SCHEDULER", "DEVICE", "DRAWN_PER_BREED", "ENGINE_IDLE", "ENGINE_LEAN"):
        monkeypatch.delenv(f"LESSONKIT_{setting}", raising=False)
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


@pytest.fixture(scope="session")
def drawn_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LESSONKIT_HOME, made once, that holds `drawn` with 6 photos a breed. Tests may add to it, not take away.

    Point the setting at it where a test reads it: `monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))`.
    """
    from lessonkit.photos import catalog

    folder = tmp_path_factory.mktemp("drawn-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LESSONKIT_HOME", str(folder))
        patch.setenv("LESSONKIT_DRAWN_PER_BREED", "6")
        catalog.obtain("drawn")
    return folder
