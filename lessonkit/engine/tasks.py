"""What a worker runs. Light to import: whatever is heavy is imported inside the function that needs it.

An error never crosses to the client as an exception of some library: `call` answers with a LessonError, and
what a programmer needs of it, the traceback, goes to the engine's log.
"""

from __future__ import annotations

import importlib
import logging
import math
import os
import time
from collections.abc import Callable
from typing import Any

from lessonkit import awake, config, jobs, language, runs
from lessonkit.engine import at_work, diary, lost, memory
from lessonkit.errors import CheckpointError, DeviceLostError, EngineError, LessonError, StopAsked, error_number
from lessonkit.language import tr
from lessonkit.photos.progress import Report, stoppable
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.storage import disk_problem, is_disk_problem

SLEEP = 5.0  # seconds
log = logging.getLogger("lessonkit.engine")

# What `client.Engine.call` may ask a worker for. Name -> module and function.
CALLS = {
    "warm": "lessonkit.engine.tasks:warm",
    "prewarm": "lessonkit.engine.tasks:prewarm",
    "predict": "lessonkit.training.predict:predict",
    "augmented": "lessonkit.training.augmented_views:augmented",
    "pretrained_says": "lessonkit.training.augmented_views:pretrained_says",
    "heatmaps": "lessonkit.training.gradcam:heatmaps",
    "neighbours": "lessonkit.training.gradcam:neighbours",
    "answer_with_heatmap": "lessonkit.training.gradcam:answer_with_heatmap",
    "answer_with_neighbours": "lessonkit.training.gradcam:answer_with_neighbours",
    "recheck": "lessonkit.engine.tasks:recheck",
    "collect": "lessonkit.classroom.collection:add",
}
# What a job does. Kind -> module and function, called with the job's args and `report=`.
JOBS = {
    "obtain": "lessonkit.engine.tasks:obtain_dataset",
    "cache": "lessonkit.engine.tasks:build_cache",
    "find_rate": "lessonkit.engine.tasks:find_rate",
    "measure": "lessonkit.training.timing:time_architectures",
    "read_zip": "lessonkit.photos.uploads:read_upload",
    "weights": "lessonkit.engine.tasks:fetch_weights",
    "add_zip": "lessonkit.photos.uploads:add_upload",
    "make_collection": "lessonkit.classroom.collection:make",
    "take_home": "lessonkit.engine.tasks:take_home",
    "features": "lessonkit.training.gradcam:features",
}


def resolve(target: str) -> Callable[..., Any]:
    """The function of "module:function"."""
    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


def call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> tuple[str, Any]:
    """Run the call of this name (`CALLS`). Returns ("done", its result) or ("error", a LessonError)."""
    try:
        if name not in CALLS:
            return "error", EngineError(
                tr("The engine knows no task “{name}”.", name=name), tr("Restart the lesson's engine.")
            )
        return "done", resolve(CALLS[name])(*args, **(kwargs or {}))
    except Exception as error:
        return "error", for_learner(error, f"call {name}")


def warm() -> dict[str, Any]:
    """Import what training needs, and say what this worker trains on.

    Returns {"kind": "cuda", "mps" or "cpu", "name": the device as its maker calls it, "seconds": the import took}.

    Raises:
        LessonError: LESSONKIT_DEVICE asks for a device that is not there.
    """
    begun = time.perf_counter()
    importlib.import_module("lessonkit.training.fit")
    from lessonkit.training import device

    chosen = device.choose()
    return {"kind": chosen.type, "name": device.name(chosen), "seconds": round(time.perf_counter() - begun, 2)}


def prewarm() -> None:
    """Import what looking at photos takes, some seconds, before it is asked for."""
    importlib.import_module("lessonkit.training.gradcam")


def train(run_id: str) -> str:
    """Train a queued run; returns the state it ended in, which its status says too, with the reason; or that it waits."""
    try:
        with at_work.on(run_id) as work, diary.noted("train", run_id) as noted:
            noted["ended"] = _train(run_id, work)
            return noted["ended"]
    except at_work.TakenAway:
        log.warning("run %s was taken away from this worker, which was taken for dead", run_id)
        return Run(run_id).status().state


def _train(run_id: str, work: at_work.Work) -> str:
    run = Run(run_id)
    try:
        if not runs.begin(run):
            return run.status().state
        status = run.status()
        from lessonkit.training.fit import finish, fit

        if status.finishing:
            finish(run, StatusReport(run, work), status.sentence, status.way_out)
        else:
            fit(run.spec(), run, StatusReport(run, work))
        after = run.status_to_go_on()
        # One that ended may have been asked for again by now: then it waits, and this is not its end.
        if not after.ended and after.queued_at == status.queued_at:
            run.end(runs.FAILED, tr("Training ended without a result."), tr("The engine's log says more."))
    except DeviceLostError as problem:
        log.error("run %s: the GPU does not answer this process any more", run_id, exc_info=problem)
        if at_work.in_a_worker():
            os._exit(
                1
            )  # nothing can be done on that GPU in here; the run goes on in the next process, as its status says
        return lost.failed(
            run,
            runs.FAILED,
            tr("The GPU does not answer any more."),
            tr("Start the lesson again, and train it again."),
        )
    except CheckpointError as problem:
        return lost.begin_again(run, for_learner(problem, f"run {run_id}"))
    except Exception as error:
        said = for_learner(error, f"run {run_id}")
        return lost.failed(run, runs.FAILED, said.sentence, said.way_out)
    finally:
        memory.give_back()
        delete_unused()
    return run.status_to_go_on().state


