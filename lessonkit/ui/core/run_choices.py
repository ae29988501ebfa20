"""Runs as the pages name them: the default choice, what a run cost, which is followed, what came of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from lessonkit import jobs, run_removal, runs, wording
from lessonkit.analysis.recipes import Recipe
from lessonkit.architectures import ARCHITECTURES
from lessonkit.language import tr, translatable, trn
from lessonkit.lesson import defaults
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import allowed, elements, formatting, snapshot, state
from lessonkit.ui.core.connection import kind as engine_kind

FEWEST_VIEWS = RunSpec.views
# What is said of a recipe in one line, where it differs from the usual.
_HEADS = {
    "linear": translatable("head of one layer"),
    "fastai": translatable("fastai's head"),
}  # said where it is not the network's usual one
_HALVES = {"given": translatable("halves as they came"), "together": translatable("copies together")}
STATES = {
    runs.QUEUED: translatable("queued"),
    runs.RUNNING: translatable("running"),
    runs.DONE: translatable("done"),
    runs.STOPPED: translatable("stopped"),
    runs.FAILED: translatable("failed"),
    runs.INTERRUPTED: translatable("interrupted"),
}
"""A run's state, as tables say it."""
USUAL_SIZES, USUAL_BATCHES = (160, 224), (32, 64)  # pixels, photos: on a CPU, on a GPU


def default(dataset: Dataset) -> RunSpec:
    """The lesson's frozen run on this dataset and the learner's pattern, for the device that the engine trains on."""
    return defaults.default_specs(dataset, engine_kind())[defaults.FRESH].but(pattern=state.pattern())


def from_stage(stage: Run) -> dict[str, RunSpec]:
    """The lesson's four runs by name, this one being the first, which the later three start from."""
    return defaults.from_stage(stage.spec(), engine_kind())


def followed(dataset: Dataset) -> Recipe | None:
    """The frozen recipe to show: that of the run in the URL, else one under way, else the base of the lesson."""
    chosen = snapshot.find(state.get("run"))
    if chosen and chosen.spec().dataset == dataset.name and state.is_base(chosen.spec()):
        return snapshot.recipe(chosen)
    for run in snapshot.now().runs:
        spec = run.spec()
        if spec.dataset == dataset.name and state.is_base(spec) and not run.status().ended:
            return snapshot.recipe(run)
    return state.base()


def train(spec: RunSpec, repeats: int = 1, usual: RunSpec | None = None) -> Run:
    """Have a recipe trained: for the first time, with its repeats, or once more, with another seed.

    Args:
        usual: for a learner who has no base yet, what is to be it where this is an experiment; None: what is trained.

    Raises:
        LessonError: as `Engine.submit`.
    """
    run = allowed.submit(spec, repeats=repeats, another=True)
    state.settle_base(run.spec() if usual is None else usual)
    return run


def augmented(augment: bool, precompute: bool, views: int = FEWEST_VIEWS) -> dict[str, Any]:
    """A spec's fields for augmentation or none; activations computed once need several views of a photo for it."""
    if not precompute:
        return {"augment": augment, "views": FEWEST_VIEWS}
    return {"augment": augment, "views": max(views, FEWEST_VIEWS) if augment else 1}


def plain_stage() -> Run | None:
    """The run that the lesson goes on from; of one trained on corrected labels, the same choices on the labels as they were.

    Where these were never trained, the newest run that the lesson could go on from on the labels as they were.
    """
    stage = state.stage()
    if stage is None or not stage.spec().marks:
        return stage
    same = snapshot.recipes().get(stage.spec().but(marks="", seed=0).recipe)
    kept = (recipe.kept for recipe in (*([same] if same else []), *state.bases()))
    return next((run for run in kept if run and not run.spec().marks), None)


