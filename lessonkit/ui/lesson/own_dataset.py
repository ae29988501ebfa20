"""A zip of one's own photos: it is read, the page shows how it would be labelled, and then it becomes a dataset."""

from __future__ import annotations

from typing import Any, BinaryIO

import streamlit as st

from lessonkit import jobs as job_files
from lessonkit import language
from lessonkit.language import tr, translatable, trn
from lessonkit.photos import imported, own_photos, uploads, wishes
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.layouts.reading import KINDS
from lessonkit.storage import MIB
from lessonkit.ui.core import allowed, elements, job_progress, state, upload_budget, who
from lessonkit.ui.core.connection import engine
from lessonkit.ui.lesson import own_reading

LARGEST = uploads.LARGEST_UPLOAD // MIB  # MB
SENT = "own_zips_sent"  # how many, in this session
JOB, TITLE, WISH = "own_job", "own_title_sent", "own_wish"  # the upload that is at work here, and how it is wanted
WAYS = {
    "auto": translatable("as it shows"),
    "folder": translatable("by the folder that each photo lies in"),
    "parent": translatable("by the outer folder"),
    "name": translatable("by the file names"),
    "csv": translatable("by a table"),
}
PATTERN_HELP = translatable(
    "Of file names: a regular expression with one group, the breed, as on this page below. It reads each photo's name with "
    "its folders, after `images/`. Of a table: the name of the column that holds the breed."
)


def add() -> None:
    """The form that takes a zip, what was read of the last one, and what became of it."""
    assert set(WAYS) == {"auto", *KINDS}
    with st.expander(tr("Your own photos"), icon=":material/folder_zip:"):
        st.markdown(
            tr(
                "A zip with a folder for each breed, with the breed in each file's name, or with a table of the photos and their "
                "breeds. At least two breeds, and two photos of each; twenty or more of each are better. The zip may take "
                "{size} MB: some {photos} photos as a phone takes them. For more, make the photos smaller first: a "
                "longer side of {pixels} pixels is plenty. It is read first, and you see how it would be labelled.",
                size=LARGEST,
                photos=LARGEST // 4,
                pixels=language.decimal(1000),
            )
        )
        st.caption(
            tr(
                "Everyone who opens this lesson can see the photos. The place, the time and the camera that a phone writes into "
                "them are taken out before they are kept."
            )
        )
        with st.form("own_zip", border=False):
            # Another box when a zip was sent: the one before shows a file that is not there any more.
            box = f"own_upload_{st.session_state.get(SENT, 0)}"
            upload = st.file_uploader(tr("Zip of photos"), type="zip", key=box, max_upload_size=LARGEST)
            title = st.text_input(tr("What to call it"), tr("My pets"), key="own_title")
            pressed = st.form_submit_button(tr("Read it"), icon=":material/search:")
        if pressed and upload is None:
            st.info(tr("Choose a zip first."))
        elif pressed and upload is not None:
            with elements.errors_here():
                _send(upload, title)
                st.rerun()
        if uploaded := st.session_state.get(JOB, ""):
            _follow(uploaded)


def _send(upload: BinaryIO, title: str) -> None:
    before = st.session_state.get(JOB, "")
    if before and not _at_work(before):
        engine().write(uploads.forget, before)  # one that was read and left: another takes its place
    imported.check_title(title)
    name = uploads.keep_upload(upload)
    upload_budget.drop_mine()  # it lies on the disk now
    st.session_state.update({JOB: name, TITLE: title, WISH: {}})
    st.session_state[SENT] = st.session_state.get(SENT, 0) + 1
    engine().read_zip(name, {})


def _at_work(upload: str) -> bool:
    return any((job := job_files.read(kind, upload)) and not job.ended for kind in ("read_zip", "add_zip"))


