"""One selection, everywhere: a model, two breeds, a photo. It stands in the URL, so it can be sent to somebody."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit import features
from lessonkit.runs import Run
from lessonkit.ui import choices, state


def models() -> list[Run]:
    """Every run on the chosen dataset that has a model, the newest first."""
    return [run for run in choices.all_of(lambda s: s.dataset == state.dataset()) if run.status().finished]


def model() -> Run | None:
    """The model looked into: the one chosen, else the frozen stage of the lesson."""
    chosen = Run(state.get("model")) if state.get("model").isalnum() else None
    if chosen and chosen.exists() and chosen.status().finished and chosen.spec().dataset == state.dataset():
        return chosen
    return state.stage()


def pick_model(label: str = "Model") -> Run | None:
    """A box to choose the model; None while there is none."""
    found, now = models(), model()
    if now is None:
        return None
    ids = [run.id for run in found]
    st.selectbox(
        label,
        ids,
        index=ids.index(now.id),
        format_func=lambda i: f"{choices.name(Run(i))} ({i})",
        key="model_box",
        on_change=lambda: state.put(model=st.session_state["model_box"]),
    )
    return now


def breeds() -> tuple[str, str] | None:
    """(actual, predicted) as selected, None where nothing is."""
    pair = (state.get("actual"), state.get("predicted"))
    return pair if all(pair) else None


def choose_breeds(actual: str, predicted: str) -> None:
    state.put(actual=actual, predicted=predicted, photo="")


def choose_photo(name: str, frame: pd.DataFrame) -> None:
    """Select a photo, and with it the breeds of its cell."""
    row = frame[frame["photo"] == name]
    if len(row):
        state.put(photo=name, actual=str(row["actual"].iloc[0]), predicted=str(row["predicted"].iloc[0]))
    else:
        state.put(photo=name, actual="", predicted="")


def photo(frame: pd.DataFrame) -> str:
    """The photo selected; "" where none is, or one that this model was not validated on."""
    name = state.get("photo")
    return name if name and (frame["photo"] == name).any() else ""


def any_photo() -> str:
    """The photo selected, whichever it is; "" where none is."""
    return state.get("photo")


def trained_photo(run: Run) -> str:
    """The photo selected, if this model was trained on it; "" where not, or where that is not worked out yet."""
    name = any_photo()
    if not name or not features.ready(run.id):
        return ""
    known = features.load(run.id)
    return name if name in known.row and known.part(known.row[name]) == features.TRAIN else ""
