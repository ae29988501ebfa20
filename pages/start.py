"""What fine-grained classification is, and ten photos to guess."""

import streamlit as st

from lessonkit.photos.labels import label_dataset
from lessonkit.ui.core import elements, formatting, job_progress, quiz, state, thumbnails

elements.opening("start")


def _question(place: int, question: quiz.Question) -> None:
    given = quiz.guesses()
    st.progress((quiz.PHOTOS - given.count(quiz.NOT_YET)) / quiz.PHOTOS, text=f"Photo {place + 1} of {quiz.PHOTOS}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        thumbnails.picture(quiz.dataset(), question.photo, alt="The pet to be guessed.", side=480)
    with right:
        st.markdown("**Which breed is this?**")
        for number, breed in enumerate(question.choices):
            if st.button(formatting.breed(breed), key=f"guess_{place}_{number}", width="stretch"):
                quiz.answer(place, number)
                st.rerun()


def _last(place: int, question: quiz.Question) -> None:
    choice = question.choices[int(quiz.guesses()[place]) % len(question.choices)]
    if choice == question.breed:
        st.success(f"Photo {place + 1}: right, a {formatting.breed(choice)}.", icon=":material/check:")
    else:
        st.warning(
            f"Photo {place + 1}: you said {formatting.breed(choice)}, it is a {formatting.breed(question.breed)}.",
            icon=":material/close:",
        )


def _result(questions: list[quiz.Question]) -> None:
    score = quiz.score()
    if score is None:  # all photos are guessed where this is called
        return
    st.metric(
        "Your error rate", formatting.percent(score.error_rate, 0), help=f"{score.wrong} of {score.guessed} wrong."
    )
    st.markdown(
        "That is **your error rate**: the share that you got wrong, with four choices each. The network will choose "
        f"among all {len(label_dataset(quiz.dataset()).breeds)} breeds. Both numbers stay in the sidebar from now on."
    )
    run = state.stage()
    answers = quiz.models_answers(run) if run else {}
    if answers:
        wrong = sum(answers[q.photo] != q.breed for q in questions if q.photo in answers)
        st.markdown(
            f"**The model, asked the same**, but among all the breeds: {wrong} wrong of the {len(answers)} that it was not "
            "trained on."
        )
    names = []
    for question, given in zip(questions, quiz.guesses(), strict=True):
        said = {"you": question.choices[int(given) % len(question.choices)], "the model": answers.get(question.photo)}
        marks = [_mark(who, breed, question.breed) for who, breed in said.items() if breed]
        names.append(f"**{formatting.breed(question.breed)}**: {', '.join(marks)}")
    thumbnails.grid(quiz.dataset(), [q.photo for q in questions], names)
    if st.button("Guess again from the start", icon=":material/replay:"):
        quiz.forget()
        st.rerun()


def _mark(who: str, said: str, breed: str) -> str:
    return f"{who} ✓" if said == breed else f"{who} ✗ {formatting.breed(said)}"


st.subheader("How good are you?", anchor=False)
dataset = quiz.dataset()
if not dataset.present:
    st.markdown(
        "Ten photos, four choices each. There are no photos on this machine yet, so it **draws** some: twelve breeds of "
        "pets, made here, no network needed. They are drawings, and you can get the real photos on the next page."
    )
    job_progress.get_dataset(dataset, at_once=True)
else:
    asked, given = quiz.asked(), quiz.guesses()
    place = given.find(quiz.NOT_YET)
    if dataset.name == "drawn":
        st.caption("These pets are drawn by this machine; they are no photos.")
    last = place - 1 if place >= 0 else quiz.PHOTOS - 1
    if last >= 0:
        _last(last, asked[last])
    if place < 0:
        _result(asked)
    else:
        _question(place, asked[place])
elements.onward("start")
