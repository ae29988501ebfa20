"""Homes for the pages to run on: an empty one, and one where the lesson's runs have been done for real."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from lessonkit.errors import EngineError
from tests.conftest import ROOT, SMALL
from tests.engines import end_engine

PAGES = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "pages").glob("*.py"))


@pytest.fixture(autouse=True)
def _main_again() -> Iterator[None]:
    """An AppTest puts its script in the place of `__main__`, which a process spawned by a later test would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session", autouse=True)
def _scanned_once() -> Iterator[None]:
    """Each AppTest reads what every installed package says of itself, for 0.3 s, in search of Streamlit's components."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", functools.cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture(scope="session")
def baked(lesson_done: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small drawn dataset and the lesson's four runs on it. Tests take back what they add."""
    return shutil.copytree(lesson_done, tmp_path_factory.mktemp("baked") / "home")


def _linked_if_large(source: str, copy: str) -> None:
    """A model of megabytes as a hard link: a run that is trained again puts a new file in its place."""
    if os.path.getsize(source) > 1_000_000:
        os.link(source, copy)
    else:
        shutil.copy2(source, copy)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is begun, which takes seconds, by a page that asks one for pictures: it says that there is none."""

    def refuse(*_: object, **__: object) -> None:
        raise EngineError("There is no engine for this home.")

    monkeypatch.setattr("lessonkit.engine.client.Engine.call", refuse)


@pytest.fixture
def own_runs(baked: Path, tmp_path: Path, no_engine: None) -> Path:
    """A home with the photos of the baked one and a copy of its runs, for a test that adds to them.

    No engine serves it, as one serves the baked home once a test asked something of it: that engine would train what
    this test queues, or take for dead what this test trains in its own process.
    """
    home = tmp_path / "own_runs"
    shutil.copytree(baked / "runs", home / "runs", copy_function=_linked_if_large)
    for folder in ("datasets", "cache"):
        (home / folder).symlink_to(baked / folder)
    return home


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with nothing in it but a small setting for the drawn pets."""
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="session")
def _opened() -> Iterator[set[Path]]:
    """The homes that the app was opened on: one engine a home for all tests of the session."""
    homes: set[Path] = set()
    yield homes
    st.cache_resource.clear()
    for home in homes:
        end_engine(home)


@pytest.fixture
def as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without Streamlit's older kind of navigation, as `streamlit_app.py` says when a server imports it."""
    made = PagesManager.__init__

    def without_pages_folder(manager: PagesManager, *args: object, **more: object) -> None:
        made(manager, *args, **more)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", without_pages_folder)


@pytest.fixture
def on_home(monkeypatch: pytest.MonkeyPatch, as_served: None, _opened: set[Path]) -> Callable[..., AppTest]:
    """The app on a home: `on_home(path, dataset=…)` returns it, having run its first page with that in its URL.

    Each is another browser's, but for `browser=app`: that is the one of an earlier app, whose page is opened again.

    What is asked for waits in the queue, where a test looks at it; an engine is begun only by a page that asks it a
    question. Nothing is left that acts later: woken after its test, it would serve the next test's home, and train what
    that queues. `test_connection.py` has it woken.
    """
    monkeypatch.setattr("lessonkit.ui.core.connection._wake", lambda _: None)
    monkeypatch.setattr("lessonkit.engine.client.Engine.wake", lambda _: None)

    def open_on(home: Path, browser: AppTest | None = None, **in_url: str) -> AppTest:
        _opened.add(home)
        monkeypatch.setenv("LESSONKIT_HOME", str(home))
        for setting, value in SMALL.items():
            monkeypatch.setenv(setting, value)
        st.cache_data.clear()
        st.cache_resource.clear()
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=180)
        if browser:
            app.session_state["class_learner"] = browser.session_state["class_learner"]
        for key, value in in_url.items():
            app.query_params[key] = value
        return app.run()

    return open_on
