"""Frozen and unfrozen, side by side: figures, words, the photos that changed sides."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit import wording
from lessonkit.analysis import predictions
from lessonkit.analysis.recipes import Recipe
from lessonkit.figures import compare
from lessonkit.lesson import defaults, expectations, luck, verdicts
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import cached, elements, formatting, repeats, snapshot, thumbnails
from lessonkit.ui.core.cached import level, outcome
from lessonkit.ui.lesson import asking, recap

A_PAGE = 6
NAMES = {
    defaults.NAIVE: "unfrozen, one rate",
    defaults.SMALL: "unfrozen, one small rate",
    defaults.RIGHT: "unfrozen, a slice of rates",
}


def other_card(spec: RunSpec) -> str:
    """What to say of choices that are those of another card: each run is shown in one card alone."""
    small = wording.rate(defaults.SMALL_RATE)
    if recap.small_rate(spec):
        return f"One rate of {small} or less is for the card “{NAMES[defaults.SMALL]}”: choose it there."
    return f"One rate above {small} is for the card “{NAMES[defaults.NAIVE]}”: choose it there."


def side_by_side(stage: Run, found: dict[str, Run]) -> None:
    """Error rate, loss and seconds of the frozen stage and the unfrozen runs, and what trained in each."""
    outcomes = [level(stage, "frozen"), *(level(run, NAMES[name]) for name, run in found.items())]
    frame = pd.DataFrame([vars(o) for o in outcomes])
    elements.chart(
        lambda: compare.runs_side_by_side(frame),
        key="side_by_side",
        alt="Error rate, loss and seconds an epoch of each run.",
        made_of=(repr(outcomes),),
    )
    if any(len(snapshot.recipe(run).done) > 1 for run in (stage, *found.values())):
        st.caption("Error rate and loss are means, where a recipe was trained several times.")
    facts = [run.status().facts for run in (stage, *found.values())]
    st.table(
        {
            "": [o.name for o in outcomes],
            "parameters that train": [f"{f['trainable']:,} of {f['parameters']:,}" for f in facts],
            "batch norm's statistics": [f["batch_norm"] for f in facts],
            "seconds an epoch": [f"{o.seconds_an_epoch:.1f}" for o in outcomes],
        },
        alt="Parameters that train, and seconds an epoch.",
    )
    if stage.spec().precompute:
        st.caption(
            "The frozen run's epochs are this short because the body's activations were computed once, before them."
        )


def guess(stage: Run) -> str:
    """Ask which way of unfreezing will win; what the learner said, "" for nothing."""
    asked = expectations.rates_question(list(NAMES.values()))
    return asking.expects(f"rates|{stage.spec().recipe}", asked)


def resolved(stage: Run, found: dict[str, Run], said: str) -> None:
    """That guess beside what happened, by all trainings of each recipe."""
    if repeats.awaited(stage, *found.values()):
        return
    errors = {NAMES[name]: level(run, NAMES[name]).error_rate for name, run in found.items()}
    beside = {NAMES[name]: cached.compared(stage, run) for name, run in found.items()}
    asking.resolved(expectations.rates_words(said, level(stage, "frozen").error_rate, errors, beside))


def words(stage: Run, found: dict[str, Run]) -> None:
    """What happened, in words that follow the runs' numbers: by all trainings of each recipe."""
    frozen = outcome(stage, "frozen")
    if repeats.awaited(stage, *found.values()):
        st.caption(luck.NOT_YET)
        return
    if defaults.NAIVE in found and defaults.RIGHT in found:
        naive, right = found[defaults.NAIVE], found[defaults.RIGHT]
        text = verdicts.unfreezing_words(
            frozen,
            outcome(naive, NAMES[defaults.NAIVE]),
            outcome(right, NAMES[defaults.RIGHT]),
            cached.compared(stage, naive),
            cached.compared(stage, right),
            naive.spec().batch_norm,
        )
        st.markdown(f"**What happened.** {text}")
    else:
        for name, run in found.items():
            st.markdown(luck.repeats_words("frozen", NAMES[name], cached.compared(stage, run)))
    if defaults.SMALL in found and defaults.RIGHT in found:
        small, right = found[defaults.SMALL], found[defaults.RIGHT]
        text = luck.repeats_words(NAMES[defaults.SMALL], NAMES[defaults.RIGHT], cached.compared(small, right))
        st.markdown(
            f"**What the spread of the slice is worth.** Both train the head at about the same rate; the slice has smaller ones "
            f"for the body. {text}"
        )
    st.caption(verdicts.noise_words(level(stage, "frozen")))


