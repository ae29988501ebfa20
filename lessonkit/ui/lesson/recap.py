"""What of the lesson a learner has done: for each of its results the own run that stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lessonkit.analysis.recipes import Recipe
from lessonkit.language import tr
from lessonkit.lesson import defaults
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import formatting, repeats, run_choices, snapshot, state

Wanted = Callable[[RunSpec], bool]


def by_name(stage: Run | None) -> dict[str, Run | None]:
    """The finished run beside each of `reference.LESSON`; None where there is none.

    Of the runs from the stage the one of the default choices goes first, then the newest of its kind. A try that
    failed, waits or still runs takes no finished run's place.
    """
    found: dict[str, Run | None] = {defaults.FRESH: stage}
    usual = run_choices.from_stage(stage) if stage else {}
    for name, wanted in _FROM_STAGE.items():
        found[name] = _finished(lambda s, w=wanted: s.starts_from == stage.id and w(s), usual[name]) if stage else None
    large = _finished(lambda s: _large(s) and s.frozen and not s.starts_from)
    found[defaults.LARGE] = large
    found[defaults.LARGE_UNFROZEN] = (
        _finished(lambda s: _large(s) and not s.frozen and s.starts_from == large.id) if large else None
    )
    return found


def before(found: Mapping[str, Run | None]) -> None:
    """Say which of the runs in the table were on this machine before the learner began; nothing where none was.

    Args:
        found: of `by_name`.
    """
    began = state.began()
    old = [run for run in found.values() if run and run.status().queued_at < began]
    if not old:
        return
    names = dict.fromkeys(formatting.plain(run_choices.title(run.spec())) for run in old)
    others = len([run for run in found.values() if run]) - len(old)
    listed = ", ".join(tr("“{name}”", name=name) for name in names)
    words: str = tr("These were on this machine before you began: {names}.", names=listed)
    if others:
        since = tr("The others were trained since.") if others > 1 else tr("The other one was trained since.")
        words = f"{words} {since}"
    st.caption(words)


def dots(found: Mapping[str, Run | None]) -> None:
    """The error rates of all trainings of the runs in the table, a dot each, on a line for each recipe; nothing without runs.

    Args:
        found: of `by_name`.
    """
    lines: dict[str, Recipe] = {}
    for run in found.values():
        recipe = snapshot.recipe(run) if run else None
        if run is None or recipe is None or not recipe.done or recipe.id in {line.id for line in lines.values()}:
            continue
        title = run_choices.title(run.spec())
        lines[f"{title}: {run_choices.name(run)}" if title in lines else title] = recipe
    if lines:
        st.markdown(tr("**Each training, its mean and its range, on a line for each recipe**"))
        repeats.chart(lines, "recap_trainings")


def one_rate(spec: RunSpec) -> bool:
    """Whether a run is the naive way of unfreezing: one rate for all layers, and no small one."""
    return not spec.frozen and not isinstance(spec.learning_rate, tuple) and spec.learning_rate > defaults.SMALL_RATE


def small_rate(spec: RunSpec) -> bool:
    """Whether a run is unfrozen with one small rate for all layers."""
    return not spec.frozen and not isinstance(spec.learning_rate, tuple) and spec.learning_rate <= defaults.SMALL_RATE


def sliced(spec: RunSpec) -> bool:
    """Whether a run is unfrozen with a slice of rates."""
    return not spec.frozen and isinstance(spec.learning_rate, tuple)


_FROM_STAGE: dict[str, Wanted] = {
    defaults.MORE: lambda s: s.frozen,
    defaults.NAIVE: one_rate,
    defaults.RIGHT: sliced,
}


def _large(spec: RunSpec) -> bool:
    return spec.architecture == "resnet50" and spec.dataset == state.dataset().name


def _finished(wanted: Wanted, usual: RunSpec | None = None) -> Run | None:
    exact = snapshot.recipes().get(usual.recipe) if usual else None
    found = [exact] if exact else []
    found += [recipe for recipe in snapshot.recipes().values() if wanted(recipe.runs[0].spec())]
    return next((recipe.kept for recipe in found if recipe.kept), None)
