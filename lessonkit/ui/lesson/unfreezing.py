"""Frozen and unfrozen, side by side: figures, words, the photos that changed sides."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit import wording
from lessonkit.analysis import predictions
from lessonkit.analysis.recipes import Recipe
from lessonkit.analysis.repeats import Levels, RepeatComparison
from lessonkit.figures import compare
from lessonkit.language import decimal, tr, translatable
from lessonkit.lesson import defaults, error_rates, expectations, luck, unfreezing
from lessonkit.lesson.trainings import means_words
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import cached, elements, formatting, repeats, snapshot, thumbnails
from lessonkit.ui.core.cached import outcome
from lessonkit.ui.lesson import asking, from_stage, recap

A_PAGE = 6
NAMES = {
    defaults.NAIVE: translatable("unfrozen, one rate"),
    defaults.SMALL: translatable("unfrozen, one small rate"),
    defaults.RIGHT: translatable("unfrozen, a slice of rates"),
}
"""A card -> what it is called, in English: guesses are kept under these names."""
FROZEN = translatable("frozen")
NORMS = {"fixed": translatable("fixed"), "trained": translatable("trained")}
"""What batch norm's statistics may be, by `RunSpec.batch_norm`."""


def heading(name: str) -> str:
    """What a card is called, as the beginning of a line."""
    words = tr(NAMES[name])
    return words[:1].upper() + words[1:]


def norm(of: str) -> str:
    """What batch norm's statistics are, as a learner reads it."""
    return tr(NORMS.get(of, of))


def other_card(spec: RunSpec) -> str:
    """What to say of choices that are those of another card: each run is shown in one card alone."""
    small = wording.rate_said(defaults.SMALL_RATE)
    if recap.small_rate(spec):
        card = tr(NAMES[defaults.SMALL])
        return tr("One rate of {rate} or less is for the card “{card}”: choose it there.", rate=small, card=card)
    card = tr(NAMES[defaults.NAIVE])
    return tr("One rate above {rate} is for the card “{card}”: choose it there.", rate=small, card=card)


def _levels(stage: Run, found: dict[str, Run]) -> Levels:
    """How the frozen stage and the unfrozen runs lie beside one another, by all their trainings that count."""
    return cached.levels({tr(FROZEN): stage} | {tr(NAMES[name]): run for name, run in found.items()})


def _beside_frozen(stage: Run, found: dict[str, Run]) -> dict[str, RepeatComparison]:
    """Each unfrozen run's recipe beside the frozen stage's, by the same trainings as `_levels`."""
    return {name: cached.compared(stage, run, list(found.values())) for name, run in found.items()}


def side_by_side(stage: Run, found: dict[str, Run]) -> None:
    """Error rate, loss and seconds of the frozen stage and the unfrozen runs, and what trained in each."""
    levels = _levels(stage, found)
    outcomes = levels.outcomes
    frame = pd.DataFrame([vars(o) for o in outcomes])
    elements.chart(
        lambda: compare.runs_side_by_side(frame),
        key="side_by_side",
        alt=tr("Error rate, loss and seconds an epoch of each run."),
        made_of=(repr(outcomes),),
    )
    if means := means_words([o.name for o in outcomes], levels.counted, levels.left_out):
        st.caption(means)
    facts = [run.status().facts for run in (stage, *found.values())]
    elements.table(
        {
            "": [o.name for o in outcomes],
            tr("parameters that train, of body and head"): [
                tr("{trained} of {all_of}", trained=decimal(f["trainable"]), all_of=decimal(f["parameters"]))
                for f in facts
            ],
            tr("batch norm's statistics"): [norm(f["batch_norm"]) for f in facts],
            tr("seconds an epoch"): [decimal(o.seconds_an_epoch, 1) for o in outcomes],
        },
        key="what_trains",
        alt=tr("Parameters that train, and seconds an epoch."),
    )
    if stage.spec().precompute:
        st.caption(
            tr("The frozen run's epochs are this short because the body's activations were computed once, before them.")
        )


def unfreezes(spec: RunSpec) -> bool:
    """Whether a run from the stage is one that this page shows."""
    return not spec.frozen


def guess(stage: Run) -> str:
    """Ask which way of unfreezing will win; what the learner said, "" for nothing."""
    return from_stage.guess("rates", stage, expectations.rates_question(list(NAMES.values())), unfreezes)


def resolved(stage: Run, found: dict[str, Run], said: str) -> None:
    """That guess beside what happened, by all trainings of each recipe."""
    if repeats.awaited(stage, *found.values()):
        return
    frozen, *unfrozen = _levels(stage, found).outcomes
    errors = {NAMES[name]: one.error_rate for name, one in zip(found, unfrozen, strict=True)}
    beside = {NAMES[name]: one for name, one in _beside_frozen(stage, found).items()}
    asking.resolved(expectations.rates_words(said, frozen.error_rate, errors, beside, list(NAMES.values())))


