"""The class: what it tried so far; for the teacher, who is here and what is decided for all."""

import streamlit as st

from lessonkit.ui.core import elements, who
from lessonkit.ui.lesson import class_controls

elements.opening("the_class")
person = who.me()
if not person.key:
    st.info("You use this lesson alone, on this machine. `make classroom` serves a class.", icon=":material/info:")
elif person.teacher:
    class_controls.show()