def trainings(stage: Run, found: dict[str, Run]) -> None:
    """The error rate of each training of all recipes, with batch norm as chosen and the other way, as far as they are here."""
    named = {"frozen": snapshot.recipe(stage)}
    for name, run in found.items():
        for recipe in (snapshot.recipe(run), _other_norm(run)):
            if recipe and recipe.done:
                named[f"{NAMES[name]}, batch norm {recipe.runs[0].spec().batch_norm}"] = recipe
    st.markdown("**Every training, on one line for each recipe**")
    repeats.chart(named, "all_unfrozen")


def _other_norm(run: Run) -> Recipe | None:
    spec = run.spec()
    return snapshot.recipes().get(spec.but(batch_norm="trained" if spec.batch_norm == "fixed" else "fixed").recipe)


def batch_norm(found: dict[str, Run]) -> None:
    """What batch norm's statistics did: the same recipe with them fixed and trained, all else equal, once both are here."""
    for name, run in found.items():
        spec, of_other = run.spec(), _other_norm(run)
        other = of_other.kept if of_other else None
        if other:
            fixed, trained = (run, other) if spec.batch_norm == "fixed" else (other, run)
            words = verdicts.batch_norm_words(
                outcome(fixed, "fixed"), outcome(trained, "trained"), cached.compared(fixed, trained)
            )
            st.markdown(f"*{NAMES[name].capitalize()}.* {words}")
        elif name == defaults.NAIVE:
            now, then = spec.batch_norm, "trained" if spec.batch_norm == "fixed" else "fixed"
            st.caption(
                f":material/lightbulb: How much of this is batch norm's? Here its statistics were **{now}** in all runs, so that "
                f"one thing differs at a time. Set them to **{then}** above and train the one rate again: both then stand here."
            )


def changed(stage: Run, found: dict[str, Run]) -> None:
    """The photos that one of the unfrozen runs answers otherwise than the frozen stage."""
    st.subheader("Photos that changed sides", anchor=False)
    if any(len(snapshot.recipe(run).done) > 1 for run in (stage, *found.values())):
        st.caption("Between the two models that are kept; other trainings of the same recipes turn other photos.")
    name = st.segmented_control(
        "Between frozen and",
        list(found),
        default=list(found)[-1],
        required=True,
        format_func=NAMES.__getitem__,
        key="sides",
    )
    frame = cached.made_of(_changed, stage, found[name])
    for side in ("right", "wrong"):
        _turned(snapshot.dataset_of(stage), side, frame[frame["turned"] == side], name)


def _changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The photos that changed sides, those first whose loss changed most."""
    frame = predictions.changed_sides(before, after)
    frame = frame.assign(change=(frame["loss_after"] - frame["loss_before"]).abs())
    return frame.sort_values("change", ascending=False, kind="stable")


def _turned(dataset: Dataset, side: str, rows: pd.DataFrame, name: str) -> None:
    """The photos that turned to one side, by page, those first whose loss changed most."""
    st.markdown(f"**Turned {side}: {len(rows)}**")
    pages = -(-len(rows) // A_PAGE)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            words = st.empty()
            page = st.pagination(pages, key=f"sides_{name}_{side}")
        first = (page - 1) * A_PAGE
        shown = rows.iloc[first : first + A_PAGE]
        words.caption(f"{first + 1} to {first + len(shown)} of {len(rows)}, the largest change of loss first")
    else:
        shown = rows
    captions = [
        f"{formatting.breed(r['actual'])}: {formatting.breed(r['predicted_before'])} → "
        f"{formatting.breed(r['predicted_after'])}, loss {r['loss_before']:.2f} → {r['loss_after']:.2f}"
        for r in shown.to_dict("records")
    ]
    thumbnails.grid(dataset, list(shown["photo"]), captions)
