"""Top losses: photos with all that was said of them, filtered and by page."""

from __future__ import annotations

import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.language import decimal, tr
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import cached, formatting, thumbnails
from lessonkit.ui.explore import pickers, selection

A_PAGE = 9  # as the lesson plots


def top_losses(dataset: Dataset, run: Run) -> None:
    """The photos with the highest losses, of the breeds selected."""
    st.subheader(tr("Top losses"), anchor=False)
    st.markdown(
        tr(
            "The loss of a photo is **−log** of the probability that the model gave to the actual breed: near 0 when it was "
            "sure and right, high when it was sure and wrong."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pickers.breed_boxes(run.vocab(), "top")
        only_wrong = st.toggle(tr("Only mistakes"), value=True, key="top_only_wrong", bind="query-params")
    breeds = selection.breeds() or (None, None)
    found = cached.made_of(predictions.top_losses, run, more=(None, *breeds, only_wrong))
    if found.empty:
        st.info(tr("No photo fits: choose other breeds, or show the right ones too."))
        return
    cards(dataset, pickers.page_of(found, A_PAGE, f"top_page_{only_wrong}"))
    st.caption(tr("{photos}, the highest loss first.", photos=formatting.photos(len(found))))


def cards(dataset: Dataset, rows, key: str = "") -> None:
    """Photos with all that was said of them, each number named for what it is.

    Args:
        key: tells the cards of one place on a page from those of another.
    """
    with thumbnails.cards():
        for row in rows.itertuples():
            with st.container(border=True, gap="xsmall", key=f"card_{key}{row.photo}"):
                thumbnails.picture(
                    dataset,
                    row.photo,
                    side=thumbnails.LARGE,
                    alt=tr(
                        "{actual}, taken for {predicted}",
                        actual=formatting.breed_name(row.actual),
                        predicted=formatting.breed_name(row.predicted),
                    ),
                )
                predicted = tr(
                    "predicted **{breed}** ({chance})",
                    breed=formatting.breed(row.predicted), chance=formatting.percent(row.probability, 0),
                )  # fmt: skip
                actual = tr(
                    "actual **{breed}** ({chance})",
                    breed=formatting.breed(row.actual), chance=formatting.percent(row.probability_actual, 0),
                )  # fmt: skip
                st.markdown(f"{predicted}  \n{actual}")
                loss = tr("loss {loss}", loss=decimal(row.loss, 2))
                st.caption(f"{loss} · {formatting.code(row.photo)}")
