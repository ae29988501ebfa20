"""Top losses: photos with all that was said of them, filtered and by page."""

from __future__ import annotations

import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import formatting, thumbnails
from lessonkit.ui.explore import pickers, selection

A_PAGE = 9  # as the lesson plots


def top_losses(dataset: Dataset, frame, vocab: list[str]) -> None:
    """The photos with the highest losses, of the breeds selected."""
    st.subheader("Top losses", anchor=False)
    st.markdown(
        "The loss of a photo is **−log** of the probability that the model gave to the actual breed: near 0 when it was "
        "sure and right, high when it was sure and wrong."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pickers.breed_boxes(vocab, "top")
        only_wrong = st.toggle("Only mistakes", value=True, key="top_only_wrong", bind="query-params")
    found = predictions.top_losses(frame, len(frame), *(selection.breeds() or (None, None)), only_wrong)
    if found.empty:
        st.info("No photo fits: choose other breeds, or show the right ones too.")
        return
    cards(dataset, pickers.page_of(found, A_PAGE, f"top_page_{only_wrong}"))
    st.caption(f"{formatting.photos(len(found))}, the highest loss first.")


def cards(dataset: Dataset, rows) -> None:
    """Photos with all that was said of them, each number named for what it is."""
    with st.grid(min_column_width=150, gap="small"):
        for row in rows.itertuples():
            with st.container(border=True, gap="xsmall"):
                thumbnails.picture(
                    dataset,
                    row.photo,
                    alt=f"{formatting.breed_name(row.actual)}, taken for {formatting.breed_name(row.predicted)}",
                )
                st.markdown(
                    f"predicted **{formatting.breed(row.predicted)}** ({formatting.percent(row.probability, 0)})  \n"
                    f"actual **{formatting.breed(row.actual)}** ({formatting.percent(row.probability_actual, 0)})"
                )
                st.caption(f"loss {row.loss:.2f} · {formatting.code(row.photo)}")
