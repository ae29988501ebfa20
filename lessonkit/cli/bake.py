"""Bake: the lesson's runs on the default choices, done without a browser so that a class opens on finished runs."""

from __future__ import annotations

import sys
import time
from typing import Any

from tqdm import tqdm

from lessonkit import runs, wording
from lessonkit.cli.progress_bars import bars
from lessonkit.engine import devices, record
from lessonkit.engine.client import Engine
from lessonkit.errors import EngineError, LeavingError, LessonError, UpdatedError
from lessonkit.lesson.defaults import default_specs
from lessonkit.photos import cache, catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec

POLL_SECONDS = 0.1
ALIVE_SECONDS = 2.0
LEAVE_SECONDS = 5.0


def bake(dataset: str) -> dict[str, Any]:
    """Do the runs of the lesson on a dataset, got first if it is not here; runs that are done stay as they are.

    Prints fastai's table of each, row by row, on stdout, and progress on stderr.

    Returns:
        {"dataset", "device" (by name), "runs": [{"id", "name", "spec", "history": [{"epoch", "train_loss",
        "valid_loss", "error_rate", "seconds"}], "seconds"}]}; a run's seconds from its start to done.

    Raises:
        LessonError: a run failed (its own sentence), or the photos cannot be had.
    """
    done = _done_already(catalog.resolve(dataset))
    if done is None:
        device, done = _do(dataset)
    else:
        device = next(iter(done.values())).status().device
        print(f"{dataset} on {device}", flush=True)
        for name, run in done.items():
            _follow(None, name, run)
    return {"dataset": dataset, "device": device, "runs": [_row(name, run) for name, run in done.items()]}


def _done_already(dataset: Dataset) -> dict[str, Run] | None:
    """The runs if each is done, found without an engine; the device is guessed as training would choose it."""
    if not dataset.present:
        return None
    found = {name: Run(spec.id) for name, spec in default_specs(dataset, devices.likely()).items()}
    return found if all(run.exists() and run.status().state == runs.DONE for run in found.values()) else None


def _do(name: str) -> tuple[str, dict[str, Run]]:
    """The device by name, and the runs, trained."""
    engine = Engine()
    try:
        _warm(engine)  # it imports fastai while the photos are made ready
        with bars() as report:
            dataset = catalog.obtain(name, report)
        device = engine.device()
        specs = default_specs(dataset, device["kind"])
        with bars() as report:
            for side in sorted({cache.side_for(spec.size) for spec in specs.values()}):
                cache.build(dataset, side, report)
        print(f"{name} on {device['name']}", flush=True)
        return device["name"], _train(engine, specs)
    finally:
        _leave(engine)


def _warm(engine: Engine) -> None:
    """Have the engine warm up; one of an earlier version that still trains something is waited for."""
    said = ""
    while True:
        try:
            engine.warm()
            return
        except LeavingError as problem:
            if str(problem) != said:
                said = str(problem)
                print(said, file=sys.stderr, flush=True)
            time.sleep(ALIVE_SECONDS)


def _leave(engine: Engine) -> None:
    """End the engine if it was started here and nobody else uses it; runs that were asked to stop may take a while."""
    deadline = time.monotonic() + LEAVE_SECONDS
    while engine.started_it and not engine.stop_if_alone() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    engine.close()


def _train(engine: Engine, specs: dict[str, RunSpec]) -> dict[str, Run]:
    """Queue every run at once, then follow one after the other; a run waits for the one that it goes on from."""
    queued: dict[str, Run] = {}
    try:
        for name, spec in specs.items():
            queued[name] = engine.submit(spec, again=True)
        for name, run in queued.items():
            _follow(engine, name, run)
    except (KeyboardInterrupt, LessonError):
        for run in queued.values():
            if not run.status().ended:
                engine.stop(run.id)
        raise
    return queued


def _follow(engine: Engine | None, name: str, run: Run) -> None:
    """Print a run's table as it grows, until the run ended."""
    spec = run.spec()
    print(f"\n{name} ({run.id}): {spec.architecture}, {spec.size} px, {_trained(spec)}")
    print(f"{'epoch':<6}{'train_loss':>12}{'valid_loss':>12}{'error_rate':>12}{'time':>8}", flush=True)
    printed, looked = 0, time.monotonic()
    with bars() as report:
        while True:
            status = run.status()
            history = run.history()
            for row in history[printed:]:
                _print_row(row)
            printed = len(history)
            if status.ended:
                break
            if status.stage:
                report(status.stage, status.done, status.total)
            if engine and time.monotonic() - looked > ALIVE_SECONDS:
                _keep_alive(engine)
                looked = time.monotonic()
            time.sleep(POLL_SECONDS)
    if not status.finished:
        raise EngineError(f"The run “{name}” is {status.state}: {status.sentence}", status.way_out)


def _keep_alive(engine: Engine) -> None:
    """Have another engine started where it died: that says what became of the run. One of another version trains too."""
    try:
        engine.connect()
    except (UpdatedError, LeavingError):
        if not record.alive(record.read()):
            raise


def _trained(spec: RunSpec) -> str:
    return f"{'the head' if spec.frozen else 'the whole network'}, learning rate {wording.rate(spec.learning_rate)}"


def _print_row(row: dict[str, float]) -> None:
    minutes, seconds = divmod(round(row["seconds"]), 60)
    line = f"{row['epoch']:<6}{row['train_loss']:>12.6f}{row['valid_loss']:>12.6f}{row['error_rate']:>12.6f}"
    tqdm.write(f"{line}{minutes:>5}:{seconds:02}")  # above the bar, which is on stderr
    sys.stdout.flush()


def _row(name: str, run: Run) -> dict[str, Any]:
    status = run.status()
    return {
        "id": run.id,
        "name": name,
        "spec": run.spec().to_dict(),
        "history": run.history(),
        "seconds": round(status.seconds, 3),
    }
