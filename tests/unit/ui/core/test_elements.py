"""How pages speak: what is kept for all learners is kept for each language, and an error is said in the reader's."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import plotly.io
import plotly.tools
import pytest
import streamlit as st

from lessonkit import runs
from lessonkit.errors import LessonError
from lessonkit.language import speaking, tr
from lessonkit.photos import catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.run_list import Seen, Snapshot
from lessonkit.runs import HISTORY_COLUMNS
from lessonkit.spec import RunSpec
from lessonkit.status import Status
from lessonkit.ui.core import cached, elements, formatting, run_progress, snapshot, streamlit_mends


def test_a_figure_is_drawn_once_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its axes are named in the language of whoever looked first; another learner may read another."""
    drawn: list[str] = []
    monkeypatch.setattr(st, "plotly_chart", lambda *_, **__: None)
    for of in ("en", "de", "en", "de"):
        with speaking(of):
            elements.chart(lambda of=of: drawn.append(of) or go.Figure(), "a_chart", "a chart", ("made of this",))
    assert drawn == ["en", "de"]


def test_a_kept_figure_is_written_as_json_once_and_as_plotly_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    own, written = plotly.io.to_json, []
    monkeypatch.setattr(plotly.io, "to_json", lambda *given, **how: written.append(given) or own(*given, **how))
    streamlit_mends.write_once()
    sent: list[str] = []
    monkeypatch.setattr(
        st,
        "plotly_chart",
        lambda figure, **_: sent.append(
            plotly.io.to_json(
                plotly.tools.return_figure_from_figure_or_data(figure, validate_figure=True), validate=False
            )
        ),
    )
    for height in (1.0, 1.0, 2.0):
        elements.chart(lambda h=height: go.Figure(go.Bar(y=[h, 3])), "once", "a chart", ("once", height))
    assert sent == [own(go.Figure(go.Bar(y=[height, 3])), validate=False) for height in (1.0, 1.0, 2.0)]
    assert len(written) == 2
    elements.chart(figure := go.Figure(go.Bar(y=[1])), "always", "a chart")  # one that may change still
    figure.update_traces(y=[2])
    elements.chart(figure, "always", "a chart")
    assert sent[-1] != sent[-2]


def test_in_a_rows_list_a_cell_that_says_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(st, "html", said.append)
    elements.table({"": ["one", "two"], "rate": ["7 %", "–"], "time": ["–", "1 s"]}, key="some", alt="Some.")
    hidden = said[0].partition("@media (max-width: 640px) {")[2]
    assert "tr:nth-child(2) td:nth-child(2), .st-key-rows_some tr:nth-child(1) td:nth-child(3)" in hidden
    assert hidden.count("nth-child(") == 4


def test_a_runs_table_is_made_once_and_shows_what_its_epochs_are() -> None:
    def rows(loss: float, *more: object) -> pd.DataFrame:
        row = {"epoch": 0, "train_loss": 1.5, "valid_loss": loss, "error_rate": 0.25, "seconds": 61.25}
        history = tuple(tuple(row[name] for name in HISTORY_COLUMNS) for _ in range(2))
        made = run_progress._rows(history, *more)
        assert run_progress._rows(history, *more) is made
        return made.to_pandas()

    whole = rows(0.5, False, None)
    assert whole.to_dict("records")[0] == {
        "epoch": 0, "train_loss": 1.5, "valid_loss": 0.5, "error_rate": 0.25, "time": "01:01.2",
    }  # fmt: skip
    assert rows(0.75, False, None)["valid_loss"].tolist() == [0.75, 0.75]
    assert list(rows(0.5, True, None)) == ["epoch", "train_loss", "valid_loss", "error_rate"]
    assert rows(0.5, True, 3)["epoch"].tolist() == [4, 4]


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
