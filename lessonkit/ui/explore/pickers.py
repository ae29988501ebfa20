"""The ways to select in the explorer: matrix, pairs, breeds; and the photos of what is selected."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.figures import confusion
from lessonkit.language import tr
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import cached, elements, formatting, thumbnails
from lessonkit.ui.explore import selection

A_PAGE = 12


def matrix(run: Run, key: str) -> None:
    """The confusion matrix of a run's predictions; a click selects its cell's breeds, on every page.

    Args:
        key: of the chart, another for each page.
    """

    def clicked() -> None:
        points = st.session_state[key].selection.points
        if points:
            selection.choose_breeds(*points[0]["customdata"][:2])

    elements.chart(
        lambda: confusion.confusion_matrix(
            predictions.confusion(cached.predictions(run), run.vocab()), selection.breeds()
        ),
        key,
        tr("Confusion matrix: rows are actual breeds, columns predicted ones; a click selects a cell."),
        made_of=(run.id, run.status().ended_at, selection.breeds()),
        on_select=clicked,
        selection_mode="points",
    )


def pairs(confused: pd.DataFrame, key: str) -> None:
    """The pairs of breeds that were confused; a click on a row selects them, on every page.

    Args:
        confused: as `predictions.most_confused` gives it: actual, predicted, photos.
        key: of the table, another for each page.
    """

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            selection.choose_breeds(confused["actual"].iloc[rows[0]], confused["predicted"].iloc[rows[0]])

    columns = {tr("photos"): confused["photos"].tolist()}  # a phone shows the first ones
    columns[tr("actual")] = [formatting.breed_name(breed) for breed in confused["actual"]]
    columns[tr("predicted")] = [formatting.breed_name(breed) for breed in confused["predicted"]]
    st.dataframe(
        elements.arrow(columns),
        hide_index=True,
        key=key,
        on_select=clicked,
        selection_mode="single-row",
        alt=tr("The pairs of breeds most often confused."),
    )


def breed_boxes(vocab: list[str], key: str) -> None:
    """Two boxes that are the selection, on whichever page: the actual and the predicted breed, each may be any."""
    now = selection.breeds() or (None, None)
    names = (f"{key}_actual", f"{key}_predicted")
    for name, breed in zip(names, now, strict=True):
        st.session_state[name] = breed if breed in vocab else None  # what was clicked elsewhere stands here too

    def chosen() -> None:
        selection.choose_breeds(*(st.session_state[name] for name in names))

    for name, label in zip(names, (tr("The breed is"), tr("and the model said")), strict=True):
        st.selectbox(
            label, [None, *vocab], format_func=_any_breed, key=name, width=260, on_change=chosen,
            placeholder=tr("Choose an option"),
        )  # fmt: skip


def _any_breed(name: str | None) -> str:
    return tr("any") if name is None else formatting.breed_name(name)


def cell(dataset: Dataset, frame, chosen: selection.Breeds) -> None:
    """The photos of the selected breeds, by page, each with a button to look closer."""
    found = predictions.in_cell(frame, *chosen)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="found"):
        st.markdown(f"{selection.words(chosen)}: {formatting.photos(len(found))}", width="content")
        st.button(tr("Select nothing"), key="select_nothing", on_click=selection.drop, type="tertiary")
    shown = page_of(found, A_PAGE, "cell_page")
    with st.grid(thumbnails.filled(len(shown)), min_column_width=130, gap="small"):
        for row in shown.itertuples():
            with st.container(gap="xsmall"):
                thumbnails.picture(dataset, row.photo)
                st.button(
                    tr("Look closer"), key=f"look_{row.photo}", width="stretch",
                    on_click=selection.follow_photo, args=(row.photo,),
                )  # fmt: skip


def page_of(rows, a_page: int, key: str):
    """The rows of the page chosen; the pages begin again when other breeds, or another model, are selected."""
    pages = -(-len(rows) // a_page)
    now = selection.model()
    of = [key, *map(str, selection.breeds() or ()), now.id if now else ""]
    page = st.pagination(pages, key="_".join(of)) if pages > 1 else 1
    return rows.iloc[(page - 1) * a_page : page * a_page]


def beside(frame, name: str) -> None:
    """Buttons to the photo before and the one after in what is selected."""
    found = list(predictions.in_cell(frame, *(selection.breeds() or (None, None)))["photo"])
    if name not in found or len(found) < 2:
        return
    at = found.index(name)
    with st.container(horizontal=True, vertical_alignment="center"):
        ways = (
            ("Previous", tr("Previous"), "chevron_left", at - 1),
            ("Next", tr("Next"), "chevron_right", at + 1),
        )
        for way, label, icon, to in ways:
            st.button(
                label, key=f"beside_{way}", icon=f":material/{icon}:", disabled=not 0 <= to < len(found),
                on_click=selection.follow_photo, args=(found[max(0, min(to, len(found) - 1))],),
            )  # fmt: skip
        st.caption(
            tr("Photo {number} of {all}, the highest loss first.", number=at + 1, all=len(found)), width="content"
        )
