"""Who is here and what they said: many write at once, nothing of it is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lessonkit.classroom import controls, learners, places
from lessonkit.classroom.places import key_of
from lessonkit.errors import LessonError
from lessonkit.spec import RunSpec
from lessonkit.storage import write_json

P = controls.FIRST_PERIOD
WRITER = """
import sys
from lessonkit.classroom import controls, learners
from lessonkit.classroom.places import key_of
for number in range(20):
    learners.answer("first", key_of("shared"), f"{sys.argv[1]} {number}", "pug")
    learners.answer("first", key_of(f"{sys.argv[1]} {number}"), "luck", "1 to 2")
"""


def test_processes_that_write_at_once_lose_nothing(home: Path):
    """Three processes of the app: in each, one learner with a tab in all of them, and twenty others."""
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name]) for name in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    known = learners.everyone(P)
    assert len(known) == 61
    assert sorted(one.number for one in known.values()) == list(range(1, 62))
    assert len(known[key_of("shared")].answers) == 60
    assert len(learners.answers(known)["luck"]) == 60


def test_threads_that_change_the_controls_lose_nothing(home: Path):
    what = [
        {"step": "train"},
        {"paused": True},
        {"hidden": True},
        {"message": "Look up"},
        {"epochs": 9},
        {"once": True},
    ]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: controls.change(**one), what))
    now = controls.read()
    assert (now.step, now.paused, now.hidden, now.message, now.epochs, now.once) == (
        "train",
        True,
        True,
        "Look up",
        9,
        True,
    )


def test_an_answer_may_be_changed_and_what_was_said_before_the_result_stays_beside_it(home: Path):
    me = key_of("me")
    for choice, after in (("a", False), ("b", False), ("c", True), ("d", True)):
        learners.answer(P, me, "q", choice, after)
    said = learners.everyone(P)[me].answers["q"]
    assert (said.before, said.after, said.now) == ("b", "d", "d")


def test_who_was_not_heard_of_for_a_while_is_not_here(home: Path, monkeypatch: pytest.MonkeyPatch):
    learners.seen(P, key_of("me"), "train", "")
    assert list(learners.here(P)) == [key_of("me")]
    later = time.time() + learners.GONE
    monkeypatch.setattr(learners.time, "time", lambda: later)
    assert learners.here(P) == {}
    assert len(learners.everyone(P)) == 1


def test_a_learner_who_stays_writes_seldom(home: Path):
    me = key_of("me")
    learners.seen(P, me, "train")
    path = home / "class" / "periods" / P / f"{me}.json"
    before = path.stat().st_mtime_ns
    learners.seen(P, me, "train")
    assert path.stat().st_mtime_ns == before
    learners.seen(P, me, "data")
    assert learners.everyone(P)[me].step == "data"


@pytest.mark.parametrize("name", ["x" * 21, "a\u202eb", "a\x00b"])
def test_a_nickname_that_cannot_be_shown_is_refused(home: Path, name: str):
    with pytest.raises(LessonError):
        learners.call(P, key_of("me"), name)


def test_limits_hold_for_what_a_learner_trains(home: Path):
    spec = RunSpec("drawn", "", "x")
    controls.check(spec, controls.read())
    controls.change(epochs=5, once=True)
    for over, why in ((spec.but(epochs=6), "5 epochs"), (spec.but(precompute=False), "take a moment")):
        with pytest.raises(LessonError, match=why):
            controls.check(over, controls.read())
    controls.change(datasets=["pets"])
    with pytest.raises(LessonError, match="closed these photos"):
        controls.check(spec, controls.read())


def test_a_page_looks_at_the_class_once_and_sees_each_change(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of("one")
    controls.change(step="train")
    learners.seen(P, key, "train")
    looks: list[Path] = []
    stat = Path.stat
    monkeypatch.setattr(Path, "stat", lambda self, **how: (looks.append(self), stat(self, **how))[1])

    def looked() -> int:
        looks.clear()
        assert controls.read().step == step
        found = learners.find(P, key)
        assert found is not None
        assert found.step == step
        return len(looks)

    step = "train"
    assert looked() == looked() == 2, "no page: each time"
    with places.one_look():
        assert [looked(), looked()] == [2, 0]
        step = "data"
        controls.change(step=step)
        learners.seen(P, key, step)
        assert [looked(), looked()] == [2, 0], "what this process changed is seen at once"
        path = places.folder() / "controls.json"
        step = "mistakes"
        write_json(path, json.loads(path.read_text()) | {"step": step})  # as another process does
        write_json(mine := path.with_name("periods") / P / f"{key}.json", json.loads(mine.read_text()) | {"step": step})
        monkeypatch.setattr(places, "LOOK_AGAIN", 0.0)
        assert looked() == 2, "and what another one changed, a moment later"
    monkeypatch.undo()


def test_a_thread_that_writes_for_a_page_sees_what_lies_there(home: Path) -> None:
    controls.change(step="train")
    with places.one_look():
        assert controls.read().step == "train"
        path = places.folder() / "controls.json"
        write_json(path, json.loads(path.read_text()) | {"step": "data"})
        with ThreadPoolExecutor(1) as writer:
            assert writer.submit(controls.read).result().step == "data"


def test_a_file_of_another_home_is_another_file(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    controls.change(step="train")
    with places.one_look():
        assert controls.read().step == "train"
        monkeypatch.setenv("LESSONKIT_HOME", str(tmp_path / "another"))
        assert controls.read().step == ""


def test_where_somebody_is_stands_there_already(home: Path) -> None:
    key = key_of("one")
    assert not learners.is_seen(P, key, "train")
    learners.seen(P, key, "train", "r", "q")
    assert learners.is_seen(P, key, "train", "r", "q")
    assert not learners.is_seen(P, key, "data", "r", "q")
    long = "x" * (learners.LONGEST_SHOWS + 1)
    learners.seen(P, key, "train", "r", long)
    assert learners.is_seen(P, key, "train", "r", long)


def test_what_takes_longer_than_a_moment_is_not_searched_or_measured_where_only_that_is_open(home: Path) -> None:
    spec = RunSpec("drawn", "", "x", epochs=50)
    whole = spec.but(precompute=False)
    controls.change(epochs=5)
    controls.check_search(whole, controls.read())  # it has no epochs
    controls.check_measure(controls.read())
    controls.change(once=True)
    controls.check_search(spec, controls.read())
    with pytest.raises(LessonError, match="take a moment"):
        controls.check_search(whole, controls.read())
    with pytest.raises(LessonError, match="measuring takes a minute"):
        controls.check_measure(controls.read())


def test_the_next_class_has_the_limits_of_the_last_and_nothing_that_it_was_told(home: Path) -> None:
    limits = {"datasets": ["pets"], "epochs": 5, "once": True, "waiting": 1, "asks_code": False}
    controls.change(**limits, step="train", paused=True, hidden=True, message="Look up", released=["q"], question="q")
    learners.answer(P, key_of("me"), "q", "a")
    first = controls.new_period(["b" * 12, "a" * 12], "1234")
    assert controls.read() == controls.Controls(first, aside=["a" * 12, "b" * 12], code="1234", **limits)
    assert learners.everyone(first) == {}
    second = controls.new_period(["c" * 12])
    assert second != first
    assert controls.read().aside == ["a" * 12, "b" * 12, "c" * 12]
    controls.bring_back("b" * 12)
    assert controls.read().aside == ["a" * 12, "c" * 12]


def test_classes_are_listed_the_newest_first_and_who_is_in_none_is_left_out(home: Path) -> None:
    assert learners.periods() == []
    for period in (P, "20260101-080000", "20260301-080000", learners.ALONE):
        learners.answer(period, key_of("me"), "q", "a")
    assert learners.periods() == ["20260301-080000", "20260101-080000", P]


def test_a_class_is_full_at_some_time_and_who_is_in_it_goes_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learners, "MOST", 2)
    for who in ("one", "two", "three"):
        learners.answer(P, key_of(who), "q", "a")
    assert [one.number for one in learners.everyone(P).values()] == [1, 2]
    assert (learners.numbered(P, 2), learners.numbered(P, 3)) == (key_of("two"), "")
    for question in ("r", "s", "q"):
        learners.answer(P, key_of("one"), question, "b")
    assert list(learners.everyone(P)[key_of("one")].answers) == ["s", "q"]


def test_who_became_the_teacher_is_no_learner_here_any_more(home: Path) -> None:
    learners.seen(P, key_of("me"), "train")
    learners.gone(P, key_of("me"))
    learners.gone(P, key_of("nobody"))
    assert learners.here(P) == {}
    assert list(learners.everyone(P)) == [key_of("me")]


def test_of_the_runs_that_a_learner_asked_for_the_last_stands_at_the_end(home: Path) -> None:
    for run in ("a", "b", "a"):
        learners.trained(P, key_of("me"), run, began=5.0)
    me = learners.everyone(P)[key_of("me")]
    assert (me.trained, me.began) == (["b", "a"], 5.0)
