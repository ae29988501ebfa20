"""What a learner expects before a run, and earlier ideas asked again: a tap each, and nobody has to."""

from __future__ import annotations

import streamlit as st

from lessonkit.language import again as again_in_words
from lessonkit.language import tr
from lessonkit.lesson import recall
from lessonkit.lesson.recall import Asked
from lessonkit.ui.core import allowed, elements, who


def expects(key: str, asked: tuple[str, tuple[str, ...]], knows: bool = False) -> str:
    """Ask what the learner expects; what they said, "" where they said nothing.

    Args:
        key: the answer is kept under it.
        asked: the question, and its choices, in English: what is kept is one of them.
        knows: whether the result stands on the page already: in a class, what is said then counts as said after it.
    """
    words, choices = asked
    box, before = f"expects_{key}", allowed.said_before(f"expects|{key}")
    said = st.pills(
        tr(":material/psychology_alt: Your guess first. {question}", question=again_in_words(words)), choices,
        default=before if before in choices else None, format_func=again_in_words, key=box, persist_state="session",
        on_change=_said, args=(box, f"expects|{key}", knows),
    )  # fmt: skip
    return said or ""


def expected(key: str) -> str:
    """What the learner said under a key of `expects`, kept for their browser; "" for nothing."""
    return allowed.said_before(f"expects|{key}") or ""


def resolved(words: str) -> None:
    """The guess beside what happened; nothing where there is nothing to say."""
    if words:
        st.markdown(f":material/compare_arrows: {words}")


def again(page: str) -> None:
    """An idea of an earlier page, asked once more."""
    with st.container(border=True, key=f"recall_{page}"):
        st.caption(tr(":material/replay: An idea from before. What do you remember?"))
        _question(recall.AGAIN[page])


def check() -> None:
    """The five questions at the end of the lesson, and how many were right at the first try."""
    st.subheader(tr("Five questions"), anchor=False)
    for number, asked in enumerate(recall.CHECK):
        with st.container(border=True):
            st.caption(tr("{number} of {questions}", number=number + 1, questions=len(recall.CHECK)))
            _question(asked)
    given = who.notes().answers
    first = [given[recall.key(of)].before == of.right for of in recall.CHECK if recall.key(of) in given]
    if len(first) == len(recall.CHECK):
        st.markdown(tr("**{right} of {questions}** right at the first try.", right=sum(first), questions=len(first)))


def _question(asked: Asked) -> None:
    key = recall.key(asked)
    before, choices = allowed.said_before(key), asked.choices
    said = st.radio(
        tr(asked.words), choices, index=choices.index(before) if before in choices else None, format_func=tr,
        key=f"box_{key}", persist_state="session", on_change=_said, args=(f"box_{key}", key, None),
    )  # fmt: skip
    if said and who.held_back():
        st.caption(tr("Your answer is kept. Your teacher opens what is right."))
    elif said == asked.right:
        st.markdown(tr(":material/check: **Right.** {why}", why=tr(asked.why)))
    elif said:
        st.markdown(tr(":material/close: **Not quite.** {why} Try another answer.", why=tr(asked.reason(said))))


def _said(box: str, question: str, knows: bool | None) -> None:
    """Keep an answer; where `knows` is None, the first one is kept as that, and later ones beside it."""
    if said := st.session_state.get(box):
        after = question in who.notes().answers if knows is None else knows
        with elements.errors_here():
            allowed.answer(question, said, after=after)
