"""A page in large type, for a projector: read from the back row, an idea a screen, and one key to go on."""

from __future__ import annotations

import streamlit as st

from lessonkit.language import tr
from lessonkit.ui.core import state

# Lengths are in rem, so the root's size is all texts' size. Charts have theirs in pixels (figures.style.larger).
# `large_type.js` looks for the property.
STYLE = """<style>
html:root { font-size: 1.6em !important; --large-type: 1; }
.stMainBlockContainer { max-width: 100%; padding-inline: 3rem; }
.stMainBlockContainer :is(h1, h2, h3) { scroll-margin-top: 4.5rem; }
.stMainBlockContainer > .stVerticalBlock > .stElementContainer:has(h3) { padding-top: 60vh; }
[data-testid=stSidebarContent] { zoom: 0.65; }
</style>"""
_KEY = "large_type"


def control() -> None:
    """The switch in the sidebar; while it is on, the page is in large type."""
    on = bool(state.get("large"))
    st.session_state[_KEY] = on
    st.toggle(
        tr("Large type, for a projector"),
        key=_KEY,
        help=tr(
            "Page Down or → goes on to the next idea, and from the last one to the next page. Page Up or ← goes back."
        ),
        on_change=lambda: state.put(large="1" if st.session_state[_KEY] else ""),
    )
    if on:
        st.html(STYLE)
