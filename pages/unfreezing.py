"""From one saved stage, side by side: frozen, unfrozen the naive way, unfrozen the right way."""

import streamlit as st

from lessonkit.language import tr, translatable
from lessonkit.lesson import code, defaults, questions
from lessonkit.ui.core import elements, repeats, run_choices, snapshot
from lessonkit.ui.lesson import asking, from_stage, unfreezing, unfreezing_cards

stage = from_stage.begin(
    "unfreezing",
    translatable("All start from the same saved stage: {model}."),
    tr("There is no frozen model on these photos yet, and everything here starts from it."),
)
if stage:
    specs = run_choices.from_stage(stage) | {defaults.SMALL: defaults.small_rate(stage.spec())}
    statistics = unfreezing_cards.norm(specs[defaults.NAIVE])
    guess = unfreezing.guess(stage)
    opened = from_stage.opened(stage, guess, unfreezing.unfreezes)
    found = {}
    for place, name in zip(st.columns(len(unfreezing_cards.KINDS), gap="small"), unfreezing_cards.KINDS, strict=True):
        with place:
            found[name] = unfreezing_cards.card(stage, name, specs[name], statistics, opened)
    ended = {name: run for name, (_, run) in found.items() if run}
    with elements.errors_here():
        if ended:
            with repeats.folded(*map(snapshot.recipe, ended.values()), opened=opened):
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
