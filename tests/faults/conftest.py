"""An engine on an empty home, that trains with a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lessonkit.engine.client import Engine
from tests.engines import STANDIN, end_engine


@pytest.fixture
def standin(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home whose engine, whoever starts it, trains with the stand-in; ended after the test."""
    home.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(STANDIN))
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "120")
    yield home
    end_engine(home)


@pytest.fixture
def engine(standin: Path) -> Iterator[Engine]:
    found = Engine()
    found.connect()
    yield found
    found.close()
