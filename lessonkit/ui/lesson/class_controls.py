"""What the teacher decides for all: where they are, what is open, what is said, how much may be asked for."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessonkit import config
from lessonkit.classroom.controls import LONGEST_MESSAGE, Controls
from lessonkit.lesson import steps
from lessonkit.spec import MOST_EPOCHS
from lessonkit.ui.core import allowed, elements, formatting, snapshot, who

FREE = ""


def show() -> None:
    """All of the teacher's controls."""
    now = who.controls_now()
    st.subheader("What you decide for all", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        _together(now)
        _message(now)
    with right:
        _open(now)
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
        "Where the class is",
        places,
        format_func=lambda page: steps.step(page).title if page else "Each learner goes as they like",
        help="Whoever is on another page is brought there within a few seconds, and stays until you let them go.",
        **decides("step", now.step if now.step in places else FREE),
    )
    st.toggle("Pause: all look up", help="Runs go on; nothing is lost.", **decides("paused", now.paused))
    st.toggle(
        "Hold back results and explanations",
        help="Learners guess and train, and see what came of it once you switch this off.",
        **decides("hidden", now.hidden),
    )


def _message(now: Controls) -> None:
    with st.form("class_message", border=False):
        text = st.text_input("A message to all", now.message, max_chars=LONGEST_MESSAGE, key="class_text")
        if st.form_submit_button("Say it", icon=":material/campaign:"):
            _set(message=text)
    if now.message and st.button("Take the message down", key="class_silent"):
        _set(message="")


def _open(now: Controls) -> None:
    known = snapshot.datasets()
    st.multiselect(
        "Photos that are open",
        list(known),
        format_func=lambda name: formatting.title(known[name]),
        placeholder="All",
        help="Learners can choose only these, and train only on these. None chosen: all are open.",
        **decides("datasets", [name for name in now.datasets if name in known]),
    )


def _limits(now: Controls) -> None:
    with st.form("class_limits", border=True):
        st.markdown("**Limits for a learner**")
        epochs = st.number_input(
            "Epochs of a run, at most", 1, MOST_EPOCHS, now.epochs or MOST_EPOCHS, key="class_epochs"
        )
        waiting = st.number_input(
            "Runs waiting, at most", 1, 100, now.waiting or config.waiting_each(), key="class_waiting"
        )
        once = st.checkbox(
            "Only runs that take a moment: the frozen body, run once per photo", now.once, key="class_once"
        )
        if st.form_submit_button("Set the limits"):
            _set(epochs=0 if epochs == MOST_EPOCHS else int(epochs), waiting=int(waiting), once=once)
