"""How a zip of somebody's photos would be labelled: each reading with its counts, samples and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lessonkit import language
from lessonkit.language import tr, trn
from lessonkit.photos import uploads
from lessonkit.ui.core import formatting
from lessonkit.ui.core.routes import thumbnail_url

FIRST = 12  # breeds that are shown before one asks for all
SAMPLE = 64  # pixels
MOST_SIDE_BY_SIDE = 3


def show(upload: str, found: Mapping[str, Any]) -> int | None:
    """Show what was read; returns the number of the reading that is to be taken, once a button says so."""
    for note in found["notes"]:
        st.info(formatting.plain(language.again(note)))
    readings = found["readings"]
    if found["question"]:
        st.warning(formatting.plain(language.again(found["question"])), icon=":material/help:")
    taken: list[int] = []
    if found["chosen"] is not None:
        if _reading(upload, readings[found["chosen"]], found["chosen"], tr("Make it a dataset")):
            taken.append(found["chosen"])
    elif readings:
        shown = readings[:MOST_SIDE_BY_SIDE]
        for number, (reading, column) in enumerate(zip(shown, st.columns(len(shown), border=True), strict=True)):
            with column:
                if _reading(upload, reading, number, tr("This is meant: make it a dataset")):
                    taken.append(number)
    else:
        _left_out(found["left_out"], [], "none")
    if found["halves"] and readings:
        parts = ", ".join(_half(half, n) for half, n in found["halves"].items())
        st.caption(
            tr(
                "They came in folders for halves: {halves}. The lesson holds out a fifth of all of them at random, as always; "
                "the halves as they came are a choice on the page “Train”.",
                halves=parts,
            )
        )
    return taken[0] if taken else None


def _half(half: str, photos: int) -> str:
    if half == "train":
        return trn("{n} photo to train on", "{n} photos to train on", photos)
    if half == "valid":
        return trn("{n} photo to check with", "{n} photos to check with", photos)
    return trn("{n} photo to test with", "{n} photos to test with", photos)


def _reading(upload: str, reading: Mapping[str, Any], number: int, button: str) -> bool:
    """One reading, and a button that takes it; whether it was pressed."""
    breeds: Mapping[str, int] = reading["breeds"]
    said = language.again(reading["said"])
    st.markdown(
        trn(
            "**{how}**: {photos}, {n} breed",
            "**{how}**: {photos}, {n} breeds",
            len(breeds),
            how=formatting.plain(f"{said[:1].upper()}{said[1:]}"),
            photos=formatting.photos(sum(breeds.values())),
        )
    )
    if reading["pattern"] and reading["labels"] == "name":
        st.code(reading["pattern"], language=None)
    pressed = st.button(button, key=f"own_take_{number}", icon=":material/add:", type="primary")
    for group in reading["alike"]:
        others = ", ".join(tr("“{breed}”", breed=formatting.plain(name)) for name in group[1:])
        st.caption(
            tr(
                "Taken as one breed with “{breed}”, since they read alike: {others}.",
                breed=formatting.plain(group[0]),
                others=others,
            )
        )
    names = list(breeds)
    everything = len(names) <= FIRST or st.toggle(
        tr("Show all {breeds} breeds", breeds=language.decimal(len(names))), key=f"own_all_{number}"
    )
    for breed in names if everything else names[:FIRST]:
        st.markdown(f"{formatting.plain(breed)}: {formatting.photos(breeds[breed])}")
        samples = reading["samples"].get(breed, [])
        if samples:
            folder = uploads.samples_folder(upload)
            st.image(
                [thumbnail_url(folder / name) for name in samples],
                width=SAMPLE,
                alt=[tr("a photo labelled {breed}", breed=breed)] * len(samples),
            )
    _left_out(reading["left_out"], reading["files"], str(number))
    return pressed


def _left_out(reasons: Mapping[str, int], files: Sequence[Sequence[str]], key: str) -> None:
    """What is left out: the reasons with their counts, then the files by name."""
    if not reasons:
        return
    total = sum(reasons.values())
    with st.expander(trn("{n} file would be left out", "{n} files would be left out", total), key=f"own_left_{key}"):
        headings = {"files": tr("files"), "file": tr("file"), "why": tr("why")}
        st.dataframe(
            {"files": list(reasons.values()), "why": [language.again(why) for why in reasons]},
            hide_index=True, column_config=headings,
        )  # fmt: skip
        if files:
            st.caption(
                tr("By name. The first {files}:", files=language.decimal(len(files)))
                if len(files) < total
                else tr("By name.")
            )
            st.dataframe(
                {"file": [f for f, _ in files], "why": [language.again(why) for _, why in files]},
                hide_index=True, column_config=headings,
            )  # fmt: skip
