"""What fine-grained classification is, and ten photos to guess."""

import streamlit as st

from lessonkit.lesson.guessing import PHOTOS, Question
from lessonkit.ui.core import elements, formatting, job_progress, quiz, state, thumbnails, who
from lessonkit.ui.lesson import ten_photos

elements.opening("start")


def _question(place: int, question: Question) -> None:
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


def _last(place: int, question: Question) -> None:
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


def _result() -> None:
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
        "That is **your error rate**: the share that you got wrong, with four choices each. The wrong choices were the "
        f"breeds that look most like the right one. The network will choose among all {len(quiz.breeds(about))} breeds."
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


st.subheader("How good are you?", anchor=False)
dataset = quiz.dataset()
if not dataset.present:
    st.markdown(
        "Ten photos, four choices each. There are no photos on this machine yet, so it **draws** some: twelve breeds of "
        "pets, made here, no network needed. They are drawings, and you can get the real photos on the next page."
    )
    job_progress.get_dataset(dataset, at_once=True)
else:
    asked, now = quiz.asked(), quiz.now()
    place = min(len(now.said), len(asked))
    if dataset.name == "drawn":
        st.caption("This machine draws these pets; they are not photos.")
    if place:
        _last(place - 1, asked[place - 1])
    if place == len(asked):
        _result()
    else:
        before = quiz.score(dataset.name)
        if before and before.guessed == len(asked) and not now.done and not who.held_back():
            st.caption(
                f"Your last ten: {before.wrong} wrong. That score stays until you have guessed all ten of these."
            )
        _question(place, asked[place])
elements.onward("start")
