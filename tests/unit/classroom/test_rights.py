"""What a learner may do, what the teacher may, and who is alone on their machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lessonkit.classroom import rights
from lessonkit.classroom.rights import Person
from lessonkit.errors import LessonError

ME, OTHER = "a" * 16, "b" * 16
LEARNER, TEACHER, ALONE = Person(ME), Person("c" * 16, teacher=True), Person()


def refused(what: Callable[[], object]) -> bool:
    try:
        what()
    except LessonError:
        return True
    return False


@pytest.mark.parametrize(("who", "rules"), [(LEARNER, False), (TEACHER, True), (ALONE, True)])
def test_the_teacher_and_who_is_alone_may_do_everything(who: Person, rules: bool) -> None:
    assert who.rules == rules
    for what in (
        lambda: rights.check_teacher(who),
        lambda: rights.check_remove(who, OTHER),
        lambda: rights.check_remove(who, ""),
        lambda: rights.check_rename(who, [OTHER]),
        lambda: rights.check_rename(who, []),
        lambda: rights.stops(who, [OTHER], []),
    ):
        assert refused(what) == (not rules)
    assert rights.stops(TEACHER, [ME, OTHER], [OTHER])


def test_a_learner_may_do_what_is_of_their_own() -> None:
    rights.check_remove(LEARNER, ME)
    rights.check_rename(LEARNER, [OTHER, ME])


@pytest.mark.parametrize(
    ("asked", "watch", "ends"),
    [([ME], [], True), ([ME], [ME], True), ([ME, OTHER], [], False), ([ME], [OTHER], False)],
)
def test_a_run_ends_where_nobody_else_wants_it(asked: list[str], watch: list[str], ends: bool) -> None:
    assert rights.stops(LEARNER, asked, watch) == ends


def test_nobody_acts_on_a_learners_page_that_is_shown() -> None:
    assert refused(lambda: rights.check_acts(Person(ME, looks=True)))
    assert not refused(lambda: rights.check_acts(LEARNER))
