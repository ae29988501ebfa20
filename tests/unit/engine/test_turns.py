"""Who is answered next, while one of thirty asks for what takes long: a clock that the test moves, no thread waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from lessonkit import jobs
from lessonkit.engine.dispatcher import Dispatcher
from lessonkit.engine.turns import AT_ONCE, LEFT_SECONDS, OF_UPLOADS, OF_UPLOADS_AT_ONCE, Turns
from lessonkit.errors import EngineError

UPLOAD, PREVIEW = OF_UPLOADS[0], "heatmaps"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def refused(turns: Turns, learner: str, task: str) -> bool:
    """Whether there is no turn for it just now."""
    try:
        turns.give_back(turns.take(learner, task, 0.0))
    except EngineError:
        return True
    return False


def test_four_uploads_that_take_long_leave_the_others_their_previews():
    turns = Turns(Clock())
    held = [turns.take(f"tab {n}", UPLOAD, 0.0) for n in range(OF_UPLOADS_AT_ONCE)]
    assert [refused(turns, f"tab {n}", UPLOAD) for n in range(4)] == [True] * 4
    for n in range(29):
        assert not refused(turns, f"learner {n}", PREVIEW)
    turns.give_back(held[0])
    assert not refused(turns, "learner 1", UPLOAD)


def test_one_learner_has_one_question_answered_at_a_time():
    turns = Turns(Clock())
    first = turns.take("one", PREVIEW, 0.0)
    assert refused(turns, "one", PREVIEW)
    assert not refused(turns, "other", PREVIEW)
    turns.give_back(first)
    assert not refused(turns, "one", PREVIEW)


def test_whoever_took_least_lately_is_next_and_not_whoever_asks_most():
    clock = Clock()
    turns = Turns(clock)
    others = [turns.take(f"learner {n}", PREVIEW, 0.0) for n in range(AT_ONCE - 1)]
    greedy = turns.take("greedy", UPLOAD, 0.0)
    clock.now += 40
    answered = []
    with ThreadPoolExecutor(2) as threads:

        def ask(who: str) -> None:
            turn = turns.take(who, UPLOAD, 60.0)
            answered.append(who)
            turns.give_back(turn)

        waits = [threads.submit(ask, "greedy"), threads.submit(ask, "modest")]
        while len(turns._waiting) < 2:
            pass
        turns.give_back(greedy)
        for one in waits:
            one.result(timeout=30)
    assert answered == ["modest", "greedy"]
    assert len(others) == AT_ONCE - 1


def test_a_question_that_nobody_waits_for_keeps_its_turn_while_a_worker_is_at_it():
    clock = Clock()
    turns = Turns(clock)
    left = turns.take("one", UPLOAD, 0.0)
    turns.leave(left)
    assert refused(turns, "one", UPLOAD)
    turns.give_back(left)
    assert not refused(turns, "one", UPLOAD)
    turns.leave(turns.take("one", UPLOAD, 0.0))  # its worker died, and nobody says so
    clock.now += LEFT_SECONDS
    assert not refused(turns, "one", UPLOAD)


def test_the_command_line_waits_for_nobody():
    turns = Turns(Clock())
    assert len([turns.take("", UPLOAD, 0.0) for _ in range(20)]) == 20
    assert turns._held == []


def test_whoever_gets_no_turn_is_told_so():
    turns = Turns(Clock())
    turns.take("one", UPLOAD, 0.0)
    with pytest.raises(EngineError, match="had no turn within 0 s"):
        turns.take("one", UPLOAD, 0.0)


def test_zips_that_take_long_leave_the_other_jobs_a_place(home: Path):
    home.mkdir()
    handed: list[str] = []
    client = SimpleNamespace(submit=lambda task, *of, **how: handed.append(of[0]))
    for kind in ("read_zip", "read_zip", "add_zip", "obtain", "cache"):
        jobs.create(kind, f"{kind}{len(list(jobs.all_jobs()))}")
    Dispatcher(client, own=True)._dispatch_jobs([], ["preview"])  # type: ignore[arg-type]
    assert handed == ["read_zip", "obtain"]
