"""What was done, as facts: the run that is taken home, those that it goes on from, and how near another seed comes."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lessonkit import corrections, jobs, runs, wording
from lessonkit.analysis import predictions
from lessonkit.analysis.comparison import Outcome, outcome_on
from lessonkit.analysis.recipes import recipe_of, recipes
from lessonkit.analysis.repeats import Summary
from lessonkit.errors import LessonError
from lessonkit.language import decimal, tr, trn
from lessonkit.photos import catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import MODEL, Run, Seen, Snapshot
from lessonkit.spec import RunSpec

Quiz = tuple[int, int]
"""Of the photos that the learner guessed: how many, and how many of them wrongly."""

LEAST_PHOTOS = 2  # an error rate of 0 on 14 photos is no proof of 0: the tolerance counts two photos more


@dataclass(frozen=True)
class Tolerance:
    """How far from a run's numbers another seed may come out, either way: an error rate of 0 to 1, and a loss."""

    error_rate: float
    valid_loss: float


@dataclass(frozen=True)
class Stage:
    """One run of the story.

    Attributes:
        epochs: that were finished; fewer than the spec's where the learner stopped it.
        error_rate, valid_loss: of the model that was kept, on the validation photos.
        frame: its predictions.
    """

    run: Run
    spec: RunSpec
    epochs: int
    error_rate: float
    valid_loss: float
    frame: pd.DataFrame

    @functools.cached_property
    def dataset(self) -> Dataset:
        """What it was trained on, as that is now. Raises LessonError where there is no such dataset any more."""
        return catalog.resolve(self.spec.dataset)

    @property
    def photos_here(self) -> bool:
        """Whether the photos that it was trained on are on this machine, unchanged."""
        return photos_here(self.spec)

    @property
    def title(self) -> str:
        """The run in a few words, such as `head alone, 4 epochs at 0.003`; `2 of 6 epochs` where it was stopped."""
        asked, rate = self.spec.epochs, wording.rate_said(self.spec.learning_rate)
        done = trn("{n} epoch", "{n} epochs", asked)
        if self.epochs < asked:
            done = trn("{done} of {n} epoch", "{done} of {n} epochs", asked, done=decimal(self.epochs))
        if self.spec.frozen:
            return tr("head alone, {epochs} at {rate}", epochs=done, rate=rate)
        return tr("whole network, {epochs} at {rate}", epochs=done, rate=rate)

    @functools.cached_property
    def trainings(self) -> Summary:
        """How all trainings of its recipe ended: runs that differ in the seed alone."""
        return recipe_of(self.run.id).summary

    @property
    def outcome(self) -> Outcome:
        """How it ended, under its title."""
        return outcome_on(self.title, self.frame, self.run.history())

    @property
    def tolerance(self) -> Tolerance:
        """Two standard deviations of what is measured on this many photos.

        Of the error rate p the binomial's, 2 sqrt(p (1 - p) / n), with p = (wrong + 1) / (n + 2) (Laplace's rule),
        since no mistake on few photos is no certainty; of the loss 2 s / sqrt(n), s its deviation from photo to
        photo. Measured on 96 drawings, 19 held out, three seeds, a frozen run and one that goes on from it: at most
        0.053 of error rate where this says 0.20, and 0.48 of loss where it says 1.02.
        """
        n = max(1, len(self.frame))
        p = (round(self.error_rate * n) + 1) / (n + LEAST_PHOTOS)
        spread = float(self.frame["loss"].std(ddof=0)) if len(self.frame) else math.nan
        return Tolerance(2 * math.sqrt(p * (1 - p) / n), 2 * spread / math.sqrt(n))


def trainings(run: Run) -> dict[int, pd.DataFrame]:
    """The predictions of all trainings of a run's recipe that got to their end, by seed; its own alone where it did not."""
    done = recipe_of(run.id).done
    counted = done if any(one.id == run.id for one in done) else (run,)
    return {one.spec().seed: predictions.read(one) for one in counted}


def finished(run_id: str, known: Snapshot | None = None) -> Run:
    """The run, where it has a model, among all runs as they were `known`, or are now. Raises LessonError where it has none."""
    known = known or runs.snapshot()
    run = known.find(run_id)
    if run is None:
        if run_id in known.unreadable:
            raise known.unreadable[run_id].with_traceback(None)
        raise LessonError(tr("There is no run “{run}” on this machine.", run=run_id), tr("Choose one that is done."))
    if not run.status().finished or not run.path(MODEL).is_file():
        raise LessonError(
            tr("The run {run} has no model to take home: it is {state}.", run=run_id, state=tr(run.status().state)),
            tr("Choose one that is done, or train it again."),
        )
    return run


def stage(run: Run) -> Stage:
    """A finished run's facts."""
    frame, history = predictions.read(run), run.history()
    ended = outcome_on(run.id, frame, history)
    return Stage(run, run.spec(), len(history), ended.error_rate, ended.valid_loss, frame)


def chain(run_id: str) -> list[Stage]:
    """The run and those that it goes on from, the first one first. Raises LessonError where one has no model any more.

    Every one of them is needed: without the first, nobody can do the lesson again.
    """
    found = predictions.chain(finished(run_id))
    before = found[0].spec().starts_from
    if before:
        raise LessonError(
            tr("The run {run}, which this one goes on from, is no longer on this machine.", run=before),
            tr("Train it again, or take home a run that starts by itself."),
        )
    return [stage(finished(run.id)) for run in found]


