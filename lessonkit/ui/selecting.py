"""The ways to select in the explorer: matrix, pairs, breeds; and the photos of what is selected."""

from __future__ import annotations

import streamlit as st

from lessonkit import interpretation
from lessonkit.figures import confusion
from lessonkit.ui import photos, say, selection

A_PAGE = 12


def matrix(frame, vocab: list[str]) -> None:
    """The confusion matrix; a click selects its cell's breeds."""

    def clicked() -> None:
        points = st.session_state["explorer_matrix"].selection.points
        if points:
            selection.choose_breeds(*points[0]["customdata"][:2])

    counts = interpretation.confusion(frame, vocab)
    figure = confusion.confusion_matrix(counts, selection.breeds())
    say.chart(
        figure,
        "explorer_matrix",
        "Confusion matrix; a click selects a cell.",
        on_select=clicked,
        selection_mode="points",
    )


def pairs(frame) -> None:
    """The pairs of breeds that were confused; a click on a row selects them."""
    pairs = interpretation.most_confused(frame, 1)

    def clicked() -> None:
        rows = st.session_state["explorer_pairs"].selection.rows
        if rows:
            selection.choose_breeds(pairs["actual"].iloc[rows[0]], pairs["predicted"].iloc[rows[0]])

    shown = pairs.assign(actual=pairs["actual"].map(say.breed), predicted=pairs["predicted"].map(say.breed))
    st.dataframe(
        shown,
        hide_index=True,
        key="explorer_pairs",
        on_select=clicked,
        selection_mode="single-row",
        alt="Pairs confused.",
    )


def filter(vocab: list[str]) -> None:
    """Two boxes to select the breeds by name."""
    now = selection.breeds() or (vocab[0], vocab[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actual = st.selectbox(
            "It is a", vocab, index=vocab.index(now[0]) if now[0] in vocab else 0, format_func=say.breed, width=280
        )
        predicted = st.selectbox(
            "and the model said",
            vocab,
            index=vocab.index(now[1]) if now[1] in vocab else 0,
            format_func=say.breed,
            width=280,
        )
        if st.button("Select", key="select_breeds"):
            selection.choose_breeds(actual, predicted)
            st.rerun()


def cell(dataset: str, frame, chosen: tuple[str, str]) -> None:
    """The photos of the selected breeds, by page, each with a button to look closer."""
    found = interpretation.in_cell(frame, *chosen)
    st.markdown(f"**{say.breed(chosen[0])}** called **{say.breed(chosen[1])}**: {say.photos(len(found))}")
    pages = -(-len(found) // A_PAGE)
    page = st.pagination(pages, key="cell_page") if pages > 1 else 1
    with st.grid(min_column_width=130, gap="small"):
        for row in found.iloc[(page - 1) * A_PAGE : page * A_PAGE].itertuples():
            with st.container(gap="xsmall"):
                photos.picture(dataset, row.photo)
                if st.button("Look closer", key=f"look_{row.photo}", width="stretch"):
                    selection.choose_photo(row.photo, frame)
                    st.rerun()
