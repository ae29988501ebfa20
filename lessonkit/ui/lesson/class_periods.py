"""One class after the other in the same room: what the last one did is put aside, and can be taken along as CSV."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessonkit import language
from lessonkit.classroom import export, learners
from lessonkit.language import tr, trn
from lessonkit.ui.core import allowed, elements, who
from lessonkit.ui.lesson import class_answers


def show() -> None:
    """This class's tables, those of earlier ones, and the way to begin another."""
    now = who.controls_now().period
    for period in dict.fromkeys([now, *learners.periods()]):
        label = tr("This class") if period == now else _words(period)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            people = len(learners.everyone(period))
            st.markdown(
                trn("**{period}**: {n} learner", "**{period}**: {n} learners", people, period=label), width="content"
            )
            if st.toggle(tr("Make its tables"), key=f"export_{period}"):
                _downloads(period)
    with st.popover(tr("Begin another class"), icon=":material/event_repeat:"):
        st.markdown(
            tr(
                "The answers of this class, and the runs that its learners asked for, are put aside: no list shows them any "
                "more, nothing is deleted. Everybody who is here is asked for a nickname again."
            )
        )
        if st.button(tr("Yes, begin another class"), type="primary", key="new_period"):
            with elements.errors_here():
                allowed.new_period()
                st.rerun()


def _downloads(period: str) -> None:
    answers = partial(export.answers_csv, words=_in_english)
    labels = {"answers": tr("Its answers, CSV"), "runs": tr("Its runs, CSV")}
    for name, make in (("answers", answers), ("runs", export.runs_csv)):
        with elements.errors_here():
            # Made now and not by the click: of what a click makes, Streamlit forgets the file where it is made again alike.
            st.download_button(
                labels[name], make(period), f"class-{period}-{name}.csv", "text/csv",
                key=f"csv_{name}_{period}", on_click="ignore", icon=":material/download:",
            )  # fmt: skip


def _in_english(key: str) -> str:
    """A question as the table says it: in the language that the answers in it are kept in."""
    with language.speaking(language.ENGLISH):
        return class_answers.words(key)


def _words(period: str) -> str:
    """When a class began, as its folder says."""
    day, _, at = period.partition("-")
    if len(day) == 8 and day.isdigit() and at[:4].isdigit():
        date, clock = f"{day[:4]}-{day[4:6]}-{day[6:]}", f"{at[:2]}:{at[2:4]}"
        return tr("The class of {date}, {time}", date=date, time=clock)
    return tr("The first class")
