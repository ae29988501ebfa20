"""How often a recipe is trained, what the learner expects of that, and what came of it."""

from __future__ import annotations

import streamlit as st

from lessonkit import runs
from lessonkit.analysis.recipes import REPEATS, Recipe
from lessonkit.language import tr, trn
from lessonkit.lesson import defaults, trainings
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import allowed, elements, formatting, run_choices, run_progress, snapshot, state, who
from lessonkit.ui.core import repeats as repeats_view
from lessonkit.ui.lesson import run_result, ten_photos


def repeats(spec: RunSpec) -> int:
    """How many trainings of a recipe Train begins: asked the first time that somebody presses it, then one."""
    if _begun(spec):
        return 1
    usual = defaults.repeats(spec)
    how_often = st.segmented_control(
        tr("Trainings of these choices"), (1, 3, REPEATS), default=usual, required=True,
        key=f"repeats_{usual}", persist_state="session",
        help=tr(
            "Each has another seed: other first weights of the head, another order of the photos, other augmented views. "
            "How far apart they end is luck. Where the body runs once per photo, a further training costs about a second."
        ),
    )  # fmt: skip
    return int(how_often)


def _begun(spec: RunSpec) -> bool:
    """Whether Train would train these choices once more, since a first training of them is done or under way."""
    recipe = snapshot.recipes().get(spec.recipe)
    return recipe is not None and bool(recipe.done or recipe.under_way)


def guess(spec: RunSpec, number: int) -> None:
    """What the learner expects of luck in these choices; nothing where there will be one training alone.

    Args:
        number: of trainings that Train begins.
    """
    begun = _begun(spec)
    if begun or number > 1:
        key = f"luck_guess_{spec.recipe}"
        st.segmented_control(
            trainings.question(None if begun else number), list(trainings.GUESSES),
            default=allowed.said_before(f"luck|{spec.recipe}"), key=key, persist_state="session", on_change=_guessed,
            args=(key, spec.recipe), format_func=tr,
        )  # fmt: skip


def _guessed(key: str, recipe: str) -> None:
    """Let the class's panel know; whoever has trained knows what came of it."""
    if said := st.session_state.get(key):
        known = snapshot.recipes().get(recipe)
        knows = known is not None and any(run.id in state.trained() for run in known.done)
        with elements.errors_here():
            allowed.answer(f"luck|{recipe}", said, after=knows)


def spread_open(recipe: Recipe) -> bool:
    """Whether the learner may read how far apart a recipe's trainings ended: they pressed Train, or guessed and trained it."""
    chosen = any(run.id == state.get("run") for run in recipe.runs)
    return chosen or bool(allowed.said_before(f"luck|{recipe.id}") and repeats_view.looked_at(recipe))


def trained_before(spec: RunSpec) -> None:
    """Say what Train does where these choices were trained before."""
    recipe = snapshot.recipes().get(spec.recipe)
    if recipe and recipe.done:
        st.caption(
            trn(
                "These choices were trained once before. **Train** trains them once more, with another **seed**: chance decides anew, "
                "and your own training comes into the chart.",
                "These choices were trained {n} times before. **Train** trains them once more, with another **seed**: chance decides anew, "
                "and your own training comes into the chart.",
                len(recipe.done),
            )
        )


def results(recipe: Recipe) -> None:
    """A recipe's trainings: the learner's own, live; then all of them; then the model that is kept.

    What was trained before the learner pressed Train is folded, also what they trained on another page: nobody reads the
    answer to the guess first.
    """
    if who.held_back():
        st.info(
            tr("The results wait until your teacher opens them. The training goes on."),
            icon=":material/visibility_off:",
        )
        st.fragment(_how_far, run_every=run_progress.EVERY_QUEUED)(recipe.runs[0].spec().recipe)
        return
    run = repeats_view.looked_at(recipe) or recipe.kept or recipe.runs[0]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(formatting.plain(run_choices.title(run.spec())), anchor=False, width="content")
        run_choices.rename_box(recipe)
    st.caption(run_choices.name(run))
    with repeats_view.folded(recipe, opened=spread_open(recipe)):
        _results(recipe, run)


def _how_far(recipe_id: str) -> None:
    """What goes on with a recipe whose results are held back, without a number of them."""
    states = [run.status().state for run in _runs_of(recipe_id)]
    done, all_of = sum(s in ("done", "stopped") for s in states), len(states)
    st.progress(done / max(1, all_of), text=tr("{done} of {all_of} trainings are done", done=done, all_of=all_of))


def _runs_of(recipe_id: str) -> list[Run]:
    """The runs of a recipe as they are now."""
    return [run for run in runs.all_runs() if run.spec().recipe == recipe_id]


def _results(recipe: Recipe, run: Run) -> None:
    kept = recipe.kept
    if len(recipe.runs) > 1:
        which = trainings.which_words(
            kept is not None and run.id == kept.id, run.id in state.trained(), run.id == state.get("run")
        )
        st.markdown(tr("**{which}**, seed {seed}", which=which, seed=run.spec().seed))
    finished = run_progress.follow(run)
    if not finished and (not recipe.done or _first_of_mine(recipe, run)):
        return
    all_there = repeats_view.follow(recipe)
    if kept is None:
        return
    if len(recipe.done) > 1:
        spread = trainings.spread_words(recipe.summary)
        st.markdown(tr("**All trainings of this recipe**: error rate {spread}.", spread=spread))
        repeats_view.chart({"": recipe}, f"repeats_{recipe.id}")
    if all_there and recipe.done:
        said = allowed.said_before(f"luck|{recipe.id}") if repeats_view.looked_at(recipe) else None
        guessed = trainings.guess_words(said or "", recipe.summary)
        photos = kept.status().fact("valid_photos")
        st.markdown(f"{guessed} {trainings.luck_words(recipe.summary, photos)}".strip())
    elements.new_words("train", "result")
    st.markdown(_kept_words(recipe, kept, still=not all_there and kept.id not in recipe.gone_on_from))
    _go_on(recipe)
    run_result.result(kept)
    ten_photos.beside(kept)


def _first_of_mine(recipe: Recipe, run: Run) -> bool:
    """Whether it is the learner's first training of the recipe, and still trains: how the others ended waits for it."""
    mine = state.trained()
    return run.id in mine and not run.status().ended and not any(done.id in mine for done in recipe.done)


def _kept_words(recipe: Recipe, kept: Run, still: bool) -> str:
    errors = [run.history()[-1]["error_rate"] for run in recipe.decided]
    stays = kept.id in recipe.gone_on_from and recipe.middle is not None and kept.id != recipe.middle.id
    later = len(recipe.done) - len(recipe.decided)
    return trainings.kept_words(kept.history()[-1]["error_rate"], errors, kept.spec().seed, still, stays, later)


def _go_on(recipe: Recipe) -> None:
    """Which recipe the next pages go on from; a button makes it this one."""
    base = state.base()
    if base is None or recipe.kept is None:
        return
    if base.id == recipe.id:
        st.caption(tr(":material/flag: The next pages go on from this recipe."))
        return
    assert base.kept is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            tr(
                "The next pages go on from another recipe: {model}.",
                model=formatting.plain(run_choices.model_name(base.kept)),
            ),
            width="content",
        )
        if st.button(tr("Go on from this one"), key=f"base_{recipe.id}", icon=":material/flag:"):
            state.put(base=recipe.id)
            st.rerun()
