"""How a zip of somebody's photos would be labelled: each reading with its counts, samples and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lessonkit.photos import uploads
from lessonkit.ui.core import formatting
from lessonkit.ui.core.routes import thumbnail_url

FIRST = 12  # breeds that are shown before one asks for all
SAMPLE = 64  # pixels
MOST_SIDE_BY_SIDE = 3
HALVES = {"train": "to train on", "valid": "to check with", "test": "to test with"}


def show(upload: str, found: Mapping[str, Any]) -> int | None:
    """Show what was read; returns the number of the reading that is to be taken, once a button says so."""
    for note in found["notes"]:
        st.info(formatting.plain(note))
    readings = found["readings"]
    if found["question"]:
        st.warning(formatting.plain(found["question"]), icon=":material/help:")
    taken: list[int] = []
    if found["chosen"] is not None:
        if _reading(upload, readings[found["chosen"]], found["chosen"], "Make it a dataset"):
            taken.append(found["chosen"])
    elif readings:
        shown = readings[:MOST_SIDE_BY_SIDE]
        for number, (reading, column) in enumerate(zip(shown, st.columns(len(shown), border=True), strict=True)):
            with column:
                if _reading(upload, reading, number, "This is meant: make it a dataset"):
                    taken.append(number)
    else:
        _left_out(found["left_out"], [], "none")
    if found["halves"] and readings:
        parts = ", ".join(f"{formatting.photos(n)} {HALVES[half]}" for half, n in found["halves"].items())
        st.caption(
            f"They came in folders for halves: {parts}. The lesson holds out a fifth of all of them at random, as always; "
            "the halves as they came are a choice on the page “Train”."
        )
    return taken[0] if taken else None


def _reading(upload: str, reading: Mapping[str, Any], number: int, button: str) -> bool:
    """One reading, and a button that takes it; whether it was pressed."""
    breeds: Mapping[str, int] = reading["breeds"]
    said = formatting.plain(f"{reading['said'][:1].upper()}{reading['said'][1:]}")
    total = formatting.photos(sum(breeds.values()))
    st.markdown(f"**{said}**: {total}, {len(breeds):,} breeds")
    if reading["pattern"] and reading["labels"] == "name":
        st.code(reading["pattern"], language=None)
    pressed = st.button(button, key=f"own_take_{number}", icon=":material/add:", type="primary")
    for group in reading["alike"]:
        others = ", ".join(f"“{formatting.plain(name)}”" for name in group[1:])
        st.caption(f"Taken as one breed with “{formatting.plain(group[0])}”, since they read alike: {others}.")
    names = list(breeds)
    everything = len(names) <= FIRST or st.toggle(f"Show all {len(names):,} breeds", key=f"own_all_{number}")
    for breed in names if everything else names[:FIRST]:
        st.markdown(f"{formatting.plain(breed)}: {formatting.photos(breeds[breed])}")
        samples = reading["samples"].get(breed, [])
        if samples:
            folder = uploads.samples_folder(upload)
            st.image(
                [thumbnail_url(folder / name) for name in samples],
                width=SAMPLE,
                alt=[f"a photo labelled {breed}"] * len(samples),
            )
    _left_out(reading["left_out"], reading["files"], str(number))
    return pressed


def _left_out(reasons: Mapping[str, int], files: Sequence[Sequence[str]], key: str) -> None:
    """What is left out: the reasons with their counts, then the files by name."""
    if not reasons:
        return
    total = sum(reasons.values())
    with st.expander(
        f"{total:,} files would be left out" if total > 1 else "1 file would be left out", key=f"own_left_{key}"
    ):
        st.dataframe({"files": list(reasons.values()), "why": list(reasons)}, hide_index=True)
        if files:
            more = f" The first {len(files):,}:" if len(files) < total else ""
            st.caption(f"By name.{more}")
            st.dataframe({"file": [f for f, _ in files], "why": [why for _, why in files]}, hide_index=True)
