"""From one saved stage, side by side: frozen, unfrozen the naive way, unfrozen the right way."""

import streamlit as st

from lessonkit import wording
from lessonkit.language import tr, translatable
from lessonkit.lesson import code, defaults, questions
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import elements, recipe_progress, run_choices
from lessonkit.ui.lesson import asking, from_stage, ideas, recap, unfreezing


def _norm(default: RunSpec) -> str:
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


def _naive(default: RunSpec, norm: str) -> RunSpec:
    with st.container(horizontal=True):
        rate = st.text_input(
            tr("The one rate"), f"{default.learning_rate:g}", key="naive_rate", persist_state="session"
        )
        epochs = st.number_input(
            tr("Epochs"), value=default.epochs, step=1, key="naive_epochs", persist_state="session"
        )
    return default.but(learning_rate=rate, epochs=epochs, batch_norm=norm)


def _right(default: RunSpec, norm: str) -> RunSpec:
    rates = default.learning_rate if isinstance(default.learning_rate, tuple) else (default.learning_rate,) * 2
    low, high = (f"{rate:g}" for rate in rates)
    with st.container(horizontal=True):
        low = st.text_input(tr("The slice's low end"), low, key="low", persist_state="session")
        high = st.text_input(tr("Its high end"), high, key="high", persist_state="session")
        epochs = st.number_input(
            tr("Epochs"), value=default.epochs, step=1, key="right_epochs", persist_state="session"
        )
    return default.but(learning_rate=(low, high), epochs=epochs, batch_norm=norm)


def _small(default: RunSpec, norm: str) -> RunSpec:
    with st.container(horizontal=True):
        rate = st.text_input(
            tr("The small rate"), f"{default.learning_rate:g}", key="small_rate", persist_state="session"
        )
        epochs = st.number_input(
            tr("Epochs"), value=default.epochs, step=1, key="small_epochs", persist_state="session"
        )
    return default.but(learning_rate=rate, epochs=epochs, batch_norm=norm)


KINDS = {
    defaults.NAIVE: (_naive, recap.one_rate),
    defaults.SMALL: (_small, recap.small_rate),
    defaults.RIGHT: (_right, recap.sliced),
}


def _card(stage: Run, name: str, default: RunSpec, norm: str) -> tuple[RunSpec, Run | None]:
    """One of the unfrozen runs, with its choices: the spec to show as code, and the run once it has a model."""
    choose, wanted = KINDS[name]
    spec = None
    with st.container(border=True):
        st.markdown(f"**{unfreezing.heading(name)}**")
        with elements.errors_here():
            spec = choose(default, norm)
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
        return spec or recipe.runs[0].spec(), recipe_progress.follow(recipe, name, narrow=True)


stage = from_stage.begin(
    "unfreezing",
    translatable("All start from the same saved stage: {model}."),
    tr("There is no frozen model on these photos yet, and everything here starts from it."),
)
if stage:
    specs = run_choices.from_stage(stage) | {defaults.SMALL: defaults.small_rate(stage.spec())}
    norm = _norm(specs[defaults.NAIVE])
    guess = unfreezing.guess(stage)
    found = {}
    for place, name in zip(st.columns(len(KINDS), gap="small"), KINDS, strict=True):
        with place:
            found[name] = _card(stage, name, specs[name], norm)
    ended = {name: run for name, (_, run) in found.items() if run}
    with elements.errors_here():
        if ended:
            unfreezing.side_by_side(stage, ended)
            unfreezing.trainings(stage, ended)
            unfreezing.resolved(stage, ended, guess)
            unfreezing.words(stage, ended)
            unfreezing.batch_norm(ended)
            unfreezing.changed(stage, ended)
    naive, right = (found[name][0] for name in (defaults.NAIVE, defaults.RIGHT))
    elements.code(code.unfreeze(naive, right, stage.spec()), note=tr(code.RATES_OF_2019))
    elements.questions(questions.UNFREEZING)
asking.again("unfreezing")
elements.onward("unfreezing")
