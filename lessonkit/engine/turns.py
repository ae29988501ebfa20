"""Whose question is answered next: one learner's photos that take long do not keep the others from theirs."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lessonkit.errors import EngineError
from lessonkit.language import tr

AT_ONCE = 4  # questions: each has a thread of the preview worker
# Of those, about photos that a learner sent: what it takes to open one is decided by whoever made it. The others are about
# a dataset's own photos, which were all opened before.
OF_UPLOADS_AT_ONCE = 2
OF_UPLOADS = ("answer_with_heatmap", "answer_with_neighbours")
LEFT_SECONDS = 300.0  # after which a question that nobody waits for any more counts as answered: none takes longer
HALF_LIFE = 60.0  # seconds after which half of what a learner's questions took is forgotten


@dataclass(eq=False)
class Turn:
    """A question that waits, or is being answered."""

    learner: str
    upload: bool
    number: int
    begun: float = 0.0
    until: float = field(default=float("inf"))


class Turns:
    """Gives each question its turn. One for an app; safe from any thread.

    A learner has one question answered at a time. Of those who wait, the one is next whose questions took the least time
    lately, and among equals whoever came first. "" is nobody in particular, as the command line, and never waits.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[Turn] = []
        self._held: list[Turn] = []
        self._took: dict[str, tuple[float, float]] = {}  # learner -> seconds, and when that was so

    def take(self, learner: str, task: str, seconds: float) -> Turn:
        """Wait for a turn. Whoever has it gives it back with `give_back`, or `leave`.

        Raises:
            EngineError: there was none within so many seconds.
        """
        turn = Turn(learner, task in OF_UPLOADS, next(self._numbers))
        if not learner:
            return turn
        deadline = self._clock() + seconds
        with self._changed:
            self._waiting.append(turn)
            try:
                while self._next() is not turn:
                    if self._clock() >= deadline:
                        raise EngineError(
                            tr(
                                "Many photos are being looked at just now, and yours had no turn within {seconds} s.",
                                seconds=round(seconds),
                            ),
                            tr("Wait a moment, then try again."),
                        )
                    self._changed.wait(min(1.0, max(0.0, deadline - self._clock())))
                turn.begun = self._clock()
                self._held.append(turn)
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
        return turn

    def give_back(self, turn: Turn) -> None:
        """The question was answered. Done twice, it is done once."""
        with self._changed:
            if turn in self._held:
                self._held.remove(turn)
                now = self._clock()
                self._took[turn.learner] = self._lately(turn.learner, now) + now - turn.begun, now
                self._took = {who: took for who, took in self._took.items() if self._lately(who, now) > 0.1}
                self._changed.notify_all()

    def leave(self, turn: Turn) -> None:
        """Nobody waits for the answer any more, but a worker is still at it: it cannot be stopped in the middle."""
        with self._changed:
            turn.until = self._clock() + LEFT_SECONDS

    def _next(self) -> Turn | None:
        now = self._clock()
        self._held = [turn for turn in self._held if turn.until > now]
        if len(self._held) >= AT_ONCE:
            return None
        learners = {turn.learner for turn in self._held}
        full = sum(turn.upload for turn in self._held) >= OF_UPLOADS_AT_ONCE
        may = [t for t in self._waiting if t.learner not in learners and not (t.upload and full)]
        return min(may, key=lambda turn: (self._lately(turn.learner, now), turn.number), default=None)

    def _lately(self, learner: str, now: float) -> float:
        seconds, at = self._took.get(learner, (0.0, now))
        return seconds * 0.5 ** ((now - at) / HALF_LIFE)
