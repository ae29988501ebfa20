"""Any two runs on one test: chosen from those tried, photo by photo, matrix by matrix."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit.analysis import agreement, predictions
from lessonkit.analysis.agreement import Shared
from lessonkit.analysis.comparison import outcomes
from lessonkit.figures import confusion, probabilities
from lessonkit.language import decimal, tr, translatable, trn
from lessonkit.lesson import steps, two_runs
from lessonkit.runs import Run
from lessonkit.ui.core import cached, elements, formatting, repeats, run_choices, snapshot, state, thumbnails
from lessonkit.ui.explore import inspector, pickers, selection

A_PAGE = 12
CELL, SEEN_FROM = "cell", "two_runs_seen_from"  # the photos of the selected cell; which photos were clicked last
GROUPS = {
    agreement.ONLY_A: translatable("A right, B wrong"),
    agreement.ONLY_B: translatable("B right, A wrong"),
    agreement.BOTH_WRONG: translatable("both wrong"),
    agreement.BOTH_RIGHT: translatable("both right"),
}


def pick(models: list[Run]) -> tuple[Run, Run]:
    """Two of the runs tried, by two ticks in their table or by two boxes; at first the one that the lesson goes on from and another."""
    ids = [run.id for run in models]
    names = run_choices.model_names(models)
    _table(models, ids)
    base = state.stage()
    stage = ids.index(base.id) if base and base.id in ids else 0
    other = next(i for i in range(len(ids)) if i != stage)
    chosen = []
    for place, letter, usual in zip(st.columns(2), "ab", (stage, other), strict=True):
        name = f"run_{letter}"
        now = state.get(name) if state.get(name) in ids else ids[usual]
        st.session_state[f"{name}_box"] = now
        place.selectbox(
            tr("Run {letter}", letter=letter.upper()), ids, format_func=names.__getitem__, key=f"{name}_box",
            on_change=lambda name=name: state.put(**{name: st.session_state[f"{name}_box"]}),
        )  # fmt: skip
        with place:
            elements.whole(names[now], f"half_{letter}")
        chosen.append(models[ids.index(now)])
        if state.get(name) not in ("", now):
            place.info(
                tr(
                    "The address names a run {letter} that has no model on these photos here: this is another.",
                    letter=letter.upper(),
                )
            )
    return chosen[0], chosen[1]


def _table(models: list[Run], ids: list[str]) -> None:
    with st.expander(tr("The runs tried: tick two"), icon=":material/table_rows:"):
        columns = ("name", "what", "error rate", "lowest to highest", "run")  # all of them are seen at once
        rows = [run_choices.row(snapshot.recipe(run), run) for run in models]
        table = elements.arrow({tr(column): [row[column] for row in rows] for column in columns})

        def ticked() -> None:
            rows = sorted(st.session_state["runs_tried"].selection.rows)
            if len(rows) == 2:  # the newest are on top: the older is A, so that B minus A is what came of it
                state.put(run_a=ids[rows[1]], run_b=ids[rows[0]])

        st.dataframe(
            table, hide_index=True, key="runs_tried", on_select=ticked, selection_mode="multi-row",
            alt=tr("The runs with a model on these photos; two ticks choose two."),
        )  # fmt: skip


def one_test(shared: Shared, photos_a: int, photos_b: int) -> None:
    """Say what the two runs are compared on, where that is not all that they were validated on."""
    if shared.common < max(photos_a, photos_b):
        st.warning(
            tr(
                "They were validated on different photos, A on {of_a} and B on {of_b}: only the {photos} common to both count "
                "on this page.",
                of_a=decimal(photos_a),
                of_b=decimal(photos_b),
                photos=formatting.photos(shared.common),
            )
        )
    if shared.relabelled:
        st.warning(
            trn(
                "{n} of them has another label in B than in A, by a mark or by another pattern, so right and wrong do not mean "
                "the same there: left out here, which leaves {photos}.",
                "{n} of them have other labels in B than in A, by a mark or by another pattern, so right and wrong do not mean "
                "the same there: left out here, which leaves {photos}.",
                shared.relabelled,
                photos=formatting.photos(len(shared.a)),
            )  # fmt: skip
        )


def verdict(a: Run, b: Run, shared: Shared) -> None:
    """Which of the two is better, by all trainings of their recipes; two trainings of one recipe differ by luck alone."""
    if a.spec().recipe == b.spec().recipe:
        st.markdown(
            tr(
                "A and B are **two trainings of the same recipe**, with the seeds {a} and {b}: what differs between them is "
                "luck.",
                a=a.spec().seed,
                b=b.spec().seed,
            )
        )
        return
    if shared.relabelled:
        ended = outcomes(("A", shared.a, a.history()), ("B", shared.b, b.history()))
        st.markdown(two_runs.comparison_words(*ended))
        return
    one, two = snapshot.recipe(a), snapshot.recipe(b)
    if max(len(one.done), len(two.done)) > 1:
        st.markdown(tr("**Each training, its mean and its range, on a line for each recipe**"))
        repeats.chart({"A": one, "B": two}, "two_recipes")
    st.markdown(repeats.compared("A", "B", a, b))


def _agreed(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """The photos that both were tested with, and who was right; those first of which B's loss is highest."""
    shared = agreement.shared(a, b)
    return agreement.agreement(shared.a, shared.b).sort_values("loss_b", ascending=False)


def _counts(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, int]:
    return agreement.agreement_counts(_agreed(a, b))


