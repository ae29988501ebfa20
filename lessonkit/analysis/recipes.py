"""The repeats of a recipe: runs whose specs differ in the seed alone, and which of them is kept."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lessonkit.analysis.repeats import Summary, summary
from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.runs import DONE, Seen, snapshot

REPEATS = 5  # of a recipe whose activations are computed once: there a repeat costs a second


@dataclass(frozen=True, eq=False)
class Recipe:
    """The runs of one recipe, by seed.

    Attributes:
        id: of its run with seed 0, whether that is here or not (`RunSpec.recipe`).
        runs: all that are here, in whichever state.
        gone_on_from: ids of those that other runs go on from.
    """

    id: str
    runs: tuple[Seen, ...]
    gone_on_from: frozenset[str] = frozenset()

    @functools.cached_property
    def done(self) -> tuple[Seen, ...]:
        """Those that were trained to the end: only they can be compared."""
        return tuple(run for run in self.runs if run.status().state == DONE and run.history())

    @functools.cached_property
    def under_way(self) -> tuple[Seen, ...]:
        """Those that wait or train."""
        return tuple(run for run in self.runs if not run.status().ended)

    @functools.cached_property
    def together(self) -> tuple[Seen, ...]:
        """Those that were asked for together the first time, whatever became of each: they decide which one is kept.

        They are the training that was asked for first, of those that got to their end, and the repeats that followed it,
        REPEATS at the most, by seed. Whoever trains the recipe again later, one by one, changes nothing of what is kept.
        """
        first = min(self.done, key=lambda run: (run.status().queued_at, run.spec().seed), default=None)
        if first is None:
            return ()
        return tuple(run for run in self.runs if _asked_with(run) == _asked_with(first))[:REPEATS]

    @functools.cached_property
    def kept(self) -> Seen | None:
        """The run that is opened, gone on from and taken home: the one that others go on from, else `median`.

        So no further training of the recipe takes the place of one whose weights others began with. Where none was trained
        to the end, it is the one that was stopped after the most epochs; None where there is no model.
        """
        return _middle([run for run in self.runs if run.id in self.gone_on_from]) or self.median

    @property
    def median(self) -> Seen | None:
        """The median run, by error rate, of `together`; while some of these wait or train, the first that is done.

        So it changes once at the most: when the last of them ends. Of an even number it is the better of the two in the
        middle; equal error rates are told apart by the loss, then by the seed. Where none is done, it is the one that was
        stopped after the most epochs.
        """
        return _middle((self.decided[:1] if self.deciding else self.decided) or self.runs)

    @property
    def middle(self) -> Seen | None:
        """The one in the middle of `decided` as they are now; None where none is done."""
        return _middle(self.decided)

    @property
    def decided(self) -> tuple[Seen, ...]:
        """Those of `together` that were trained to the end."""
        return tuple(run for run in self.together if run in self.done)

    @property
    def settled(self) -> bool:
        """Whether further trainings leave `kept` as it is: others go on from it, or all of `together` have ended."""
        kept = self.kept
        return kept is not None and (kept.id in self.gone_on_from or bool(self.done and not self.deciding))

    @property
    def deciding(self) -> tuple[Seen, ...]:
        """Those of `together` that are under way."""
        return tuple(run for run in self.together if not run.status().ended)

    @functools.cached_property
    def summary(self) -> Summary:
        """The mean, the lowest and the highest error rate and loss of the runs that were trained to the end."""
        return _summary(self.done)

    def repeats(self) -> list[dict[str, Any]]:
        """A dict for each run that was trained to the end: {"seed", "error_rate", "valid_loss"}, by seed."""
        return [
            {"seed": run.spec().seed, **{name: run.history()[-1][name] for name in ("error_rate", "valid_loss")}}
            for run in self.done
        ]


def recipes(runs: Iterable[Seen]) -> dict[str, Recipe]:
    """The recipes of some runs by their ids, in the order in which the runs name them first.

    Args:
        runs: all that there are, so that it is known which of them others go on from.
    """
    found: dict[str, list[Seen]] = {}
    begun_with: set[str] = set()
    for run in runs:
        found.setdefault(run.spec().recipe, []).append(run)
        begun_with.add(run.spec().starts_from)
    return {
        one: Recipe(
            one,
            tuple(sorted(of, key=lambda run: run.spec().seed)),
            frozenset(run.id for run in of if run.id in begun_with),
        )
        for one, of in found.items()
    }


def recipe_of(run_id: str) -> Recipe:
    """The recipe of a run of this home, as it is now. Raises LessonError where there is no such run, or it cannot be read."""
    known = snapshot()
    run = known.find(run_id)
    if run is None:
        if run_id in known.unreadable:
            raise known.unreadable[run_id].with_traceback(None)
        raise LessonError(tr("There is no run “{run}” on this machine.", run=run_id), tr("Choose one that is there."))
    return recipes(known.runs)[run.spec().recipe]


def _asked_with(run: Seen) -> str:
    """The id of the run that was asked for, with this one as its repeat or as itself."""
    return run.status().repeat_of or run.id


def _middle(runs: Sequence[Seen]) -> Seen | None:
    """Of some runs the median of those that are done, else the one that was stopped after the most epochs."""
    finished = [run for run in runs if run.status().finished and run.history()]
    done = [run for run in finished if run.status().state == DONE]
    median = _summary(done).median
    if median is not None:
        return done[median]
    return max(finished, key=lambda run: (len(run.history()), -run.spec().seed), default=None)


def _summary(runs: Sequence[Seen]) -> Summary:
    last = [run.history()[-1] for run in runs]
    return summary([row["error_rate"] for row in last], [row["valid_loss"] for row in last])
