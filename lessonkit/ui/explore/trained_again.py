"""Training again with the marks, and what that was worth."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from lessonkit import corrections
from lessonkit.analysis import predictions, repeats
from lessonkit.language import tr, translatable, trn
from lessonkit.lesson import defaults, luck, steps, trainings
from lessonkit.runs import Run
from lessonkit.ui.core import allowed, cached, elements, formatting, recipe_progress, run_choices, snapshot, state, who
from lessonkit.ui.core import repeats as repeats_view

HELD_OUT_ALONE = translatable(
    "All marks are on photos held out. The network does not learn from these: trained again, it gets **the same weights**. "
    "Only the test changes, since the error rate is then counted on the corrected labels. To change what it learns, mark "
    "photos that it was trained on."
)


def again(stage: Run, made: dict[str, corrections.Mark]) -> None:
    """The same training on the corrected labels: a way to begin it, and the newest that was done."""
    run = _retrained(stage, corrections.fingerprint(made))
    current = run is not None and run.spec().marks == corrections.fingerprint(made)
    if made and not current:
        if set(made) <= set(cached.predictions(stage)["photo"]):
            st.info(tr(HELD_OUT_ALONE), icon=":material/info:")
        label = tr("Train again with the marks") if run is None else tr("Train again with the marks as they are now")
        if st.button(label, type="primary", icon=":material/play_arrow:", key="train_again"):
            with elements.errors_here():
                which = allowed.write(corrections.save_version, snapshot.dataset_of(stage), who.marks_of())
                if which:  # "": somebody took them all back meanwhile
                    spec = stage.spec().but(marks=which, seed=0)
                    run_choices.train(spec, defaults.repeats(spec))
                st.rerun()
    if run is None:
        return
    version = corrections.version(stage.spec().dataset, run.spec().marks)
    st.subheader(tr("Trained again"), anchor=False)
    which = formatting.code(run.spec().marks)
    words = [trn("With {n} mark ({which}).", "With {n} marks ({which}).", len(version), which=which)]
    words += [] if current else [tr("The marks have changed since.")]
    st.caption(" ".join(words))
    if after := recipe_progress.follow(snapshot.recipe(run), "again"):
        _worth(stage, after, version)


def _retrained(stage: Run, which: str) -> Run | None:
    """The stage trained again with the marks `which`; else with the marks that it was last trained again with.

    Of several trainings the one that is kept, else the first.
    """
    plain = stage.spec().recipe
    recipes = [
        r for r in snapshot.recipes().values() if (s := r.runs[0].spec()).marks and s.but(marks="").recipe == plain
    ]
    found = [recipe.kept or recipe.runs[0] for recipe in recipes]
    return next((run for run in found if run.spec().marks == which), next(iter(found), None))


def _worth(stage: Run, run: Run, version: dict[str, corrections.Mark]) -> None:
    """Both recipes measured on the corrected labels, by all their trainings, and what the marks changed."""
    corrected = {
        one.spec().seed: corrections.remeasured(
            cached.predictions(one), predictions.finished_probabilities(one), one.vocab(), version
        )
        for one in cached.trained(stage)
    }
    found = repeats.compare(corrected, cached.trainings(run))
    # of the trainings that the other two numbers are of
    as_they_were = repeats.mean_error(cached.trainings(stage), found.seeds[0])
    many = max(found.before.n, found.after.n) > 1
    shown = {
        tr("Before, on the labels as they were"): as_they_were,
        tr("Before, on the corrected labels"): found.before.mean,
        tr("After, on the corrected labels"): found.after.mean,
    }
    with elements.figures(len(shown)):
        for name, rate in shown.items():
            st.metric(tr("{what}, mean", what=name) if many else name, formatting.percent(rate), border=True)
    if means := trainings.means_words((tr("before"), tr("after")), (found.before.n, found.after.n)):
        st.caption(means)
    facts = Counter(run.status().fact("marks"))
    learned, tested = (
        facts["changed_train"] + facts["left_out_train"],
        facts["changed_valid"] + facts["left_out_valid"],
    )
    words = [
        tr(
            "Of the photos it learns from, {changed_train} got another label and {left_out_train} were left out; of the photos "
            "it is tested with, {changed_valid} and {left_out_valid}.",
            **{name: facts[name] for name in ("changed_train", "left_out_train", "changed_valid", "left_out_valid")},
        )
    ]
    if tested:
        words.append(tr("Correcting validation photos changes the measure too, so compare the last two."))
    if repeats_view.awaited(stage, run):
        said = tr(luck.NOT_YET)
    else:
        said = luck.repeats_words(tr("before"), tr("after"), found)
    st.markdown(" ".join([tr("**Was it worth it?**"), said]))
    if not learned:
        words.append(
            tr("It learned from the same photos and labels as before: mark photos it was trained on to change that.")
        )
    st.caption(" ".join(words))
    if st.button(tr("Compare photo by photo"), key="compare_again", icon=steps.step("two_runs").icon):
        state.put(run_a=stage.id, run_b=run.id)
        st.switch_page(steps.step("two_runs").path)
