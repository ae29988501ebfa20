"""The other ways in which fastai reads labels, each with its line of today and of 2019, on the photos at hand."""

from __future__ import annotations

import streamlit as st

from lessonkit import language
from lessonkit.language import tr
from lessonkit.lesson import label_ways
from lessonkit.photos.labels import Labels
from lessonkit.ui.core import elements

SHOWN = 4  # lines of the table


def show(found: Labels, pattern: str) -> None:
    """Below the labels of Get the data.

    Args:
        found: the labels of the photos at hand.
        pattern: that read them out of the names; "" for folders.
    """
    with st.expander(tr("The other ways in which fastai reads labels"), icon=":material/label:", key="label_ways"):
        st.markdown(
            tr(
                "The lesson's last part shows that labels may come from anywhere. With these photos, each of the five gives the "
                "same breeds. The cells go on from the code above: `path`, `fnames` and `label_of` are there."
            )
        )
        ways = label_ways.ways(pattern, found.breeds)
        for way, tab in zip(ways, st.tabs([way.name for way in ways]), strict=True):
            with tab:
                st.markdown(language.again(way.what))
                if way.name in ("from_csv", "from_df"):
                    some = list(found.of.items())[:: max(1, len(found.of) // SHOWN)][:SHOWN]
                    names, breeds = zip(*some, strict=True)
                    st.dataframe(elements.arrow({"name": names, "label": breeds}), hide_index=True)
                st.caption(tr("fastai 2, today"))
                st.code(way.today, language="python", wrap_lines=True)
                st.caption(tr("fastai 1, as in 2019"))
                st.code(way.then, language="python", wrap_lines=True)
