"""The class: what it tried so far; for the teacher, who is here and what is decided for all."""

import streamlit as st

from lessonkit.ui.core import elements, who
from lessonkit.ui.lesson import class_answers, class_controls, class_periods, class_runs, collecting


def _teacher() -> None:
    class_controls.show()
    st.subheader("How answers spread", anchor=False)
    class_answers.panel()
    st.subheader("Collect together", anchor=False)
    collecting.teacher()
    st.subheader("What trains, and what waits", anchor=False)
    class_runs.under_way()
    st.subheader("All runs", anchor=False)
    st.caption("A tick opens a run.")
    class_runs.every_run(st.toggle("Show nicknames", key="class_names", help="Off, so that it can be projected."))
    st.subheader("This class, and those before it", anchor=False)
    class_periods.show()


elements.opening("the_class")
person = who.me()
if person.key:
    st.subheader("The board", anchor=False)
    class_runs.board()
    if person.teacher:
        _teacher()
    else:
        collecting.learner()
else:
    st.info("You use this lesson alone, on this machine. `make classroom` serves a class.", icon=":material/info:")
