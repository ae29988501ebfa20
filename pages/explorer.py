"""Why did it say that? A mistake followed to its cause, in one linked view."""

import streamlit as st

from lessonkit import explain_data, interpretation
from lessonkit.figures import confusion, explain
from lessonkit.ui import closer, data, photos, say, selection

A_PAGE = 12


def _matrix(frame, vocab: list[str]) -> None:
    def clicked() -> None:
        points = st.session_state["explorer_matrix"].selection.points
        if points:
            selection.choose_breeds(*points[0]["customdata"][:2])

    counts = interpretation.confusion(frame, vocab)
    figure = confusion.confusion_matrix(counts, selection.breeds())
    say.chart(
        figure,
        "explorer_matrix",
        "Confusion matrix; a click selects a cell.",
        on_select=clicked,
        selection_mode="points",
    )


def _pairs(frame) -> None:
    pairs = interpretation.most_confused(frame, 1)

    def clicked() -> None:
        rows = st.session_state["explorer_pairs"].selection.rows
        if rows:
            selection.choose_breeds(pairs["actual"].iloc[rows[0]], pairs["predicted"].iloc[rows[0]])

    shown = pairs.assign(actual=pairs["actual"].map(say.breed), predicted=pairs["predicted"].map(say.breed))
    st.dataframe(
        shown,
        hide_index=True,
        key="explorer_pairs",
        on_select=clicked,
        selection_mode="single-row",
        alt="Pairs confused.",
    )


def _filter(vocab: list[str]) -> None:
    now = selection.breeds() or (vocab[0], vocab[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actual = st.selectbox(
            "It is a", vocab, index=vocab.index(now[0]) if now[0] in vocab else 0, format_func=say.breed, width=280
        )
        predicted = st.selectbox(
            "and the model said",
            vocab,
            index=vocab.index(now[1]) if now[1] in vocab else 0,
            format_func=say.breed,
            width=280,
        )
        if st.button("Select", key="select_breeds"):
            selection.choose_breeds(actual, predicted)
            st.rerun()


def _cell(dataset: str, frame, chosen: tuple[str, str]) -> None:
    found = interpretation.in_cell(frame, *chosen)
    st.markdown(f"**{say.breed(chosen[0])}** called **{say.breed(chosen[1])}**: {say.photos(len(found))}")
    pages = -(-len(found) // A_PAGE)
    page = st.pagination(pages, key="cell_page") if pages > 1 else 1
    with st.grid(min_column_width=130, gap="small"):
        for row in found.iloc[(page - 1) * A_PAGE : page * A_PAGE].itertuples():
            with st.container(gap="xsmall"):
                photos.picture(dataset, row.photo)
                if st.button("Look closer", key=f"look_{row.photo}", width="stretch"):
                    selection.choose_photo(row.photo, frame)
                    st.rerun()


def _how_sure(frame) -> None:
    st.subheader("How sure is it, and is it right to be?", anchor=False)
    table = explain_data.reliability(frame)
    error = explain_data.calibration_error(table)
    left, right = st.columns(2, gap="medium")
    with left:
        say.chart(
            explain.reliability_diagram(table, error), "reliability", "How often it is right, against how sure it was."
        )
        st.caption(
            f"Expected calibration error: {say.percent(error)}. A model as sure as it is right lies on the line."
        )
    with right:
        p = (
            st.slider(
                "Only answer when at least so sure",
                0,
                100,
                50,
                format="%d %%",
                key="only_when",
                persist_state="session",
            )
            / 100
        )
        say.chart(
            explain.selective_accuracy(explain_data.coverage(frame), p),
            "coverage",
            "Error rate against the share answered.",
        )
        answered, wrong = explain_data.at_threshold(frame, p)
        words = f"wrong in {say.percent(wrong)} of them" if answered else "so there is nothing to be wrong about"
        st.caption(f"At {p:.0%} it answers {say.percent(answered)} of the photos, {words}.")


say.opening("explorer")
run = selection.pick_model()
if run is None:
    say.missing("There is no trained model on these photos yet.", "train")
else:
    dataset, predictions, vocab = run.spec().dataset, data.predictions(run), run.vocab()
    st.subheader("Select", anchor=False)
    matrix, pairs, chosen, plan = st.tabs(["Confusion matrix", "Most confused", "Breeds", "Map of all photos"])
    with matrix:
        _matrix(predictions, vocab)
    with pairs:
        _pairs(predictions)
    with chosen:
        _filter(vocab)
    with plan, say.errors_here():
        closer.photo_map(run, predictions)
    if selection.breeds():
        _cell(dataset, predictions, selection.breeds())
    name = selection.photo(predictions)
    if name:
        with say.errors_here():
            closer.look(run, name, predictions[predictions["photo"] == name].iloc[0])
    else:
        st.info("Click a cell above, then **Look closer** at one of its photos.", icon=":material/touch_app:")
    _how_sure(predictions)
