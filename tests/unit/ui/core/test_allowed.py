"""What pages ask for in somebody's name: it is done for those who may, and noted; for others it is refused or not done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lessonkit import corrections, jobs, runs
from lessonkit.classroom import collection, controls, learners
from lessonkit.classroom.rights import Person
from lessonkit.errors import LessonError
from lessonkit.photos import own_photos
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import allowed, who

ME, OTHER = Person("a" * 16), Person("b" * 16)
TEACHER = Person("c" * 16, teacher=True)
SPEC = RunSpec("drawn")


class Engine:
    """Writes at once what the pages have it write; queues runs, and trains none."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def submit(self, spec: RunSpec, **_: Any) -> Run:
        return runs.create(spec)

    def write(self, how: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return how(*args, **named)

    def stop(self, run_id: str) -> None:
        self.asked.append(("stop", run_id))

    def stop_job(self, kind: str, key: str) -> None:
        self.asked.append(("stop_job", kind, key))


@pytest.fixture
def engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(allowed, "engine", lambda: made)
    monkeypatch.setattr(allowed, "st", SimpleNamespace(toast=lambda *_, **__: None))
    monkeypatch.setattr(who, "in_class", lambda: True)
    return made


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], None]:
    """`be(person)`: whose page it is from now on."""
    return lambda person: monkeypatch.setattr(who, "me", lambda: person)


def test_a_run_that_others_asked_for_too_goes_on(engine: Engine, be: Callable[[Person], None]) -> None:
    for person in (ME, OTHER):
        be(person)
        run = allowed.submit(SPEC)
    assert run.asked_by() == [ME.key, OTHER.key]
    assert not allowed.stop(run.id)
    assert run.asked_by() == [ME.key], "their own request is taken back"
    be(ME)
    assert allowed.stop(run.id)
    assert engine.asked == [("stop", run.id)]


def test_a_run_that_others_look_at_goes_on(engine: Engine, be: Callable[[Person], None]) -> None:
    be(ME)
    run = allowed.submit(SPEC)
    learners.seen(controls.FIRST_PERIOD, OTHER.key, "train", run.id)
    assert not allowed.stop(run.id)
    assert engine.asked == []


def test_nobody_stops_what_they_did_not_ask_for(engine: Engine, be: Callable[[Person], None]) -> None:
    be(ME)
    run = allowed.submit(SPEC)
    jobs.create("obtain", "pets")
    jobs.note_asked("obtain", "pets", ME.key)
    be(OTHER)
    assert not allowed.may_stop(run.id)
    assert not allowed.may_stop_job("obtain", "pets")
    with pytest.raises(LessonError, match="did not ask"):
        allowed.stop(run.id)
    with pytest.raises(LessonError, match="did not ask"):
        allowed.drop_repeats(run.id)
    with pytest.raises(LessonError, match="did not ask"):
        allowed.stop_job("obtain", "pets")
    be(TEACHER)
    assert allowed.may_stop(run.id)
    assert allowed.may_stop_job("obtain", "pets")
    assert allowed.stop(run.id)
    assert allowed.stop_job("obtain", "pets")
    assert engine.asked == [("stop", run.id), ("stop_job", "obtain", "pets")]


def test_a_job_that_others_asked_for_too_goes_on(engine: Engine, be: Callable[[Person], None]) -> None:
    jobs.create("obtain", "pets")
    for person in (ME, OTHER):
        jobs.note_asked("obtain", "pets", person.key)
    be(ME)
    assert not allowed.stop_job("obtain", "pets")
    assert jobs.asked_by("obtain", "pets") == [OTHER.key]
    be(OTHER)
    assert allowed.stop_job("obtain", "pets")


def test_the_classs_limits_bind_learners_and_not_the_teacher(engine: Engine, be: Callable[[Person], None]) -> None:
    controls.change(epochs=2)
    be(ME)
    with pytest.raises(LessonError, match="epochs"):
        allowed.submit(SPEC.but(epochs=3))
    be(TEACHER)
    assert allowed.submit(SPEC.but(epochs=3)).asked_by() == [TEACHER.key]


def test_another_class_puts_aside_what_this_one_asked_for_alone(engine: Engine, be: Callable[[Person], None]) -> None:
    baked = runs.create(SPEC.but(seed=7))
    be(ME)
    asked = allowed.submit(SPEC)
    with pytest.raises(LessonError, match="Only the teacher"):
        allowed.new_period()
    be(TEACHER)
    allowed.new_period()
    assert controls.read().aside == [asked.id]
    be(OTHER)
    allowed.submit(SPEC)
    assert controls.read().aside == [], f"who asks for it again sees it; {baked.id} was never aside"


def test_what_is_for_the_teacher_alone_is_refused_to_others(engine: Engine, be: Callable[[Person], None]) -> None:
    be(ME)
    for what in (
        lambda: allowed.change_class(paused=True),
        lambda: allowed.begin_collection("Pets", ["pug", "beagle"]),
        lambda: allowed.open_collection(True),
        lambda: allowed.make_collection("pets"),
        lambda: allowed.withdraw("photo", own=False),
        lambda: allowed.publish_marks(None),
    ):
        with pytest.raises(LessonError, match="Only the teacher"):
            what()
    assert not controls.read().paused
    be(TEACHER)
    allowed.change_class(paused=True)
    assert controls.read().paused


def test_photos_are_deleted_by_who_made_a_dataset_of_them_or_the_teacher(
    engine: Engine, be: Callable[[Person], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []
    monkeypatch.setattr(own_photos, "maker", lambda _: ME.key)
    monkeypatch.setattr(corrections, "remove_dataset", deleted.append)
    mine = SimpleNamespace(name="own-mine")
    be(OTHER)
    assert not allowed.may_remove(mine)
    with pytest.raises(LessonError, match="Somebody else"):
        allowed.remove(mine)
    assert deleted == []
    for person in (ME, TEACHER):
        be(person)
        assert allowed.may_remove(mine)
        allowed.remove(mine)
    assert deleted == ["own-mine"] * 2


def test_a_collection_is_begun_closed_and_opened_again(engine: Engine, be: Callable[[Person], None]) -> None:
    be(TEACHER)
    allowed.begin_collection("Our pets", ["pug", "beagle"])
    assert (collection.now().title, collection.now().open) == ("Our pets", True)
    for opens in (False, True):
        allowed.open_collection(opens)
        assert collection.now().open == opens


def test_a_learners_answers_count_and_a_teachers_do_not(engine: Engine, be: Callable[[Person], None]) -> None:
    def counted() -> list[str]:
        return sorted(learners.answers(learners.everyone(controls.FIRST_PERIOD)).get("luck", {}))

    be(TEACHER)
    allowed.answer("luck", "1 to 2")
    assert counted() == []
    be(ME)
    assert allowed.said_before("luck") is None
    allowed.answer("luck", "1 to 2")
    assert allowed.said_before("luck") == "1 to 2"
    allowed.answer("luck", "over 5", after=True)
    assert allowed.said_before("luck") == "over 5"
    assert counted() == [ME.key]
    be(OTHER)
    assert allowed.said_before("luck") is None
