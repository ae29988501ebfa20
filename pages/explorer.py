"""Why did it say that? A mistake followed to its cause, in one linked view."""

import streamlit as st

from lessonkit.analysis.predictions import most_confused
from lessonkit.language import tr, translatable
from lessonkit.ui.core import cached, elements, snapshot
from lessonkit.ui.core.connection import prewarm
from lessonkit.ui.explore import how_sure, inspector, pickers, selection

elements.opening("explorer")
prewarm()
run = selection.pick_model()
if run is None:
    elements.missing(tr("There is no trained model on these photos yet."), "train")
else:
    dataset, predictions, vocab = snapshot.dataset_of(run), cached.predictions(run), run.vocab()
    st.subheader(tr("Select"), anchor=False)
    ways = {
        translatable("Confusion matrix"): lambda: pickers.matrix(run, "explorer_matrix"),
        translatable("Most confused"): lambda: pickers.pairs(cached.made_of(most_confused, run), "explorer_pairs"),
        translatable("Breeds"): lambda: pickers.breed_boxes(vocab, "explorer"),
        translatable("Map of all photos"): lambda: inspector.photo_map(run, predictions),
    }
    for tab, show in zip(elements.tabs(list(ways), "select_by"), ways.values(), strict=True):
        if tab.open:
            with tab, elements.errors_here():
                show()
    if chosen := selection.breeds():
        pickers.cell(dataset, predictions, chosen)
    with elements.errors_here():
        inspector.selected(run, predictions)
    how_sure.how_sure(run, predictions)
