"""What becomes of a run that nobody trains any more: it goes on, is finished from what is saved of it, or ends."""

from __future__ import annotations

from dataclasses import dataclass

from lessonkit import runs
from lessonkit.errors import LessonError
from lessonkit.language import translatable
from lessonkit.run_folder import ASKED, TOO_EARLY
from lessonkit.runs import Run
from lessonkit.status import State, Status

RESUMES = 2  # times that a run goes on; what ends its worker then will do so again


@dataclass(frozen=True)
class Death:
    """What ended a run in the midst of it.

    Attributes:
        said: a sentence, for a run that goes on.
        sentence, way_out: why it does not, and what to do.
        state: how it ends then.
    """

    said: str
    sentence: str
    way_out: str
    state: State


WORKER_DIED = Death(
    translatable("The worker that trained this run ended suddenly."),
    translatable("The worker that trained this run ended suddenly; most often the memory did not suffice."),
    translatable("Train it again; take a smaller batch or smaller photos if it happens once more."),
    runs.FAILED,
)
ENGINE_DIED = Death(
    translatable("The engine ended while this run was training."),
    translatable(
        "The engine ended again and again while this run was training; the epochs it finished can still be read."
    ),
    translatable("Train it again to have it whole."),
    runs.INTERRUPTED,
)
ENGINE_STOPPED = translatable("The engine was stopped while this run was training.")


def died(run: Run, how: Death) -> None:
    """Have a run go on whose worker died, from its last saved epoch; a third time it says why it does not.

    What is saved becomes its result then. So it does where somebody had asked it to stop.
    """
    status = run.status_to_go_on()
    if status.finishing:
        run.end(how.state, how.sentence, how.way_out)
    elif run.stop_asked():
        run.forget_stop()
        _finish(run, status, runs.INTERRUPTED, ASKED, "", TOO_EARLY)
    elif status.resumes >= RESUMES:
        _finish(run, status, how.state, how.sentence, how.way_out)
    else:
        status.resumes += 1
        _queue(run, status, how.said)


def put_back(run: Run) -> None:
    """Have a run go on in the next engine, since this one was asked to end."""
    status = run.status_to_go_on()
    if status.state == runs.QUEUED:
        return  # no worker had begun it
    if run.stop_asked():
        died(run, ENGINE_DIED)
    elif status.finishing:
        _queue(run, status, status.sentence, status.way_out)
    else:
        _queue(run, status, ENGINE_STOPPED)


def failed(run: Run, state: State, sentence: str, way_out: str = "") -> str:
    """Write why a run cannot be trained on; returns its state. What is saved of it is made its result, once.

    Where that fails too, it has ended in `state`. The checkpoint stays then, and the run goes on when it is asked for.
    """
    status = run.status_to_go_on()
    if status.finishing:
        run.end(state, sentence, way_out)
    else:
        _finish(run, status, state, sentence, way_out)
    return run.status_to_go_on().state


def begin_again(run: Run, problem: LessonError) -> str:
    """Have a run begin again that cannot go on from what was saved of it; returns its state."""
    status = run.status_to_go_on()
    run.path(runs.CHECKPOINT).unlink(missing_ok=True)
    if status.finishing:
        run.end(runs.FAILED, problem.sentence, problem.way_out)
    else:
        _queue(run, status, problem.sentence)
    return run.status_to_go_on().state


def _finish(
    run: Run, status: Status, state: State, sentence: str, way_out: str, without: tuple[str, str] | None = None
) -> None:
    """Queue a run to be finished from its checkpoint; without one it ends, and says `without`, or why."""
    if run.has_checkpoint():
        run.forget_stop()  # it stopped; what it learned is still to be kept
        status.finishing = True
        _queue(run, status, sentence, way_out)
    else:
        run.end(state, *(without or (sentence, way_out)))


def _queue(run: Run, status: Status, sentence: str, way_out: str = "") -> None:
    trained = status.heartbeat - status.started_at - status.slept if status.started_at else 0.0
    status.spent, status.slept, status.started_at = status.spent + max(0.0, trained), 0.0, 0.0
    status.state, status.stage, status.done, status.total = runs.QUEUED, "", 0, 0
    status.sentence, status.way_out = sentence, way_out
    run.write_status(status)