def groups(a: Run, b: Run) -> None:
    """How many photos which run got right, and those of one group."""
    table = cached.made_of(_agreed, a, b)
    counts = cached.made_of(_counts, a, b)
    with elements.figures(len(GROUPS)):
        for group, words in GROUPS.items():
            st.metric(tr(words), counts[group], border=True)
    group = state.get("group") if state.get("group") in GROUPS else agreement.ONLY_B
    st.session_state["group_shown"] = group
    st.segmented_control(
        tr("Show"), list(GROUPS), required=True, format_func=lambda one: tr(GROUPS[one]), key="group_shown",
        on_change=lambda: state.put(group=st.session_state["group_shown"]),
    )  # fmt: skip
    rows = table[table["group"] == group]
    if rows.empty:
        st.info(tr("No photo is in this group."))
        return
    _grid(a, rows, f"group_{group}")


def _grid(a: Run, rows, key: str) -> None:
    """Photos with both runs' answers, by page; a click looks closer at one with both.

    Args:
        rows: of an `agreement.agreement`.
    """
    shown = pickers.page_of(rows, A_PAGE, key)
    captions = [
        f"{formatting.breed(r.actual)}. A: {formatting.breed(r.predicted_a)}, B: {formatting.breed(r.predicted_b)}"
        for r in shown.itertuples()
    ]

    def select(name: str) -> None:
        selection.follow_photo(name)
        st.session_state[SEEN_FROM] = key  # the closer look stands under the photos that were clicked

    thumbnails.grid(snapshot.dataset_of(a), list(shown["photo"]), captions, 150, select, key)


def matrices(a: Run, b: Run, shared: Shared) -> None:
    """The two confusion matrices and their difference; a click on a cell selects its breeds."""
    st.subheader(tr("The two matrices, and their difference"), anchor=False)
    vocab = sorted(set(a.vocab()) | set(b.vocab()))
    chosen = selection.breeds()

    def clicked(key: str) -> None:
        points = st.session_state[key].selection.points
        if points:
            selection.choose_breeds(*points[0]["customdata"][:2])

    def counts(frame: pd.DataFrame) -> pd.DataFrame:
        return predictions.confusion(frame, vocab)

    views = {
        "A": lambda: confusion.confusion_matrix(counts(shared.a), chosen),
        "B": lambda: confusion.confusion_matrix(counts(shared.b), chosen),
        translatable("B minus A"): lambda: confusion.difference(counts(shared.a), counts(shared.b), chosen),
    }
    tabs = elements.tabs(list(views), "matrix")  # three at once would take a second to draw
    for tab, (name, figure) in zip(tabs, views.items(), strict=True):
        if tab.open:
            key = f"matrix_{name}"
            with tab:
                elements.chart(
                    figure, key, tr("Confusion matrix, {which}; a click on a cell shows its photos.", which=tr(name)),
                    made_of=(a.id, a.status().ended_at, b.id, b.status().ended_at, chosen),
                    on_select=lambda key=key: clicked(key), selection_mode="points",
                )  # fmt: skip


def cell(a: Run, b: Run, shared: Shared) -> None:
    """The photos that A or B puts into the selected cell, with both runs' answers."""
    chosen = selection.breeds()
    if not chosen:
        st.info(
            tr("Click a cell of a matrix: its photos stand here, with what A and B said of them."),
            icon=":material/touch_app:",
        )
        return
    in_a, in_b = (set(predictions.in_cell(frame, *chosen)["photo"]) for frame in (shared.a, shared.b))
    table = cached.made_of(_agreed, a, b)
    rows = table[table["photo"].isin(in_a | in_b)]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="found"):
        st.markdown(
            tr(
                "{selected}: {by_a} by A, {by_b} by B",
                selected=selection.words(chosen),
                by_a=formatting.photos(len(in_a)),
                by_b=formatting.photos(len(in_b)),
            ),
            width="content",
        )
        st.button(tr("Select nothing"), key="select_nothing", on_click=selection.drop, type="tertiary")
    if len(rows):
        _grid(a, rows, CELL)


def closely(a: Run, b: Run, shared: Shared, under_cell: bool) -> None:
    """The selected photo under both models, side by side, where it was clicked.

    Args:
        under_cell: whether this place is under the photos of the selected cell.
    """
    name = selection.photo(shared.a)
    if not name or under_cell != (st.session_state.get(SEEN_FROM) == CELL):
        return
    actual = shared.a.loc[shared.a["photo"] == name, "actual"].iloc[0]
    st.subheader(tr("{breed}, seen by both", breed=formatting.breed(actual)), anchor=False)
    st.caption(formatting.code(name))
    much = inspector.opacity()
    for place, letter, run in zip(st.columns(2, gap="medium"), "AB", (a, b), strict=True):
        with place, elements.errors_here():
            found = inspector.top(run, name)
            said = found[0][0]
            caption = tr("{letter}: where it looked for {breed}", letter=letter, breed=formatting.breed(said))
            inspector.heat(run, name, said, [said], much, caption)
            alt = tr("{letter}'s most likely breeds.", letter=letter)
            made_of = (run.id, name, actual, *inspector.made_of(run))
            elements.chart(lambda top=found: probabilities.top_breeds(top, actual), f"both_{letter}", alt, made_of)
            if st.button(
                tr("Follow it with {letter}", letter=letter), key=f"follow_{letter}", icon=":material/travel_explore:"
            ):
                selection.choose_model(run.id)
                st.switch_page(steps.step("explorer").path)
