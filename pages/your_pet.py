"""A photo of one's own, by upload or camera: the five most likely breeds."""

import streamlit as st

from lessonkit.figures import probabilities
from lessonkit.lesson import code
from lessonkit.runs import Run
from lessonkit.ui import choices, say, state
from lessonkit.ui.engine import engine

TYPES = ["jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff"]


def _photos() -> list:
    way = st.segmented_control(
        "Photo from", ["a file", "the camera"], default="a file", required=True, key="photo_from"
    )
    if way == "the camera":
        taken = st.camera_input("Hold your pet up", key="camera")
        return [taken] if taken else []
    return st.file_uploader(
        "Photos of pets, JPEG or PNG", type=TYPES, accept_multiple_files=True, key="uploads", max_upload_size=25
    )


def _answer(run: Run, upload) -> None:
    with say.errors_here(), st.spinner("Looking at it …"):
        found = engine().call("predict", run.id, [(upload.name, upload.getvalue())], timeout=120)[0]
        left, right = st.columns([1, 2], gap="medium")
        if "error" in found:
            st.error(f"**{upload.name}**: {found['error']}", icon=":material/broken_image:")
            return
        left.image(upload, width="stretch", alt=f"Your photo {upload.name}")
        right.markdown(f"**{say.breed(found['breed'])}**, says the model, {say.percent(found['probability'])} sure.")
        with right:
            say.chart(
                probabilities.top_breeds(found["top"]), key=f"top_{upload.file_id}", alt="The five most likely breeds."
            )


say.opening("your_pet")
stage = state.stage()
if stage is None:
    say.missing("There is no trained model yet to ask.", "train")
else:
    models = [run for run in choices.all_of(lambda s: s.dataset == state.dataset()) if run.status().finished]
    picked = st.selectbox(
        "Model",
        [r.id for r in models],
        index=[r.id for r in models].index(stage.id),
        format_func=lambda i: choices.name(Run(i)),
        key="ask_model",
    )
    if stage.spec().dataset == "drawn":
        st.caption(
            "This model has seen **drawn** pets only. A real photo is unlike anything that it knows: see what it makes of one."
        )
    for upload in _photos():
        _answer(Run(picked), upload)
    st.caption("Your photo stays on the machine that runs this lesson, and is not kept.")
    say.code(code.your_pet())
say.onward("your_pet")
