"""What a learner decides before training, and what was tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from lessonkit import jobs as job_files
from lessonkit import runs, wording
from lessonkit.analysis.recipes import REPEATS, Recipe
from lessonkit.architectures import ARCHITECTURES, weights_present
from lessonkit.figures import losses
from lessonkit.lesson import defaults, trainings, verdicts
from lessonkit.photos import imported
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.labels import label_dataset
from lessonkit.runs import Run
from lessonkit.spec import MOST_EPOCHS, SPLITS, RunSpec
from lessonkit.ui.core import (
    allowed,
    elements,
    formatting,
    job_progress,
    run_choices,
    run_progress,
    snapshot,
    state,
    who,
)
from lessonkit.ui.core import repeats as repeats_view
from lessonkit.ui.core.cached import halves, tested_with_a_copy
from lessonkit.ui.core.connection import engine, kind
from lessonkit.ui.lesson import ideas, ten_photos

SIZES = (96, 128, 160, 192, 224, 299)  # pixels
WHICH = {
    "random": "one photo in five is held out",
    "given": "the photos of your folders valid and test are held out",
    "together": "one photo in five is held out, and all copies of it",
}


def architectures(default: RunSpec) -> None:
    """What can be trained, in facts; what it costs, at the size that is chosen below."""
    size = st.session_state.get("size", default.size)
    rows = [
        {
            "architecture": a.title,
            "layers": a.layers,
            "parameters": f"{a.parameters / 1e6:.1f} million",
            "weights": "here" if weights_present(a.name) else f"{a.megabytes:.0f} MB to download",
            **run_choices.epoch_cost(a.name, state.dataset(), size),
        }
        for a in ARCHITECTURES.values()
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, alt="Architectures: depth, parameters, weights, cost of an epoch."
    )
    st.caption(
        "The frozen body gives the same output for the same photo in every epoch. So by default it runs **once**, before the "
        "first epoch, and each epoch then trains the head alone, in a moment. When the body is unfrozen, or runs for each batch as in the "
        "lesson, an epoch takes longer: the button below measures how long, and the table then shows it."
    )
    job = run_choices.measured(size)
    if job and not job.ended:
        job_progress.follow(job)
    elif st.button(
        f"Measure an epoch on this machine, at {size} pixels",
        icon=":material/timer:",
        help="A few batches of each, a minute at most.",
    ):
        with elements.errors_here():
            engine().measure(size, kind())
            st.rerun()
    elif job:
        job_progress.how_it_ended(job)


def held_out(dataset: Dataset, seed: int) -> str:
    """What is set aside before a network learns, and why; how it is chosen, as in `RunSpec.split`."""
    found = label_dataset(dataset, state.pattern())
    split = RunSpec.split
    st.subheader("Hold out one photo in five", anchor=False)
    copied = tested_with_a_copy(dataset, state.pattern(), seed)
    offered = {"given": imported.can_be_given(dataset), "together": copied > 0}
    if imported.of_a_class(dataset):
        split = "given"
        st.caption(
            "The class gave these photos. Each giver's photos lie in one half, so the network is tested on other people's."
        )
    elif any(offered.values()):
        split = st.segmented_control(
            "Which photos are held out", [way for way in SPLITS if offered.get(way, True)], default=RunSpec.split,
            required=True, key=f"split_{dataset.name}", persist_state="session", format_func=wording.HELD_OUT.__getitem__,
        )  # fmt: skip
    if copied and split == "random":
        st.warning(
            f"**{copied} of the photos held out {'has' if copied == 1 else 'have'} a copy among the photos that the network "
            "learns from**: the same picture, perhaps mirrored, brighter or with its edge cut off. The network has seen these "
            "answers, so its error rate would be too good. Choose “copies of a photo together”.",
            icon=":material/content_copy:",
        )
    train, valid = halves(dataset, state.pattern(), seed, split)
    st.markdown(
        f"Before it learns, **{WHICH[split]}**. Of these {len(found.of):,} the network learns from {train:,} "
        f"and is tested on the other {valid:,}, which it never learns from. On photos that it has learned, the error rate "
        "would say how well it remembers them, not how well it will do on new photos. All runs with the same split hold out the "
        "same photos, so you can compare them."
    )
    ideas.held_out(train, valid)
    return split


def take_choices() -> None:
    """Fill in what the address asks for, `?architecture=resnet50&size=299&epochs=8`, once: the boxes then say it.

    What is no choice here is said, and left as it was.
    """
    for key, taken in _FROM_ADDRESS.items():
        if key not in st.query_params:
            continue
        wanted = st.query_params[key]
        del st.query_params[key]  # else it would undo what the learner chooses next
        if (value := taken(wanted)) is None:
            st.info(f"The address asks for “{formatting.plain(wanted[:40])}” as {key}, which is no choice here.")
        else:
            st.session_state[key] = value


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


_FROM_ADDRESS: dict[str, Callable[[str], Any]] = {
    "architecture": lambda text: text if text in ARCHITECTURES else None,
    "size": lambda text: size if (size := _whole(text)) in SIZES else None,
    "epochs": _whole,
}
"""A choice's key -> its value as the address says it; None where it is none."""


