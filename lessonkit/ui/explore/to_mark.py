"""Photos to mark: those held out, those trained on, and those that are in both halves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from lessonkit.analysis import embeddings, predictions
from lessonkit.language import decimal, tr, trn
from lessonkit.lesson import steps
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import cached, formatting, snapshot, thumbnails
from lessonkit.ui.explore import inspector, marking, pickers, selection

A_PAGE = 9
PAIRS_A_PAGE = 6
FIRST = 0.05  # of a list: what somebody looks through who is in a hurry


def held_out(run: Run, chosen: selection.Breeds | None) -> None:
    """The validation photos by loss, the highest first, to mark; of the breeds chosen where some are."""
    frame = cached.made_of(predictions.top_losses, run, more=(None, None, None, False))
    st.markdown(
        tr(
            "The validation photos with the highest losses: look whether the label is wrong before you blame the model. "
            "Marks here correct the **test**."
        )
    )
    _planted(run, frame, held_out=True)
    kept = _not_above(cached.made_of(predictions.in_cell, run, more=chosen or (None, None)))
    shown = pickers.page_of(kept, A_PAGE, "clean_page")
    with thumbnails.cards():
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall", key=f"card_{row.Index}"):
                thumbnails.picture(snapshot.dataset_of(run), row.photo, side=thumbnails.LARGE)
                said = tr(
                    "labelled **{actual}**, predicted **{predicted}** (loss {loss})",
                    actual=formatting.breed(row.actual), predicted=formatting.breed(row.predicted),
                    loss=decimal(row.loss, 1),
                )  # fmt: skip
                st.markdown(said)
                marking.mark(run, row.photo, row.actual, row.predicted)


def trained_on(run: Run, chosen: selection.Breeds | None) -> None:
    """The training photos whose nearest ones speak against their label, the most suspect first, to mark."""
    st.markdown(
        tr(
            "The photos that it was trained on. For each one the network finds the **{around} photos that look most like it**. "
            "If these have another label, its own may be wrong: such photos come first. Marks here correct **what it learns**.",
            around=embeddings.AROUND,
        )
    )
    if not inspector.features_ready(run):
        return
    frame = _suspects(run.id, run.status().ended_at)
    _planted(run, frame, held_out=False)
    if chosen:  # a mistake may come from photos of either breed that carry the other's name
        frame = frame[frame["breed"].isin(list(filter(None, chosen)))]
    shown = pickers.page_of(_not_above(frame), A_PAGE, "suspects_page")
    with thumbnails.cards():
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall", key=f"card_{row.Index}"):
                thumbnails.picture(snapshot.dataset_of(run), row.photo, side=thumbnails.LARGE)
                st.markdown(
                    tr("labelled **{breed}**: {around}", breed=formatting.breed(row.breed), around=_around(row))
                )
                marking.mark(run, row.photo, row.breed, row.suggested)


def _not_above(frame: pd.DataFrame) -> pd.DataFrame:
    """A list's photos without the one that stands above the lists, since it was selected: no photo stands there twice."""
    return frame[frame["photo"] != selection.any_photo()]


def in_both(run: Run, chosen: selection.Breeds | None) -> None:
    """Each validation photo beside the training photo nearest to it, the nearest first: some are the same picture."""
    st.markdown(
        tr(
            "A photo that is in **both halves**, maybe in another size, is answered from memory, and the error looks better "
            "than it is: a *leak*. Here are photos held out, each beside the one nearest to it that the model was trained on."
        )
    )
    if not inspector.features_ready(run):
        return
    frame = _twins(run.id, run.status().ended_at)
    same = int((frame["distance"] <= embeddings.SAME).sum())
    limit = decimal(embeddings.SAME, 2)
    found = (
        trn(
            "{n} of them is surely the same picture (a distance up to {limit}).",
            "{n} of them are surely the same picture (a distance up to {limit}).",
            same,
            limit=limit,
        )
        if same
        else tr("None of them is surely the same picture (a distance up to {limit}).", limit=limit)
    )
    more = tr(
        "Look at the next ones yourself: cut closer, or taken a moment later, one lies a little further off. **Leave it out** "
        "takes the held-out one out of the test."
    )
    st.caption(f"{found} {more}")
    dataset = snapshot.dataset_of(run)
    _warn_of_copies(dataset, run.spec())
    if chosen:
        frame = frame[frame["breed"].isin(list(filter(None, chosen)))]
    shown = pickers.page_of(frame, PAIRS_A_PAGE, "pairs_page")
    with st.grid(3, min_column_width=300, gap="small"):
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall"):
                _pair(dataset, row)
                marking.mark(run, row.photo, row.breed, row.twin_breed, "pair")


