"""One size: the photo of the learner's choice, stacked, made square, augmented."""

from __future__ import annotations

from itertools import islice

import numpy as np
import streamlit as st

from lessonkit.analysis import previews
from lessonkit.language import tr
from lessonkit.lesson import steps
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import elements, thumbnails
from lessonkit.ui.core.cached import is_square, photo_size, shown_array
from lessonkit.ui.core.connection import engine
from lessonkit.ui.lesson.normalization import SIZE

PICKS, LOOKED_AT = 8, 1000  # photos


def pick(dataset: Dataset) -> str:
    """The photo that the page shows: one of a few, or any other by a part of its name."""
    names, picks = dataset.names, _picks(dataset, dataset.fingerprint)
    with st.expander(tr("Choose another photo"), icon=":material/photo:"):
        thumbnails.grid(dataset, picks, width=110)
        chosen = st.segmented_control(
            tr("Photo"),
            picks,
            default=picks[0],
            required=True,
            format_func=lambda n: n.rsplit("/", 1)[-1],
            key="preview_photo",
            persist_state="session",
        )
        # no box with every name in it: 7,390 of them would be sent with each rerun
        part = st.text_input(tr("Or any other, by a part of its file name"), placeholder="pug_1", key="preview_any")
        typed = next((name for name in names if part.strip().lower() in name.lower()), None) if part.strip() else None
        if part.strip() and not typed:
            st.info(
                tr(
                    "No photo's name holds “{part}”. The page “{page}” shows what the names are like.",
                    part=part.strip(),
                    page=tr(steps.step("data").title),
                )
            )
    return typed or chosen or picks[0]


@st.cache_data(show_spinner=False, max_entries=16)
def _picks(_dataset: Dataset, fingerprint: str) -> list[str]:
    """Photos to choose from, those that are no squares first: on a square, crop, squish and pad are one."""
    names = _dataset.names
    step = max(1, len(names) // PICKS)
    looked_at = [name for start in range(step) for name in names[start::step]][:LOOKED_AT]  # from all over the breeds
    oblong = list(islice((name for name in looked_at if not is_square(_dataset, name)), PICKS))
    return (oblong + [name for name in looked_at if name not in oblong])[:PICKS]


def stacking(dataset: Dataset, name: str) -> None:
    """Why a batch needs one size: what numpy says of two photos that differ."""
    st.subheader(tr("A stack of two sizes"), anchor=False)
    # The sizes are the photos' own, by their headers. numpy refuses by the shapes alone, so no pixel is decoded for it.
    size = photo_size(dataset, name) or (1, 1)
    others = (photo_size(dataset, other) for other in dataset.names[1:60])
    second = next((other for other in others if other not in (None, size)), None)
    if second is None:
        second = (size[0] * 3 // 4, size[1])
        st.markdown(
            tr(
                "All of these photos have one size already, as yours will not. So the second one is cut down by a quarter first."
            )
        )
    photo, other = (np.broadcast_to(np.uint8(0), (*shape, 3)) for shape in (size, second))
    st.code(
        f"photo_1.shape, photo_2.shape   # {photo.shape}, {other.shape}\nnp.stack([photo_1, photo_2])", wrap_lines=True
    )
    try:
        np.stack([photo, other])
    except ValueError as problem:
        st.error(f"`ValueError: {problem}`", icon=":material/error:")


def squares(dataset: Dataset, name: str) -> None:
    """A photo made square in three ways."""
    st.subheader(tr("Crop, squish or pad"), anchor=False)
    elements.new_words("one_size", "squares")
    st.markdown(
        tr(
            "Three ways to a square. The crop loses the edges, squishing changes the shape of the animal, padding adds black "
            "borders without information."
        )
    )
    if is_square(dataset, name):
        st.info(
            tr("This photo is a square already, so the three are one: choose another above."),
            icon=":material/crop_square:",
        )
    made = _squares(dataset, dataset.fingerprint, name)
    words = {
        "crop": tr("crop: the middle, undistorted"),
        "squish": tr("squish: all of it, out of shape"),
        "pad": tr("pad: all of it, smaller"),
    }
    with st.grid(
        columns=3, min_column_width=90, wrap=False, gap="small"
    ):  # side by side on a phone too, to be compared
        for way, text in words.items():
            st.image(made[way], caption=text, width="stretch", alt=tr("The photo made square by {way}.", way=way))
    st.caption(
        tr(
            "The lesson crops. Validation photos are cropped in the middle, training photos at a place that changes each time."
        )
    )


@st.cache_resource(show_spinner=False, max_entries=64)
def _squares(_dataset: Dataset, fingerprint: str, name: str) -> dict[str, bytes]:
    """By the way in which it was made square, as JPEGs."""
    return {way: thumbnails.jpeg(made) for way, made in previews.squares(shown_array(_dataset, name), SIZE).items()}


def augmentation(dataset: Dataset, name: str) -> None:
    """Nine of a photo's augmented views, by fastai's own transforms."""
    st.subheader(tr("One photo, nine times"), anchor=False)
    elements.new_words("one_size", "augmentation")
    st.markdown(
        tr(
            "**Augmentation**: the network learns from changed views of a training photo too: flipped, turned, warped, brighter. "
            "The breed stays the same, so it learns that these changes do not matter. In the lesson each epoch shows a new "
            "view. Where the frozen body runs once per photo, a few views are made beforehand, and the epochs use these."
        )
    )
    with elements.errors_here(), st.spinner(tr("fastai's own transforms are at work …")):
        views = _views(dataset.name, dataset.fingerprint, name)
        with st.grid(columns=3, min_column_width=90, wrap=False, gap="xsmall"):
            for number, view in enumerate(views):
                st.image(view, width="stretch", alt=tr("Augmented view {number}.", number=number + 1))


@st.cache_resource(show_spinner=False, max_entries=64)
def _views(dataset: str, fingerprint: str, name: str) -> list[bytes]:
    """As JPEGs."""
    return [thumbnails.jpeg(view) for view in engine().call("augmented", dataset, name, SIZE, timeout=60)]