def _follow(upload: str) -> None:
    """What goes on with the zip that was sent: it is read, shown, made."""
    read, made = job_files.read("read_zip", upload), job_files.read("add_zip", upload)
    if made and read and made.queued_at < read.queued_at:
        made = None  # it failed, and the zip was read again since
    if made and job_progress.follow(made, again=False):
        del st.session_state[JOB]
        state.choose_dataset(made.now().result["name"])
        st.rerun()
    if made and not made.now().ended:
        return
    if read and job_progress.follow(read, again=False) and uploads.waits(upload):
        _shown(upload, uploads.with_values(read.now().result))
    if read and read.now().ended and uploads.waits(upload):
        _otherwise(upload)


def _shown(upload: str, found: dict[str, Any]) -> None:
    wish = st.session_state[WISH]
    taken = own_reading.show(upload, found)
    if taken is not None:
        reading = found["readings"][taken]
        # The table that was sent has one name here and another there: its column alone is asked for.
        pattern = reading["pattern"].rpartition(":")[2] if wish.get("table") else reading["pattern"]
        with elements.errors_here():
            engine().add_zip(
                upload, st.session_state[TITLE], {**wish, "labels": reading["labels"], "pattern": pattern}, who.me().key
            )
            st.rerun()
    alike = any(reading["alike"] for reading in found["readings"]) or not wish.get("together", True)
    if alike and st.checkbox(tr("Spellings that read alike are one breed"), wish.get("together", True)) != wish.get(
        "together", True
    ):
        _read_again(upload, {**wish, "together": not wish.get("together", True)})


def _otherwise(upload: str) -> None:
    """Another way to label the zip, which is still here."""
    with st.expander(tr("Label them in another way"), key="own_otherwise"), st.form("own_again", border=False):
        labels_wanted = st.selectbox(
            tr("How they are labelled"), list(WAYS), format_func=lambda way: tr(WAYS[way]), key="own_labels"
        )
        pattern = st.text_input(
            tr("Pattern, or column"), key="own_pattern", placeholder=tr("leave empty"), help=tr(PATTERN_HELP)
        )
        st.caption(
            tr(
                "A pattern says which part of a name is the breed: for `20240501_rex.jpg` that is `{pattern}`.",
                pattern=wishes.FOR_DATED,
            )
        )
        table = st.file_uploader(tr("A table that is not in the zip"), type=["csv", "tsv", "txt"], key="own_table")
        if st.form_submit_button(tr("Read it so"), icon=":material/replay:"):
            with elements.errors_here():
                wish = {"labels": labels_wanted, "pattern": pattern.strip()}
                if table is not None:
                    uploads.keep_table(upload, table)
                    wish |= {"labels": "csv", "table": True}
                _read_again(upload, wish)
    if st.button(tr("Put this zip away"), icon=":material/close:", key="own_forget"):
        engine().write(uploads.forget, upload)
        del st.session_state[JOB]
        st.rerun()


def _read_again(upload: str, wish: dict[str, Any]) -> None:
    st.session_state[WISH] = wish
    engine().read_zip(upload, wish)
    st.rerun()


def about(dataset: Dataset) -> None:
    """Of an own dataset: the files that were not taken, and why; and a way to delete it, which asks once more."""
    if not dataset.description.own:
        return
    if allowed.may_remove(dataset):
        _delete(dataset)
    with elements.errors_here():
        if files := own_photos.left_out(dataset):
            with st.expander(
                trn("{n} file of the zip was not taken", "{n} files of the zip were not taken", len(files))
            ):
                st.dataframe(
                    {"file": [f for f, _ in files], "why": [language.again(why) for _, why in files]},
                    hide_index=True, column_config={"file": tr("file"), "why": tr("why")},
                )  # fmt: skip


def _delete(dataset: Dataset) -> None:
    with st.popover(tr("Delete these photos"), icon=":material/delete:", key="delete_own"):
        st.markdown(
            tr(
                "They leave this machine for everybody who uses this lesson on it. What was trained on them stays in the list of "
                "runs, without its photos."
            )
        )
        if st.button(tr("Yes, delete them"), key="delete_own_now", type="primary"):
            with elements.errors_here():
                allowed.remove(dataset)
                state.choose_dataset("")
                st.rerun()
