"""Any two runs side by side: who got which photo right, and the two matrices."""

import streamlit as st

from lessonkit import explain_data, interpretation
from lessonkit.figures import confusion
from lessonkit.lesson import verdicts
from lessonkit.runs import Run
from lessonkit.ui import choices, data, photos, say, selection
from lessonkit.ui.compare import outcome, turned

A_PAGE = 12
GROUPS = {
    explain_data.ONLY_A: "A right, B wrong",
    explain_data.ONLY_B: "B right, A wrong",
    explain_data.BOTH_WRONG: "both wrong",
    explain_data.BOTH_RIGHT: "both right",
}


def _pick(models: list[Run]) -> tuple[Run, Run]:
    ids = [run.id for run in models]
    stage = next((i for i, run in enumerate(models) if choices.is_stage(run)), 0)
    other = next(i for i in range(len(ids)) if i != stage)
    left, right = st.columns(2)
    a = left.selectbox("Run A", ids, index=stage, format_func=_named, key="run_a", bind="query-params")
    b = right.selectbox("Run B", ids, index=other, format_func=_named, key="run_b", bind="query-params")
    return Run(a), Run(b)


def _named(run_id: str) -> str:
    return f"{choices.name(Run(run_id))} ({run_id})"


def _photos(a: Run, b: Run) -> None:
    table = explain_data.agreement(data.predictions(a), data.predictions(b))
    counts = explain_data.agreement_counts(table)
    for place, group in zip(st.columns(4), GROUPS, strict=True):
        place.metric(GROUPS[group], counts[group], border=True)
    group = st.segmented_control(
        "Show", list(GROUPS), default=explain_data.ONLY_B, required=True, format_func=GROUPS.get, key="group"
    )
    rows = table[table["group"] == group].sort_values("loss_b", ascending=False)
    if rows.empty:
        st.info("No photo is in this group.")
        return
    pages = -(-len(rows) // A_PAGE)
    page = st.pagination(pages, key="group_page") if pages > 1 else 1
    shown = rows.iloc[(page - 1) * A_PAGE : page * A_PAGE]
    captions = [
        f"{say.breed(r.actual)}. A: {say.breed(r.predicted_a)}, B: {say.breed(r.predicted_b)}"
        for r in shown.itertuples()
    ]
    photos.grid(a.spec().dataset, list(shown["photo"]), captions)


def _matrices(a: Run, b: Run) -> None:
    st.subheader("The two matrices, and their difference", anchor=False)
    vocab = sorted(set(a.vocab()) | set(b.vocab()))
    counts_a, counts_b = (interpretation.confusion(data.predictions(run), vocab) for run in (a, b))

    def clicked(key: str) -> None:
        points = st.session_state[key].selection.points
        if points:
            selection.choose_breeds(*points[0]["customdata"][:2])

    views = {
        "A": lambda: confusion.confusion_matrix(counts_a, selection.breeds()),
        "B": lambda: confusion.confusion_matrix(counts_b, selection.breeds()),
        "B minus A": lambda: confusion.difference(counts_a, counts_b, selection.breeds()),
    }
    tabs = st.tabs(list(views), key="matrix", on_change="rerun")  # three at once would take a second to draw
    for tab, (name, figure) in zip(tabs, views.items(), strict=True):
        if tab.open:
            key = f"matrix_{name}"
            with tab:
                say.chart(
                    figure(),
                    key,
                    f"Confusion matrix, {name}.",
                    on_select=lambda key=key: clicked(key),
                    selection_mode="points",
                )


say.opening("two_runs")
models = selection.models()
if len(models) < 2:
    say.missing("It takes two finished runs on these photos.", "train")
else:
    a, b = _pick(models)
    if a.id == b.id:
        st.info("Choose two different runs.")
    else:
        shared = explain_data.agreement(data.predictions(a), data.predictions(b))
        if len(shared) < max(len(data.predictions(a)), len(data.predictions(b))):
            st.warning(
                f"They were validated on different photos; {say.photos(len(shared))} are common to both and compared here."
            )
        if len(shared):
            words = verdicts.comparison_words(outcome(a, "A"), outcome(b, "B"), turned(a, b))
            st.markdown(words)
            _photos(a, b)
            _matrices(a, b)
