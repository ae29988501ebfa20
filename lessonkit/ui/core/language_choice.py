"""Which language a learner reads: the one chosen in the sidebar or in the address, else the browser's, else English."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lessonkit import language
from lessonkit.language import tr
from lessonkit.ui.core import state

_KEY, _SPOKEN = "chosen_language", "language_of_page"


def chosen() -> str:
    """The language of this session, such as "de"."""
    wanted = state.get("language") or st.query_params.get("language", "")  # it is asked for before `state.load`
    return wanted if wanted in language.languages() else language.best(st.context.locale or language.ENGLISH)


def begin() -> str:
    """The language that this run of the page is in, kept for the parts that are run again by themselves."""
    st.session_state[_SPOKEN] = spoken = chosen()
    return spoken


def outside_a_page() -> str:
    """The language where `frame` has not said it: in what a button calls, and in a part that is run again by itself."""
    if not get_script_run_ctx(suppress_warning=True):
        return ""
    return st.session_state.get(_SPOKEN) or chosen()


def control() -> None:
    """The languages to choose from, each under its own name; nothing where there is one."""
    known = language.languages()
    if len(known) < 2:
        return
    st.session_state[_KEY] = chosen()
    st.selectbox(
        tr("Language"),
        known,
        key=_KEY,
        format_func=language.name,
        on_change=lambda: state.put(language=st.session_state[_KEY]),
    )


language.ask(outside_a_page)
