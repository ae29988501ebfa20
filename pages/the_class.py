"""The class: what it tried so far; for the teacher, who is here and what is decided for all."""

import streamlit as st

from lessonkit.language import tr
from lessonkit.lesson import steps
from lessonkit.ui.core import elements, who
from lessonkit.ui.lesson import class_answers, class_controls, class_people, class_periods, class_runs, collecting


def _teacher() -> None:
    st.page_link(steps.step("projector").path, label=tr("For the projector"), icon=steps.step("projector").icon)
    class_controls.show()
    st.subheader(tr("How answers spread"), anchor=False)
    class_answers.panel()
    names = st.toggle(tr("Show nicknames"), key="class_names", help=tr("Off, so that it can be projected."))
    st.subheader(tr("One learner's page"), anchor=False)
    class_people.show_one(names)
    st.subheader(tr("The board"), anchor=False)
    class_runs.board()
    st.subheader(tr("What trains, and what waits"), anchor=False)
    class_runs.under_way()
    st.subheader(tr("All runs"), anchor=False)
    st.caption(tr("A tick opens a run."))
    class_runs.every_run(names)
    st.subheader(tr("Collect together"), anchor=False)
    collecting.teacher()
    st.subheader(tr("This class, and those before it"), anchor=False)
    class_periods.show()


person = who.me()
elements.opening("the_class", held_back=person.teacher)
if person.teacher:
    _teacher()
elif person.key:
    st.subheader(tr("The board"), anchor=False)
    class_runs.board()
    collecting.learner()
else:
    st.info(tr("You use this lesson alone, on this machine. `make classroom` serves a class."), icon=":material/info:")
