"""Top losses, the confusion matrix by clicking, the pairs most confused."""

import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.lesson import code, steps, verdicts
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import cached, elements, formatting, snapshot
from lessonkit.ui.explore import pickers, selection, top_losses
from lessonkit.ui.lesson import asking, confusing, ideas

FIRST = 6  # of the selected cell's photos, under the matrix


def _confusion(dataset: Dataset, frame, run: Run) -> None:
    st.subheader("Confusion matrix", anchor=False)
    st.markdown("A row is what the pet **is**, a column what the model **said**. Click a cell to see its photos.")
    pickers.matrix(run, "confusion")
    if selected := selection.breeds():
        _cell(dataset, frame, selected)


def _cell(dataset: Dataset, frame, chosen: selection.Breeds) -> None:
    found = predictions.in_cell(frame, *chosen)
    st.markdown(f"{selection.words(chosen)}: {formatting.photos(len(found))}")
    top_losses.cards(dataset, found.head(FIRST))
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(found) > FIRST:
            st.caption(
                f"The {FIRST} with the highest loss of {len(found)}; the top losses above have all.", width="content"
            )
        st.page_link(steps.step("explorer").path, label="Look closer at them", icon=steps.step("explorer").icon)
        st.button("Select nothing", key="select_nothing", on_click=selection.drop, type="tertiary")


def _pairs(run: Run) -> None:
    st.subheader("Most confused", anchor=False)
    usual = (
        1 if cached.made_of(predictions.most_confused, run, more=(2,)).empty else 2
    )  # with few photos none comes twice
    at_least = st.slider(
        "Only pairs confused at least this many times", 1, 10, usual, key="at_least", persist_state="session"
    )
    pairs = cached.made_of(predictions.most_confused, run, more=(at_least,))
    if pairs.empty:
        st.info(f"No breed was taken for the same other breed {at_least} times. Choose a lower number.")
        return
    st.caption("Click the box at the left of a row: the matrix above shows its photos.")
    pickers.pairs(pairs, "pairs")


elements.opening("mistakes")
run = selection.pick_model()
if run is None:
    elements.missing("There is no trained model on these photos yet.", "train")
else:
    dataset, frame = snapshot.dataset_of(run), cached.predictions(run)
    rate = predictions.error_rate(frame)
    wrong = int((~frame["correct"]).sum())
    breed, always = cached.made_of(predictions.commonest, run)
    st.markdown(
        f"The model named **{wrong} of {len(frame)}** validation photos wrongly: an error rate of {formatting.percent(rate)}. "
        + verdicts.baseline_words(rate, formatting.breed(breed), always, len(frame))
    )
    confusing.guess(run)  # before the photos below, which show the answer
    top_losses.top_losses(dataset, frame, run.vocab())
    ideas.loss_of_probability(frame, (run.id, run.status().ended_at))
    _confusion(dataset, frame, run)
    _pairs(run)
    elements.code(
        code.mistakes(), note="fastai's plot prints the highest predicted probability; here both breeds' are shown."
    )
asking.again("mistakes")
elements.onward("mistakes")
