"""Runs as the pages name them: the default choice, what a run cost, which is followed, what came of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import streamlit as st

from lessonkit import jobs, runs, wording
from lessonkit.analysis import predictions
from lessonkit.analysis.recipes import Recipe
from lessonkit.architectures import ARCHITECTURES
from lessonkit.figures import losses
from lessonkit.lesson import defaults, verdicts
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import allowed, cached, elements, formatting, quiz, snapshot, state
from lessonkit.ui.core.connection import kind as engine_kind

FEWEST_VIEWS = RunSpec.views
_HEADS = {"linear": "head of one layer", "fastai": "fastai's head"}  # said where it is not the network's usual one
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
        f"{_epochs(run)} at {wording.rate(spec.learning_rate)}",
        "frozen" if spec.frozen else "unfrozen",
    ]
    words += [_HEADS[spec.head]] if (spec.head == "linear") != (spec.architecture == RunSpec.architecture) else []
    words += ["body run for each batch"] if spec.frozen and not spec.precompute else []
    words += ["random weights"] if not spec.pretrained else []
    words += ["no augmentation"] if not spec.augment else []
    words += [f"{spec.views} views"] if spec.precompute and spec.augment and spec.views != FEWEST_VIEWS else []
    words += ["no normalization"] if spec.normalize == "none" else []
    words += ["batch norm trained"] if spec.batch_norm == "trained" else []
    words += [f"{spec.size} px"] if spec.size not in USUAL_SIZES else []
    words += [f"batches of {spec.batch_size}"] if spec.batch_size not in USUAL_BATCHES else []
    words += (
        [{"given": "halves as they came", "together": "copies together"}[spec.split]] if spec.split != "random" else []
    )
    words += [f"split {spec.split_seed}"] if spec.split_seed != RunSpec.split_seed else []
    words += [f"{wording.percent(spec.share, 0)} of the photos"] if spec.share < 1 else []
    words += ["corrected labels"] if spec.marks else []
    return ", ".join(words)


def _epochs(run: Run) -> str:
    asked, done = run.spec().epochs, len(run.history())
    early = f"{done} of " if run.status().ended and done < asked else ""
    return f"{early}{asked} epoch{'s' if asked > 1 else ''}"


def title(spec: RunSpec) -> str:
    """What people call a recipe: the name that somebody gave it, else what kind of run it is in the lesson."""
    if given := snapshot.names().get(spec.recipe):
        return given
    if spec.marks:
        return "Cleaned labels"
    if spec.frozen:
        plain = ", no normalization" if spec.normalize == "none" else ""
        return f"{'Long run' if spec.starts_from else 'Frozen model'}{plain}"
    if isinstance(spec.learning_rate, tuple):
        return "Unfrozen, a slice"
    return "Unfrozen, one rate" if spec.learning_rate > defaults.SMALL_RATE else "Unfrozen, one small rate"


def model_name(run: Run) -> str:
    """A model in a list, as people say it: "Long run, 18.4 %"; then its choices, and which of its recipe's trainings it is."""
    recipe = snapshot.recipe(run)
    kept = recipe.kept
    error = formatting.percent(run.history()[-1]["error_rate"]) if run.history() else "no epoch yet"
    words = [name(run)]
    if len(recipe.done) > 1:
        words.append("the one that is kept" if kept and kept.id == run.id else f"seed {run.spec().seed}")
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
    with st.popover("Rename", icon=":material/edit:"):
        wanted = st.text_input(
            "What to call it", title(spec), key=f"name_{recipe.id}",
            help="It stands in all lists, for everybody who uses this lesson on this machine. Empty: the usual name.",
        )  # fmt: skip
        if st.button("Save the name", key=f"rename_{recipe.id}"):
            with elements.errors_here():
                allowed.rename(recipe.runs[0], wanted)
                st.rerun()


def row(recipe: Recipe, run: Run | None = None) -> dict[str, str]:
    """A recipe as a row of the table of what was tried: all its trainings, and one of them, by default the one kept."""
    run = run or recipe.kept or recipe.runs[0]
    status, history = run.status(), run.history()
    last = history[-1] if history else None
    errors = recipe.summary
    several = errors.n > 1 and not math.isnan(errors.mean)
    states = [r.status().state for r in recipe.runs]
    return {
        "name": title(run.spec()),
        "what": name(run),
        "goes on from": run.spec().starts_from or "–",
        "error rate": formatting.percent(last["error_rate"]) if last else "–",
        "valid loss": wording.loss(last["valid_loss"]) if last else "–",
        "trainings": str(errors.n) if errors.n else "–",
        "mean": formatting.percent(errors.mean) if several else "–",
        "lowest to highest": f"{formatting.percent(errors.low)} to {formatting.percent(errors.high)}"
        if several
        else "–",
        "state": next((s for s in ("running", "queued") if s in states), status.state),
        "took": formatting.duration(status.seconds) if status.ended_at and status.started_at else "–",
        "run": run.id,
    }


def unreadable() -> None:
    """Name the runs that cannot be read, and say why; nothing where all can be."""
    found = snapshot.now().unreadable
    if found:
        what = "1 run is" if len(found) == 1 else f"{len(found)} runs are"
        lines = [f"- `{run_id}`: {formatting.sentence(str(why))}" for run_id, why in sorted(found.items())]
        st.warning(
            "\n".join([f"**{what} in no list**, since a file cannot be read:\n", *lines]), icon=":material/warning:"
        )