def name(run: Run) -> str:
    """A run's recipe in a line: architecture, epochs, rate, and what differs from the usual. Its repeats share it.

    Of a run that ended early, the epochs that it finished: "2 of 6 epochs". Two runs of other choices from one start have
    two names; the photos, their labels and the run that it goes on from are not in the name.
    """
    spec = run.spec()
    words = [
        ARCHITECTURES[spec.architecture].title,
        _epochs(run),
        tr("frozen") if spec.frozen else tr("unfrozen"),
    ]
    words += [tr(_HEADS[spec.head])] if (spec.head == "linear") != (spec.architecture == RunSpec.architecture) else []
    words += [tr("body run for each batch")] if spec.frozen and not spec.precompute else []
    words += [tr("random weights")] if not spec.pretrained else []
    words += [tr("no augmentation")] if not spec.augment else []
    if spec.precompute and spec.augment and spec.views != FEWEST_VIEWS:
        words.append(trn("{n} view", "{n} views", spec.views))
    words += [tr("no normalization")] if spec.normalize == "none" else []
    words += [tr("batch norm trained")] if spec.batch_norm == "trained" else []
    words += [f"{spec.size} px"] if spec.size not in USUAL_SIZES else []
    words += [tr("batches of {photos}", photos=spec.batch_size)] if spec.batch_size not in USUAL_BATCHES else []
    words += [tr(_HALVES[spec.split])] if spec.split != "random" else []
    words += [tr("split {seed}", seed=spec.split_seed)] if spec.split_seed != RunSpec.split_seed else []
    words += [tr("{share} of the photos", share=wording.percent(spec.share, 0))] if spec.share < 1 else []
    words += [tr("corrected labels")] if spec.marks else []
    return ", ".join(words)


def _epochs(run: Run) -> str:
    asked, done, rate = run.spec().epochs, len(run.history()), wording.rate_said(run.spec().learning_rate)
    if run.status().ended and done < asked:
        return trn("{done} of {n} epoch at {rate}", "{done} of {n} epochs at {rate}", asked, done=done, rate=rate)
    return trn("{n} epoch at {rate}", "{n} epochs at {rate}", asked, rate=rate)


def title(spec: RunSpec) -> str:
    """What people call a recipe: the name that somebody gave it, else what kind of run it is in the lesson."""
    return snapshot.names().get(spec.recipe) or _kind(spec)


def _kind(spec: RunSpec) -> str:
    plain = spec.normalize == "none"
    if spec.marks:
        return tr("Cleaned labels")
    if spec.frozen and spec.starts_from:
        return tr("Long run, no normalization") if plain else tr("Long run")
    if spec.frozen:
        return tr("Frozen model, no normalization") if plain else tr("Frozen model")
    if isinstance(spec.learning_rate, tuple):
        return tr("Unfrozen, a slice")
    return tr("Unfrozen, one rate") if spec.learning_rate > defaults.SMALL_RATE else tr("Unfrozen, one small rate")


def model_name(run: Run) -> str:
    """A model in a list, as people say it: "Long run, 18.4 %"; then its choices, and which of its recipe's trainings it is."""
    recipe = snapshot.recipe(run)
    kept = recipe.kept
    error = formatting.percent(run.history()[-1]["error_rate"]) if run.history() else tr("no epoch yet")
    words = [name(run)]
    if len(recipe.done) > 1:
        is_kept = kept is not None and kept.id == run.id
        words.append(tr("the one that is kept") if is_kept else tr("seed {seed}", seed=run.spec().seed))
    return f"{title(run.spec())}, {error} ({', '.join(words)})"


def model_names(models: Iterable[Run]) -> dict[str, str]:
    """How models read in a list, by their ids; with the id where another one would read the same."""
    names = {run.id: model_name(run) for run in models}
    often = Counter(names.values())
    return {run_id: name if often[name] == 1 else f"{name} ({run_id})" for run_id, name in names.items()}


def rename_box(recipe: Recipe) -> None:
    """Give a recipe a name of one's own: it stands in all lists, for everybody on this machine."""
    spec = recipe.runs[0].spec()
    if not allowed.may_rename(recipe.runs[0]):
        return
    with st.popover(tr("Rename"), icon=":material/edit:"):
        wanted = st.text_input(
            tr("What to call it"), title(spec), key=f"name_{recipe.id}",
            help=tr("It stands in all lists, for everybody who uses this lesson on this machine. Empty: the usual name."),
        )  # fmt: skip
        if st.button(tr("Save the name"), key=f"rename_{recipe.id}"):
            with elements.errors_here():
                # the usual name is none of one's own: others read it in their language
                allowed.rename(recipe.runs[0], "" if wanted == _kind(spec) else wanted)
                st.rerun()