def choose(default: RunSpec) -> RunSpec:
    """The learner's choices as a spec. Raises SpecError for what no run can be made from."""
    left, right = st.columns(2, gap="medium")
    with left:
        choice = _what(default)
    with right:
        choice |= _how(default)
    architecture = choice["architecture"]
    changed = architecture != default.architecture or choice["size"] != default.size
    if changed and not weights_present(architecture):
        st.caption(
            f":material/download: {ARCHITECTURES[architecture].title}: weights from {ARCHITECTURES[architecture].source}."
        )
    return default.but(**choice)


def _what(default: RunSpec) -> dict[str, Any]:
    names = list(ARCHITECTURES)
    return {
        "architecture": st.selectbox(
            "Architecture", names, index=names.index(default.architecture), key="architecture", persist_state="session",
            format_func=lambda n: ARCHITECTURES[n].title,
        ),
        "epochs": st.number_input(
            f"Epochs (1 to {MOST_EPOCHS})", value=default.epochs, step=1, key="epochs", persist_state="session"
        ),
        "learning_rate": st.text_input(
            "Learning rate", value=f"{default.learning_rate:g}", key="learning_rate", persist_state="session",
            help="The peak of the one-cycle schedule. “lr_find” below says whether to keep it.",
        ),
    }  # fmt: skip


def _how(default: RunSpec) -> dict[str, Any]:
    pretrained = st.toggle(
        "Pretrained on ImageNet", value=True, key="pretrained", persist_state="session",
        help="Off: a body of random weights, which stays frozen as it is; only the head learns. To see what ImageNet's "
        "body is worth, not what training a whole network from nothing does.",
    )  # fmt: skip
    precompute = st.toggle(
        "Run the frozen body once per photo", value=default.precompute, key="precompute", persist_state="session",
        help="The frozen body gives the same activations for the same photo each time, so they are computed once. "
        "Its batch norm keeps ImageNet's statistics. Off: the body runs for each batch, as in the lesson.",
    )  # fmt: skip
    augment = st.toggle(
        "Augmentation", value=default.augment, key="augment", persist_state="session",
        help="Photos are turned, flipped, cropped and lit differently each time. If the body runs once per photo, it runs "
        "over as many views of each as are chosen below. Off: over the plain view alone.",
    )  # fmt: skip
    with st.expander("Less often changed"):
        seldom = _seldom(default)
        views = _views(default, disabled=not (precompute and augment))
    return {
        "pretrained": pretrained, "precompute": precompute, **seldom, **run_choices.augmented(augment, precompute, views),
        "batch_norm": "fixed" if precompute else default.batch_norm,
    }  # fmt: skip


