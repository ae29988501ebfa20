"""Collect together: learners give photos under the teacher's labels, and a dataset comes of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessonkit import jobs
from lessonkit.classroom import collection
from lessonkit.classroom.collection import Collection
from lessonkit.errors import LessonError
from lessonkit.language import tr, trn
from lessonkit.ui.core import allowed, classroom, elements, formatting, job_progress, snapshot, state, thumbnails, who
from lessonkit.ui.core.connection import engine

EVERY = 3.0  # seconds between two looks of one person at the progress
LOOKS = 8  # a second by all
A_PAGE = 48  # photos that the teacher looks through at a time: all of a class may be 2,000
SENT = "collected_sent"  # how often, in this session: each time the box for files is a new one
TYPES = ["jpg", "jpeg", "png", "webp", "heic", "heif", "avif"]


def learner() -> None:
    """Give photos, see one's own, take them back; nothing where nothing was ever collected."""
    of = collection.now()
    if not of.id:
        return
    st.subheader(tr("Collect together: {title}", title=formatting.plain(of.title)), anchor=False)
    _live_progress(of)
    if of.open:
        st.warning(
            tr(
                "**Everyone in the class, and your teacher, will see these photos.** Show no people. The place, the time and the "
                "camera that a phone writes into a photo are taken out before it is kept. You can take a photo back here."
            ),
            icon=":material/visibility:",
        )
        with st.form("collect", border=True):
            label = st.selectbox(tr("What they show"), of.labels, key="collect_label")
            box = f"collect_files_{st.session_state.get(SENT, 0)}"
            sent = st.file_uploader(
                tr("Photos: on a phone this button opens the camera too"), TYPES, accept_multiple_files=True, key=box,
                max_upload_size=collection.LARGEST >> 20,
            )  # fmt: skip
            if st.form_submit_button(tr("Give them to the class"), icon=":material/send:"):
                _send(of, label, [(one.name, one.getvalue()) for one in sent])
    elif of.dataset in snapshot.datasets():
        st.markdown(
            tr(
                "The collection is closed. **{title}** is a dataset now, on the page “Get the data”.",
                title=formatting.plain(of.title),
            )
        )
    else:
        st.markdown(tr("No photos are taken just now."))
    mine = collection.given_by(who.me().key)
    if mine:
        st.markdown(tr("**Your photos: {photos}**", photos=sum(map(len, mine.values()))))
        for id_, given in mine.items():
            _grid(Collection(id_), {photo: one.label for photo, one in given.items()}, tr("Take it back"), own=True)


def _send(of: Collection, label: str, sent: list[tuple[str, bytes]]) -> None:
    """Give photos to the class; of each that cannot be taken say why, and how many were taken all the same.

    Args:
        sent: (a file's name, what is in it).
    """
    if not sent:
        st.info(tr("Choose photos first."))
        return
    problems = []
    for name, data in sent:
        try:
            photo = engine().write(collection.keep, data)
            engine().call("collect", of.id, photo, label, who.me().key)
        except LessonError as problem:
            why = tr("“{name}” was not taken. {why}", name=name, why=problem.sentence)
            problems.append(LessonError(why, problem.way_out))
    st.session_state[SENT] = st.session_state.get(SENT, 0) + 1
    if not problems:
        st.rerun()
    for problem in problems:
        elements.error(problem)
    if taken := len(sent) - len(problems):
        st.success(trn("{n} photo given.", "{n} photos given.", taken), icon=":material/check:")


def _live_progress(of: Collection, large: bool = False) -> None:
    every = max(EVERY, classroom.joined() / LOOKS)
    st.fragment(_progress, run_every=every if of.open else None)(large)


def _progress(large: bool) -> None:
    """How many photos each label has; in large type for a projector."""
    of = collection.now()
    counts = collection.progress(of)
    most = max(1, *counts.values()) if counts else 1
    for label, count in counts.items():
        words = f"{formatting.plain(label)}: {formatting.photos(count)}"
        if large:
            st.markdown(f"### {words}")
        st.progress(count / most, text=None if large else words)


