"""How pages speak: what is kept for all learners is kept for each language, and an error is said in the reader's."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
import pytest
import streamlit as st

from lessonkit import runs
from lessonkit.errors import LessonError
from lessonkit.language import speaking, tr
from lessonkit.photos import catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.run_list import Seen, Snapshot
from lessonkit.spec import RunSpec
from lessonkit.status import Status
from lessonkit.ui.core import cached, elements, formatting, snapshot


def test_a_figure_is_drawn_once_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its axes are named in the language of whoever looked first; another learner may read another."""
    drawn: list[str] = []
    monkeypatch.setattr(st, "plotly_chart", lambda *_, **__: None)
    for of in ("en", "de", "en", "de"):
        with speaking(of):
            elements.chart(lambda of=of: drawn.append(of) or go.Figure(), "a_chart", "a chart", ("made of this",))
    assert drawn == ["en", "de"]


def test_what_is_made_of_predictions_is_made_once_for_each_language() -> None:
    def said(_: str) -> str:
        return tr("Photos held out")

    for of, words in (("en", "Photos held out"), ("de", "Zurückgehaltene Fotos"), ("en", "Photos held out")):
        with speaking(of):
            assert cached.made_of(said, more=("of a test",)) == words


def test_an_error_of_another_process_is_said_in_the_readers_language() -> None:
    problem = pickle.loads(pickle.dumps(LessonError(tr("Epoch {epoch} of {epochs}", epoch=1, epochs=4))))
    assert formatting.sentence(problem) == "Epoch 1 of 4"
    with speaking("de"):
        assert formatting.sentence(problem) == "Epoche 1 von 4"


def test_why_a_run_cannot_be_read_is_kept_for_readers_of_all_languages() -> None:
    lost = Seen("0123456789ab", RunSpec("drawn"), Status(state=runs.DONE), [])
    with speaking("de"):
        found, _ = snapshot._readable(Snapshot((lost,)), frozenset())
    said = formatting.sentence(found.unreadable[lost.id])
    assert said.endswith("is damaged: it holds no epoch. Put back what it held before, or delete it.")
    with speaking("es"):
        assert formatting.sentence(found.unreadable[lost.id]).endswith(
            tr("Put back what it held before, or delete it.")
        )


def test_photos_that_somebody_called_as_a_page_is_called_keep_their_title() -> None:
    own = replace(catalog.DATASETS["drawn"], title="Train", own=True)
    with speaking("de"):
        assert formatting.title(Dataset(own, Path("own"))) == "Train"
        assert formatting.title(Dataset(catalog.DATASETS["drawn"], Path("drawn"))) == tr("Drawn pets") != "Drawn pets"
