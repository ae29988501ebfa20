"""One selection, everywhere: a model, one breed or two, a photo. It stands in the URL, so it can be sent to somebody."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit.analysis import embeddings
from lessonkit.language import tr
from lessonkit.runs import Run
from lessonkit.ui.core import elements, formatting, run_choices, snapshot, state

Breeds = tuple[str | None, str | None]
"""(actual, predicted) as selected; None stands for any."""
CAME_FROM = "photo_came_from"  # (the photo selected before, the one that it led to)
UNDER = "model_under"  # the stage that the learner was at when the model was chosen


def models() -> list[Run]:
    """The models on the chosen dataset, the newest first: of each recipe the one that is kept, and any that is chosen."""
    name, chosen = state.dataset().name, {state.get(key) for key in ("model", "run", "run_a", "run_b")}
    kept = {recipe.kept.id for recipe in snapshot.recipes().values() if recipe.kept}
    wanted = run_choices.all_of(lambda s: s.dataset == name)
    return [run for run in wanted if run.status().finished and run.id in kept | chosen]


def model() -> Run | None:
    """The model looked into: the one chosen, else the frozen stage of the lesson.

    A stage that the learner trained since then takes precedence over what was chosen earlier.
    """
    stage = state.get("base")
    if st.session_state.setdefault(UNDER, stage) != stage:
        st.session_state[UNDER] = stage
        state.put(model="")
    chosen = snapshot.find(state.get("model"))
    if chosen and chosen.status().finished and chosen.spec().dataset == state.dataset().name:
        return chosen
    return state.stage()


def pick_model(label: str = "") -> Run | None:
    """A box to choose the model, by default called so; None while there is none."""
    found, now = models(), model()
    if now is None:
        return None
    names = run_choices.model_names(found)
    if state.get("model") not in ("", now.id):
        st.info(tr("The address names a model that is not here, or not of these photos: this is another."))
    st.session_state["model_box"] = now.id  # another page may have chosen since
    st.selectbox(
        label or tr("Model"),
        list(names),
        format_func=names.__getitem__,
        key="model_box",
        on_change=lambda: choose_model(st.session_state["model_box"]),
    )
    elements.whole(names[now.id], "model")
    if not snapshot.recipe(now).settled:
        st.caption(
            tr(
                "More trainings of this recipe still run. When all are done, the one in the middle by error rate is kept: "
                "it may be another one than this."
            )
        )
    base = state.stage()
    if base is not None and base.id != now.id:
        st.caption(
            tr("This lesson goes on from another model: {model}.", model=formatting.plain(run_choices.model_name(base)))
        )
    return now


def choose_model(run_id: str) -> None:
    st.session_state[UNDER] = state.get("base")
    state.put(model=run_id)


def breeds() -> Breeds | None:
    """The breeds selected, None where none is."""
    pair = (state.get("actual") or None, state.get("predicted") or None)
    return pair if any(pair) else None


def words(chosen: Breeds) -> str:
    """The selected breeds as a phrase."""
    actual, predicted = (formatting.breed(name) if name else "" for name in chosen)
    if actual and predicted:
        return tr("**{actual}** that the model called **{predicted}**", actual=actual, predicted=predicted)
    if actual:
        return tr("**{actual}**, whatever the model said", actual=actual)
    return tr("Whatever the model called **{predicted}**", predicted=predicted)


def choose_breeds(actual: str | None, predicted: str | None) -> None:
    """Select breeds; None stands for any, twice None for no selection."""
    _choose(actual=actual or "", predicted=predicted or "", photo="")


def choose_photo(name: str, frame: pd.DataFrame) -> None:
    """Select a photo, and with it the breeds of its cell; of one that is not in the frame, no breeds."""
    row = frame[frame["photo"] == name]
    pair = (str(row["actual"].iloc[0]), str(row["predicted"].iloc[0])) if len(row) else ("", "")
    _choose(photo=name, actual=pair[0], predicted=pair[1])


def follow_photo(name: str) -> None:
    """Select a photo that the selected one led to: the breeds stay, and where it came from, as ways back."""
    st.session_state[CAME_FROM] = (any_photo(), name)
    _choose(photo=name)


def came_from() -> str:
    """The photo that led to the selected one; "" where none did."""
    before, led_to = st.session_state.get(CAME_FROM, ("", ""))
    return before if led_to == any_photo() != before else ""


def drop() -> None:
    """Select nothing."""
    choose_breeds(None, None)


def _choose(**chosen: str) -> None:
    """Select, with the photos and the model that it was selected in: the address then opens the same later."""
    now = model()
    if now is not None:
        choose_model(now.id)
    state.put(dataset=state.dataset().name, **chosen)


def photo(frame: pd.DataFrame) -> str:
    """The photo selected; "" where none is, or one that this model was not validated on."""
    name = state.get("photo")
    return name if name and (frame["photo"] == name).any() else ""


def any_photo() -> str:
    """The photo selected, whichever it is; "" where none is, or none of this dataset."""
    name, dataset = state.get("photo"), state.dataset()
    return name if dataset.present and name in dataset.photos else ""


def trained_photo(run: Run) -> str:
    """The photo selected, if this model was trained on it; "" where not, or where that is not worked out yet."""
    name = any_photo()
    if not name or not embeddings.ready(run.id):
        return ""
    known = embeddings.load(run.id)
    return name if name in known.row and known.part(known.row[name]) == embeddings.TRAIN else ""