def relatives(line: Sequence[Stage]) -> list[Stage]:
    """The runs of a chain, and every finished run that goes on from its first, directly or not; the oldest first.

    Of each recipe the run that is kept, and those that one of these goes on from.
    """
    return [stage(run) for run in _kin([stage.run.id for stage in line], runs.all_runs())]


def marked(spec: RunSpec, among: Sequence[Seen] | None = None) -> list[Seen]:
    """Finished runs of the same choices as `spec`, but for the learner's corrections of labels; the oldest first.

    Of each recipe the run that is kept.

    Args:
        among: the runs that there are; None looks them up.

    The first is the one without any, where it is there: what was trained before the labels were cleaned.
    """
    plain = spec.but(marks="", seed=0)
    here = recipes(runs.all_runs() if among is None else among).values()
    found = [run for recipe in here if (run := recipe.kept) and run.spec().but(marks="", seed=0) == plain]
    return sorted(found, key=lambda run: (bool(run.spec().marks), _asked(run)))


def rate_found(spec: RunSpec) -> jobs.Job | None:
    """The newest `lr_find` that was done with these photos and this network; the rate and epochs may be others."""
    same = spec.but(epochs=1, learning_rate=1.0)
    found = None
    for job in jobs.all_jobs():
        if job.kind == "find_rate" and job.state == jobs.DONE and job.result:
            try:
                if RunSpec.from_dict(job.args[0]).but(epochs=1, learning_rate=1.0) == same and job.rate_found():
                    found = job
            except (LessonError, TypeError, IndexError):  # of another version of the lesson, or changed by hand
                continue
    return found


def states(dataset: str, known: Snapshot) -> list[object]:
    """All that a table of a dataset's runs depends on, for telling whether it has changed since. Cheap."""
    found = [run for run in known.runs if run.spec().dataset == dataset]
    return [[run.id, run.status().state, run.status().ended_at, len(run.history())] for run in found]


def traces(run: Run, known: Snapshot) -> list[object]:
    """All that the story of a run depends on, for telling whether it has changed since. Cheap."""
    line = [one.id for one in predictions.chain(run, known.find)]
    first = known.find(line[0]) or run
    jobs_done = [job.ended_at for job in jobs.all_jobs() if job.kind == "find_rate" and job.state == jobs.DONE]
    kin, cleaned = _kin(line, known.runs), marked(first.spec(), known.runs)
    here = recipes(known.runs)
    told_of = (here[recipe] for recipe in sorted({other.spec().recipe for other in (*kin, *cleaned)}))
    # Of each recipe all trainings: what is told of one run beside another depends on them, whichever is kept.
    ended = [[one.id, one.status().ended_at] for recipe in told_of for one in recipe.done]
    return [[other.id for other in kin], [other.id for other in cleaned], ended, jobs_done]


def _kin(line: Sequence[str], among: Sequence[Seen]) -> list[Seen]:
    """The runs of a chain, and the finished ones that go back to its first: of each recipe the one kept; the oldest first."""
    specs = {run.id: run.spec() for run in among}

    def beginning(run_id: str) -> str:
        passed = {run_id}
        while (before := specs[run_id].starts_from) in specs and before not in passed:
            passed.add(before)
            run_id = before
        return run_id

    found = [run for run in among if run.status().finished and beginning(run.id) == line[0]]
    kept = {run.id for recipe in recipes(among).values() if (run := recipe.kept)} | set(line)
    started_from = {run.spec().starts_from for run in found if run.id in kept}
    return sorted((run for run in found if run.id in kept | started_from), key=_asked)


def _asked(run: Run) -> tuple[float, str]:
    return run.status().queued_at, run.id


def told(run_id: str) -> list[Stage]:
    """All that was done from the same beginning, in an order in which it can be done again: no run before the one that
    it goes on from, else the oldest first. Besides the run and those it goes on from, only runs whose photos and
    corrections are still here.

    Raises:
        LessonError: as `chain`.
    """
    line = chain(run_id)
    needed = {stage.run.id for stage in line}
    left = [s for s in relatives(line) if s.run.id in needed or _can_be_told(s.spec)]
    found: list[Stage] = []
    while left:
        before = {stage.run.id for stage in found}
        following = next((s for s in left if not s.spec.starts_from or s.spec.starts_from in before), None)
        if following is None:
            break  # those left go on from a run that cannot be told
        found.append(following)
        left.remove(following)
    return found


def _can_be_told(spec: RunSpec) -> bool:
    try:
        corrections.version(spec.dataset, spec.marks)
    except LessonError:
        return False
    return photos_here(spec)


def photos_here(spec: RunSpec) -> bool:
    """Whether the photos that a run was trained on are on this machine, unchanged."""
    dataset = catalog.find(spec.dataset)
    return dataset is not None and dataset.holds(spec.fingerprint)


def dataset_title(spec: RunSpec) -> str:
    """The title of a run's dataset; its name where somebody has deleted it since."""
    known = catalog.find(spec.dataset)
    return known.title if known else spec.dataset


def shown_title(dataset: Dataset) -> str:
    """A dataset's title in the language of now; of learners' own photos to the letter."""
    return dataset.shown_title
