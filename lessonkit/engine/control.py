"""What is asked of the engine by writing a file: a run or a job to do, one to stop. Nothing here waits for a worker.

The engine looks at these files four times a second. They are small, and each is written whole or not at all.
"""

from __future__ import annotations

from typing import Any

from lessonkit import config, jobs, runs
from lessonkit.errors import LessonError
from lessonkit.language import tr, translatable
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.spec import RunSpec


def photos_changed(spec: RunSpec) -> bool:
    """Whether this spec's photos were changed by hand and not read since, by their names, sizes and times alone."""
    return bool(spec.fingerprint) and catalog.changed_by_hand(catalog.resolve(spec.dataset))


def submit(spec: RunSpec, again: bool = False, repeats: int = 1, another: bool = False) -> Run:
    """Queue the run of this spec, or of the same choices on the photos as they are now; returns it.

    Args:
        another: where its recipe was trained before, its next repeat (`runs.create_another`).
        repeats: how many runs of its recipe there are to be (`runs.create`).
        again: one that was stopped is trained again, whole (`runs.create_again`).

    Raises:
        LessonError: it is larger than the settings allow; a run that goes on from it is under way; the one that it goes on from was trained on other photos.
    """
    check_limits(spec)
    dataset = catalog.resolve(spec.dataset)
    if spec.fingerprint and dataset.present:
        now = dataset.fingerprint
        if now != spec.fingerprint and spec.starts_from:
            raise LessonError(
                tr(
                    "The photos have changed since the run {run} was trained, which this one goes on from.",
                    run=spec.starts_from,
                ),
                tr("Train that one again first, on the page “Train”."),
            )
        spec = spec.but(fingerprint=now)
    if another:
        return runs.create_another(spec, repeats, share=not spec.precompute)
    return runs.create_again(spec, repeats) if again else runs.create(spec, repeats)


def check_limits(spec: RunSpec) -> None:
    """Raises LessonError where a run is larger than the settings allow, SettingError where one of them cannot be used."""
    for said, asked, most in (
        (
            translatable("A run may have {most} epochs here, and this one has {asked}."),
            spec.epochs, config.most_epochs(),
        ),
        (
            translatable("A run may have {most} photos in a batch here, and this one has {asked}."),
            spec.batch_size, config.largest_batch(),
        ),
        (
            translatable("A run may have {most} pixels a side here, and this one has {asked}."),
            spec.size, config.largest_size(),
        ),
    ):  # fmt: skip
        if asked > most:
            raise LessonError(tr(said, most=most, asked=asked), tr("Choose fewer."))


def start_job(kind: str, key: str, *args: Any) -> jobs.Job:
    """Queue a job of `tasks.JOBS` and return it; one that is queued or running is returned as it is."""
    return jobs.create(kind, key, *args)
