"""Correct labels and leave photos out, train again, and see what it was worth."""

import streamlit as st

from lessonkit import interpretation, marks
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.ui import choices, data, live, photos, say, selection, state
from lessonkit.ui.engine import engine

A_PAGE = 9


def _photo(dataset: str, row, made: dict[str, marks.Mark], breeds: list[str]) -> None:
    """A photo, what it is called and what was said; its mark."""
    photos.picture(dataset, row.photo)
    st.markdown(f"labelled **{say.breed(row.actual)}**, predicted **{say.breed(row.predicted)}** (loss {row.loss:.1f})")
    mark = made.get(row.photo)
    if mark:
        words = "left out" if mark.leave_out else f"is a {say.breed(mark.breed)}"
        st.markdown(f":material/edit: Marked: **{words}**")
        if st.button("Take the mark back", key=f"unmark_{row.photo}", width="stretch"):
            engine().call("unmark", dataset, row.photo)
            st.rerun()
        return
    right = st.selectbox(
        "It is a",
        breeds,
        index=breeds.index(row.predicted) if row.predicted in breeds else 0,
        format_func=say.breed,
        key=f"right_{row.photo}",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Wrong label: it is this", key=f"mark_{row.photo}"):
            engine().call("mark", dataset, row.photo, right, pattern=state.pattern())
            st.rerun()
        if st.button("Leave it out", key=f"leave_{row.photo}"):
            engine().call("mark", dataset, row.photo, leave_out=True)
            st.rerun()


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
                _photo(dataset, row, made, breeds)


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


def _again(stage: Run, dataset: str) -> None:
    """The same training on the corrected labels, beside the run before, both measured on the corrected labels."""
    spec = stage.spec().but(marks=marks.fingerprint(marks.read(dataset)))
    run = Run(spec.id)
    if not run.exists():
        if st.button("Train again with the marks", type="primary", icon=":material/play_arrow:", key="train_again"):
            engine().call("save_marks", dataset)
            engine().submit(spec)
            st.rerun()
        return
    if live.follow(run):
        before = data.predictions(stage)
        fair = marks.remeasured(
            before, interpretation.probabilities(stage), stage.vocab(), marks.version(dataset, spec.marks)
        )
        columns = st.columns(3)
        columns[0].metric(
            "Before, on the labels as they were", say.percent(interpretation.error_rate(before)), border=True
        )
        columns[1].metric("Before, on the corrected labels", say.percent(interpretation.error_rate(fair)), border=True)
        columns[2].metric("After, on the corrected labels", say.percent(run.history()[-1]["error_rate"]), border=True)
        st.caption("Correcting validation photos changes the measure too, so compare the last two.")


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
            _again(stage, dataset)
