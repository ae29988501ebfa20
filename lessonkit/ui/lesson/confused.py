"""Which breeds are taken for which: the matrix with the selected cell's photos, and the pairs most confused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.figures import moving
from lessonkit.language import tr, translatable, trn
from lessonkit.lesson import steps
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import cached, elements, formatting
from lessonkit.ui.explore import pickers, selection, top_losses
from lessonkit.ui.lesson import confusing

_FOLD = translatable("Guess above first: this names the two breeds confused most")
FIRST = 6  # of the selected cell's photos, under the matrix


def matrix(run: Run, dataset: Dataset, frame: pd.DataFrame, opened: bool = True) -> None:
    """The matrix, and the photos of the cell that is selected.

    Args:
        frame: the run's, as `predictions.read` gives it. dataset: whose photos these are.
        opened: whether the pair confused most may be named: until the learner has guessed it, that is folded.
    """
    st.subheader(tr("Confusion matrix"), anchor=False)
    st.markdown(tr("A row is what the pet **is**, a column what the model **said**. Click a cell to see its photos."))
    with elements.folded_until(opened, tr(_FOLD)):
        _row_and_column(run)
    pickers.matrix(run, "confusion")
    if selected := selection.breeds():
        _cell(dataset, frame, selected)


def pairs(run: Run, dataset: Dataset, opened: bool = True) -> None:
    """The two breeds confused most, and the pairs confused at least as many times as the learner says.

    Args:
        opened: as in `matrix`.
    """
    st.subheader(tr("Most confused"), anchor=False)
    with elements.folded_until(opened, tr(_FOLD)):
        _pairs(run, dataset)


def _pairs(run: Run, dataset: Dataset) -> None:
    confusing.most(dataset, run)
    usual = (
        1 if cached.made_of(predictions.most_confused, run, more=(2,)).empty else 2
    )  # with few photos none comes twice
    at_least = st.slider(
        tr("Only pairs confused at least this many times"), 1, 10, usual, key="at_least", persist_state="session"
    )
    found = cached.made_of(predictions.most_confused, run, more=(at_least,))
    if found.empty:
        st.info(
            trn(
                "No breed was taken for the same other breed {n} time. Choose a lower number.",
                "No breed was taken for the same other breed {n} times. Choose a lower number.",
                at_least,
            )
        )
        return
    st.caption(tr("Click the box at the left of a row: the matrix above shows its photos."))
    pickers.pairs(found, "pairs")


def _row_and_column(run: Run) -> None:
    """How to read the matrix, on the run's own numbers; nothing without mistakes."""
    example = cached.made_of(_example, run, more=(tuple(run.vocab()),))
    if example:
        st.html(moving.row_and_column(*example))
        st.caption(moving.cell_words(*example))


def _example(frame: pd.DataFrame, vocab: tuple[str, ...]) -> tuple[list[str], list[list[int]], tuple[int, int]] | None:
    """The two breeds confused most and the one that is confused with them most; the counts of the three; the cell of the two."""
    counts = predictions.confusion(frame, vocab)
    mistakes = counts.to_numpy().copy()
    np.fill_diagonal(mistakes, 0)
    if not mistakes.any():
        return None
    actual, predicted = (vocab[int(k)] for k in np.unravel_index(mistakes.argmax(), mistakes.shape))
    either_way = counts + counts.T
    beside = (either_way[actual] + either_way[predicted]).drop([actual, predicted])
    breeds = sorted([actual, predicted, *([str(beside.idxmax())] if len(beside) else [])])
    part = counts.loc[breeds, breeds].to_numpy().tolist()
    return breeds, part, (breeds.index(actual), breeds.index(predicted))


def _cell(dataset: Dataset, frame: pd.DataFrame, chosen: selection.Breeds) -> None:
    found = predictions.in_cell(frame, *chosen)
    with st.container(key="found"):
        st.markdown(f"{selection.words(chosen)}: {formatting.photos(len(found))}")
    top_losses.cards(dataset, found.head(FIRST), "cell_")
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(found) > FIRST:
            st.caption(
                tr(
                    "The {first} with the highest loss of {photos}; the top losses above have all.",
                    first=FIRST,
                    photos=len(found),
                ),
                width="content",
            )
        st.page_link(steps.step("explorer").path, label=tr("Look closer at them"), icon=steps.step("explorer").icon)
        st.button(tr("Select nothing"), key="select_nothing", on_click=selection.drop, type="tertiary")