def _seldom(default: RunSpec) -> dict[str, Any]:
    normalized = st.toggle(
        "Normalize as the weights expect", value=True, key="normalized", persist_state="session",
        help="Off: pixels of 0 to 1, as they are. To see what normalization is worth.",
    )  # fmt: skip
    return {
        "normalize": "model" if normalized else "none",
        "head": st.selectbox(
            "Head", list(wording.HEADS), index=list(wording.HEADS).index(default.head), key="head", persist_state="session",
            format_func=wording.HEADS.__getitem__,
            help="What turns the body's activations into a probability for each breed. On 590 photos of 37 breeds, one layer that "
            "begins at zero was wrong 2 to 3 points less often after four epochs than fastai's two layers, which begin with "
            "random weights and have more to learn.",
        ),
        "size": st.select_slider(
            "Size, pixels", SIZES, value=default.size, key="size", persist_state="session"
        ),
        "batch_size": st.select_slider(
            "Photos a batch", [8, 16, 32, 64, 128], value=default.batch_size, key="batch_size", persist_state="session"
        ),
        "split_seed": st.number_input(
            "Seed of the split", value=default.split_seed, step=1, key="split_seed", persist_state="session",
            help="Decides which photos are held out. Runs with another one are tested on other photos.",
        ),
    }  # fmt: skip


def repeats(spec: RunSpec) -> int:
    """How many trainings of a recipe Train begins: asked the first time that somebody presses it, then one."""
    if _begun(spec):
        return 1
    usual = defaults.repeats(spec)
    how_often = st.segmented_control(
        "Trainings of these choices", (1, 3, REPEATS), default=usual, required=True,
        key=f"repeats_{usual}", persist_state="session",
        help="Each has another seed: other first weights of the head, another order of the photos, other augmented views. "
        "How far apart they end is luck. Where the body runs once per photo, a further training costs about a second.",
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
            args=(key, spec.recipe),
        )  # fmt: skip


def _guessed(key: str, recipe: str) -> None:
    """Let the class's panel know; whoever has trained knows what came of it."""
    if said := st.session_state.get(key):
        allowed.answer(f"luck|{recipe}", said, after=bool(state.get("run")))


def trained_before(spec: RunSpec) -> None:
    """Say what Train does where these choices were trained before."""
    recipe = snapshot.recipes().get(spec.recipe)
    if recipe and recipe.done:
        times = "once" if len(recipe.done) == 1 else f"{len(recipe.done)} times"
        st.caption(
            f"These choices were trained {times} before. **Train** trains them once more with another seed, and adds your own "
            "training to the chart."
        )


def results(recipe: Recipe) -> None:
    """A recipe's trainings: the learner's own, live; then all of them; then the model that is kept.

    What was trained before the learner pressed Train is folded: nobody reads the answer first.
    """
    if who.held_back():
        st.info(
            "What comes of it waits until your teacher opens the results. It trains all the same.",
            icon=":material/visibility_off:",
        )
        st.fragment(_how_far, run_every=run_progress.EVERY_QUEUED)(recipe.runs[0].spec().recipe)
        return
    mine = repeats_view.mine(recipe)
    run = mine or recipe.kept or recipe.runs[0]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(formatting.plain(run_choices.title(run.spec())), anchor=False, width="content")
        run_choices.rename_box(recipe)
    st.caption(run_choices.name(run))
    if mine is None and recipe.kept:
        count = len(recipe.done)
        before = f"{count} trainings" if count > 1 else "one training"
        with st.expander(f"What was trained here before: {before}", icon=":material/history:", expanded=False):
            _results(recipe, run)
        return
    _results(recipe, run)


def _how_far(recipe_id: str) -> None:
    """What goes on with a recipe whose results are held back, without a number of them."""
    states = [run.status().state for run in _runs_of(recipe_id)]
    done, all_of = sum(s in ("done", "stopped") for s in states), len(states)
    st.progress(done / max(1, all_of), text=f"{done} of {all_of} trainings are done")


def _runs_of(recipe_id: str) -> list[Run]:
    """The runs of a recipe as they are now."""
    return [run for run in runs.all_runs() if run.spec().recipe == recipe_id]


