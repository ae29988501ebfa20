"""What the class tried: one chart of all of it, and a table whose rows open their run."""

from __future__ import annotations

import time

import streamlit as st

from lessonkit import language, runs
from lessonkit.analysis import board as table
from lessonkit.analysis.recipes import Recipe
from lessonkit.classroom import learners
from lessonkit.figures import board as figure
from lessonkit.language import tr, translatable
from lessonkit.lesson import steps
from lessonkit.ui.core import allowed, classroom, elements, formatting, run_choices, snapshot, state, who

EVERY = 3.0  # seconds between two looks at the runs, of one learner
LOOKS = 8  # a second by all learners
_STATES = {"queued": translatable("queued"), "running": translatable("running")}
_COLUMNS = {
    "when": translatable("when"),
    "asked for by": translatable("asked for by"),
    "learners": translatable("learners"),
    "photos": translatable("photos"),
    "name": translatable("name"),
    "what": translatable("what"),
    "error rate": translatable("error rate"),
    "trainings": translatable("trainings"),
    "mean": translatable("mean"),
    "state": translatable("state"),
    "took": translatable("took"),
}
"""The table's columns, and how they are headed."""


def board(large: bool = False) -> None:
    """Every recipe of the class on the chosen photos, a choice against the error rate; a click opens one.

    Args:
        large: for a projector.
    """
    if who.held_back():
        st.info(tr("What the class tried waits until your teacher opens it."), icon=":material/visibility_off:")
        return
    st.fragment(_look, run_every=max(EVERY, classroom.joined() / LOOKS))()
    dataset = state.dataset()
    found = [one for one in snapshot.recipes().values() if one.runs[0].spec().dataset == dataset.name]
    offered = table.differing(found)
    choice = st.segmented_control(
        tr("Set against the error rate"), offered, default=offered[0], required=True, key=f"board_choice_{large}",
        format_func=lambda choice: tr(table.CHOICES[choice]),
    )  # fmt: skip
    names = {one.id: run_choices.title(one.runs[0].spec()) + ", " + run_choices.name(one.runs[0]) for one in found}
    frame = table.rows(found, choice if choice in table.CHOICES else offered[0], names)
    frame["choice"] = [language.again(one) if isinstance(one, str) else one for one in frame["choice"]]
    key = f"board_{large}"

    def clicked() -> None:
        points = st.session_state[key].selection.points
        if points:
            st.session_state["open_run"] = points[0]["customdata"][0]

    elements.chart(
        lambda: figure.board(frame, tr(table.CHOICES[choice]), large),
        key,
        tr(
            "The error rate of {trainings} trainings of {recipes} recipes on {dataset}.",
            trainings=len(frame),
            recipes=len(found),
            dataset=formatting.title(dataset),
        ),
        (frame.to_json(), choice, large),
        on_select=clicked,
        selection_mode="points",
    )
    _open_wanted()


def _open_wanted() -> None:
    """Turn to the run that somebody clicked."""
    if wanted := st.session_state.pop("open_run", ""):
        open_run(wanted)


def _look() -> None:
    """Run the page again once the class has trained something: it is projected, and nobody reloads it."""
    with elements.errors_here():
        if snapshot.changed():
            st.rerun()


def open_run(run_id: str) -> None:
    """Turn to the page that shows a run."""
    run = snapshot.find(run_id)
    if run is None:
        st.info(tr("This run is not here any more."))
        return
    spec = run.spec()
    if spec.dataset != state.dataset().name:
        state.choose_dataset(spec.dataset)
    state.put(
        model=run.id if run.status().finished else "",
        **({"run": run.id} if state.is_base(spec) else {}),
    )
    page = "train" if state.is_base(spec) else "mistakes"
    if not state.is_base(spec) and not run.status().finished:
        page = "too_many_epochs" if spec.frozen else "unfreezing"
    st.switch_page(steps.step(page).path)


def under_way() -> None:
    """What trains and what waits, for the teacher to open or to stop."""
    moving = [run for run in snapshot.now().runs if not run.status().ended]
    if not moving:
        st.caption(tr("Nothing trains or waits just now."))
    for run in moving:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            status = run.status()
            moves = tr(_STATES.get(status.state, status.state))
            st.markdown(f"**{formatting.plain(run_choices.name(run))}**, {moves}", width="content")
            if st.button(tr("Open"), key=f"class_open_{run.id}"):
                open_run(run.id)
            if st.button(tr("Stop"), key=f"class_stop_{run.id}", icon=":material/stop:"):
                with elements.errors_here():
                    allowed.stop(run.id)
                    st.rerun()


def every_run(names: bool) -> None:
    """The table of all recipes; a row opens its run.

    Args:
        names: whether nicknames are shown.
    """
    found = list(snapshot.recipes().values())
    if not found:
        st.caption(tr("Nothing has been trained yet."))
        return
    everyone = learners.everyone(who.controls_now().period)
    rows = [_row(one, everyone, names) for one in found]
    shown = [(one.kept or one.runs[0]).id for one in found]

    def ticked() -> None:
        """The table says the number of a row. It is one of those that this page showed: meanwhile there may be others."""
        chosen = st.session_state["class_runs"].selection.rows
        if chosen and chosen[0] < len(shown):
            st.session_state["open_run"] = shown[chosen[0]]

    st.dataframe(
        rows, hide_index=True, key="class_runs", on_select=ticked, selection_mode="single-row",
        alt=tr("All recipes of the class: what was chosen, what came of it, when, and who asked for it."),
        column_config={column: tr(heading) for column, heading in _COLUMNS.items()},
    )  # fmt: skip
    _open_wanted()


def _row(one: Recipe, everyone: dict[str, learners.Learner], names: bool) -> dict[str, str]:
    row = run_choices.row(one)
    asked = {key for run in one.runs for key in runs.asked_by(run)}
    who_asked = [
        everyone[key].name if key in everyone else tr("the teacher, or an earlier class") for key in sorted(asked)
    ]
    last = max(run.status().queued_at for run in one.runs)
    more = {"asked for by": ", ".join(sorted(set(who_asked)))} if names else {"learners": str(len(asked))}
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(last))
    kept = {name: row[name] for name in ("name", "what", "error rate", "trainings", "mean", "state", "took")}
    return {
        "when": when,
        **more,
        "photos": formatting.title(snapshot.datasets()[d])
        if (d := one.runs[0].spec().dataset) in snapshot.datasets()
        else d,
        **kept,
    }