def swept() -> None:
    """Say how many runs on the chosen photos were deleted for room since the learner began; nothing where none was."""
    name, began = state.dataset().name, state.began()
    gone = [one for one in runs.swept() if one.dataset == name and one.at >= began]
    if gone or any(one.run == state.get("run") for one in runs.swept()):
        what = (
            "The run of this address was"
            if not gone
            else "1 old run was"
            if len(gone) == 1
            else f"{len(gone)} old runs were"
        )
        st.info(
            f"{what} deleted: all runs together took more room than they may here. Trained again, the same choices give the "
            "same run.",
            icon=":material/auto_delete:",
        )


def epoch_cost(architecture: str, dataset: Dataset, size: int) -> dict[str, str]:
    """What a network's work on these photos takes here, at this size: timed on a few batches, or not known yet."""
    body, epoch = "the frozen body over all photos", "an epoch unfrozen"
    job = measured(size)
    timed = job.result if job and job.result else {}
    if architecture not in timed:
        return dict.fromkeys((body, epoch), "not measured yet")
    forward, both_ways = timed[architecture]["frozen"], timed[architecture]["unfrozen"]
    photos = len(dataset.names)
    return {
        body: f"about {formatting.duration(forward * photos)}",
        epoch: f"about {formatting.duration(photos * (0.8 * both_ways + 0.2 * forward))}",  # a fifth is only validated on
    }


def measured(size: int) -> jobs.Job | None:
    """The job that measures an epoch on this device, at this size in pixels; None where nobody asked for it yet."""
    return jobs.read("measure", f"{engine_kind()}-{size}")


def result(run: Run) -> None:
    """What came of a frozen run, beside the learner's own score."""
    history, score, status = run.history(), quiz.score(), run.status()
    known = ("train_photos", "valid_photos", "breeds", "parameters", "trainable", "weights_from", "seconds")
    facts = {name: status.fact(name) for name in known}
    columns = st.columns(3)
    several = len(snapshot.recipe(run).done) > 1
    columns[0].metric(
        "The kept model's error rate" if several else "The model's error rate",
        formatting.percent(history[-1]["error_rate"]),
        border=True,
    )
    columns[1].metric(
        "Yours",
        formatting.percent(score.error_rate, 0) if score else "–",
        border=True,
        help=quiz.words(score),
    )
    columns[2].metric("Photos held out", f"{facts['valid_photos']:,}", border=True)
    last, photos, breeds = history[-1], facts["valid_photos"], facts["breeds"]
    st.markdown(
        f"Of {formatting.photos(photos)} held out it names **{round(last['error_rate'] * photos):,} wrongly**; guessing among {breeds} "
        f"breeds would name some {_some(photos * (1 - 1 / breeds))} wrongly. The **loss** also counts how sure it was. "
        f"For each photo it is −log of the probability that the model gave to the right breed: 0 for a probability of 1, more "
        f"for a lower one. Its mean on the photos held out is {wording.loss(last['valid_loss'])}; a model that gives each breed the same "
        f"probability has {wording.loss(math.log(breeds))}."
    )
    breed, always = cached.made_of(predictions.commonest, run)
    st.markdown(verdicts.baseline_words(last["error_rate"], formatting.breed(breed), always, photos))
    spec = run.spec()
    how = (
        "The frozen body ran **once** over each photo, and what it gave out, its activations, was kept. Its batch norm still uses the averages from ImageNet."
        if spec.precompute
        else f"The frozen body ran for **each batch**, as in the lesson; the averages of its batch norm were **{spec.batch_norm}**."
    )
    st.caption(
        f"{how} {facts['train_photos']:,} photos to train on, {facts['trainable']:,} of {facts['parameters']:,} parameters trained. "
        f"Weights: {facts['weights_from']}."
    )
    made_of = (run.id, run.status().ended_at)
    left, right = st.columns(2)
    with left, elements.errors_here():
        elements.chart(
            lambda: losses.batch_losses(pd.DataFrame(run.events()[0])),
            f"result_losses_{run.id}",
            "Training loss, batch by batch.",
            made_of,
        )
    with right, elements.errors_here():
        elements.chart(
            lambda: losses.rates(pd.DataFrame(run.events()[0])),
            f"result_rates_{run.id}",
            "Learning rate and momentum, batch by batch.",
            made_of,
        )
    took = ", ".join(f"{what} {formatting.duration(s)}" for what, s in facts["seconds"].items() if s >= 0.05)
    st.caption(
        f"Where the time went: {took}.{verdicts.compiled_words(status.facts.get('compiled') or {})}{formatting.sentence(verdicts.rung_words(status.facts))}"
    )


def all_of(wanted: Callable[[RunSpec], bool]) -> list[Run]:
    """The runs whose spec is wanted, the newest first."""
    return [run for run in snapshot.now().runs if wanted(run.spec())]


def _some(photos: float) -> str:
    """A mean number of photos; of few, with a decimal: half a photo is not none."""
    return f"{photos:,.0f}" if photos >= 10 else f"{photos:.1f}".removesuffix(".0")
