"""What the learner made, to take along: a notebook, a page to read, the model, tables; the photos where they are only here."""

import streamlit as st

from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.ui.core import elements
from lessonkit.ui.explore import selection
from lessonkit.ui.lesson import taking_home

elements.opening("take_home")
try:
    run = selection.pick_model(tr("Of the run"))
    if run is None:
        elements.missing(tr("There is no trained model on these photos yet."), "train")
    else:
        photos = taking_home.photos(run)
        with st.grid(columns=2, gap="medium"):
            for offer in (*taking_home.OFFERS, *([photos] if photos else [])):
                taking_home.box(offer, run)
        st.caption(
            tr("What is made here is kept for a day. When you train more, what tells of all runs is made again.")
        )
except LessonError as problem:
    elements.error(problem)
