"""The engine as the app begins it: in the background, with a sentence where it cannot, with another where it died."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lessonkit.ui.core import connection
from tests.app.conftest import ROOT
from tests.engines import STANDIN, end_engine, until


@pytest.fixture
def standin(home: Path, drawn_home: Path, as_served: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An app that has just been started, on a home with photos, so that no page needs the engine before it is begun."""
    shutil.copytree(drawn_home / "datasets", home / "datasets")
    monkeypatch.setenv("PYTHONPATH", str(STANDIN))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr(connection, "AFTER_THE_FIRST_PAGE", 0.0)
    st.cache_resource.clear()
    yield home
    connection.engine().close()
    end_engine(home)
    st.cache_resource.clear()


def sidebar(app: AppTest) -> str:
    """What the sidebar says of the engine."""
    return " ".join(e.value for e in (*app.sidebar.caption, *app.sidebar.error))


def test_the_first_page_has_an_engine_begun_and_the_sidebar_says_so(standin: Path) -> None:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=180).run()
    until(lambda: connection.engine().state()["alive"], "an engine serves")
    assert "The engine is starting" not in sidebar(app.run())
    assert connection.trouble() is None


def test_why_no_engine_begins_is_said_on_each_page_until_one_does(
    standin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN_REFUSES", "1")
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=180).run()
    until(connection.trouble, "the app knows that no engine begins")
    assert "The engine ended as it started" in sidebar(app.run())
    assert not app.exception
    monkeypatch.delenv("STANDIN_REFUSES")
    app.button(key="start_engine").click().run()
    until(lambda: connection.engine().state()["alive"], "another was begun")
    until(lambda: connection.trouble() is None, "the trouble is over")
    assert "ended as it started" not in sidebar(app.run())


def test_what_the_app_imported_is_nothing_that_pythons_collector_looks_through() -> None:
    code = "import gc, streamlit_app; print(gc.get_freeze_count() > 10 * len(gc.get_objects()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "True"