def words(stage: Run, found: dict[str, Run]) -> None:
    """What happened, in words that follow the runs' numbers: by all trainings of each recipe."""
    frozen, called = outcome(stage, tr(FROZEN)), {name: tr(words) for name, words in NAMES.items()}
    if repeats.awaited(stage, *found.values()):
        st.caption(tr(luck.NOT_YET))
        return
    beside = _beside_frozen(stage, found)
    if defaults.NAIVE in found and defaults.RIGHT in found:
        naive, right = found[defaults.NAIVE], found[defaults.RIGHT]
        text = unfreezing.unfreezing_words(
            frozen,
            outcome(naive, called[defaults.NAIVE]),
            outcome(right, called[defaults.RIGHT]),
            beside[defaults.NAIVE],
            beside[defaults.RIGHT],
            naive.spec().batch_norm,
        )
        happened = tr("**What happened.**")
        st.markdown(f"{happened} {text}")
    else:
        for name in found:
            st.markdown(luck.repeats_words(frozen.name, called[name], beside[name]))
    if defaults.SMALL in found and defaults.RIGHT in found:
        small, right = found[defaults.SMALL], found[defaults.RIGHT]
        judged = cached.compared(small, right, [stage, *found.values()])
        text = luck.repeats_words(called[defaults.SMALL], called[defaults.RIGHT], judged)
        worth = tr(
            "**What the spread of the slice is worth.** Both train the head at about the same rate; the slice has smaller ones "
            "for the body."
        )
        st.markdown(f"{worth} {text}")
    st.caption(error_rates.noise_words(_levels(stage, found).outcomes[0]))


def trainings(stage: Run, found: dict[str, Run]) -> None:
    """The error rate of each training of all recipes, with batch norm as chosen and the other way, as far as they are here."""
    named = {str(tr(FROZEN)): snapshot.recipe(stage)}
    for name, run in found.items():
        for recipe in (snapshot.recipe(run), _other_norm(run)):
            if recipe and recipe.done:
                statistics = norm(recipe.runs[0].spec().batch_norm)
                named[tr("{card}, batch norm {statistics}", card=tr(NAMES[name]), statistics=statistics)] = recipe
    st.markdown(tr("**Every training, on one line for each recipe**"))
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
            words = unfreezing.batch_norm_words(
                outcome(fixed, norm("fixed")), outcome(trained, norm("trained")), cached.compared(fixed, trained)
            )
            st.markdown(f"*{heading(name)}.* {words}")
        elif name == defaults.NAIVE:
            now, then = spec.batch_norm, "trained" if spec.batch_norm == "fixed" else "fixed"
            st.caption(
                tr(
                    ":material/lightbulb: How much of this is batch norm's? Here its statistics were **{now}** in all runs, so that "
                    "one thing differs at a time. Set them to **{then}** above and train the one rate again: both then stand here.",
                    now=norm(now),
                    then=norm(then),
                )
            )


def changed(stage: Run, found: dict[str, Run]) -> None:
    """The photos that one of the unfrozen runs answers otherwise than the frozen stage."""
    st.subheader(tr("Photos whose answer changed"), anchor=False)
    if any(len(snapshot.recipe(run).done) > 1 for run in (stage, *found.values())):
        st.caption(tr("Between the two models that are kept; other trainings of the same recipes change other photos."))
    name = st.segmented_control(
        tr("From frozen to"),
        list(found),
        default=list(found)[-1],
        required=True,
        format_func=lambda name: tr(NAMES[name]),
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
    turned = {
        "right": translatable("**Wrong when frozen, now right: {photos}**"),
        "wrong": translatable("**Right when frozen, now wrong: {photos}**"),
    }
    st.markdown(tr(turned[side], photos=len(rows)))
    pages = -(-len(rows) // A_PAGE)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            words = st.empty()
            page = st.pagination(pages, key=f"sides_{name}_{side}")
        first = (page - 1) * A_PAGE
        shown = rows.iloc[first : first + A_PAGE]
        words.caption(
            tr(
                "{first} to {last} of {photos}, the largest change of loss first",
                first=first + 1,
                last=first + len(shown),
                photos=len(rows),
            )
        )
    else:
        shown = rows
    captions = [
        tr(
            "{actual}: {before} → {after}, loss {loss_before} → {loss_after}",
            actual=formatting.breed(r["actual"]),
            before=formatting.breed(r["predicted_before"]),
            loss_before=decimal(r["loss_before"], 2),
            after=formatting.breed(r["predicted_after"]),
            loss_after=decimal(r["loss_after"], 2),
        )
        for r in shown.to_dict("records")
    ]
    thumbnails.grid(dataset, list(shown["photo"]), captions)
