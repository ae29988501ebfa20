"""For the wall: the way in, how answers spread, what the class tried. Nobody is named."""

import streamlit as st

from lessonkit.language import tr, translatable
from lessonkit.lesson import steps
from lessonkit.ui.core import classroom, elements, who
from lessonkit.ui.lesson import class_answers, class_runs, collecting

VIEWS = {
    "join": translatable("The way in"),
    "answers": translatable("How answers spread"),
    "board": translatable("What was tried"),
    "photos": translatable("Photos collected"),
}

if not who.me().teacher:
    elements.opening("projector")
    st.info(tr("This page is your teacher's: the PIN opens it."), icon=":material/lock:")
else:
    with st.container(horizontal=True, vertical_alignment="center"):
        view = st.segmented_control(
            tr("On the wall"), list(VIEWS), default=asked if (asked := st.query_params.get("wall")) in VIEWS else "join",
            required=True, format_func=lambda view: tr(VIEWS[view]), key="on_the_wall", label_visibility="collapsed",
        )  # fmt: skip
        st.page_link(steps.step("the_class").path, label=tr("Back to the class"), icon=":material/arrow_back:")
    st.query_params["wall"] = view
    st.html(f"<style>{classroom.WALL}</style>")
    if view == "join":
        classroom.on_the_wall()
    elif view == "answers":
        class_answers.panel(large=True)
    elif view == "photos":
        collecting.on_the_wall()
    else:
        class_runs.board(large=True)
