"""A learner's own photos under a model: the breeds first, then what it finds alike and whether it knows such photos."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from lessonkit.analysis import embeddings, previews
from lessonkit.figures import probabilities
from lessonkit.language import decimal, tr, trn
from lessonkit.runs import Run
from lessonkit.ui.core import elements, formatting, snapshot, state, thumbnails
from lessonkit.ui.core.connection import engine
from lessonkit.ui.explore import inspector

LITTLE = 0.4  # of a side: of a photo from a phone, 16 to 9, the network sees 0.43

# What is shown of what the engine answers.
SHOWN = {
    "answer_with_heatmap": ("top", "heatmap", "picture"),
    "answer_with_neighbours": ("nearest", "familiar", "distance", "threshold"),
}


def answers(run: Run, uploads: Sequence[Any]) -> None:
    """Each upload with its five breeds and where the network looked; neighbours once all photos' features are there.

    Args:
        uploads: as `st.file_uploader` and `st.camera_input` give them.
    """
    much = inspector.opacity()
    alike = embeddings.ready(run.id)
    if alike:
        st.caption(_trust(embeddings.familiarity(run.id)))
    for upload in uploads:
        with st.container(border=True), elements.errors_here():
            _answer(run, upload, much, alike)
    if not alike:
        st.markdown(tr("Next: the training photos that it finds most alike, and whether it knows such photos at all."))
        with elements.errors_here():
            inspector.features_ready(run)


def _answer(run: Run, upload: Any, much: float, alike: bool) -> None:
    name = upload.name
    st.caption(formatting.code(name))  # first: where it is refused, it must be said which
    with st.spinner(tr("Looking at it …")):
        found = _once(run, upload, "answer_with_heatmap")
    breed, chance = found["top"][0]
    st.markdown(
        tr("**{breed}**, says the model, {sure} sure.", breed=formatting.breed(breed), sure=formatting.percent(chance))
    )
    near = _once(run, upload, "answer_with_neighbours") if alike else None
    if near:
        _familiar(near)
    if said := only_the_middle(found["heatmap"]["box"], found["heatmap"]["size"]):
        st.info(said, icon=":material/crop:")
    heat, photo = found["heatmap"], np.asarray(Image.open(io.BytesIO(found["picture"])))
    left, middle, right = st.columns(3, gap="medium")
    left.image(found["picture"], width="stretch", caption=tr("your photo"), alt=tr("The photo {name}.", name=name))
    where = previews.overlay(photo, heat["maps"][breed], much, heat["box"], heat["size"])
    middle.image(
        where,
        width="stretch",
        caption=tr("where it looked for {breed}", breed=formatting.breed(breed)),
        alt=tr("Where the network looked."),
    )
    with right:
        elements.chart(
            probabilities.top_breeds(found["top"]), f"top_{upload.file_id}", tr("The five most likely breeds.")
        )
    if near:
        st.markdown(tr("The training photos that it finds most alike:"))
        captions = [f"{formatting.breed(one['breed'])}, {decimal(one['distance'], 3)}" for one in near["nearest"]]
        thumbnails.grid(snapshot.dataset_of(run), [one["photo"] for one in near["nearest"]], captions, width=110)


def only_the_middle(box: Sequence[int], size: Sequence[int]) -> str:
    """What to say of a photo of which the network saw little, as of a panorama; "" where it saw enough.

    Args:
        box: top, left, bottom, right of what it saw, in the photo's pixels. size: the photo's height and width.
    """
    top, left, bottom, right = box
    parts = {"height": (bottom - top) / max(1, size[0]), "width": (right - left) / max(1, size[1])}
    side = min(parts, key=lambda name: parts[name])
    if parts[side] >= LITTLE:
        return ""
    saw = (
        tr("It saw only the middle of this photo, {share} of its height.", share=formatting.percent(parts[side]))
        if side == "height"
        else tr("It saw only the middle of this photo, {share} of its width.", share=formatting.percent(parts[side]))
    )
    cut = tr("A pet at an end is not in its answer: cut the photo to the pet, and give that.")
    return f"{saw} {cut}"


def forget(uploads: Sequence[Any]) -> None:
    """Drop what was answered about all photos but these: whatever is shown of a photo goes with it."""
    here, answered = {upload.file_id for upload in uploads}, state.of_this_page()
    for key in [key for key in answered if key[0] not in here]:
        del answered[key]


def _once(run: Run, upload: Any, question: str) -> dict[str, Any]:
    """What the engine answers about an upload: asked once, and kept in this learner's session while the photo is here."""
    key = (upload.file_id, run.id, run.status().ended_at, question)
    answered = state.of_this_page()
    if key not in answered:
        found = engine().call(question, run.id, upload.name, upload.getvalue(), timeout=120)
        answered[key] = {part: found[part] for part in SHOWN[question]}
    return answered[key]


def _familiar(near: dict[str, Any]) -> None:
    """Whether a photo is like the training photos, and by how much."""
    if near["distance"] is None or near["threshold"] is None:
        return
    first = near["nearest"][0]
    if near["distance"] <= embeddings.SAME:
        st.info(
            tr(
                "It was trained on this very picture: it is {photo}, labelled {breed}. What it says of it proves nothing; try a "
                "photo that it has never seen.",
                photo=formatting.code(first["photo"]),
                breed=formatting.breed(first["breed"]),
            ),
            icon=":material/content_copy:",
        )
        return
    if near["familiar"]:
        st.caption(
            tr(
                "It knows such photos: the nearest training photo is {distance} away, within {threshold}.",
                distance=decimal(near["distance"], 3),
                threshold=decimal(near["threshold"], 3),
            )
        )
        return
    st.warning(
        tr(
            "**This is unlike anything that it was trained on**, so do not trust the answer: the nearest training photo is "
            "{distance} away, further than {threshold}.",
            distance=decimal(near["distance"], 3),
            threshold=decimal(near["threshold"], 3),
        ),
        icon=":material/help:",
    )


def _trust(facts: dict[str, Any]) -> str:
    """How familiar is told from unlike, and both errors of the threshold, as measured."""
    words = []
    if facts["unfamiliar"] is not None:
        words.append(
            trn(
                "Does it know such photos at all? That depends on the distance to the nearest training photo: beyond a threshold "
                "it says no. It says no, wrongly, to {share} of the {n} validation photos.",
                "Does it know such photos at all? That depends on the distance to the nearest training photo: beyond a threshold "
                "it says no. It says no, wrongly, to {share} of the {n} validation photos.",
                facts["photos"],
                share=formatting.percent(facts["unfamiliar"]),
            )
        )
    tried = sum(shown for _, shown in facts["strangers"].values())
    if tried:
        passed = sum(familiar for familiar, _ in facts["strangers"].values())
        kinds = ", ".join(
            tr("{what} {familiar} of {shown}", what=tr(what), familiar=familiar, shown=shown)
            for what, (familiar, shown) in facts["strangers"].items()
        )
        words.append(
            tr(
                "It was also tried on {pictures} pictures without a pet, made by the computer. To {passed} of them it says yes, "
                "wrongly ({kinds}).",
                pictures=tried,
                passed=passed,
                kinds=kinds,
            )
        )
    return " ".join(words)
