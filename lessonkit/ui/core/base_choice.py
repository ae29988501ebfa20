"""The base of the lesson: the recipe whose model the later pages open and go on from. It changes only by a choice."""

from __future__ import annotations

import streamlit as st

from lessonkit.language import tr
from lessonkit.ui.core import elements, run_choices, state


def pick() -> None:
    """A box to choose the base; nothing where there is no choice."""
    now, found = state.base(), {recipe.id: recipe.kept for recipe in state.bases()}
    if now is None or len(found) < 2:
        return
    names = {recipe: run_choices.model_name(kept) for recipe, kept in found.items() if kept}
    st.session_state["base_box"] = now.id  # another page may have chosen since
    st.selectbox(
        tr("The recipe that this lesson goes on from"),
        list(names),
        format_func=names.__getitem__,
        key="base_box",
        on_change=lambda: state.put(base=st.session_state["base_box"]),
    )
    elements.whole(names[now.id], "base")
