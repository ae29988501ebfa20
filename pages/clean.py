"""Correct labels and leave photos out, train again, and see what it was worth."""

import streamlit as st

from lessonkit import interpretation, marks
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.ui import choices, cleaning, data, say, selection
from lessonkit.ui.engine import engine

A_PAGE = 9


def _top_losses(dataset: str, run: Run, made: dict[str, marks.Mark]) -> None:
    frame = interpretation.top_losses(data.predictions(run), None, only_wrong=False)
    breeds = run.vocab()
    st.markdown(
        "The validation photos with the highest losses: look whether the label is wrong before you blame the model."
    )
    page = st.pagination(max(1, -(-len(frame) // A_PAGE)), key="clean_page")
    with st.grid(columns=3, gap="small"):
        for row in frame.iloc[(page - 1) * A_PAGE : page * A_PAGE].itertuples():
            with st.container(border=True, gap="xsmall"):
                cleaning.photo(dataset, row, made, breeds)


def _planted(dataset: str, run: Run) -> None:
    planted = catalog.planted(dataset)
    frame = data.predictions(run)
    held_out = frame["photo"].isin(planted).sum()
    if planted and held_out:
        found, first = interpretation.Interpretation(run).planted_found(planted), max(1, round(0.05 * len(frame)))
        st.caption(
            f"In the drawn set some labels are wrong on purpose: {held_out} of them are among the {len(frame)} validation "
            f"photos, and the first 5 % of the top losses, {say.photos(first)}, hold {found}."
        )


def _marks(dataset: str, made: dict[str, marks.Mark]) -> None:
    st.subheader(f"Your marks: {len(made)}", anchor=False)
    rows = [
        {"photo": name, "mark": "left out" if m.leave_out else f"is a {say.breed(m.breed)}"} for name, m in made.items()
    ]
    st.dataframe(rows, hide_index=True, alt="The photos that you marked.")
    if st.button("Take all marks back", key="clear_marks"):
        engine().call("clear_marks", dataset)
        st.rerun()


say.opening("clean")
stage = selection.model()
stage = stage if stage and choices.is_stage(stage) and not stage.spec().marks else choices.plain_stage()
if stage is None:
    say.missing("There is no trained model on these photos yet.", "train")
else:
    with say.errors_here():
        dataset = stage.spec().dataset
        made = marks.read(dataset)
        _planted(dataset, stage)
        _top_losses(dataset, stage, made)
        if made:
            _marks(dataset, made)
            cleaning.again(stage, dataset)
