"""A photo's mark, on whichever page the photo is: its right breed, or that it be left out."""

from __future__ import annotations

import streamlit as st

from lessonkit import corrections
from lessonkit.language import tr
from lessonkit.runs import Run
from lessonkit.ui.core import allowed, elements, formatting, snapshot, thumbnails, who


def mark(run: Run, name: str, label: str, suggested: str, key: str = "") -> None:
    """A photo's mark, or the ways to give it one.

    Args:
        run: whose labelling decides the breeds.
        label: what the run takes it for.
        suggested: the breed that it more likely is.
        key: tells the buttons of one place on a page from those of another.
    """
    dataset, breeds, pattern = snapshot.dataset_of(run), run.vocab(), run.spec().pattern
    mark = corrections.read(dataset.name, who.marks_of()).get(name)
    if mark:
        st.markdown(tr(":material/edit: Marked: **{mark}**", mark=formatting.plain(words(mark))))
        if st.button(tr("Take the mark back"), key=f"{key}unmark_{name}", width="stretch"):
            with elements.errors_here():
                allowed.write(corrections.unmark, dataset, name, who.marks_of())
                st.rerun()
        return
    right = st.selectbox(
        tr("The right breed"),
        breeds,
        index=breeds.index(suggested if suggested in breeds else label),
        format_func=formatting.breed_name,
        key=f"{key}right_{name}",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, gap="xsmall"):
        wrong = st.button(
            tr("Wrong label: it is this"),
            key=f"{key}mark_{name}",
            disabled=right == label,
            help=tr("Another breed than its label."),
        )
        if wrong:
            with elements.errors_here():
                allowed.write(corrections.mark, dataset, name, right, pattern=pattern, of=who.marks_of())
                st.rerun()
        if st.button(tr("Leave it out"), key=f"{key}leave_{name}"):
            with elements.errors_here():
                allowed.write(corrections.mark, dataset, name, leave_out=True, pattern=pattern, of=who.marks_of())
                st.rerun()


def words(mark: corrections.Mark) -> str:
    """What was said of a photo, in plain text."""
    return tr("left out") if mark.leave_out else formatting.breed_name(mark.breed)


def one(run: Run, name: str, label: str, suggested: str, what: str) -> None:
    """One photo, large enough to judge, and its mark.

    Args:
        what: what else is known of it, in words.
    """
    left, right = st.columns([1, 2], gap="medium")
    with left:
        thumbnails.picture(snapshot.dataset_of(run), name, side=thumbnails.LARGE)
    with right:
        said = tr("{photo}, labelled **{breed}**", photo=formatting.code(name), breed=formatting.breed(label))
        st.markdown(f"{said}, {what}")
        mark(run, name, label, suggested, "followed_")
