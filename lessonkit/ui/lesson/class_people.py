"""Who is here, for the teacher; one learner's page, shown to all without a name."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import streamlit as st

from lessonkit.classroom import learners
from lessonkit.classroom.learners import Learner
from lessonkit.language import tr
from lessonkit.lesson import steps
from lessonkit.ui.core import who
from lessonkit.ui.core.formatting import plain


def show_one(names: bool) -> None:
    """Choose a learner who is here; a link opens what they see in a tab of its own, only to look at.

    Args:
        names: whether nicknames are shown.
    """
    now = time.time()
    present = {one.number: one for one in learners.everyone(who.controls_now().period).values() if one.here(now)}
    if not present:
        st.caption(tr("No learner is here yet."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(
            tr("Whose page"), list(present), format_func=lambda n: _words(present[n], names) if n in present else "",
            key="show_learner", width=360,
        )  # fmt: skip
        if number in present:
            st.link_button(tr("Show it in a tab of its own"), address(present[number]), icon=":material/visibility:")
    st.caption(tr("All that this learner sees and chose, without a name. Nothing can be pressed there."))


def address(one: Learner) -> str:
    """Where a learner's page is shown, below the lesson's own address."""
    return f"/{one.step}?{urlencode({who.SHOWN: one.number})}&{one.shows}"


def _words(one: Learner, names: bool) -> str:
    titles = {s.page if n else "": s.title for n, s in enumerate(steps.STEPS)}
    titles |= {s.page: s.title for s in (*steps.EXPLORE, *steps.CLASS)}
    called = plain(one.name) if names else tr("Learner {number}", number=one.number)
    return tr("{learner}, on “{page}”", learner=called, page=tr(titles.get(one.step, one.step)))
