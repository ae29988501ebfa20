"""The labels of a dataset's photos: where they stand, how many there are, what they are like."""

from __future__ import annotations

import streamlit as st

from lessonkit import language
from lessonkit.figures import breeds
from lessonkit.language import tr, trn
from lessonkit.photos import catalog, labels
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import elements, formatting, state, thumbnails


def facts(dataset: Dataset) -> str:
    """What a dataset is, and what of it is here, counted; what it would be, where it is not here yet."""
    described = dataset.description
    about = formatting.plain(language.again(described.about))
    if not dataset.present:
        offered = language.decimal(catalog.offered(described))
        if described.url:
            size = formatting.megabytes(described.bytes)
            would = tr(
                "{photos} photos of {breeds} breeds, {size} to download; not on this machine yet.",
                photos=offered, breeds=described.breeds, size=size,
            )  # fmt: skip
        else:
            would = tr(
                "{photos} photos of {breeds} breeds, nothing to download; not on this machine yet.",
                photos=offered, breeds=described.breeds,
            )  # fmt: skip
        return f"{about} {would}"
    number, breeds_here = len(dataset.names), len(labels.label_dataset(dataset).breeds)
    counted = {
        "photos": language.decimal(number),
        "breeds": breeds_here,
        "size": formatting.megabytes(dataset.photos.bytes),
    }
    if described.url and number < described.photos:
        here = tr(
            "**On this machine: {photos} photos of the whole dataset's {all}, {breeds} breeds, {size}.**",
            **counted, all=language.decimal(described.photos),
        )  # fmt: skip
    else:
        here = tr("**On this machine: {photos} photos, {breeds} breeds, {size}.**", **counted)
    return f"{about} {here}"


def file_names(dataset: Dataset) -> None:
    """Some photos, each with the file name that its breed is in."""
    st.subheader(tr("The breed is in the file name"), anchor=False)
    names = dataset.names
    samples = names[:: max(1, len(names) // 8)][:8]
    st.markdown(
        trn(
            "{n} photo. Some of them, each with its file name:",
            "{n} photos. Some of them, each with its file name:",
            len(names),
        )
    )
    thumbnails.grid(dataset, samples, [formatting.code(n) for n in samples], width=120)


def found(dataset: Dataset, pattern: str) -> str:
    """The labels, and what they are like; returns the sentence that leads on, "" for the usual one."""
    read = labels.label_dataset(dataset, pattern)
    with elements.figures(3):
        st.metric(tr("Photos labelled"), language.decimal(len(read.of)))
        st.metric(tr("Breeds"), len(read.breeds))
        st.metric(tr("Files that did not match"), len(read.unmatched))
    if read.unmatched:
        with st.expander(
            trn("The {n} file that did not match", "The {n} files that did not match", len(read.unmatched))
        ):
            st.dataframe({"file": read.unmatched}, hide_index=True, column_config={"file": tr("file")})
    labels.require_trainable(read)
    if pattern:
        state.put(pattern="" if pattern == dataset.pattern else pattern)
    fewest, most = min(read.counts, key=read.counts.__getitem__), max(read.counts, key=read.counts.__getitem__)
    of_each: str = (
        tr("Photos of each breed: {photos}.", photos=language.decimal(read.counts[most]))
        if read.counts[fewest] == read.counts[most]
        else tr(
            "Photos of each breed: from {fewest} ({rarest}) to {most} ({commonest}).",
            fewest=language.decimal(read.counts[fewest]),
            rarest=formatting.breed_name(fewest),
            most=language.decimal(read.counts[most]),
            commonest=formatting.breed_name(most),
        )
    )
    st.markdown(formatting.plain(of_each))
    elements.chart(
        lambda: breeds.photos_a_breed(read.counts),
        key="photos_a_breed",
        alt=of_each,
        made_of=(dataset.name, dataset.fingerprint, pattern),
    )
    _beside_the_usual(dataset, pattern, len(read.breeds))
    planted = dataset.photos.planted
    if planted:
        st.caption(
            trn(
                "{n} of these labels is wrong on purpose: real datasets have such labels too. You may find it later.",
                "{n} of these labels are wrong on purpose: real datasets have such labels too. You may find them later.",
                len(planted),
            )
        )
    if read.unmatched:
        return tr(
            "The photos are here, and {labelled} of {all} have a label. They are of all sizes, and a network wants them equal.",
            labelled=language.decimal(len(read.of)),
            all=language.decimal(len(dataset.names)),
        )
    return ""


def _beside_the_usual(dataset: Dataset, pattern: str, breeds: int) -> None:
    """Say where a pattern finds more or fewer breeds than that which the photos came with."""
    usual = len(labels.label_dataset(dataset, dataset.pattern).breeds) if pattern and dataset.pattern else 0
    if usual and breeds != usual:
        counted = {"usual": language.decimal(usual), "yours": language.decimal(breeds)}
        st.info(
            tr(
                "The pattern that these photos came with finds {usual} breeds, yours {yours}. Your labels are too few: several "
                "breeds share one. The network would learn them as they are.",
                **counted,
            )
            if breeds < usual
            else tr(
                "The pattern that these photos came with finds {usual} breeds, yours {yours}. Your labels are too many: a "
                "breed has several. The network would learn them as they are.",
                **counted,
            ),
            icon=":material/label:",
        )
