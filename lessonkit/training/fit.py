"""`fit(spec, run, report)`: the one way to train. fastai's Learner on photos, or on activations computed once."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import fastai.callback.schedule  # noqa: F401 - gives a Learner its fit_one_cycle
import torch._dynamo  # noqa: F401 - an optimizer's first step would, while somebody waits for it (`needless` left it out)
from fastai.learner import Learner
from torch import Tensor

from lessonkit import awake, runs, wording
from lessonkit.errors import CheckpointError, DeviceLostError, StopAsked
from lessonkit.language import joined, tr, translatable
from lessonkit.photos.progress import Report, quiet, stoppable
from lessonkit.run_folder import ASKED, TOO_EARLY
from lessonkit.runs import MODEL, Run
from lessonkit.spec import RunSpec
from lessonkit.status import Facts
from lessonkit.storage import write_bytes, write_json
from lessonkit.training import callbacks, checkpoint, device, gpu_photos, held_out, models, rungs
from lessonkit.training.checkpoint import Checkpoint, Loaded
from lessonkit.training.compiling import CompileWhereItPays
from lessonkit.training.setup import Setup, learner, lr_max, prepare

MOST_SAID = 300  # characters of an error that a run notes
log = logging.getLogger("lessonkit.training")


def fit(spec: RunSpec, run: Run, report: Report = quiet) -> None:
    """Train a run, from its last saved epoch on, and write what came of it into its folder.

    An error of CUDA's has it go on with one speed-up less (`rungs.LADDER`).

    The run's status, written last, is then done; or stopped, where the learner asked for it or the loss was no
    number any more, after an epoch at least: the model is that of the last finished epoch; or interrupted or failed,
    where that was earlier: there is no model. Interrupted it is too where somebody asked to stop once the training was
    over: what was learned is in the checkpoint then.

    Args:
        report: told of the stages "check" where photos were changed, "photos", "weights", "waiting", "activations",
            "compiling" where it is tried, "training", "predicting"; `stages.STAGES` says what each counts.

    Raises:
        CheckpointError: it cannot go on from what was saved.
        DeviceLostError: the GPU answers this process no more; the run can go on in another.
        LessonError: what the spec asks for cannot be trained: its labels, weights, or the run it starts from.
    """
    _down_the_ladder(run, lambda: _fit(spec, run, report))


def _down_the_ladder(run: Run, work: Callable[[], None]) -> None:
    """Do a run's work on the rung that it is on; each error of the GPU's ends a rung, and the work is done on the next."""
    number = max(run.status_to_go_on().rung, rungs.first())
    while True:
        with rungs.on(number):
            try:
                work()
                return
            except Exception as problem:
                below = rungs.after(number, problem) if _on_a_gpu() else None
                if _on_an_apple_gpu():
                    below = rungs.after_mps(number, problem)
                if below is None:
                    raise
                log.warning("run %s: let go: %s", run.id, rungs.LADDER[below].words, exc_info=problem)
                why = (str(problem).splitlines() or [type(problem).__name__])[0]
        number = _let_go(run, below, why)


def _on_a_gpu() -> bool:
    return device.choose().type == "cuda"


def _on_an_apple_gpu() -> bool:
    return device.choose().type == "mps"


def _let_go(run: Run, number: int, why: str) -> int:
    """Write that a run goes on, on this rung; returns the one that it does go on, in this process.

    Raises:
        DeviceLostError: the GPU does not answer this process any more. The status says on which rung another goes on.
    """
    gpu_photos.drop()
    gc.collect()  # the Learner and its callbacks hold each other, and the GPU's memory
    answers = _on_an_apple_gpu() or device.answers()
    status = run.status_to_go_on()
    if not answers:
        device.cuda_problem.cache_clear()  # what it said before is true no more
        if status.resumes:
            number = rungs.CPU  # it has happened in another process too
    status.rung, status.facts["let_go"] = number, [*status.facts.get("let_go", []), why[:MOST_SAID]]
    run.write_status(status)
    if not answers and number != rungs.CPU:
        raise DeviceLostError(why)
    if answers:
        device.empty_caches()
    return number


def _fit(spec: RunSpec, run: Run, report: Report) -> None:
    watched = stoppable(report, run.stop_asked)
    try:
        setup = prepare(spec, watched)
    except StopAsked:
        if run.has_checkpoint():
            _finish_stopped(run, report)
        else:
            run.end(runs.INTERRUPTED, *TOO_EARLY)
        return
    loaded = checkpoint.read(run, setup)
    write_json(run.path("vocab.json"), setup.photos.vocab)
    learn = learner(setup)
    _write_facts(run, setup)
    if loaded and (loaded.about.over or loaded.about.epochs >= spec.epochs):
        over, keeping, compiled = loaded.about.over, _no_more(run, setup, loaded), {}
    else:
        over, keeping, compiled = _train(run, setup, learn, report, loaded)
        if keeping.kept is None:
            diverged = over == checkpoint.DIVERGED
            run.end(*((runs.FAILED, *_diverged(spec)) if diverged else (runs.INTERRUPTED, *TOO_EARLY)))
            return
        keeping.close(over)
    assert keeping.kept is not None
    run.forget_stop()  # the training has ended; another wish is to end what follows
    try:
        _keep(run, setup, keeping.kept, watched, compiled=compiled)
    except StopAsked:
        run.end(runs.INTERRUPTED, *runs.STILL_SAVED)
        return
    kept = tr("The {epochs} of {all} epochs that were finished are kept.", epochs=keeping.epochs, all=spec.epochs)
    if over == checkpoint.DIVERGED:
        sentence, way_out = _diverged(spec)
        run.end(runs.STOPPED, joined(sentence, kept), way_out)
    elif over:
        run.end(runs.STOPPED, joined(ASKED, kept))
    else:
        run.end(runs.DONE)


def _finish_stopped(run: Run, report: Report) -> None:
    """Have the saved epochs of a run that was asked to stop before it went on."""
    run.forget_stop()
    status = run.status_to_go_on()
    status.finishing, status.sentence = True, ASKED  # also where this is not done to its end
    run.write_status(status)
    finish(run, report, ASKED)


def finish(run: Run, report: Report, why: str, way_out: str = "") -> None:
    """Make a result of what is saved of a run, without training on.

    Its status is then done, where all epochs were saved; else stopped, and it says why and how many epochs are kept. Its
    history ends with the last of them. Stopped before that, it is interrupted, and can go on another time.

    Args:
        report: told what `fit` tells, but for ("training").

    Raises:
        CheckpointError: there is no checkpoint that can be read, of these photos; one that cannot be is deleted.
        LessonError: the photos, labels or weights that it was trained on are no longer available.
    """
    _down_the_ladder(run, lambda: _finish(run, report, why, way_out))


def _finish(run: Run, report: Report, why: str, way_out: str) -> None:
    spec, watched = run.spec(), stoppable(report, run.stop_asked)
    try:
        setup = prepare(spec, watched)
        loaded = _saved(run, setup)
        _keep(run, setup, loaded.weights, watched)
    except StopAsked:
        run.end(runs.INTERRUPTED, *runs.STILL_SAVED)
        return
    epochs = loaded.about.epochs
    if epochs == spec.epochs:
        run.end(runs.DONE)
    else:
        kept = tr("The {epochs} of {all} epochs that were saved by then are kept.", epochs=epochs, all=spec.epochs)
        run.end(runs.STOPPED, joined(why, kept), way_out)


def _saved(run: Run, setup: Setup) -> Loaded:
    """The checkpoint that a run is finished from, its history cut after it."""
    try:
        loaded = checkpoint.read(run, setup)
    except CheckpointError:
        run.path(runs.CHECKPOINT).unlink(missing_ok=True)
        raise
    if loaded is None:
        raise CheckpointError(tr("Nothing is saved of this run."), tr("Train it again."))
    _no_more(run, setup, loaded)
    return loaded


def _no_more(run: Run, setup: Setup, loaded: Loaded) -> Checkpoint:
    """What `_train` gives, of a run whose training was over when it was saved."""
    run.keep_saved_epochs(loaded.about)
    history = callbacks.WriteHistory(run, loaded.about.history)
    setup.seconds["training"] = sum(row["seconds"] for row in run.history())
    return Checkpoint(run, setup, history, loaded)


def _train(
    run: Run, setup: Setup, learn: Learner, report: Report, loaded: Loaded | None
) -> tuple[str, Checkpoint, dict[str, Any]]:
    """Train the epochs that are left; why that was over before the last one ("" if not), what it learned, compiling's facts."""
    spec, first = setup.spec, loaded.about.epochs if loaded else 0
    run.keep_saved_epochs(loaded.about if loaded else None)
    before = sum(row["seconds"] for row in run.history())
    stop, diverged = callbacks.StopOnRequest(run.stop_asked), callbacks.StopWhenDiverged()
    history = callbacks.WriteHistory(run, loaded.about.history if loaded else ())
    keeping, compiling = Checkpoint(run, setup, history, loaded), CompileWhereItPays(report)
    with _timed(setup, translatable("training")), learn.no_logging(), device.contained():
        watchers = [stop, diverged, callbacks.ReportBatches(run, report, first), history, keeping]
        if loaded:
            watchers.append(checkpoint.GoOn(loaded))
        if setup.device.type == "cuda" and not spec.precompute and rungs.in_force().compiled:
            watchers.append(compiling)
        learn.fit_one_cycle(spec.epochs, lr_max(spec), cbs=watchers, start_epoch=first)
    setup.seconds["training"] += before
    over = checkpoint.DIVERGED if diverged.diverged else checkpoint.STOPPED if stop.stopped else ""
    return over, keeping, compiling.facts


