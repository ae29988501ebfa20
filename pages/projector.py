"""For the wall: the way in, how answers spread, what the class tried. Nobody is named."""

import streamlit as st

from lessonkit.ui.core import elements, who

elements.opening("projector")
if not who.me().rules:
    st.info("This page is your teacher's: the PIN opens it.", icon=":material/lock:")
