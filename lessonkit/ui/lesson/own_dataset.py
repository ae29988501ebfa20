"""A zip of one's own photos becomes a dataset."""

from __future__ import annotations

from typing import BinaryIO

import streamlit as st

from lessonkit import corrections
from lessonkit import jobs as job_files
from lessonkit.photos import imported, labels
from lessonkit.storage import MIB
from lessonkit.ui.core import elements, job_progress, state
from lessonkit.ui.core.connection import engine

LARGEST = imported.LARGEST_UPLOAD // MIB  # MB
SENT = "own_zips_sent"  # how many, in this session
PATTERN_HELP = (
    "A regular expression with one group, the breed, as on this page below. It reads each photo's name with "
    "its folders, after `images/`. Given, it goes before folders: for folders that are years, say."
)


def add() -> None:
    """The form that takes a zip, and what became of the last one."""
    with st.expander("Your own photos", icon=":material/folder_zip:"):
        st.markdown(
            "A zip with a folder for each breed, or with the breed in each file's name. At least two breeds, and two photos "
            f"of each; twenty or more of each are better. The zip may take {LARGEST} MB: some {LARGEST // 4} photos as a "
            "phone takes them. For more, make the photos smaller first: a longer side of 1,000 pixels is plenty."
        )
        with st.form("own_zip", border=False):
            # Another box when a zip was sent: Streamlit holds a file in memory for as long as it stands in its box.
            box = f"own_upload_{st.session_state.get(SENT, 0)}"
            upload = st.file_uploader("Zip of photos", type="zip", key=box, max_upload_size=LARGEST)
            title = st.text_input("What to call it", "My pets", max_chars=40, key="own_title")
            pattern = st.text_input("Pattern", key="own_pattern", placeholder="leave empty", help=PATTERN_HELP)
            st.caption(
                "Leave the pattern empty where folders are breeds, or where names end as in the lesson, `rex_1.jpg`. Else say "
                rf"which part of a name is the breed: for `20240501_rex.jpg` that is `{imported.FOR_DATED}`."
            )
            pressed = st.form_submit_button("Make it a dataset", icon=":material/add:")
        if pressed and upload is None:
            st.info("Choose a zip first.")
        elif pressed:
            with elements.errors_here():
                _send(upload, title, pattern.strip())
                st.rerun()
        job = job_files.read("add_zip", st.session_state.get("own_job", ""))
        if job and job_progress.follow(job, again=False):
            del st.session_state["own_job"]
            state.put(
                dataset=job.now().result["name"],
                pattern="",
                run="",
                model="",
                actual="",
                predicted="",
                photo="",
            )
            st.rerun()
        elif job and job.ended and imported.waits(job.key):
            _other_pattern(job)


def _send(upload: BinaryIO, title: str, pattern: str) -> None:
    if pattern:
        labels.check_pattern(pattern)  # before anything is kept
    name = imported.keep_upload(upload)
    engine().add_zip(name, title, pattern)
    st.session_state["own_job"] = name
    st.session_state[SENT] = st.session_state.get(SENT, 0) + 1


def _other_pattern(job: job_files.Job) -> None:
    """The zip is still here, and only its names could not be read: another pattern, without sending it again."""
    with st.form("own_again", border=False):
        pattern = st.text_input("Another pattern for the zip that was sent", job.args[2], key="own_again_pattern")
        if st.form_submit_button("Read its names with this one", icon=":material/replay:"):
            with elements.errors_here():
                if pattern.strip():
                    labels.check_pattern(pattern.strip())
                engine().add_zip(job.key, job.args[1], pattern.strip())
                st.rerun()


def about(name: str) -> None:
    """Of an own dataset: the files that were not taken, and why; and a way to delete it, which asks once more."""
    if not name.startswith("own-"):
        return
    with st.popover("Delete these photos", icon=":material/delete:", key="delete_own"):
        st.markdown(
            "They leave this machine for everybody who uses this lesson on it. What was trained on them stays in the list of "
            "runs, without its photos."
        )
        if st.button("Yes, delete them", key="delete_own_now", type="primary"):
            with elements.errors_here():
                engine().write(corrections.remove_dataset, name)
                state.put(dataset="", pattern="", run="", model="", actual="", predicted="", photo="")
                st.rerun()
    files = imported.left_out(name)
    if files:
        with st.expander(f"{len(files)} files of the zip were not taken"):
            st.dataframe({"file": [f for f, _ in files], "why": [why for _, why in files]}, hide_index=True)