def _keep(run: Run, setup: Setup, trained: dict[str, Tensor], report: Report, **facts: Any) -> None:
    """Write what was learned: the predictions of these weights, and the whole model."""
    setup.trained.load_state_dict(trained)
    with _timed(setup, translatable("predicting")):
        held_out.write_predictions(run, setup, *held_out.predicted(setup, report))
        write_bytes(run.path(MODEL), callbacks.packed(setup.model.state_dict()))
    _write_facts(run, setup, **facts)


def _write_facts(run: Run, setup: Setup, **more: Any) -> None:
    spec, status = setup.spec, run.status_to_go_on()
    body, head = (sum(p.numel() for p in part.parameters()) for part in setup.model)
    trainable = head if spec.precompute else sum(p.numel() for p in setup.model.parameters() if p.requires_grad)
    status.device = device.name(setup.device)
    facts = {
        "device_name": status.device,
        "train_photos": len(setup.photos.train),
        "valid_photos": len(setup.photos.valid),
        "breeds": len(setup.photos.vocab),
        "marks": setup.photos.corrected,
        "parameters": body + head,
        "trainable": trainable,
        "batch_norm": spec.batch_norm,
        "precompute": spec.precompute,
        "weights_from": models.weights_from(spec),
        "rung": rungs.in_force().words if _on_a_gpu() or not rungs.in_force().gpu else "",
        "let_go": status.facts.get("let_go", []),
        "seconds": {stage: round(seconds, 3) for stage, seconds in setup.seconds.items()},
        **more,
    }
    status.facts = cast(Facts, facts)
    run.write_status(status)


def _diverged(spec: RunSpec) -> tuple[str, str]:
    rate = spec.learning_rate[1] if isinstance(spec.learning_rate, tuple) else spec.learning_rate
    return (
        tr("The loss grew beyond all numbers: a learning rate of {rate} is too high here.", rate=wording.rate(rate)),
        tr("Choose a lower one, a tenth of it for a start; lr_find shows where the loss explodes."),
    )


@contextmanager
def _timed(setup: Setup, stage: str) -> Iterator[None]:
    begun = awake.seconds()
    yield
    setup.seconds[stage] = awake.seconds() - begun
