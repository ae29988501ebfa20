"""Ten photos to guess, one after the other, and what came of it."""

from __future__ import annotations

import streamlit as st

from lessonkit.language import tr
from lessonkit.lesson import steps
from lessonkit.lesson.guessing import PHOTOS, Question
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import elements, formatting, quiz, state, thumbnails, who
from lessonkit.ui.lesson import ten_photos


def look_alikes(dataset: Dataset) -> None:
    """The two breeds that are hardest to tell apart, side by side: which is which? Nothing where there are not two breeds."""
    pair = quiz.hard_pair(dataset)
    if not pair:
        return
    called = dict(zip("AB", pair, strict=True))
    first, second = sorted(formatting.breed(breed) for _, breed in pair)
    st.markdown(tr("Two breeds that look much alike: **{first}** and **{second}**.", first=first, second=second))
    with st.grid(columns=2, min_column_width=130, wrap=False, gap="small"):
        for name, (photo, _) in called.items():
            alt = tr("Photo {name}, of one of the two breeds.", name=name)
            thumbnails.picture(dataset, photo, name, alt, side=thumbnails.LARGE)
    said = st.segmented_control(
        tr("Which one is the {breed}?", breed=first),
        list(called),
        key=f"look_alike_{pair[0][0]}",
        persist_state="session",
    )
    if not said or who.held_back():
        return
    is_first, is_second = sorted(called, key=lambda name: formatting.breed(called[name][1]))
    which = tr("{one} is the {first}, {other} the {second}.", one=is_first, other=is_second, first=first, second=second)
    sure = tr("Right.") if said == is_first else tr("Not this time.")
    look = tr("Look for what differs: ears, face, fur, size. A network has to find such differences too, by itself.")
    st.markdown(f"**{sure}** {which} {look}")


def ask(place: int, question: Question, before: Question | None = None) -> None:
    """A photo and the breeds to choose from, then what came of the photo before; a click goes on to the next one."""
    st.progress(place / PHOTOS, text=tr("Photo {number} of {photos}", number=place + 1, photos=PHOTOS))
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(key="guessed_photo"):
        thumbnails.picture(quiz.dataset(), question.photo, alt=tr("The pet to be guessed."), side=thumbnails.LARGE)
    with right:
        st.markdown(tr("**Which breed is this?**"))
        for number, breed in enumerate(question.choices):
            if st.button(formatting.breed(breed), key=f"guess_{place}_{number}", width="stretch"):
                quiz.answer(breed)
                st.rerun()
        if before:  # under the buttons: there whoever pressed one looks, on a phone too
            last(place - 1, before)


def last(place: int, question: Question) -> None:
    """What the learner said of the photo before, and what it is, unless the teacher holds that back."""
    choice = quiz.said(place)
    if who.held_back():
        with st.container(horizontal=True, vertical_alignment="center"):
            said = tr("Photo {number}: you said **{breed}**.", number=place + 1, breed=formatting.breed(choice))
            st.markdown(said, width="content")
            if st.button(tr("Change it"), icon=":material/undo:", key="change_guess"):
                quiz.take_back()
                st.rerun()
        return
    if choice == question.breed:
        st.success(
            tr("Photo {number}: right. The breed is {breed}.", number=place + 1, breed=formatting.breed(choice)),
            icon=":material/check:",
        )
    else:
        st.warning(
            tr(
                "Photo {number}: you said {said}. The breed is {breed}.",
                number=place + 1,
                said=formatting.breed(choice),
                breed=formatting.breed(question.breed),
            ),
            icon=":material/close:",
        )


def result() -> None:
    """The learner's error rate, and the model beside it, once all photos are guessed."""
    about = quiz.dataset()
    score = quiz.score(about.name)
    if score is None:  # all photos are guessed where this is called
        return
    if who.held_back():
        st.info(tr("Your ten answers are kept. Your teacher opens the result."), icon=":material/visibility_off:")
        return
    st.metric(
        tr("Your error rate"),
        formatting.percent(score.error_rate, 0),
        help=tr("{wrong} of {photos} wrong.", wrong=score.wrong, photos=score.guessed),
    )
    st.markdown(
        tr(
            "That is **your error rate**: the share that you got wrong, with four choices each. The wrong choices were "
            "other breeds, those first that look like the right one. The network will choose among all {breeds} breeds.",
            breeds=len(quiz.breeds(about)),
        )
    )
    stage = state.stage()
    if stage and quiz.compared(stage):
        if not state.results_open():
            ten_photos.alone(about.name)
        before = tr("What a model that was trained here before says of the same photos")
        with elements.folded_until(state.results_open(), before):
            ten_photos.beside(stage)
    else:
        st.markdown(
            tr(
                "Once you have trained a model on these photos, the page “{page}” asks it about the same ten, and shows both "
                "answers for each photo.",
                page=tr(steps.step("train").title),
            )
        )
        ten_photos.alone(about.name)
    if st.button(tr("Guess again, other photos"), icon=":material/replay:", key="guess_again"):
        quiz.again()
        st.rerun()
