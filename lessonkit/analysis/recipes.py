"""The repeats of a recipe: runs whose specs differ in the seed alone, and which of them is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lessonkit.analysis.repeats import Summary, summary
from lessonkit.runs import DONE, Seen, all_runs

REPEATS = 5  # of a recipe whose activations are computed once: there a repeat costs a second


@dataclass(frozen=True)
class Recipe:
    """The runs of one recipe, by seed.

    Attributes:
        id: of its run with seed 0, whether that is here or not (`RunSpec.recipe`).
        runs: all that are here, in whichever state.
    """

    id: str
    runs: tuple[Seen, ...]

    @property
    def done(self) -> tuple[Seen, ...]:
        """Those that were trained to the end: only they can be compared."""
        return tuple(run for run in self.runs if run.status().state == DONE and run.history())

    @property
    def under_way(self) -> tuple[Seen, ...]:
        """Those that wait or train."""
        return tuple(run for run in self.runs if not run.status().ended)

    @property
    def kept(self) -> Seen | None:
        """The run that is opened, gone on from and taken home: the median one, by error rate, of the first REPEATS.

        Of an even number it is the better of the two in the middle; equal error rates are told apart by the loss, then by
        the seed. More repeats than REPEATS change nothing, so that what goes on from it stays. Where none was trained to
        the end, it is the one that was stopped after the most epochs; None where there is no model.
        """
        done = [run for run in self.done if run.spec().seed < REPEATS] or list(self.done)
        median = _summary(done).median
        if median is not None:
            return done[median]
        stopped = [run for run in self.runs if run.status().finished and run.history()]
        return max(stopped, key=lambda run: (len(run.history()), -run.spec().seed), default=None)

    @property
    def summary(self) -> Summary:
        """The mean, the lowest and the highest error rate and loss of the runs that were trained to the end."""
        return _summary(self.done)

    def repeats(self) -> list[dict[str, Any]]:
        """A dict for each run that was trained to the end: {"seed", "error_rate", "valid_loss"}, by seed."""
        return [
            {"seed": run.spec().seed, **{name: run.history()[-1][name] for name in ("error_rate", "valid_loss")}}
            for run in self.done
        ]

    def next_seed(self) -> int:
        """The seed of a further repeat: the lowest that nobody trained yet, or whose run has no model."""
        taken = {run.spec().seed for run in self.runs if not run.status().ended or run.status().finished}
        return next(seed for seed in range(len(taken) + 1) if seed not in taken)


def recipes(runs: Iterable[Seen]) -> dict[str, Recipe]:
    """The recipes of some runs by their ids, in the order in which the runs name them first."""
    found: dict[str, list[Seen]] = {}
    for run in runs:
        found.setdefault(run.spec().recipe, []).append(run)
    return {one: Recipe(one, tuple(sorted(of, key=lambda run: run.spec().seed))) for one, of in found.items()}


def recipe_of(run_id: str) -> Recipe:
    """The recipe of a run of this home, as it is now. Raises KeyError where there is no such run, or it cannot be read."""
    known = {run.id: run for run in all_runs()}
    wanted = known[run_id].spec().recipe
    return recipes(run for run in known.values() if run.spec().recipe == wanted)[wanted]


def _summary(runs: Sequence[Seen]) -> Summary:
    last = [run.history()[-1] for run in runs]
    return summary([row["error_rate"] for row in last], [row["valid_loss"] for row in last])
