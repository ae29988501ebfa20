"""What a class asked for stands in the diary, line by line, without saying who anybody is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lessonkit import config
from lessonkit.engine import diary
from lessonkit.errors import LessonError
from tests.unit.engine.test_waiting import Asked, spec


def lines() -> list[dict]:
    return [json.loads(line) for line in diary.path().read_text(encoding="utf-8").splitlines()]


def test_it_says_who_asked_for_what_and_how_that_ended(home: Path):
    engine = Asked("session-one")
    runs = [engine.submit(spec(seed)) for seed in range(2)]
    with pytest.raises(LessonError):
        engine.submit(spec(2))
    engine.learner = "session-two"
    engine.stop(runs[0].id)
    engine.build_cache("drawn", 64)
    told = lines()
    assert [(line["what"], line["of"], line["ended"]) for line in told[:2]] == [("submit", r.id, "done") for r in runs]
    assert "each learner may have 2" in told[2]["ended"]
    assert [(line["what"], line["of"]) for line in told[3:]] == [("stop", runs[0].id), ("start", "cache-drawn-64")]
    assert told[0]["who"] == told[2]["who"] != told[3]["who"]
    assert all(line["seconds"] >= 0 and line["at"] > 0 for line in told)
    assert "session" not in diary.path().read_text(encoding="utf-8")


def test_an_error_is_noted_and_goes_on(home: Path):
    config.home().mkdir()
    with pytest.raises(KeyError), diary.noted("break"):
        raise KeyError("a private detail")
    assert [(line["what"], line["ended"]) for line in lines()] == [("break", "KeyError")]


def test_it_does_not_grow_for_ever_and_a_shut_disk_is_no_obstacle(home: Path, monkeypatch: pytest.MonkeyPatch):
    with diary.noted("before there is a home"):
        pass
    config.home().mkdir()
    monkeypatch.setattr(diary, "LARGEST", 500)
    for _ in range(50):
        with diary.noted("ask"):
            pass
    assert sorted(path.name for path in home.iterdir()) == ["diary.jsonl", "diary.jsonl.1"]
    assert all(path.stat().st_size < 1000 for path in home.iterdir())
