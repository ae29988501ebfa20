"""Photos of one's own, by upload or camera: the five most likely breeds, where it looked, what it finds alike."""

import streamlit as st

from lessonkit.language import tr, translatable
from lessonkit.lesson import code
from lessonkit.photos.manifest import PHOTO_SUFFIXES
from lessonkit.ui.core import classroom, elements, state, upload_budget
from lessonkit.ui.core.connection import prewarm
from lessonkit.ui.explore import selection
from lessonkit.ui.lesson import asking, your_pet

TYPES = [ending[1:] for ending in PHOTO_SUFFIXES]
MOST = 20
FILE, CAMERA = translatable("a file"), translatable("the camera")


def _photos() -> list:
    way = st.segmented_control(
        tr("Photo from"),
        [FILE, CAMERA],
        default=FILE,
        required=True,
        format_func=tr,
        key="photo_from",
        on_change=upload_budget.drop_mine,
    )
    if way == CAMERA and not classroom.camera_given():
        st.info(
            tr(
                "This page comes over plain http, and browsers give a camera to no such page. Choose **a file**: on a phone that "
                "button opens the camera too."
            ),
            icon=":material/no_photography:",
        )
        return []
    if way == CAMERA:
        taken = st.camera_input(tr("Hold your pet up"), key="camera")
        return [taken] if taken else []
    return st.file_uploader(
        tr("Photos of pets, JPEG, HEIC or PNG"),
        type=TYPES,
        accept_multiple_files=True,
        key="uploads",
        max_upload_size=25,
    )


elements.opening("your_pet")
prewarm()
run = selection.pick_model()
if run is None:
    elements.missing(tr("There is no trained model yet to ask."), "train")
else:
    if state.dataset().name == "drawn":
        st.caption(
            tr(
                "This model has seen **drawn** pets only. A real photo is unlike anything that it knows: see what it makes of "
                "one."
            )
        )
    uploads = _photos()
    if len(uploads) > MOST:
        st.info(tr("These are {photos} photos; the first {most} are looked at.", photos=len(uploads), most=MOST))
    your_pet.forget(uploads)
    if uploads:
        your_pet.answers(run, uploads[:MOST])
    st.caption(
        tr("Your photos stay on the machine that runs this lesson, in its memory, and only while you see them here.")
    )
    elements.code(code.your_pet())
asking.again("your_pet")
elements.onward("your_pet")
