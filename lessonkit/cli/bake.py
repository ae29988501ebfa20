"""Bake: the lesson's runs on the default choices, done without a browser so that a class opens on finished runs."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lessonkit import runs, storage, wording
from lessonkit.analysis.recipes import Recipe, recipe_of, recipes
from lessonkit.cli.progress_bars import bars
from lessonkit.engine import devices, record, workforce
from lessonkit.engine.client import Engine
from lessonkit.errors import DamagedFileError, EngineError, LeavingError, LessonError, NoWorkersError, UpdatedError
from lessonkit.lesson.defaults import FRESH, default_specs, from_stage, repeats
from lessonkit.photos import cache, catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec

POLL_SECONDS = 0.1
ALIVE_SECONDS = 2.0
AGAIN = "Bake once more: what is done stays, and the rest is trained."
LEAVE_SECONDS = 20.0  # a connection that was lost counts as somebody's until the scheduler notices


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", default="pets", metavar="NAME", help="which photos (default: pets)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the runs and their numbers here")


def command(arguments: argparse.Namespace) -> int:
    report = bake(arguments.dataset)
    if arguments.json:
        try:
            arguments.json.parent.mkdir(parents=True, exist_ok=True)
            storage.write_bytes(arguments.json, json.dumps(report, indent=1).encode())
        except OSError as error:
            raise LessonError(
                f"{arguments.json} could not be written ({error.strerror}).", "The runs themselves are kept."
            ) from None
    return 0


def bake(dataset: str) -> dict[str, Any]:
    """Do the runs of the lesson on a dataset, got first if it is not here; runs that are done stay as they are.

    Prints fastai's table of each, row by row, on stdout, and progress on stderr.

    Returns:
        {"dataset", "device" (by name), "runs": [{"id", "name", "spec", "history": [{"epoch", "train_loss",
        "valid_loss", "error_rate", "seconds"}], "seconds", "repeats": [{"seed", "error_rate", "valid_loss"}],
        "error_rate": {"mean", "low", "high"}, "valid_loss": the same, "median"}]}: one for each recipe. "id", "spec",
        "history" and "seconds", from its start to done, are those of the run that is kept, and so is "median", its id: the
        median of the repeats by error rate, or one that other runs go on from already.

    Raises:
        LessonError: a run failed or was stopped (its own sentence), or the photos cannot be downloaded.
    """
    done = _done_already(catalog.resolve(dataset))
    if done is None:
        device, done = _do(dataset)
    else:
        device = done[FRESH].runs[0].status().device
        print(f"{dataset} on {device}", flush=True)
        for name, recipe in done.items():
            _follow(None, name, recipe.runs[0])
            _print_repeats(recipe)
    return {"dataset": dataset, "device": device, "runs": [_row(name, recipe) for name, recipe in done.items()]}


def _done_already(dataset: Dataset) -> dict[str, Recipe] | None:
    """The recipes if all their repeats are done, found without an engine; the device is guessed as training would choose it."""
    if not dataset.present:
        return None
    kind = devices.likely()
    known = recipes(runs.all_runs())
    fresh = known.get(default_specs(dataset, kind)[FRESH].recipe)
    if fresh is None or not _all_done(fresh):
        return None
    assert fresh.kept is not None
    found = {name: known.get(spec.recipe) for name, spec in from_stage(fresh.kept.spec(), kind).items()}
    done = {name: recipe for name, recipe in found.items() if recipe is not None and _all_done(recipe)}
    return done if len(done) == len(found) else None


def _all_done(recipe: Recipe) -> bool:
    wanted = repeats(recipe.runs[0].spec())
    return {run.spec().seed for run in recipe.done} >= set(range(wanted))


def _do(name: str) -> tuple[str, dict[str, Recipe]]:
    """The device by name, and the recipes, trained."""
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
        done = _train(engine, {FRESH: specs[FRESH]})
        kept = done[FRESH].kept
        assert kept is not None, "it was followed to its end"
        later = from_stage(kept.spec(), device["kind"])
        return device["name"], done | _train(engine, {name: spec for name, spec in later.items() if name != FRESH})
    finally:
        _leave(engine)


def _warm(engine: Engine) -> None:
    """Have the engine warm up; one of an earlier version that still trains something is waited for, and so are workers."""
    said = ""
    while True:
        try:
            engine.warm()
            return
        except (LeavingError, NoWorkersError) as problem:
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


def _train(engine: Engine, specs: dict[str, RunSpec]) -> dict[str, Recipe]:
    """Queue the first run of each recipe at once, then follow one after the other, and its repeats."""
    queued: dict[str, Run] = {}
    wanted: dict[str, list[Run]] = {}
    done = {}
    try:
        for name, spec in specs.items():
            first = queued[name] = engine.submit(spec, again=True, repeats=repeats(spec))
            wanted[name] = _repeats(first)
            for repeat in wanted[name]:
                if (seen := runs.find(repeat.id)) and seen.status().state == runs.STOPPED:
                    engine.submit(seen.spec(), again=True)
        for name, run in queued.items():
            _follow(engine, name, run)
            done[name] = _repeated(engine, run, wanted[name])
            _print_repeats(done[name])
    except (KeyboardInterrupt, LessonError):
        for run in {run.id: run for of in (queued.values(), *wanted.values()) for run in of}.values():
            if run.exists():
                with suppress(DamagedFileError):  # the error that is raised says which one, or there is a worse one
                    runs.drop_repeats(run)
                    engine.stop(run.id)
        raise
    return done


def _repeats(first: Run) -> list[Run]:
    """The runs that there are to be of a recipe, its first one included."""
    spec = first.spec()
    return [Run(spec.but(seed=seed).id) for seed in range(repeats(spec))]


def _repeated(engine: Engine, first: Run, wanted: list[Run]) -> Recipe:
    """The recipe of a run that is done, once its other repeats are done too.

    Raises:
        LessonError: one of them was not queued, or ended otherwise; what it is.
    """
    _wait(engine, lambda: not first.path(runs.REPEATS).exists())  # then the engine has queued those that were missing
    with bars() as report:
        for number, repeat in enumerate(wanted):
            report("repeats", number, len(wanted))
            if not repeat.exists():
                raise EngineError(f"Repeat {number + 1} of {len(wanted)} of this recipe was not queued.", AGAIN)
            _wait(engine, lambda run=repeat: run.status().ended)
            _check(f"repeat with seed {repeat.spec().seed}", repeat)
        report("repeats", len(wanted), len(wanted))
    return recipe_of(first.id)


def _wait(engine: Engine, over: Callable[[], bool]) -> None:
    """Wait for what the engine does by itself."""
    looked, why = time.monotonic(), ""
    while not over():
        if time.monotonic() - looked > ALIVE_SECONDS:
            _keep_alive(engine)
            looked, why = time.monotonic(), _say_why_it_waits(why)
        time.sleep(POLL_SECONDS)


def _check(name: str, run: Run) -> None:
    status = run.status()
    if status.state != runs.DONE:
        raise EngineError(f"The run “{name}” is {status.state}: {status.sentence}", status.way_out or AGAIN)


def _print_repeats(recipe: Recipe) -> None:
    """A line on the recipe's repeats; nothing where there is one."""
    kept, errors = recipe.kept, recipe.summary
    if kept is None or errors.n < 2:
        return
    why = "the median" if kept == recipe.median else "since other runs go on from it already"
    each = ", ".join(wording.percent(repeat["error_rate"]) for repeat in recipe.repeats())
    print(
        f"error rate of {errors.n} repeats, seeds {', '.join(str(repeat['seed']) for repeat in recipe.repeats())}: {each}; mean "
        f"{wording.percent(errors.mean)}. Kept: seed {kept.spec().seed}, {why}.",
        flush=True,
    )