def row(recipe: Recipe, run: Run | None = None) -> dict[str, str]:
    """A recipe as a row of the table of what was tried: all its trainings, and one of them, by default the one kept.

    The columns' names are English, for `tr`; what stands in them is in the learner's language.
    """
    run = run or recipe.kept or recipe.runs[0]
    status, history = run.status(), run.history()
    last = history[-1] if history else None
    errors = recipe.summary
    several = errors.n > 1 and not math.isnan(errors.mean)
    states = [r.status().state for r in recipe.runs]
    lowest_to_highest = tr("{low} to {high}", low=formatting.percent(errors.low), high=formatting.percent(errors.high))
    return {
        translatable("name"): title(run.spec()),
        translatable("what"): name(run),
        translatable("goes on from"): run.spec().starts_from or "–",
        translatable("error rate"): formatting.percent(last["error_rate"]) if last else "–",
        translatable("valid loss"): wording.loss(last["valid_loss"]) if last else "–",
        translatable("trainings"): str(errors.n) if errors.n else "–",
        translatable("mean"): formatting.percent(errors.mean) if several else "–",
        translatable("lowest to highest"): lowest_to_highest if several else "–",
        translatable("state"): tr(STATES[next((s for s in (runs.RUNNING, runs.QUEUED) if s in states), status.state)]),
        translatable("took"): formatting.duration(status.seconds) if status.ended_at and status.started_at else "–",
        translatable("run"): run.id,
    }


def unreadable() -> None:
    """Name the runs that cannot be read, and say why; nothing where all can be."""
    found = snapshot.now().unreadable
    if found:
        what = trn(
            "**{n} run is in no list**, since a file cannot be read:",
            "**{n} runs are in no list**, since a file cannot be read:",
            len(found),
        )
        lines = [f"- `{run_id}`: {formatting.sentence(why)}" for run_id, why in sorted(found.items())]
        st.warning("\n".join([f"{what}\n", *lines]), icon=":material/warning:")


def swept() -> None:
    """Say how many runs on the chosen photos were deleted for room since the learner began; nothing where none was."""
    name, began = state.dataset().name, state.began()
    gone = [one for one in run_removal.swept() if one.dataset == name and one.at >= began]
    if gone or any(one.run == state.get("run") for one in run_removal.swept()):
        what = (
            trn(
                "{n} old run was deleted: all runs together took more room than they may here.",
                "{n} old runs were deleted: all runs together took more room than they may here.",
                len(gone),
            )
            if gone
            else tr("The run of this address was deleted: all runs together took more room than they may here.")
        )
        st.info(
            " ".join([what, tr("Trained again, the same choices give the same run.")]),
            icon=":material/auto_delete:",
        )


def epoch_cost(architecture: str, dataset: Dataset, size: int) -> dict[str, str]:
    """What a network's work on these photos takes here, at this size: timed on a few batches, or not known yet.

    By what it is, in English, for `tr`.
    """
    body, epoch = translatable("the frozen body over all photos"), translatable("an epoch unfrozen")
    job = measured(size)
    timed = job.result if job and job.result else {}
    if architecture not in timed:
        return dict.fromkeys((body, epoch), tr("not measured yet"))
    forward, both_ways = timed[architecture]["frozen"], timed[architecture]["unfrozen"]
    photos = len(dataset.names)
    seconds = {
        body: forward * photos,
        epoch: photos * (0.8 * both_ways + 0.2 * forward),  # a fifth is only validated on
    }
    return {of: tr("about {time}", time=formatting.duration(took)) for of, took in seconds.items()}


def measured(size: int) -> jobs.Job | None:
    """The job that measures an epoch on this device, at this size in pixels; None where nobody asked for it yet."""
    return jobs.read("measure", f"{engine_kind()}-{size}")


def all_of(wanted: Callable[[RunSpec], bool]) -> list[Run]:
    """The runs whose spec is wanted, the newest first."""
    return [run for run in snapshot.now().runs if wanted(run.spec())]
