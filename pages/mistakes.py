"""Top losses, the confusion matrix by clicking, the pairs most confused."""

import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.language import tr, trn
from lessonkit.lesson import code, error_rates, steps
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import cached, elements, formatting, snapshot
from lessonkit.ui.explore import pickers, selection, top_losses
from lessonkit.ui.lesson import asking, confusing, ideas

FIRST = 6  # of the selected cell's photos, under the matrix


def _confusion(dataset: Dataset, frame, run: Run) -> None:
    st.subheader(tr("Confusion matrix"), anchor=False)
    st.markdown(tr("A row is what the pet **is**, a column what the model **said**. Click a cell to see its photos."))
    pickers.matrix(run, "confusion")
    if selected := selection.breeds():
        _cell(dataset, frame, selected)


def _cell(dataset: Dataset, frame, chosen: selection.Breeds) -> None:
    found = predictions.in_cell(frame, *chosen)
    with st.container(key="found"):
        st.markdown(f"{selection.words(chosen)}: {formatting.photos(len(found))}")
    top_losses.cards(dataset, found.head(FIRST))
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(found) > FIRST:
            st.caption(
                tr(
                    "The {first} with the highest loss of {photos}; the top losses above have all.",
                    first=FIRST,
                    photos=len(found),
                ),
                width="content",
            )
        st.page_link(steps.step("explorer").path, label=tr("Look closer at them"), icon=steps.step("explorer").icon)
        st.button(tr("Select nothing"), key="select_nothing", on_click=selection.drop, type="tertiary")


def _pairs(dataset: Dataset, frame, run: Run) -> None:
    st.subheader(tr("Most confused"), anchor=False)
    confusing.most(dataset, frame, run)
    usual = (
        1 if cached.made_of(predictions.most_confused, run, more=(2,)).empty else 2
    )  # with few photos none comes twice
    at_least = st.slider(
        tr("Only pairs confused at least this many times"), 1, 10, usual, key="at_least", persist_state="session"
    )
    pairs = cached.made_of(predictions.most_confused, run, more=(at_least,))
    if pairs.empty:
        st.info(
            trn(
                "No breed was taken for the same other breed {n} time. Choose a lower number.",
                "No breed was taken for the same other breed {n} times. Choose a lower number.",
                at_least,
            )
        )
        return
    st.caption(tr("Click the box at the left of a row: the matrix above shows its photos."))
    pickers.pairs(pairs, "pairs")


elements.opening("mistakes")
run = selection.pick_model()
if run is None:
    elements.missing(tr("There is no trained model on these photos yet."), "train")
else:
    dataset, frame = snapshot.dataset_of(run), cached.predictions(run)
    rate = predictions.error_rate(frame)
    wrong = int((~frame["correct"]).sum())
    breed, always = cached.made_of(predictions.commonest, run)
    named = tr(
        "The model named **{wrong} of {photos}** validation photos wrongly: an error rate of {rate}.",
        wrong=wrong, photos=len(frame), rate=formatting.percent(rate),
    )  # fmt: skip
    st.markdown(f"{named} {error_rates.baseline_words(rate, formatting.breed(breed), always, len(frame))}")
    confusing.guess(run)  # before the photos below, which show the answer
    top_losses.top_losses(dataset, frame, run.vocab())
    ideas.loss_of_probability(frame, (run.id, run.status().ended_at))
    _confusion(dataset, frame, run)
    _pairs(dataset, frame, run)
    elements.code(
        code.mistakes(),
        note=tr("fastai's plot prints the highest predicted probability; here both breeds' are shown."),
    )
asking.again("mistakes")
elements.onward("mistakes")
