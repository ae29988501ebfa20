"""One photo, looked at closely: where the network looked, what it finds alike, how sure it was; its mark; and the map."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from lessonkit import corrections
from lessonkit import jobs as job_files
from lessonkit.analysis import embeddings, likeness, predictions, previews
from lessonkit.architectures import ARCHITECTURES, Architecture
from lessonkit.figures import embedding_map, probabilities
from lessonkit.language import decimal, tr
from lessonkit.runs import Run
from lessonkit.ui.core import elements, formatting, job_progress, snapshot, state, thumbnails, who
from lessonkit.ui.core.cached import shown_array
from lessonkit.ui.core.connection import engine
from lessonkit.ui.explore import marking, pickers, selection

NEIGHBOURS = 6


def selected(run: Run, frame: pd.DataFrame) -> None:
    """The selected photo under a model, whichever half it is of; what to do where none is selected.

    Args:
        frame: the run's predictions.

    Raises:
        LessonError: the photo does not open; the engine does not answer.
    """
    name = selection.any_photo()
    if before := selection.came_from():
        st.button(
            tr("Back to {photo}", photo=formatting.code(before)),
            key="back",
            icon=":material/undo:",
            on_click=selection.follow_photo,
            args=(before,),
        )
    if not name and state.get("photo"):
        st.info(tr("The address names a photo that is not in this dataset."), icon=":material/help:")
    elif not name:
        st.info(
            tr("Choose **Look closer** at one of the photos above: it stands here then.")
            if selection.breeds()
            else tr(
                "Select breeds above: a cell of the matrix, a pair or a breed. Then choose **Look closer** at one of the "
                "photos."
            ),
            icon=":material/touch_app:",
        )
    elif selection.photo(frame):
        validation_photo(run, name, frame[frame["photo"] == name].iloc[0])
        pickers.beside(frame, name)
    elif features_ready(run):
        if selection.trained_photo(run):
            trained_photo(run, name)
        else:
            st.info(unknown(name), icon=":material/help:")


def unknown(name: str) -> str:
    """That a photo was in neither half."""
    return tr("This model was neither trained on {photo} nor tested with it.", photo=formatting.code(name))


def validation_photo(run: Run, name: str, row: Any) -> None:
    """A validation photo under a model.

    Args:
        row: its line of the predictions.
    """
    actual, predicted = formatting.breed(row.actual), formatting.breed(row.predicted)
    st.subheader(tr("{actual}, called {predicted}", actual=actual, predicted=predicted), anchor=False)
    st.caption(tr("{photo}, held out, loss {loss}", photo=formatting.code(name), loss=decimal(row.loss, 2)))
    _under(run, name, top(run, name), row.actual)


def trained_photo(run: Run, name: str) -> None:
    """A photo that the run was trained on, under its model; the features are ready."""
    known = embeddings.load(run.id)
    breed = known.breeds[known.row[name]]
    with st.spinner(tr("Looking at it …")):
        found = _answer_with_heatmap(run.id, name, made_of(run))
    said = found["top"][0][0]
    actual, predicted = formatting.breed(breed), formatting.breed(said)
    st.subheader(
        tr("{breed}, trained on", breed=actual)
        if said == breed
        else tr("{breed}, trained on, called {predicted}", breed=actual, predicted=predicted),
        anchor=False,
    )
    words = [
        tr(
            "{photo}: the model has seen this photo with its breed, so what it says of it proves little.",
            photo=formatting.code(name),
        )
    ]
    words += [] if said == breed else [tr("It says another breed all the same: look whether the label is wrong.")]
    st.caption(" ".join(words))
    _under(run, name, found["top"], breed)


def _under(run: Run, name: str, answers: list[list[Any]], actual: str) -> None:
    """Where it looked, how sure it was, what it finds alike, and the photo's mark."""
    said = answers[0][0]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _where(run, name, [said, actual])
    with right:
        st.markdown(tr("**How sure it was**"))
        elements.chart(
            lambda: probabilities.top_breeds(answers, actual), "closer_top", tr("The most likely breeds."),
            (run.id, name, actual, *made_of(run)),
        )  # fmt: skip
        st.markdown(tr("**Is its label right?**"))
        marking.mark(run, name, actual, said, "closer")
    _alike(run, name, said, actual)


def opacity() -> float:
    """The slider for all heatmaps of a page, 0 to 1; moving it asks nothing of the engine."""
    return st.slider(tr("Heatmap's opacity"), 0, 100, 50, format="%d %%", key="opacity", persist_state="session") / 100


def _where(run: Run, name: str, breeds: list[str]) -> None:
    """Grad-CAM over the photo, for the predicted and the actual breed."""
    asked = list(dict.fromkeys(breeds))
    much = opacity()
    with st.grid(columns=len(asked), min_column_width=120, wrap=False, gap="small"):  # to be compared, on a phone too
        for breed in asked:
            whose = tr("what it said") if breed == breeds[0] else tr("what it is")
            with st.container():
                heat(run, name, breed, asked, much, f"{formatting.breed(breed)}: {whose}")
    st.caption(
        tr(
            "**Grad-CAM** shows where the network looked: the brighter, the more that place spoke for the breed. Outside the square "
            "it saw nothing."
        )
    )


