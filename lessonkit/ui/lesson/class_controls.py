"""What the teacher decides for all: where they are, what is open, what is said, how much may be asked for."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessonkit import config
from lessonkit.classroom import asked
from lessonkit.classroom.controls import Controls
from lessonkit.language import tr
from lessonkit.lesson import steps
from lessonkit.spec import MOST_EPOCHS
from lessonkit.ui.core import allowed, elements, formatting, snapshot, who

FREE = ""


def show() -> None:
    """All of the teacher's controls."""
    now = who.controls_now()
    left, right = st.columns(2, gap="large")
    with left:
        _together(now)
        _message(now)
    with right:
        _ask(now)
    with st.expander(tr("Seldom changed: the code, photos that are open, limits"), icon=":material/settings:"):
        code, limits = st.columns(2, gap="large")
        with code:
            _code(now)
            _open(now)
        with limits:
            _limits(now)


def _set(**what: Any) -> None:
    with elements.errors_here():
        allowed.change_class(**what)
        st.rerun()


def decides(field: str, now: object) -> dict[str, Any]:
    """For a widget: it shows what is decided now, and only the teacher's hand changes that.

    Another page of the teacher, or another class that begins, may have changed it since this page was shown.

    Args:
        field: of `Controls`. now: what it is now, as the widget holds it.
    """
    key = f"class_{field}"

    def changed() -> None:
        with elements.errors_here():
            allowed.change_class(**{field: st.session_state[key]})

    st.session_state[key] = now
    return {"key": key, "on_change": changed}


def _together(now: Controls) -> None:
    places = [FREE, *(s.page for s in steps.STEPS), "the_class", *(s.page for s in steps.EXPLORE)]
    st.selectbox(
        tr("Where the class is"),
        places,
        format_func=lambda page: tr(steps.step(page).title) if page else tr("Each learner goes as they like"),
        help=tr("Whoever is on another page is brought there within a few seconds, and stays until you let them go."),
        **decides("step", now.step if now.step in places else FREE),
    )
    st.toggle(tr("Pause: all look up"), help=tr("Runs go on; nothing is lost."), **decides("paused", now.paused))
    st.toggle(
        tr("Hold back results and explanations"),
        help=tr("Learners guess and train, and see what came of it once you switch this off."),
        **decides("hidden", now.hidden),
    )


def _message(now: Controls) -> None:
    with st.form("class_message", border=False):
        text = st.text_input(tr("A message to all"), now.message, key="class_text")
        if st.form_submit_button(tr("Say it"), icon=":material/campaign:"):
            _set(message=text)
    if now.message and st.button(tr("Take the message down"), key="class_silent"):
        _set(message="")


def _ask(now: Controls) -> None:
    """A question of the teacher's own: to write, or to take down while learners see it."""
    at_hand = asked.at_hand(now.period)
    if at_hand:
        with st.container(border=True):
            st.markdown(tr("Learners see your question: **{question}**", question=formatting.plain(at_hand.text)))
            if st.button(tr("Take it down"), key="question_down", icon=":material/close:"):
                with elements.errors_here():
                    allowed.take_down()
                    st.rerun()
    asking = st.expander(tr("Ask your own question"), icon=":material/contact_support:", expanded=False)
    with asking, st.form("own_question", border=False):
        text = st.text_input(tr("Question"), key="own_text")
        places = range(asked.MOST)
        with st.container(horizontal=True):
            choices = [
                st.text_input(
                    tr("Answer {number}", number=n + 1) if n < asked.FEWEST else tr("Answer {number}, if any", number=n + 1),
                    key=f"own_choice_{n}", width=150,
                )
                for n in places
            ]  # fmt: skip
        right = st.segmented_control(
            tr("Which one is right? None, if you only want to know what they think."),
            places, format_func=lambda n: tr("Answer {number}", number=n + 1), key="own_right",
        )  # fmt: skip
        if st.form_submit_button(tr("Ask everybody"), icon=":material/send:"):
            with elements.errors_here():
                allowed.ask(text, choices, right)
                st.rerun()


def _code(now: Controls) -> None:
    if now.code:
        st.toggle(
            tr("Whoever joins types the code: {code}", code=now.code),
            help=tr(
                "The QR code holds it. It keeps out pages that the class before left open, and others in this network. Each "
                "class has another."
            ),
            **decides("asks_code", now.asks_code),
        )


def _open(now: Controls) -> None:
    known = snapshot.datasets()
    st.multiselect(
        tr("Photos that are open"),
        list(known),
        format_func=lambda name: formatting.title(known[name]),
        placeholder=tr("All"),
        help=tr("Learners can choose only these, and train only on these. None chosen: all are open."),
        **decides("datasets", [name for name in now.datasets if name in known]),
    )


def _limits(now: Controls) -> None:
    with st.form("class_limits", border=True):
        st.markdown(tr("**Limits for a learner**"))
        epochs = st.number_input(
            tr("Epochs of a run, at most"), 1, MOST_EPOCHS, now.epochs or MOST_EPOCHS, key="class_epochs"
        )
        waiting = st.number_input(
            tr("Runs waiting, at most"), 1, 100, now.waiting or config.waiting_each(), key="class_waiting"
        )
        once = st.checkbox(
            tr("Only runs that take a moment: the frozen body, run once per photo"), now.once, key="class_once"
        )
        if st.form_submit_button(tr("Set the limits")):
            _set(epochs=0 if epochs == MOST_EPOCHS else int(epochs), waiting=int(waiting), once=once)
