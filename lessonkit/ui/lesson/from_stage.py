"""Pages whose runs go on from one saved stage: how they begin, and which run they show."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessonkit.analysis.recipes import Recipe
from lessonkit.language import tr
from lessonkit.lesson import defaults, trainings
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import base_choice, elements, formatting, repeats, run_choices, snapshot, state
from lessonkit.ui.lesson import asking


def begin(page: str, goes_on: str, missing: str) -> Run | None:
    """A page's heading and the stage that it goes on from; where there is none, a sentence and a link, and None.

    Args:
        goes_on: an English sentence with a place for the model, such as "It goes on from the frozen model: {model}.".
        missing: what to say where there is no stage.
    """
    elements.opening(page)
    stage = state.stage()
    if stage is None:
        elements.missing(missing, "train")
        return None
    recipe = snapshot.recipe(stage)
    st.markdown(tr(goes_on, model=formatting.plain(run_choices.model_name(stage))))
    if recipe.summary.n > 1:
        st.caption(tr("All its trainings: error rate {spread}.", spread=trainings.spread_words(recipe.summary)))
    base_choice.pick()
    if not repeats.follow(recipe) and stage.id not in recipe.gone_on_from:
        st.caption(
            tr(
                "Which of its trainings is kept is decided when all of them are done. What you train here before that goes on from "
                "the first one, which then stays the one that is kept."
            )
        )
    return stage


def guess(about: str, stage: Run, asked: tuple[str, tuple[str, ...]], wanted: Callable[[RunSpec], bool]) -> str:
    """Ask what will come of runs from this stage; what the learner said, "" for nothing.

    Args:
        about: the answer is kept under it and the stage's recipe.
        asked: as in `asking.expects`.
        wanted: which runs from the stage the guess is about.
    """
    key = f"{about}|{stage.spec().recipe}"
    there = any(recipe.kept for recipe in _kin(stage, wanted))
    return asking.expects(key, asked, knows=there and opened(stage, asking.expected(key), wanted))


def opened(stage: Run, guessed: str, wanted: Callable[[RunSpec], bool]) -> bool:
    """Whether what came of runs from this stage stands open: the learner guessed, or trained one of these runs or chose it.

    Args:
        guessed, wanted: of `guess`.
    """
    return bool(guessed) or any(map(repeats.looked_at, _kin(stage, wanted)))


def _kin(stage: Run, wanted: Callable[[RunSpec], bool]) -> list[Recipe]:
    """The recipes from this stage of a kind."""
    return [r for r in snapshot.recipes().values() if (of := r.runs[0].spec()).starts_from == stage.id and wanted(of)]


def shown(stage: Run, spec: RunSpec | None, wanted: Callable[[RunSpec], bool]) -> Recipe | None:
    """The recipe of these choices; else one of its kind from this stage: under way, else finished, else the newest.

    A page is read again by whoever reloads it or joins, and their boxes say the default choices.

    Args:
        spec: the choices; None where they are none that a run can be made from.
        wanted: whether a run that starts from the stage is of the kind that this place shows; choices of another kind have
            their own.
    """
    known = snapshot.recipes()
    if spec and wanted(spec) and spec.recipe in known:
        return known[spec.recipe]
    return min(_kin(stage, wanted), key=lambda recipe: (not recipe.under_way, recipe.kept is None), default=None)


def which(run: Run, spec: RunSpec | None) -> None:
    """Say so where the run shown is not that of the choices."""
    if spec is None or run.spec().recipe != spec.recipe:
        st.caption(tr("Shown below: {run}, not the choices above.", run=run_choices.name(run)))


def train_button(spec: RunSpec | None, label: str, once_more: str, key: str) -> None:
    """The button that trains the choices, for the first time or once more; none where they are no choices.

    Args:
        label: what stands on it the first time. once_more: what stands on it after that.
    """
    if spec is None:
        return
    recipe = snapshot.recipes().get(spec.recipe)
    with elements.errors_here():
        if st.button(
            once_more if recipe and recipe.done else label,
            type="secondary" if recipe and recipe.done else "primary",
            icon=":material/play_arrow:",
            key=key,
        ):
            run_choices.train(spec, defaults.repeats(spec))
            st.rerun()