def heat(run: Run, name: str, breed: str, asked: list[str], much: float, caption: str) -> None:
    """A dataset's photo under the heatmap of one breed.

    Args:
        asked: the breeds whose heatmaps are worked out together. much: opacity, 0 to 1.
    """
    with st.spinner(tr("Seeing where it looked …")):
        found = _heatmaps(run.id, name, tuple(asked), made_of(run))
    photo = shown_array(snapshot.dataset_of(run), name)
    st.image(
        previews.overlay(photo, found["maps"][breed], much, found["box"], found["size"]),
        caption=caption,
        width="stretch",
        alt=tr("Where the network looked for {breed}.", breed=formatting.breed_name(breed)),
    )


@st.cache_data(show_spinner=False, max_entries=256)
def _heatmaps(run_id: str, name: str, breeds: tuple[str, ...], made_of: tuple[Hashable, ...]) -> dict[str, Any]:
    """See `training.gradcam.heatmaps`, of a photo of the run's dataset."""
    return engine().call("heatmaps", run_id, name, list(breeds), timeout=120)


def made_of(run: Run) -> tuple[Hashable, ...]:
    """What an answer on a dataset's photo depends on besides its name: a run may be trained again, a photo replaced."""
    return run.status().ended_at, snapshot.dataset_of(run).fingerprint


def top(run: Run, name: str) -> list[list[Any]]:
    """[[breed, probability] x 5] of a photo that the run was validated on."""
    chances = predictions.finished_probabilities(run)
    frame = predictions.read(run)
    mine = chances[int(np.flatnonzero(frame["photo"] == name)[0])]
    order = np.argsort(-mine)[:5]
    vocab = run.vocab()
    return [[vocab[i], float(mine[i])] for i in order]


def _alike(run: Run, name: str, predicted: str, actual: str) -> None:
    st.markdown(tr("**What it learned that from**: the training photos nearest in the network's own features"))
    if not features_ready(run):
        return
    _twice(run, name)
    marked = corrections.read(run.spec().dataset, who.marks_of())
    for breed in dict.fromkeys((predicted, actual)):
        found = embeddings.nearest(run.id, name, NEIGHBOURS, [breed])
        st.markdown(tr("of **{breed}**, distances from 0 (the same) to 1:", breed=formatting.breed(breed)))
        distances = [(decimal(near["distance"], 3), near["photo"]) for near in found]
        captions = [tr("{distance}, marked", distance=far) if photo in marked else far for far, photo in distances]
        thumbnails.grid(
            snapshot.dataset_of(run),
            [near["photo"] for near in found],
            captions,
            110,
            selection.follow_photo,
            f"near_{breed}",
        )


def _twice(run: Run, name: str) -> None:
    """Say so where the run was trained on the same picture under another name."""
    same = [near for near in embeddings.nearest(run.id, name, 1) if near["distance"] <= embeddings.SAME]
    for near in same:
        st.info(
            tr(
                "The dataset holds this picture twice: the model was trained on {photo}, labelled {breed}. So this one proves "
                "nothing about photos that it has not seen.",
                photo=formatting.code(near["photo"]),
                breed=formatting.breed(near["breed"]),
            ),
            icon=":material/content_copy:",
        )


def features_ready(run: Run) -> bool:
    """Whether all photos' features under this model are computed; if not, they are, with progress."""
    if embeddings.ready(run.id):
        return True
    job = job_files.read("features", run.id)
    if job is None or job.ended and job.state == job_files.DONE:
        job = engine().start_job("features", run.id, run.id)
    return job_progress.follow(job)


def photo_map(run: Run, frame: pd.DataFrame) -> None:
    """All photos in two dimensions, mistakes marked; a click selects one."""
    if not features_ready(run):
        return
    points = _points(run.id, run.status().ended_at)
    chosen = tuple(filter(None, selection.breeds() or ())), selection.any_photo()

    def clicked() -> None:
        points = st.session_state["photo_map"].selection.points
        if points:
            selection.choose_photo(points[0]["customdata"][0], frame)

    elements.chart(
        lambda: embedding_map.photo_map(points, *chosen),
        "photo_map",
        tr("All photos by likeness; crosses are mistakes."),
        (run.id, run.status().ended_at, *chosen),
        on_select=clicked,
        selection_mode="points",
    )
    st.caption(map_words(ARCHITECTURES[run.spec().architecture]))


def map_words(network: Architecture) -> str:
    """What the map of all photos is made of, and what its marks mean."""
    return tr(
        "{network} looks for {features} features in each photo and keeps two numbers of each: its mean over the photo, and its "
        "highest value. **PCA** makes a flat map of these {numbers} numbers: what the network finds alike mostly lies close "
        "together. Small points were trained on, large ones held out, crosses answered wrongly. A click selects a photo.",
        network=network.title, features=decimal(network.features), numbers=decimal(2 * network.features),
    )  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=16)
def _points(run_id: str, ended_at: float) -> pd.DataFrame:
    run = Run(run_id)
    return likeness.on_the_map(embeddings.flat_map(run_id), predictions.read(run))


@st.cache_data(show_spinner=False, max_entries=64)
def _answer_with_heatmap(run_id: str, name: str, made_of: tuple[Hashable, ...]) -> dict[str, Any]:
    """See `training.gradcam.answer_with_heatmap`, of a photo of the run's dataset."""
    return engine().call("answer_with_heatmap", run_id, name, name, timeout=120)
