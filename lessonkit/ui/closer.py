"""One photo, looked at closely: where the network looked, what it finds alike, how sure it was; and the map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from lessonkit import explain_data, features, interpretation, previews
from lessonkit.engine import jobs as job_files
from lessonkit.figures import explain, probabilities
from lessonkit.photos import images
from lessonkit.runs import Run
from lessonkit.ui import jobs, photos, say, selection
from lessonkit.ui.data import shown_array
from lessonkit.ui.engine import engine

NEIGHBOURS = 6
SHOWN = 640  # pixels of the longer side on a page


def look(run: Run, name: str, row: Any) -> None:
    """A validation photo under a model.

    Args:
        row: its line of the predictions.
    """
    st.subheader(f"{say.breed(row.actual)}, called {say.breed(row.predicted)}", anchor=False)
    st.caption(f"`{name}`, loss {row.loss:.2f}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _where(run, name, [row.predicted, row.actual])
    with right:
        st.markdown("**How sure it was**")
        say.chart(probabilities.top_breeds(_top(run, name), row.actual), "closer_top", "The most likely breeds.")
    _alike(run, name, row.predicted, row.actual)


def _where(run: Run, name: str, breeds: list[str]) -> None:
    """Grad-CAM over the photo, for the predicted and the actual breed; the slider asks nothing of the engine."""
    dataset = run.spec().dataset
    asked = list(dict.fromkeys(breeds))
    opacity = st.slider("Heatmap's opacity", 0, 100, 50, format="%d %%", key="opacity", persist_state="session") / 100
    with st.spinner("Seeing where it looked …"):
        found = heatmaps(run.id, name, tuple(asked))
    photo = shown_array(dataset, name)
    for place, breed in zip(st.columns(len(asked)), asked, strict=True):
        whose = "what it said" if breed == breeds[0] else "what it is"
        with place:
            st.image(
                previews.overlay(photo, found["maps"][breed], opacity, found["box"], found["size"]),
                caption=f"{say.breed(breed)}: {whose}",
                width="stretch",
                alt=f"Where the network looked for {say.breed(breed)}.",
            )
    st.caption("Grad-CAM: the brighter, the more that place spoke for the breed. Outside the square it saw nothing.")


@st.cache_data(show_spinner=False, max_entries=256)
def heatmaps(run_id: str, name: str, breeds: tuple[str, ...]) -> dict[str, Any]:
    return engine().call("heatmaps", run_id, name, list(breeds), timeout=120)


def _top(run: Run, name: str) -> list[list[Any]]:
    chances = interpretation.probabilities(run)
    frame = interpretation.predictions(run)
    mine = chances[int(np.flatnonzero(frame["photo"] == name)[0])]
    order = np.argsort(-mine)[:5]
    vocab = run.vocab()
    return [[vocab[i], float(mine[i])] for i in order]


def _alike(run: Run, name: str, predicted: str, actual: str) -> None:
    st.markdown("**What it learned that from**: the training photos nearest in the network's own features")
    if not features_ready(run):
        return
    for breed in dict.fromkeys((predicted, actual)):
        found = features.nearest(run.id, name, NEIGHBOURS, [breed])
        st.markdown(f"of **{say.breed(breed)}**, distances from 0 (the same) to 1:")
        captions = [f"{near['distance']:.3f}" for near in found]
        photos.grid(run.spec().dataset, [near["photo"] for near in found], captions, width=110)


def features_ready(run: Run) -> bool:
    """Whether all photos' features under this model are computed; if not, they are, with progress."""
    if features.ready(run.id):
        return True
    job = job_files.read("features", run.id)
    if job is None or job.ended and job.state == job_files.DONE:
        job = engine().start_job("features", run.id, run.id)
    return jobs.follow(job)


