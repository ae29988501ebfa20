"""The labelling pattern, edited live over sample names."""

from __future__ import annotations

import html

import streamlit as st

from lessonkit import language
from lessonkit.language import tr
from lessonkit.photos import labels, pasted
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import formatting, state

SAMPLES = 12


def pattern(dataset: Dataset) -> str:
    """The pattern edited live; the one in force follows it as soon as it labels something."""
    typed = st.text_input(
        tr("The regular expression; its first group, in brackets, is the breed"),
        value=state.pattern(),
        live=True,
        key=f"pattern_{dataset.name}",
        persist_state="session",
        help=tr("[^/]+ is anything but a slash, \\d+ a number, $ the end of the name."),
    )
    names = dataset.names
    taken = pasted.meant(typed, names)
    if taken.said:
        said = formatting.plain(" ".join(map(language.again, taken.said)))
        st.info(tr("{changes} It is read as:", changes=said), icon=":material/content_paste_go:")
        st.code(taken.pattern, language=None)
    typed = taken.pattern
    step = max(1, len(names) // SAMPLES)
    shown = labels.matches(names[::step][:SAMPLES], typed)
    st.html(f'<div class="pattern"><ul>{"".join(_marked(m) for m in shown)}</ul></div>')
    most = max((len(m.groups) for m in shown), default=0)
    caption = [tr("The frame shows what the whole pattern matched; the filled box is its first group, the label.")]
    if most > 1:
        caption.append(tr("Boxes with a number are further groups: they change nothing."))
    st.caption(" ".join(caption))
    if missed := labels.narrow(names, typed):
        st.info(language.again(missed).replace("\\", "\\\\").replace("[", "\\["))
    return typed


def _marked(match: labels.Match) -> str:
    text = match.text
    if match.span is None:
        said = tr("{name} (no match)", name=html.escape(text))
        return f'<li class="none">{said}</li>'
    start, end = match.span
    inside = _groups(text, start, end, [(n, *group[:2]) for n, group in enumerate(match.groups, 1) if group])
    return f'<li>{html.escape(text[:start])}<mark class="whole">{inside}</mark>{html.escape(text[end:])}</li>'


def _groups(text: str, start: int, end: int, groups: list[tuple[int, int, int]]) -> str:
    """text[start:end] with its groups (number, from, to) marked, those within others too."""
    out, at = "", start
    for number, first, last in groups:
        if first < at:  # it lies within the one before, which marked it
            continue
        within = [g for g in groups if g[0] > number and first <= g[1] and g[2] <= last]
        named = "group" if number == 1 else "group further"
        title = html.escape(tr("the first group: the label") if number == 1 else tr("group {number}", number=number))
        sign = "" if number == 1 else f"<sub>{number}</sub>"
        marked = _groups(text, first, last, within)
        out += f'{html.escape(text[at:first])}<mark class="{named}" title="{title}">{marked}{sign}</mark>'
        at = last
    return out + html.escape(text[at:end])