def on_the_wall() -> None:
    """The progress of each label, for the projector."""
    of = collection.now()
    if not of.id:
        st.info(tr("Nothing is collected. Begin on the page “The class”."))
        return
    st.markdown(f"## {formatting.plain(of.title)}")
    _live_progress(of, large=True)


def teacher() -> None:
    """Begin a collection, look through it, close it, make a dataset of it."""
    of = collection.now()
    if of.id:
        _look_through(of)
    begins = st.expander(tr("Begin another collection") if of.id else tr("Begin a collection"), expanded=not of.id)
    with begins, st.form("begin_collection", border=False):
        title = st.text_input(tr("What it is called"), tr("Our photos"), key="collect_title")
        labels = st.text_area(tr("Labels, each on a line of its own"), key="collect_labels", placeholder=tr("dog\ncat"))
        if st.form_submit_button(tr("Begin"), icon=":material/add_a_photo:"):
            with elements.errors_here():
                allowed.begin_collection(title, labels.splitlines())
                st.rerun()


def _look_through(of: Collection) -> None:
    given = collection.photos(of)
    people = len({one.by for one in given.values()})
    counted = {"title": formatting.plain(of.title), "photos": formatting.photos(len(given))}
    st.markdown(
        trn(
            "**{title}**: {photos} of {n} learner, open.",
            "**{title}**: {photos} of {n} learners, open.",
            people,
            **counted,
        )
        if of.open
        else trn(
            "**{title}**: {photos} of {n} learner, closed.",
            "**{title}**: {photos} of {n} learners, closed.",
            people,
            **counted,
        )
    )
    _live_progress(of)
    with st.container(horizontal=True):
        if of.open and st.button(tr("Close the collection"), key="close_collection", icon=":material/lock:"):
            _do(allowed.open_collection, False)
        if not of.open and not of.dataset and st.button(tr("Open it again"), key="reopen_collection"):
            _do(allowed.open_collection, True)
        if (
            not of.open
            and not of.dataset
            and st.button(tr("Make a dataset of it"), key="make_collection", type="primary")
        ):
            _do(allowed.make_collection, of.id)
    job = jobs.read("make_collection", of.id)
    if job and not of.dataset and not of.open:
        job_progress.follow(job, again=False)
    if of.dataset in snapshot.datasets() and st.button(
        tr("Open these photos"), key="open_collected", icon=":material/photo_library:"
    ):
        state.choose_dataset(of.dataset)
        st.rerun()
    if st.toggle(tr("Look through the photos: {photos}", photos=len(given)), key="look_through"):
        pages = max(1, -(-len(given) // A_PAGE))
        begin = (st.pagination(pages, key=f"look_through_{of.id}_{pages}") - 1) * A_PAGE if pages > 1 else 0
        shown = list(given.items())[::-1][begin : begin + A_PAGE]  # the newest first
        _grid(of, {photo: one.label for photo, one in shown}, tr("Take it out"), own=False)


def _grid(of: Collection, labels: dict[str, str], words: str, own: bool) -> None:
    with st.grid(thumbnails.filled(len(labels)), min_column_width=140, gap="small"):
        for photo, label in labels.items():
            small = collection.small(of, photo)
            if small is None:
                continue
            with st.container(gap="xsmall"):
                st.image(
                    small,
                    caption=formatting.plain(label),
                    width="stretch",
                    alt=tr("A photo given as {label}.", label=label),
                )
                if st.button(
                    words, key=f"{'own' if own else 'any'}_{photo}", type="tertiary", icon=":material/delete:"
                ):
                    _do(allowed.withdraw, photo, own)


def _do(what: Callable[..., None], *args: object) -> None:
    with elements.errors_here():
        what(*args)
        st.rerun()