def _follow(engine: Engine | None, name: str, run: Run) -> None:
    """Print a run's table as it grows, until the run ended."""
    spec = run.spec()
    print(f"\n{name} ({run.id}): {spec.architecture}, {spec.size} px, {_trained(spec)}")
    print(f"{'epoch':<6}{'train_loss':>12}{'valid_loss':>12}{'error_rate':>12}{'time':>8}", flush=True)
    printed, looked, said, why = 0, time.monotonic(), "", ""
    with bars() as report:
        while True:
            status = run.status()
            history = run.history()
            if status.went_on != said:
                said = status.went_on
                print(said, flush=True)
            for row in history[printed:]:
                _print_row(row)
            printed = len(history)
            if status.ended:
                break
            if status.stage:
                report(status.stage, status.done, status.total)
            if engine and time.monotonic() - looked > ALIVE_SECONDS:
                _keep_alive(engine)
                looked, why = time.monotonic(), _say_why_it_waits(why)
            time.sleep(POLL_SECONDS)
    _check(name, run)


def _keep_alive(engine: Engine) -> None:
    """Have another engine started where it died: that says what became of the run. One of another version trains too."""
    try:
        engine.connect()
    except (UpdatedError, LeavingError):
        if not record.alive(record.read()):
            raise


def _say_why_it_waits(said: str) -> str:
    """Print why no run can be trained just now, unless that was said last; returns what is so now, "" for nothing."""
    why = str(workforce.problem() or "")
    if why and why != said:
        tqdm.write(why, file=sys.stderr)
    return why


def _trained(spec: RunSpec) -> str:
    return f"{'the head' if spec.frozen else 'the whole network'}, learning rate {wording.rate(spec.learning_rate)}"


def _print_row(row: dict[str, float]) -> None:
    minutes, seconds = divmod(round(row["seconds"]), 60)
    line = f"{row['epoch']:<6}{row['train_loss']:>12.6f}{row['valid_loss']:>12.6f}{row['error_rate']:>12.6f}"
    tqdm.write(f"{line}{minutes:>5}:{seconds:02}")  # above the bar, which is on stderr
    sys.stdout.flush()


def _row(name: str, recipe: Recipe) -> dict[str, Any]:
    kept, ended = recipe.kept, recipe.summary
    assert kept is not None, "it was followed to its end"
    return {
        "id": kept.id,
        "name": name,
        "spec": kept.spec().to_dict(),
        "history": kept.history(),
        "seconds": round(kept.status().seconds, 3),
        "repeats": recipe.repeats(),
        "error_rate": {"mean": ended.mean, "low": ended.low, "high": ended.high},
        "valid_loss": {"mean": ended.loss_mean, "low": ended.loss_low, "high": ended.loss_high},
        "median": kept.id,
    }
