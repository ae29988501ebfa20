"""A zip of one's own photos becomes a dataset."""

from __future__ import annotations

import streamlit as st

from lessonkit.engine import jobs as job_files
from lessonkit.photos import own
from lessonkit.ui import jobs, say, state
from lessonkit.ui.engine import engine


def add() -> None:
    """The form that takes a zip, and what became of the last one."""
    with st.expander("Your own photos", icon=":material/folder_zip:"):
        st.markdown(
            "A zip with a folder for each breed, or with the breed in each file's name. At least two breeds, and two photos "
            "of each; twenty or more of each are better."
        )
        with st.form("own_zip", border=False):
            upload = st.file_uploader("Zip of photos", type="zip", key="own_upload")
            title = st.text_input("What to call it", "My pets", max_chars=40, key="own_title")
            pressed = st.form_submit_button("Make it a dataset", icon=":material/add:")
        if pressed and upload is None:
            st.info("Choose a zip first.")
        elif pressed:
            with say.errors_here():
                name = own.keep_upload(upload)
                engine().add_zip(name, title)
                st.session_state["own_job"] = name
                st.rerun()
        job = job_files.read("add_zip", st.session_state.get("own_job", ""))
        if job and jobs.follow(job):
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


def what_was_left_out(name: str) -> None:
    """Of an own dataset: the files that were not taken, and why."""
    if not name.startswith("own-"):
        return
    files = own.left_out(name)
    if files:
        with st.expander(f"{len(files)} files of the zip were not taken"):
            st.dataframe({"file": [f for f, _ in files], "why": [why for _, why in files]}, hide_index=True)
