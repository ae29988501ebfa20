"""The class: what it tried so far; for the teacher, who is here and what is decided for all."""

import streamlit as st

from lessonkit.lesson import steps
from lessonkit.ui.core import elements, who
from lessonkit.ui.lesson import class_answers, class_controls, class_people, class_periods, class_runs, collecting


def _teacher() -> None:
    st.page_link(steps.step("projector").path, label="For the projector", icon=steps.step("projector").icon)
    class_controls.show()
    st.subheader("How answers spread", anchor=False)
    class_answers.panel()
    names = st.toggle("Show nicknames", key="class_names", help="Off, so that it can be projected.")
    st.subheader("One learner's page", anchor=False)
    class_people.show_one(names)
    st.subheader("The board", anchor=False)
    class_runs.board()
    st.subheader("What trains, and what waits", anchor=False)
    class_runs.under_way()
    st.subheader("All runs", anchor=False)
    st.caption("A tick opens a run.")
    class_runs.every_run(names)
    st.subheader("Collect together", anchor=False)
    collecting.teacher()
    st.subheader("This class, and those before it", anchor=False)
    class_periods.show()


person = who.me()
elements.opening("the_class", held_back=person.teacher)
if person.teacher:
    _teacher()
elif person.key:
    st.subheader("The board", anchor=False)
    class_runs.board()
    collecting.learner()
else:
    st.info("You use this lesson alone, on this machine. `make classroom` serves a class.", icon=":material/info:")
