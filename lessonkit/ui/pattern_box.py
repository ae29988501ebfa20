"""The labelling pattern, edited live over sample names."""

from __future__ import annotations

import html

import streamlit as st

from lessonkit.photos import catalog, labels
from lessonkit.ui import state

SAMPLES = 12


def pattern(name: str) -> str:
    """The pattern edited live; the one in force follows it as soon as it labels something."""
    typed = st.text_input(
        "The regular expression; its first group, in brackets, is the breed",
        value=state.pattern(),
        live=True,
        key=f"pattern_{name}",
        persist_state="session",
        help="[^/]+ is anything but a slash, \\d+ a number, $ the end of the name.",
    )
    names = catalog.photo_names(name)
    step = max(1, len(names) // SAMPLES)
    shown = labels.explain(names[::step][:SAMPLES], typed)
    st.html(f'<div class="pattern"><ul>{"".join(_marked(m) for m in shown)}</ul></div>')
    st.caption("Blue is what the whole pattern matched, orange its first group: the label.")
    return typed


def _marked(match: labels.Match) -> str:
    text = match.text
    if not match.matched:
        return f'<li class="none">{html.escape(text)} (no match)</li>'
    (start, end), (first, last, _) = match.span, match.groups[0]
    return (
        f'<li>{html.escape(text[:start])}<mark class="whole">{html.escape(text[start:first])}</mark>'
        f'<mark class="group">{html.escape(text[first:last])}</mark>'
        f'<mark class="whole">{html.escape(text[last:end])}</mark>{html.escape(text[end:])}</li>'
    )
