"""The labels of a dataset's photos: where they stand, how many there are, what they are like."""

from __future__ import annotations

import streamlit as st

from lessonkit.figures import breeds
from lessonkit.photos import labels
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import elements, formatting, state, thumbnails


def file_names(dataset: Dataset) -> None:
    """Some photos, each with the file name that its breed is in."""
    st.subheader("The breed is in the file name", anchor=False)
    names = dataset.names
    samples = names[:: max(1, len(names) // 8)][:8]
    st.markdown(f"{len(names):,} photos. Some of them, each with its file name:")
    thumbnails.grid(dataset, samples, [formatting.code(n) for n in samples], width=120)


def found(dataset: Dataset, pattern: str) -> str:
    """The labels, and what they are like; returns the sentence that leads on, "" for the usual one."""
    read = labels.label_dataset(dataset, pattern)
    left, middle, right = st.columns(3)
    left.metric("Photos labelled", f"{len(read.of):,}")
    middle.metric("Breeds", len(read.breeds))
    right.metric("Files that did not match", len(read.unmatched))
    if read.unmatched:
        with st.expander(f"The {len(read.unmatched):,} files that did not match"):
            st.dataframe({"file": read.unmatched}, hide_index=True)
    labels.require_trainable(read)
    if pattern:
        state.put(pattern="" if pattern == dataset.pattern else pattern)
    fewest, most = min(read.counts, key=read.counts.__getitem__), max(read.counts, key=read.counts.__getitem__)
    elements.chart(
        lambda: breeds.photos_a_breed(read.counts),
        key="photos_a_breed",
        alt=f"Photos of each breed: from {read.counts[fewest]} ({formatting.breed_name(fewest)}) to {read.counts[most]} ({formatting.breed_name(most)}).",
        made_of=(dataset.name, dataset.fingerprint, pattern),
    )
    usual = len(labels.label_dataset(dataset, dataset.pattern).breeds) if pattern and dataset.pattern else 0
    if usual and len(read.breeds) != usual:
        st.info(
            f"The pattern that these photos came with finds {usual:,} breeds, yours {len(read.breeds):,}. Your labels are "
            f"{'too few: several breeds share one' if len(read.breeds) < usual else 'too many: a breed has several'}. The "
            "network would learn them as they are.",
            icon=":material/label:",
        )
    planted = dataset.photos.planted
    if planted:
        st.caption(
            f"{len(planted)} of these labels {'is' if len(planted) == 1 else 'are'} wrong on purpose: real datasets have such "
            f"labels too. You may find {'it' if len(planted) == 1 else 'them'} later."
        )
    if read.unmatched:
        return (
            f"The photos are here, and {len(read.of):,} of {len(dataset.names):,} have a label. They are of all sizes, and a "
            "network wants them equal."
        )
    return ""
