"""Why did it say that? A mistake followed to its cause, in one linked view."""

import pandas as pd
import streamlit as st

from lessonkit.analysis import calibration
from lessonkit.analysis.predictions import most_confused
from lessonkit.figures import confidence
from lessonkit.runs import Run
from lessonkit.ui.core import cached, elements, formatting, snapshot
from lessonkit.ui.core.connection import prewarm
from lessonkit.ui.explore import inspector, pickers, selection


def _how_sure(run: Run, frame: pd.DataFrame) -> None:
    st.subheader("How sure is it, and is it right to be?", anchor=False)
    table = cached.made_of(calibration.reliability, run)
    error, made_of = calibration.calibration_error(table), (run.id, run.status().ended_at)
    of = f"the {len(frame):,} validation photos" if len(frame) != 1 else "the one validation photo"
    left, right = st.columns(2, gap="medium")
    with left:
        elements.chart(
            lambda: confidence.reliability_diagram(table),
            "reliability",
            f"How often it is right, against how sure it was; calibration error {formatting.percent(error)}.",
            made_of,
        )
        st.caption(
            f"Expected calibration error on {of}: {formatting.percent(error)}. A model as sure as it is right lies on the line. "
            "Over each bar stands how many photos it counts; the line on it is the 95 % confidence interval of the share."
        )
    with right:
        p = (
            st.slider(
                "Only answer when at least this sure",
                0,
                100,
                50,
                format="%d %%",
                key="only_when",
                persist_state="session",
            )
            / 100
        )
        elements.chart(
            lambda: confidence.selective_accuracy(calibration.coverage(frame), p),
            "coverage",
            "Error rate against the share answered.",
            (*made_of, p),
        )
        answered, wrong = calibration.at_threshold(frame, p)
        words = f"wrong in {formatting.percent(wrong)} of them" if answered else "so there is nothing to be wrong about"
        st.caption(f"At {formatting.percent(p, 0)} it answers {formatting.percent(answered)} of {of}, {words}.")


elements.opening("explorer")
prewarm()
run = selection.pick_model()
if run is None:
    elements.missing("There is no trained model on these photos yet.", "train")
else:
    dataset, predictions, vocab = snapshot.dataset_of(run), cached.predictions(run), run.vocab()
    st.subheader("Select", anchor=False)
    ways = {
        "Confusion matrix": lambda: pickers.matrix(run, "explorer_matrix"),
        "Most confused": lambda: pickers.pairs(cached.made_of(most_confused, run), "explorer_pairs"),
        "Breeds": lambda: pickers.breed_boxes(vocab, "explorer"),
        "Map of all photos": lambda: inspector.photo_map(run, predictions),
    }
    for tab, show in zip(st.tabs(list(ways), key="select_by", bind="query-params"), ways.values(), strict=True):
        if tab.open:
            with tab, elements.errors_here():
                show()
    if chosen := selection.breeds():
        pickers.cell(dataset, predictions, chosen)
    with elements.errors_here():
        inspector.selected(run, predictions)
    _how_sure(run, predictions)