class StatusReport:
    """A `Report` that writes a run's stage into its status, at most `jobs.WRITES_A_SECOND` times a second.

    It raises TakenAway where `work` was taken away from this worker.
    """

    def __init__(self, run: Run, work: at_work.Work | None = None):
        self.run = run
        self.work = work
        self._stage, self._written = "", 0.0
        self._begun = time.time() - awake.seconds()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.time()
        if stage == self._stage and done < total and now - self._written < 1 / jobs.WRITES_A_SECOND:
            return
        self._stage, self._written = stage, now
        if self.work and not self.work.held():
            raise at_work.TakenAway
        status = self.run.status_to_go_on()
        status.stage, status.done, status.total = stage, done, total
        slept = time.time() - awake.seconds() - self._begun
        status.slept = slept if slept > SLEEP else 0.0  # a clock that was set by some seconds is no sleep
        self.run.write_status(status)


def run_job(kind: str, key: str) -> str:
    """Do a queued job; returns the state that it ended in, which its file says too, with the reason."""
    with at_work.on(f"{kind}-{key}"), diary.noted("do", f"{kind}-{key}") as noted:
        noted["ended"] = _run_job(kind, key)
        return noted["ended"]


def _run_job(kind: str, key: str) -> str:
    job = jobs.begin(kind, key)
    if job is None:
        return jobs.STOPPED
    report = jobs.Reporter(job)
    try:
        result = resolve(JOBS[kind])(*job.args, report=stoppable(report, job.stop_asked))
        report.end(jobs.DONE, result=_plain(result))
    except StopAsked:
        report.end(jobs.STOPPED, jobs.ASKED)
    except Exception as error:
        said = for_learner(error, f"job {kind} {key}")
        report.end(jobs.FAILED, said.sentence, said.way_out)
    finally:
        memory.give_back()
    return job.state


def obtain_dataset(name: str, report: Report) -> None:
    from lessonkit.photos import catalog

    catalog.obtain(name, report)


def recheck(name: str) -> None:
    """Take note of photos of one dataset that were changed by hand (`catalog.recheck`)."""
    from lessonkit.photos import catalog

    catalog.recheck(catalog.resolve(name))


def recheck_photos() -> None:
    """Take note of photos that were changed by hand, in any dataset, since the engine ran last; errors go to the log."""
    from lessonkit.photos import catalog

    for dataset in catalog.all_datasets().values():
        try:
            catalog.recheck(dataset)
        except LessonError as error:
            for_learner(error, f"recheck {dataset.name}")
    delete_unused()


def delete_unused() -> None:
    """Delete what was made of photos that nobody has any more, and that no run or job needs now; errors go to the log."""
    from lessonkit.photos import catalog

    try:
        catalog.delete_unused()
    except (LessonError, OSError) as error:
        for_learner(error, "delete_unused")


def build_cache(name: str, side: int, report: Report) -> dict[str, Any]:
    """Decode the photos, and look for copies among them; {"photos": how many are in the cache, "bad": {photo: why not}}."""
    from lessonkit.photos import cache, catalog, copies

    built = cache.build(catalog.resolve(name), side, report)
    copies.find(built, report)
    return {"photos": len(built.names), "bad": dict(built.bad)}


def fetch_weights(architecture: str, report: Report) -> None:
    from lessonkit.training import weights

    weights.obtain(architecture, report)


def take_home(run_id: str, kind: str, quiz: list[int] | None, speaks: str = language.ENGLISH, *, report: Report) -> str:
    """Returns the file's name, as `files.make`.

    Args:
        speaks: the language of the learner who asks.
    """
    from lessonkit.takehome import files

    language.take_from(config.texts())
    with language.speaking(speaks):
        return files.make(run_id, kind, (quiz[0], quiz[1]) if quiz else None, report)


def find_rate(spec: dict[str, Any], report: Report) -> dict[str, Any]:
    """Returns {"lrs", "losses", "suggestion"} of fastai's `lr_find`."""
    from lessonkit.training.rate_finder import lr_find

    return lr_find(RunSpec.from_dict(spec), report)


def for_learner(error: Exception, what: str) -> LessonError:
    """The error as the learner reads it; the traceback of one that nobody foresaw goes to the log."""
    if isinstance(error, LessonError):
        log.info("%s: %s", what, error)
        return error.with_traceback(None)
    number = error_number()
    log.error("error %s: %s", number, what, exc_info=error)
    if is_disk_problem(error):
        said = disk_problem(error, config.home())
        return EngineError(said.sentence, said.way_out)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return EngineError(
            tr("The memory did not suffice."), tr("Take smaller photos or a smaller batch, and try again.")
        )
    return EngineError(
        tr("Something went wrong that the lesson did not foresee ({error}).", error=type(error).__name__),
        tr("Try again; the engine's log says more, under error {number}.", number=number),
    )


def _plain(value: Any) -> Any:
    """The value as JSON can hold it: a number that is none (NaN, infinity) becomes None."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, str | int | None):
        return value
    number = float(value)
    return number if math.isfinite(number) else None
