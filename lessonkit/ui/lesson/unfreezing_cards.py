"""The unfrozen runs' choices, a card each: what is chosen, what it would run, and the run once it is here."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessonkit import wording
from lessonkit.language import tr
from lessonkit.lesson import defaults
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import elements, recipe_progress, repeats
from lessonkit.ui.lesson import from_stage, ideas, recap, unfreezing


def norm(default: RunSpec) -> str:
    """Ask what batch norm's statistics are to be in all the cards' runs: one of `unfreezing.NORMS`."""
    st.caption(
        tr(
            "**Batch norm** layers bring the numbers inside the network to one scale, by a mean and a deviation that they keep: their "
            "statistics. These may stay as ImageNet left them, or follow your photos."
        )
    )
    return st.segmented_control(
        tr("Batch norm's statistics, in the unfrozen body"),
        list(unfreezing.NORMS),
        default=default.batch_norm,
        required=True,
        format_func=unfreezing.norm,
        key="batch_norm",
        persist_state="session",
        help=tr("Fixed: as pretrained. Trained: fastai's own default, good with thousands of photos."),
    )


def card(stage: Run, name: str, default: RunSpec, statistics: str, opened: bool = True) -> tuple[RunSpec, Run | None]:
    """One of the unfrozen runs, with its choices: the spec to show as code, and the run once it has a model.

    Args:
        name: one of KINDS. default: its choices before the learner makes any. statistics: batch norm's, as `norm` gives them.
        opened: whether what was trained here before stands open, as `from_stage.opened`.
    """
    choose, wanted = KINDS[name]
    spec = None
    with st.container(border=True):
        st.markdown(f"**{unfreezing.heading(name)}**")
        with elements.errors_here():
            spec = choose(default, statistics)
            st.caption(f"`learn.unfreeze(); learn.fit_one_cycle({spec.epochs}, {wording.rate(spec.learning_rate)})`")
            ideas.layers(spec, name, narrow=True)
        if spec and not wanted(spec):
            st.info(unfreezing.other_card(spec))
            spec = None
        from_stage.train_button(spec, tr("Train it"), tr("Train it once more, with another seed"), f"train_{name}")
        recipe = from_stage.shown(stage, spec, wanted)
        if recipe is None:
            return spec or default, None
        from_stage.which(recipe.runs[0], spec)
        with repeats.folded(recipe, opened=opened):
            return spec or recipe.runs[0].spec(), recipe_progress.follow(recipe, name, narrow=True)


def _naive(default: RunSpec, statistics: str) -> RunSpec:
    return _one_rate(default, statistics, tr("The one rate"), "naive")


def _small(default: RunSpec, statistics: str) -> RunSpec:
    return _one_rate(default, statistics, tr("The small rate"), "small")


def _one_rate(default: RunSpec, statistics: str, label: str, key: str) -> RunSpec:
    with st.container(horizontal=True):
        rate = st.text_input(label, f"{default.learning_rate:g}", key=f"{key}_rate", persist_state="session")
        epochs = _epochs(default, key)
    return default.but(learning_rate=rate, epochs=epochs, batch_norm=statistics)


def _right(default: RunSpec, statistics: str) -> RunSpec:
    rates = default.learning_rate if isinstance(default.learning_rate, tuple) else (default.learning_rate,) * 2
    low, high = (f"{rate:g}" for rate in rates)
    with st.container(horizontal=True):
        low = st.text_input(tr("The slice's low end"), low, key="low", persist_state="session")
        high = st.text_input(tr("Its high end"), high, key="high", persist_state="session")
        epochs = _epochs(default, "right")
    return default.but(learning_rate=(low, high), epochs=epochs, batch_norm=statistics)


def _epochs(default: RunSpec, key: str) -> int:
    return st.number_input(tr("Epochs"), value=default.epochs, step=1, key=f"{key}_epochs", persist_state="session")


KINDS: dict[str, tuple[Callable[[RunSpec, str], RunSpec], Callable[[RunSpec], bool]]] = {
    defaults.NAIVE: (_naive, recap.one_rate),
    defaults.SMALL: (_small, recap.small_rate),
    defaults.RIGHT: (_right, recap.sliced),
}
"""A card -> how its choices are asked for, and which runs are its own."""
