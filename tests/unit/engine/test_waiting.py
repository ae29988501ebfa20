"""The queue under one of thirty who asks for a thousand runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lessonkit import jobs, runs
from lessonkit.engine.client import Engine
from lessonkit.errors import LessonError
from lessonkit.spec import RunSpec


class Asked(Engine):
    """An engine's client that starts no engine: what is asked for waits."""

    def __init__(self, learner: str = "") -> None:
        super().__init__(lambda: self.learner)
        self.learner = learner

    def wake(self) -> None:
        pass


def spec(seed: int) -> RunSpec:
    return RunSpec(dataset="drawn", seed=seed)


def refused(engine: Asked, learner: str, seed: int) -> str:
    engine.learner = learner
    try:
        engine.submit(spec(seed))
    except LessonError as said:
        return said.sentence
    return ""


def test_a_thousand_runs_are_asked_for_and_two_wait(home: Path):
    engine = Asked("one")
    with ThreadPoolExecutor(8) as pressed:
        said = list(pressed.map(lambda n: refused(engine, "one", n), range(1000)))
    assert said.count("") == 2
    assert len(runs.statuses()) == 2
    assert "2 runs wait already, and each learner may have 2" in next(filter(None, said))


def test_who_asked_another_process_has_no_more_waiting_than_anybody(home: Path):
    """A learner whose process died goes on in another, with what they asked for before."""
    learner = "0123456789abcdef"
    before, after = Asked(learner), Asked(learner)
    for seed in range(2):
        runs.note_asked(before.submit(spec(seed)).id, learner)
    for side in range(8):
        before.build_cache("drawn", 160 + side)
    assert "2 runs wait already" in refused(after, learner, 2)
    assert refused(after, "fedcba9876543210", 2) == ""
    assert after.build_cache("drawn", 200).state == jobs.QUEUED, "somebody else's"
    after.learner = learner
    with pytest.raises(LessonError, match="8 tasks wait already"):
        after.build_cache("drawn", 201)


def test_no_more_than_twenty_wait_in_all(home: Path):
    engine = Asked()
    assert [refused(engine, f"learner {n // 2}", n) for n in range(20)] == [""] * 20
    assert "20 runs wait already" in refused(engine, "late", 20)
    assert refused(engine, "late", 3) == "", "one that is there is watched by all"
    assert refused(engine, "", 21) == "", "the command line's"
    engine.learner = "late"
    assert engine.build_cache("drawn", 160).state == jobs.QUEUED, "a job waits in its own place"


def test_there_is_room_again_once_one_has_begun_or_was_stopped(home: Path):
    engine = Asked()
    assert [refused(engine, "one", n) for n in range(3)][:2] == ["", ""]
    assert runs.begin(runs.Run(spec(0).id))
    assert refused(engine, "one", 3) == ""
    assert refused(engine, "one", 4)
    engine.stop(spec(1).id)
    assert refused(engine, "one", 4) == ""
    assert refused(engine, "other", 5) == ""


def test_where_training_it_once_more_is_refused_for_another_reason_the_reason_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    """Only where too much waits is a training that is under way watched instead."""
    engine = Asked("one")
    first = engine.submit(spec(0), another=True)
    assert engine.submit(spec(0), another=True).id == spec(1).id
    assert engine.submit(spec(0), another=True).id in (first.id, spec(1).id), "two wait"

    def refuse(*_: object, **__: object) -> None:
        raise LessonError("The photos have changed.")

    monkeypatch.setattr(runs, "create_another", refuse)
    monkeypatch.setenv("LESSONKIT_WAITING_EACH", "9")
    with pytest.raises(LessonError, match="have changed"):
        engine.submit(spec(0), another=True)


def test_the_settings_say_how_many(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_WAITING_EACH", "1")
    monkeypatch.setenv("LESSONKIT_WAITING_ALL", "2")
    engine = Asked()
    assert refused(engine, "one", 1) == ""
    assert "1 run waits already, and each learner may have 1" in refused(engine, "one", 2)
    assert refused(engine, "two", 3) == ""
    assert "2 runs wait already" in refused(engine, "three", 4)


def test_jobs_of_one_learner_leave_room_for_the_others(home: Path):
    engine = Asked("one")
    started = [engine.build_cache("drawn", side) for side in range(64, 72)]
    with pytest.raises(LessonError, match="8 tasks wait already, and each learner may have 8"):
        engine.build_cache("drawn", 72)
    assert engine.build_cache("drawn", 64).key == started[0].key, "one that waits is followed by all"
    engine.learner = "other"
    assert engine.build_cache("drawn", 200).state == jobs.QUEUED


def test_searches_for_a_rate_count_as_runs_do(home: Path):
    """Each takes a training worker for itself: of one learner two wait, whatever other jobs do."""
    engine = Asked("one")
    for seed in (0, 1):
        engine.find_rate(spec(seed))
    with pytest.raises(LessonError, match="2 tasks wait already, and each learner may have 2"):
        engine.find_rate(spec(2))
    assert engine.build_cache("drawn", 64).state == jobs.QUEUED


def test_the_last_place_is_given_once_though_two_processes_are_asked_for_it(home: Path):
    """Each process has a client of its own: two of them see the queue at the same moment."""
    clients = [Asked(f"{n:016x}") for n in range(8)]
    for n in range(19):
        assert refused(Asked(), "", n) == ""
    with ThreadPoolExecutor(8) as pressed:
        said = list(pressed.map(lambda n: refused(clients[n], clients[n].learner, 100 + n), range(8)))
    assert said.count("") == 1
    assert len(runs.statuses()) == 20
