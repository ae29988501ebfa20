"""The lesson's files are replaced while the app is open: each page says so, also one that fails because of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lessonkit import version
from lessonkit.ui.core import updates
from tests.app.conftest import ROOT

SAID = "The lesson was updated while it was open"


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the lesson's code, as the app imported it; looked at each time."""
    file = tmp_path / "some_module.py"
    file.write_text("a = 1\n")
    monkeypatch.setattr(updates, "LESSON", version.Code(lambda: [file]))
    monkeypatch.setattr(version, "LOOK_SECONDS", 0.0)
    return file


@pytest.mark.parametrize("updated", [False, True])
def test_each_page_says_that_the_lesson_was_updated(
    home: Path, drawn_home: Path, code: Path, as_served: None, monkeypatch: pytest.MonkeyPatch, updated: bool
):
    shutil.copytree(drawn_home / "datasets", home / "datasets")
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr("lessonkit.ui.core.connection._wake", lambda _: None)
    st.cache_resource.clear()
    if updated:
        code.write_text("a = 2\n")
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=180).run()
    assert not app.exception
    assert len(app.title) == 1, "the page stands all the same"
    assert [SAID in e.value for e in app.error] == [True] * updated


@pytest.mark.parametrize("updated", [False, True])
def test_a_page_that_fails_after_an_update_says_why(code: Path, updated: bool):
    def page() -> None:
        from lessonkit.ui.core import routes

        assert routes.said(ImportError("cannot import name"))

    if updated:
        code.write_text("a = 2\n")
    app = AppTest.from_function(page).run()
    assert [SAID in e.value for e in app.error] == [updated]


def test_what_the_app_has_imported_is_watched():
    files = {path.name for path in updates.LESSON.files()}
    assert {"frame.py", "client.py", "spec.py"} <= files
