"""What fine-grained classification is, and ten photos to guess."""

import streamlit as st

from lessonkit.language import tr
from lessonkit.ui.core import elements, job_progress, quiz, who
from lessonkit.ui.lesson import start

elements.opening("start")
dataset = quiz.dataset()
if dataset.present:
    start.look_alikes(dataset)
st.subheader(tr("How good are you?"), anchor=False)
if not dataset.present:
    st.markdown(
        tr(
            "Ten photos, four choices each. There are no photos on this machine yet, so it **draws** some: twelve breeds of "
            "pets, made here, no network needed. They are drawings, and you can get the real photos on the next page."
        )
    )
    job_progress.get_dataset(dataset, at_once=True)
else:
    asked, now = quiz.asked(), quiz.now()
    place = min(len(now.said), len(asked))
    if dataset.name == "drawn":
        st.caption(tr("This machine draws these pets; they are not photos."))
    if place == len(asked):
        start.last(place - 1, asked[place - 1])
        start.result()
    else:
        before = quiz.score(dataset.name)
        if before and before.guessed == len(asked) and not now.done and not who.held_back():
            st.caption(
                tr(
                    "Your last ten: {wrong} wrong. That score stays until you have guessed all ten of these.",
                    wrong=before.wrong,
                )
            )
        start.ask(place, asked[place], asked[place - 1] if place else None)
elements.onward("start")