def photo_map(run: Run, frame: pd.DataFrame) -> None:
    """All photos in two dimensions, mistakes marked; a click selects one."""
    if not features_ready(run):
        return
    points = _points(run.id, run.status().ended_at)
    figure = explain.photo_map(points, selection.breeds() or (), selection.any_photo())

    def clicked() -> None:
        points = st.session_state["photo_map"].selection.points
        if points:
            selection.choose_photo(points[0]["customdata"][0], frame)

    say.chart(
        figure, "photo_map", "All photos by likeness; crosses are mistakes.", on_select=clicked, selection_mode="points"
    )
    st.caption(
        "Photos that the network finds alike lie close together (PCA of its features). Small points were trained on, "
        "large ones held out, crosses answered wrongly. A click selects a photo."
    )


@st.cache_data(show_spinner=False, max_entries=16)
def _points(run_id: str, ended_at: float) -> pd.DataFrame:
    run = Run(run_id)
    return explain_data.on_the_map(features.flat_map(run_id), interpretation.predictions(run))


def trained_photo(run: Run, name: str) -> None:
    """A photo that the run was trained on, under its model."""
    known = features.load(run.id)
    breed = known.breeds[known.row[name]]
    st.subheader(f"{say.breed(breed)}, trained on", anchor=False)
    st.caption(f"`{name}`: the model has seen this photo with its breed, so what it says of it proves little.")
    with st.spinner("Looking at it …"):
        found = _looked(run.id, name, name)
    _answer(run, found, shown_array(run.spec().dataset, name), "trained", "the photo")


def own_photo(run: Run, name: str, data: bytes, key: str) -> None:
    """A learner's own photo under a model: breeds, where it looked, what is alike, whether it knows such photos.

    Raises:
        LessonError: the photo does not open; the engine does not answer.
    """
    if not features_ready(run):
        return
    with st.spinner("Looking at it …"):
        found = _looked(run.id, name, data)
    photo = images.open_photo(data, max_side=SHOWN)
    photo.thumbnail((SHOWN, SHOWN))
    breed, chance = found["top"][0]
    st.markdown(f"**{say.breed(breed)}**, says the model of `{name}`, {say.percent(chance)} sure.")
    if not found["familiar"]:
        st.warning(_unfamiliar(run, found), icon=":material/help:")
    _answer(run, found, np.asarray(photo), key, "your photo")


def _answer(run: Run, found: dict[str, Any], photo: np.ndarray, key: str, caption: str) -> None:
    """What the engine's "look" found: the photo, where the network looked, how sure it was, what it finds alike."""
    heat, (breed, _) = found["heatmap"], found["top"][0]
    left, middle, right = st.columns(3, gap="medium")
    left.image(photo, width="stretch", caption=caption, alt=f"The photo {found['photo']}.")
    where = previews.overlay(photo, heat["maps"][breed], 0.5, heat["box"], heat["size"])
    middle.image(
        where, width="stretch", caption=f"where it looked for {say.breed(breed)}", alt="Where the network looked."
    )
    with right:
        say.chart(probabilities.top_breeds(found["top"]), f"top_{key}", "The five most likely breeds.")
    st.markdown("The training photos that it finds most alike:")
    captions = [f"{say.breed(near['breed'])}, {near['distance']:.3f}" for near in found["nearest"]]
    photos.grid(run.spec().dataset, [near["photo"] for near in found["nearest"]], captions, width=110)


@st.cache_data(show_spinner=False, max_entries=64)
def _looked(run_id: str, name: str, photo: str | bytes) -> dict[str, Any]:
    """See `training.explain.look`; the photo is one of the dataset by its name, or a file's bytes."""
    return engine().call("look", run_id, name, photo, timeout=120)


def _unfamiliar(run: Run, found: dict[str, Any]) -> str:
    """That a photo is unlike the training photos, and how far that can be trusted."""
    missed = features.familiarity(run.id)["unfamiliar"]
    often = f" It says so of {say.percent(missed)} of the validation photos too, wrongly." if missed is not None else ""
    return (
        f"**This is unlike anything that it was trained on**, so do not trust the answer: the nearest training photo is "
        f"{found['distance']:.3f} away, further than {found['threshold']:.3f}.{often}"
    )