def _results(recipe: Recipe, run: Run) -> None:
    kept = recipe.kept
    if len(recipe.runs) > 1:
        which = trainings.which_words(kept is not None and run.id == kept.id, run.id == state.get("run"))
        st.markdown(f"**{which}**, seed {run.spec().seed}")
    finished = run_progress.follow(run)
    if not finished and not recipe.done:
        return
    all_there = repeats_view.follow(recipe)
    if kept is None:
        return
    if len(recipe.done) > 1:
        st.markdown(f"**All trainings of this recipe**: error rate {trainings.spread_words(recipe.summary)}.")
        repeats_view.chart({"": recipe}, f"repeats_{recipe.id}")
    if all_there and recipe.done:
        guessed = trainings.guess_words(st.session_state.get(f"luck_guess_{recipe.id}") or "", recipe.summary)
        photos = kept.status().fact("valid_photos")
        st.markdown(f"{guessed} {trainings.luck_words(recipe.summary, photos)}".strip())
    st.markdown(_kept_words(recipe, kept, still=not (all_there or recipe.settled)))
    _go_on(recipe)
    run_choices.result(kept)
    ten_photos.beside(kept)


def _kept_words(recipe: Recipe, kept: Run, still: bool) -> str:
    errors = [run.history()[-1]["error_rate"] for run in recipe.done[:REPEATS]]
    stays = recipe.median is not None and kept.id != recipe.median.id
    return trainings.kept_words(kept.history()[-1]["error_rate"], errors, kept.spec().seed, still, stays)


def _go_on(recipe: Recipe) -> None:
    """Which recipe the next pages go on from; a button makes it this one."""
    base = state.base()
    if base is None or recipe.kept is None:
        return
    if base.id == recipe.id:
        st.caption(":material/flag: The next pages go on from this recipe.")
        return
    assert base.kept is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"The next pages go on from another recipe: {formatting.plain(run_choices.model_name(base.kept))}.",
            width="content",
        )
        if st.button("Go on from this one", key=f"base_{recipe.id}", icon=":material/flag:"):
            state.put(base=recipe.id)
            st.rerun()


def _views(default: RunSpec, disabled: bool) -> int:
    return st.select_slider(
        "Views of each photo, where the body runs once", [2, 3, 4, 8, 16], value=default.views, key="views",
        persist_state="session", disabled=disabled,
        help="Each is one pass of the body over the photos: twice the views, twice the wait. After 4 epochs they gain little: "
        "over 24 splits, runs with 1, 2, 3 and 4 views differed by no more than luck.",
    )  # fmt: skip


def find_rate(spec: RunSpec) -> None:
    """lr_find for these choices: its button, its progress, its curve."""
    with st.expander("Find a learning rate first: lr_find", icon=":material/show_chart:"):
        ideas.steps()
        st.markdown(
            "`lr_find` tries the rates one after the other: it raises the rate batch by batch until the loss explodes. Nothing "
            "that it learns is kept."
        )
        if st.button("Run lr_find", key="find_rate"):
            engine().find_rate(spec)
            st.session_state["rate_of"] = spec.id
            st.rerun()
        job = job_files.read("find_rate", st.session_state.get("rate_of", spec.id))
        if job and job_progress.follow(job):
            found = job.now().rate_found()
            figure = losses.lr_finder(found.lrs, found.losses, found.suggestion)
            elements.chart(figure, key="lr_finder", alt="Loss against learning rate.")
            if found.suggestion:
                chosen = spec.learning_rate if isinstance(spec.learning_rate, float) else spec.learning_rate[1]
                words, take = verdicts.rate_words(found.suggestion, chosen)
                st.markdown(words)
                if take:
                    rate = f"{found.suggestion:.1e}"
                    st.button("Use this rate", key="use_rate", on_click=_use_rate, args=(rate,))
            else:
                st.markdown("fastai suggests no rate: the loss exploded after too few batches.")
            if job.key != spec.id:
                st.caption("This curve is of other choices than those above.")


def _use_rate(rate: str) -> None:
    st.session_state["learning_rate"] = rate