def _warn_of_copies(dataset: Dataset, spec: RunSpec) -> None:
    """Say how many of the photos held out have a copy among those trained on, where the split did not keep them together."""
    copied = cached.tested_with_a_copy(dataset, spec.pattern, spec.split_seed) if spec.split == "random" else 0
    if copied:  # by their pixels: the network may find a mirrored one less alike
        many = trn(
            "**{n} of the photos held out has a copy among those trained on**, perhaps mirrored, brighter or cut.",
            "**{n} of the photos held out have a copy among those trained on**, perhaps mirrored, brighter or cut.",
            copied,
        )
        way_out = tr(
            "To keep all copies in one half, choose “{choice}” on the page *{page}*.",
            choice=tr("copies of a photo together"), page=tr(steps.step("train").title),
        )  # fmt: skip
        st.warning(f"{many} {way_out}", icon=":material/content_copy:")


def _pair(dataset: Dataset, row: Any) -> None:
    """Two photos of a pair, and what they are labelled; `row` is of `embeddings.twins`."""
    with st.grid(min_column_width=120, gap="xsmall"):
        thumbnails.picture(dataset, row.photo, caption=tr("held out: {photo}", photo=formatting.code(row.photo)))
        thumbnails.picture(dataset, row.twin, caption=tr("trained on: {photo}", photo=formatting.code(row.twin)))
    breed, far = formatting.breed(row.breed), decimal(row.distance, 3)
    st.markdown(
        tr("labelled **{breed}**, distance {distance}", breed=breed, distance=far)
        if row.breed == row.twin_breed
        else tr(
            "labelled **{breed}**, the other **{other}**, distance {distance}",
            breed=breed,
            other=formatting.breed(row.twin_breed),
            distance=far,
        )
    )


@st.cache_data(show_spinner=False, max_entries=8)
def _twins(run_id: str, ended_at: float) -> pd.DataFrame:
    return embeddings.twins(run_id)


def _around(row) -> str:
    """What the photos around one say of its label.

    Args:
        row: of `embeddings.suspects`.
    """
    others, around = row.others, embeddings.AROUND
    if row.suggested == row.breed:
        return tr("{others} of the {around} nearest are not", others=others, around=around)
    return tr(
        "{others} of the {around} nearest are not, {agree} are **{breed}**",
        others=others, around=around, agree=row.agree, breed=formatting.breed(row.suggested),
    )  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=8)
def _suspects(run_id: str, ended_at: float) -> pd.DataFrame:
    return embeddings.suspects(run_id)


def _planted(run: Run, frame: pd.DataFrame, held_out: bool) -> None:
    """How many of the wrong labels planted in the drawn set the top of a list holds.

    Args:
        frame: the list, in its order, with `photo`.
        held_out: whether it is of the validation photos, else of the training photos.
    """
    planted = list(snapshot.dataset_of(run).photos.planted)
    among = int(frame["photo"].isin(planted).sum())
    if among:
        found, first = predictions.planted_found(frame, planted, FIRST)
        values = {
            "all": decimal(len(frame)), "share": formatting.percent(FIRST, 0), "first": formatting.photos(first), "found": found,
        }  # fmt: skip
        st.caption(
            trn(
                "In the drawn set some labels are wrong on purpose: {n} of them is among the {all} validation photos, and the "
                "first {share} of the top losses, {first}, hold {found}.",
                "In the drawn set some labels are wrong on purpose: {n} of them are among the {all} validation photos, and the "
                "first {share} of the top losses, {first}, hold {found}.",
                among,
                **values,
            )
            if held_out
            else trn(
                "In the drawn set some labels are wrong on purpose: {n} of them is among the {all} training photos, and the "
                "first {share} of this list, {first}, hold {found}.",
                "In the drawn set some labels are wrong on purpose: {n} of them are among the {all} training photos, and the "
                "first {share} of this list, {first}, hold {found}.",
                among,
                **values,
            )
        )


def one_trained(run: Run, name: str) -> None:
    """As `one`, of a photo that the run was trained on; its nearest ones suggest the breed."""
    if not selection.trained_photo(run):
        st.markdown(inspector.unknown(name))
        return
    row = _suspects(run.id, run.status().ended_at).set_index("photo").loc[name]
    marking.one(run, name, str(row["breed"]), str(row["suggested"]), tr("trained on: {around}", around=_around(row)))
