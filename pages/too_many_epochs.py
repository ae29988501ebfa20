"""Train on for as many epochs as asked, and see when it stops being a good idea."""

import streamlit as st

from lessonkit.language import tr, translatable
from lessonkit.lesson import code, defaults, questions, steps
from lessonkit.spec import MOST_EPOCHS, RunSpec
from lessonkit.ui.core import elements, recipe_progress, repeats, run_choices
from lessonkit.ui.lesson import asking, from_stage, ideas, too_many_epochs


def _choose(default: RunSpec) -> RunSpec | None:
    """The choices as a spec; a sentence below them and None where no run can be made from them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        extra = st.number_input(
            tr("Extra epochs (1 to {most})", most=MOST_EPOCHS),
            value=default.epochs,
            step=1,
            key="extra_epochs",
            persist_state="session",
            width=200,
        )
        share = st.slider(
            tr("Share of the training photos"),
            5,
            100,
            100,
            step=5,
            format="%d %%",
            key="share",
            persist_state="session",
            width=280,
        )
        augment = st.toggle(tr("Augmentation"), value=default.augment, key="more_augment", persist_state="session")
    views = run_choices.augmented(augment, default.precompute, default.views)
    if augment and default.precompute:
        st.caption(
            tr(
                "The {views} stored views of each photo are seen again and again; fastai draws a new one each epoch. More views, "
                "or none stored, are a choice on the page “{page}”.",
                views=views["views"],
                page=tr(steps.step("train").title),
            )
        )
    with elements.errors_here():
        return default.but(epochs=extra, share=share / 100, **views)
    return None


stage = from_stage.begin(
    "too_many_epochs",
    translatable("It goes on from the frozen model: {model}."),
    tr("There is no trained model on these photos yet."),
)
if stage:
    default = run_choices.from_stage(stage)[defaults.MORE]
    spec = _choose(default)
    recipe = from_stage.shown(stage, spec, too_many_epochs.trains_on)
    guessed = too_many_epochs.guess(stage)
    from_stage.train_button(spec, tr("Train on"), tr("Train on once more, with another seed"), "train_on")
    with elements.errors_here():
        if recipe:
            from_stage.which(recipe.runs[0], spec)
            with repeats.folded(recipe, opened=from_stage.opened(stage, guessed, too_many_epochs.trains_on)):
                ideas.by_heart()
                run = recipe_progress.follow(recipe, "more") or recipe.runs[0]
                if run.history() and run.status().ended:
                    too_many_epochs.verdict(stage, run, guessed)
                    too_many_epochs.others(stage, run)
    elements.code(
        code.more_epochs(spec or default, stage.spec()), note=tr(code.EACH_BATCH) if default.precompute else ""
    )
    elements.questions(questions.OVERFITTING)
asking.again("too_many_epochs")
elements.onward("too_many_epochs")
