"""Why photos need one size and one scale: seen on a photo of the learner's choice."""

import numpy as np
import streamlit as st

from lessonkit import previews
from lessonkit.figures import channels, probabilities
from lessonkit.lesson import code
from lessonkit.photos import catalog
from lessonkit.training.architectures import ARCHITECTURES, IMAGENET_MEAN, IMAGENET_STD
from lessonkit.ui import jobs, photos, say, state
from lessonkit.ui.data import dataset_stats, is_square, photo_array
from lessonkit.ui.engine import engine

SIZE = 160
PICKS = 8


def _pick(dataset: str) -> str:
    names = catalog.photo_names(dataset)
    picks = sorted(names[:: max(1, len(names) // PICKS)][:PICKS], key=lambda n: is_square(dataset, n))
    with st.expander("Choose another photo", icon=":material/photo:"):
        photos.grid(dataset, picks, width=110)
        chosen = st.segmented_control(
            "Photo",
            picks,
            default=picks[0],
            required=True,
            format_func=lambda n: n.rsplit("/", 1)[-1],
            key="preview_photo",
            persist_state="session",
        )
        typed = st.selectbox("Or any other", names, index=None, placeholder="Type a file name", key="preview_any")
    return typed or chosen or picks[0]


def _stacking(dataset: str, photo: np.ndarray) -> None:
    st.subheader("A stack of two sizes", anchor=False)
    names = catalog.photo_names(dataset)
    other = next((a for n in names[1:60] if (a := photo_array(dataset, n)).shape != photo.shape), None)
    if other is None:
        other = photo[: photo.shape[0] * 3 // 4]
        st.markdown(
            "All of these photos have one size already, as yours will not. So the second one is cut down by a quarter first."
        )
    st.code(f"np.stack([photo_1, photo_2])   # shapes {photo.shape} and {other.shape}")
    try:
        np.stack([photo, other])
    except ValueError as problem:
        st.error(f"`ValueError: {problem}`", icon=":material/error:")


def _squares(photo: np.ndarray) -> None:
    st.subheader("Crop, squish or pad", anchor=False)
    st.markdown(
        "Three ways to a square. The crop loses the edges, squishing bends the proportions, padding wastes room on nothing."
    )
    made = previews.squares(photo, SIZE)
    words = {
        "crop": "crop: the middle, undistorted",
        "squish": "squish: all of it, bent",
        "pad": "pad: all of it, smaller",
    }
    for place, (way, text) in zip(st.columns(3), words.items(), strict=True):
        place.image(made[way], caption=text, width="stretch", alt=f"The photo made square by {way}.")
    st.caption(
        "The lesson crops. Validation photos are cropped in the middle, training photos at a place that changes each time."
    )


def _augmentation(dataset: str, name: str) -> None:
    st.subheader("One photo, nine times", anchor=False)
    st.markdown(
        "**Augmentation**: each epoch the network sees a changed view of a training photo: flipped, turned, warped, brighter. "
        "The breed stays the same, and the network has to learn what stays."
    )
    with say.errors_here(), st.spinner("fastai's own transforms are at work …"):
        views = engine().call("augmented", dataset, name, SIZE, timeout=60)
        with st.grid(columns=3, wrap=False, gap="xsmall"):
            for number, view in enumerate(views):
                st.image(view, width="stretch", alt=f"Augmented view {number + 1}.")


def _normalization(dataset: str, name: str, photo: np.ndarray) -> None:
    st.subheader("Normalization", anchor=False)
    st.markdown(
        "Pixels are numbers from 0 to 255. The network learned with each channel shifted and stretched: "
        "**minus the mean, divided by the deviation**. It must be given the same scale again."
    )
    names = list(ARCHITECTURES)
    chosen = st.segmented_control(
        "The network's figures",
        names,
        default="efficientnet_lite0",
        required=True,
        format_func=lambda n: ARCHITECTURES[n].title,
        key="scale_of",
        persist_state="session",
    )
    architecture = ARCHITECTURES[chosen]
    square = previews.squares(photo, SIZE)["crop"]
    after = previews.normalize(square, architecture.mean, architecture.std)
    figure = channels.channel_histograms(previews.histograms(square), previews.histograms(after))
    say.chart(figure, key="histograms", alt="Histograms of red, green and blue, before and after normalization.")
    own_mean, own_std = dataset_stats(dataset, SIZE) or ((), ())
    st.table(
        {
            "": ["this photo, before", "this photo, after", "ImageNet", f"these photos ({dataset})", architecture.title],
            "mean (red, green, blue)": [_own(square, 'mean'), _own(after, 'mean'), _three(IMAGENET_MEAN), _three(own_mean), _three(architecture.mean)],
            "deviation": [_own(square, 'std'), _own(after, 'std'), _three(IMAGENET_STD), _three(own_std), _three(architecture.std)],
        },
        alt="Means and deviations of each channel, pixels from 0 to 1.",
    )  # fmt: skip
    st.caption(
        "Pixels counted from 0 to 1. The figures differ: a network wants those it was trained with, not those of your photos."
    )
    st.markdown(
        f"**What {architecture.title} says of this photo**, before any training on pets, among ImageNet's 1,000 classes:"
    )
    with say.errors_here(), st.spinner("Asking the pretrained network …"):
        said = engine().call("pretrained_says", dataset, name, chosen, timeout=60)
        left, right = st.columns(2)
        left.markdown("with its normalization")
        with left:
            say.chart(probabilities.top_breeds(said["normalized"]), key="says_with", alt="Top five with normalization.")
        right.markdown("without")
        with right:
            say.chart(probabilities.top_breeds(said["raw"]), key="says_without", alt="Top five without normalization.")


def _own(photo: np.ndarray, figure: str) -> str:
    return _three(channel[figure] for channel in previews.channel_stats(photo).values())


def _three(values) -> str:
    return ", ".join(f"{v:.3f}" for v in values) or "known once they are decoded"


say.opening("one_size")
dataset = state.dataset()
if not catalog.present(dataset):
    say.missing("There are no photos on this machine yet.", "data")
else:
    with say.errors_here():
        jobs.decode(dataset, SIZE)
        name = _pick(dataset)
        photo = photo_array(dataset, name)
        _stacking(dataset, photo)
        _squares(photo)
        _augmentation(dataset, name)
        _normalization(dataset, name, photo)
    say.code(code.one_size(SIZE), note="EfficientNet-Lite0 wants 0.5 for mean and deviation instead of imagenet_stats.")
say.onward("one_size")
