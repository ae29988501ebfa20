"""A class's answers and runs as CSV, for the teacher: of this period, and of earlier ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from lessonkit import recipe_names, runs
from lessonkit.classroom import asked, learners
from lessonkit.spreadsheet import table

ANSWERS = ("learner", "nickname", "question", "before", "after", "answered_at")
RUNS = (
    "run", "recipe", "name", "state", "dataset", "architecture", "frozen", "precompute", "epochs", "learning_rate", "size",
    "augment", "pretrained", "head", "marks", "seed", "error_rate", "valid_loss", "seconds", "queued_at", "ended_at",
    "learners",
)  # fmt: skip


def answers_csv(period: str, words: Callable[[str], str] = str) -> bytes:
    """A row an answer: the learner's number and nickname, the question, what they said before its result and after.

    Args:
        words: for a question's key; those of the teacher's own questions are known.
    """
    own = {one.key: f"{one.text} ({' / '.join(one.choices)})" for one in asked.all_of(period)}
    return table(
        ANSWERS,
        (
            {
                "learner": one.number, "nickname": one.nickname, "question": own.get(question) or words(question), "before": said.before,
                "after": said.after, "answered_at": _time(said.at),
            }
            for one in learners.everyone(period).values()
            for question, said in one.answers.items()
        ),
    )  # fmt: skip


def runs_csv(period: str) -> bytes:
    """A row a run that learners of this period asked for, with their numbers; learning rates of several are the head's."""
    everyone = learners.everyone(period)
    names = recipe_names.names()
    return table(RUNS, (row for run in runs.all_runs() if (row := _row(run, everyone, names))))


def _row(
    run: runs.Seen, everyone: Mapping[str, learners.Learner], names: Mapping[str, str]
) -> dict[str, str | float] | None:
    asked = sorted(everyone[key].number for key in runs.asked_by(run) if key in everyone)
    if not asked:
        return None
    spec, status, history = run.spec(), run.status(), run.history()
    last = history[-1] if history else {}
    rate = spec.learning_rate[1] if isinstance(spec.learning_rate, tuple) else spec.learning_rate
    return {
        "run": run.id, "recipe": spec.recipe, "name": names.get(spec.recipe, ""), "state": status.state,
        "dataset": spec.dataset, "architecture": spec.architecture, "frozen": str(spec.frozen),
        "precompute": str(spec.precompute), "epochs": spec.epochs, "learning_rate": rate, "size": spec.size,
        "augment": str(spec.augment), "pretrained": str(spec.pretrained), "head": spec.head, "marks": spec.marks,
        "seed": spec.seed, "error_rate": last.get("error_rate", ""), "valid_loss": last.get("valid_loss", ""),
        "seconds": status.seconds or "", "queued_at": _time(status.queued_at), "ended_at": _time(status.ended_at),
        "learners": " ".join(map(str, asked)),
    }  # fmt: skip


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) if at else ""
