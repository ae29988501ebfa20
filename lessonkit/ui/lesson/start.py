"""Ten photos to guess, one after the other, and what came of it."""

from __future__ import annotations

import streamlit as st

from lessonkit.lesson.guessing import PHOTOS, Question
from lessonkit.ui.core import elements, formatting, quiz, state, thumbnails, who
from lessonkit.ui.lesson import ten_photos


def ask(place: int, question: Question) -> None:
    """A photo and the breeds to choose from; a click goes on to the next one."""
    st.progress(place / PHOTOS, text=f"Photo {place + 1} of {PHOTOS}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        thumbnails.picture(quiz.dataset(), question.photo, alt="The pet to be guessed.", side=480)
    with right:
        st.markdown("**Which breed is this?**")
        for number, breed in enumerate(question.choices):
            if st.button(formatting.breed(breed), key=f"guess_{place}_{number}", width="stretch"):
                quiz.answer(breed)
                st.rerun()


def last(place: int, question: Question) -> None:
    """What the learner said of the photo before, and what it is, unless the teacher holds that back."""
    choice = quiz.said(place)
    if who.held_back():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Photo {place + 1}: you said **{formatting.breed(choice)}**.", width="content")
            if st.button("Change it", icon=":material/undo:", key="change_guess"):
                quiz.take_back()
                st.rerun()
        return
    if choice == question.breed:
        st.success(f"Photo {place + 1}: right, a {formatting.breed(choice)}.", icon=":material/check:")
    else:
        st.warning(
            f"Photo {place + 1}: you said {formatting.breed(choice)}, it is a {formatting.breed(question.breed)}.",
            icon=":material/close:",
        )


def result() -> None:
    """The learner's error rate, and the model beside it, once all photos are guessed."""
    about = quiz.dataset()
    score = quiz.score(about.name)
    if score is None:  # all photos are guessed where this is called
        return
    if who.held_back():
        st.info("Your ten answers are kept. Your teacher opens the result.", icon=":material/visibility_off:")
        return
    st.metric(
        "Your error rate", formatting.percent(score.error_rate, 0), help=f"{score.wrong} of {score.guessed} wrong."
    )
    st.markdown(
        "That is **your error rate**: the share that you got wrong, with four choices each. The wrong choices were "
        f"other breeds, those first that look like the right one. The network will choose among all {len(quiz.breeds(about))} breeds."
    )
    stage = state.stage()
    if stage and quiz.compared(stage):
        if not state.results_open():
            ten_photos.alone(about.name)
        before = "What a model that was trained here before says of the same photos"
        with elements.folded_until(state.results_open(), before):
            ten_photos.beside(stage)
    else:
        st.markdown(
            "Once you have trained a model on these photos, the page “Train” asks it about the same ten, and shows both "
            "answers for each photo."
        )
        ten_photos.alone(about.name)
    if st.button("Guess again, other photos", icon=":material/replay:", key="guess_again"):
        quiz.again()
        st.rerun()
