"""Marking a photo, and training again with the marks."""

from __future__ import annotations

import streamlit as st

from lessonkit import interpretation, marks
from lessonkit.runs import Run
from lessonkit.ui import data, live, photos, say, state
from lessonkit.ui.engine import engine


def photo(dataset: str, row, made: dict[str, marks.Mark], breeds: list[str]) -> None:
    """A photo, what it is called and what was said; its mark."""
    photos.picture(dataset, row.photo)
    st.markdown(f"labelled **{say.breed(row.actual)}**, predicted **{say.breed(row.predicted)}** (loss {row.loss:.1f})")
    mark = made.get(row.photo)
    if mark:
        words = "left out" if mark.leave_out else f"is a {say.breed(mark.breed)}"
        st.markdown(f":material/edit: Marked: **{words}**")
        if st.button("Take the mark back", key=f"unmark_{row.photo}", width="stretch"):
            engine().call("unmark", dataset, row.photo)
            st.rerun()
        return
    right = st.selectbox(
        "It is a",
        breeds,
        index=breeds.index(row.predicted) if row.predicted in breeds else 0,
        format_func=say.breed,
        key=f"right_{row.photo}",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Wrong label: it is this", key=f"mark_{row.photo}"):
            engine().call("mark", dataset, row.photo, right, pattern=state.pattern())
            st.rerun()
        if st.button("Leave it out", key=f"leave_{row.photo}"):
            engine().call("mark", dataset, row.photo, leave_out=True)
            st.rerun()


def again(stage: Run, dataset: str) -> None:
    """The same training on the corrected labels, beside the run before, both measured on the corrected labels."""
    spec = stage.spec().but(marks=marks.fingerprint(marks.read(dataset)))
    run = Run(spec.id)
    if not run.exists():
        if st.button("Train again with the marks", type="primary", icon=":material/play_arrow:", key="train_again"):
            engine().call("save_marks", dataset)
            engine().submit(spec)
            st.rerun()
        return
    if live.follow(run):
        before = data.predictions(stage)
        fair = marks.remeasured(
            before, interpretation.probabilities(stage), stage.vocab(), marks.version(dataset, spec.marks)
        )
        columns = st.columns(3)
        columns[0].metric(
            "Before, on the labels as they were", say.percent(interpretation.error_rate(before)), border=True
        )
        columns[1].metric("Before, on the corrected labels", say.percent(interpretation.error_rate(fair)), border=True)
        columns[2].metric("After, on the corrected labels", say.percent(run.history()[-1]["error_rate"]), border=True)
        st.caption("Correcting validation photos changes the measure too, so compare the last two.")
