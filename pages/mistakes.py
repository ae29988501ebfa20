"""Top losses, the confusion matrix by clicking, the pairs most confused."""

import streamlit as st

from lessonkit import interpretation
from lessonkit.figures import confusion
from lessonkit.lesson import code, steps
from lessonkit.ui import data, say, selection, top_losses

FIRST = 6  # of the selected cell's photos, under the matrix


def _confusion(dataset: str, frame, vocab: list[str]) -> None:
    st.subheader("Confusion matrix", anchor=False)
    st.markdown("A row is what the pet **is**, a column what the model **said**. Click a cell to see its photos.")
    counts = interpretation.confusion(frame, vocab)
    selected = selection.breeds()
    say.chart(
        lambda: confusion.confusion_matrix(counts, selected),
        key="confusion",
        made_of=(*vocab, counts.to_numpy().tobytes(), selected),
        on_select=_cell_clicked,
        selection_mode="points",
        alt="Confusion matrix: rows are actual breeds, columns predicted ones.",
    )
    if selected:
        _cell(dataset, frame, selected)


def _cell_clicked() -> None:
    points = st.session_state["confusion"].selection.points
    if points:
        actual, predicted = points[0]["customdata"][:2]
        selection.choose_breeds(actual, predicted)


def _cell(dataset: str, frame, chosen: selection.Breeds) -> None:
    found = interpretation.in_cell(frame, *chosen)
    st.markdown(f"{selection.words(chosen)}: {say.photos(len(found))}")
    top_losses.cards(dataset, found.head(FIRST))
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(found) > FIRST:
            st.caption(
                f"The {FIRST} with the highest loss of {len(found)}; the top losses above have all.", width="content"
            )
        st.page_link(steps.step("explorer").path, label="Look closer at them", icon=steps.step("explorer").icon)
        st.button("Select nothing", key="select_nothing", on_click=selection.drop, type="tertiary")


def _pairs(frame) -> None:
    st.subheader("Most confused", anchor=False)
    at_least = st.slider(
        "Only pairs confused at least so many times", 1, 10, 2, key="at_least", persist_state="session"
    )
    pairs = interpretation.most_confused(frame, at_least)
    if pairs.empty:
        st.info(f"No pair was confused {at_least} times. Lower the threshold.")
        return
    shown = pairs.assign(actual=pairs["actual"].map(say.breed), predicted=pairs["predicted"].map(say.breed))
    st.caption("Click the box at the left of a row: the matrix above shows its photos.")

    def row_clicked() -> None:
        rows = st.session_state["pairs"].selection.rows
        if rows:
            selection.choose_breeds(pairs["actual"].iloc[rows[0]], pairs["predicted"].iloc[rows[0]])

    st.dataframe(
        shown,
        hide_index=True,
        key="pairs",
        column_order=["photos", "actual", "predicted"],  # a phone shows the first ones
        on_select=row_clicked,
        selection_mode="single-row",
        alt="The pairs of breeds most often confused.",
    )


say.opening("mistakes")
run = selection.pick_model()
if run is None:
    say.missing("There is no trained model on these photos yet.", "train")
else:
    name, predictions = run.spec().dataset, data.predictions(run)
    rate = interpretation.error_rate(predictions)
    wrong = int((~predictions["correct"]).sum())
    st.markdown(
        f"The model named **{wrong} of {len(predictions)}** validation photos wrongly: an error rate of {say.percent(rate)}."
    )
    top_losses.top_losses(name, predictions, run.vocab())
    _confusion(name, predictions, run.vocab())
    _pairs(predictions)
    say.code(
        code.mistakes(), note="fastai's plot prints the highest predicted probability; here both breeds' are shown."
    )
say.onward("mistakes")
