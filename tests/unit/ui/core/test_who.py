"""By what a page knows who uses it, and what it keeps of that in the browser."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from lessonkit.classroom import controls, teacher
from lessonkit.classroom.places import key_of
from lessonkit.errors import LessonError
from lessonkit.ui.core import who

COOKIE = "c" * 32


@pytest.fixture
def page(home: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A page of a class: `cookies`, `state`, `query`, and `sent`, the scripts that it sent to the browser."""
    monkeypatch.setattr(who, "in_class", lambda: True)
    monkeypatch.setenv("LESSONKIT_PIN", "12345678")
    teacher.new_pin()
    sent: list[str] = []
    cookies: dict[str, str] = {}
    stand_in = SimpleNamespace(
        session_state={},
        query_params={},
        context=SimpleNamespace(cookies=cookies, ip_address="10.0.0.7"),
        html=lambda text, **_: sent.append(text),
    )
    monkeypatch.setattr(who, "st", stand_in)
    return SimpleNamespace(cookies=cookies, state=stand_in.session_state, query=stand_in.query_params, sent=sent)


def test_a_learner_is_known_by_their_cookie(page: SimpleNamespace) -> None:
    page.cookies[who.LEARNER] = COOKIE
    assert who.me().key == key_of(COOKIE)
    assert not who.me().teacher


@pytest.mark.parametrize("cookie", ["", "short", "a b" * 20, None])
def test_without_a_cookie_that_the_lesson_gave_a_learner_is_known_by_the_session(
    page: SimpleNamespace, cookie: str | None
) -> None:
    page.cookies[who.LEARNER] = cookie
    first = who.me().key
    assert first
    assert who.me().key == first
    page.state.clear()
    assert who.me().key != first


def test_the_teachers_browser_is_asked_once_to_keep_that_they_are(page: SimpleNamespace) -> None:
    who.keep()
    assert page.sent == [], "a learner's browser keeps nothing of a teacher's"
    who.enter("12345678")
    assert who.me().teacher
    who.keep()
    who.keep()
    assert len(page.sent) == 1
    assert "/class/keep" in page.sent[0]


def test_whoever_leaves_the_panel_is_a_learner_here_and_in_the_browsers_other_pages(page: SimpleNamespace) -> None:
    who.enter("12345678")
    page.cookies[who.TEACHER] = page.state["class_teacher"]
    who.leave()
    assert not who.me().teacher
    assert who.me().key


def test_results_wait_for_the_teacher_on_learners_pages_alone(page: SimpleNamespace) -> None:
    assert not who.held_back()
    controls.change(hidden=True)
    assert who.held_back()
    who.enter("12345678")
    assert not who.held_back()


def test_nothing_of_a_class_binds_who_is_alone(page: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    controls.change(hidden=True, epochs=1)
    assert who.controls_now().epochs == 1
    monkeypatch.setattr(who, "in_class", lambda: False)
    assert who.controls_now() == controls.Controls()
    assert not who.held_back()


def test_a_class_with_a_code_lets_in_who_gave_it_once(page: SimpleNamespace) -> None:
    assert who.entered(), "a class without a code lets everybody in"
    controls.change(code="1234", asks_code=True)
    assert not who.entered()
    with pytest.raises(LessonError, match="not the code"):
        who.come_in("4321")
    assert not who.entered()
    page.query[who.CODE] = "1234"
    assert who.entered()
    assert page.query == {}, "the code does not stay in the address"
    page.state.clear()
    assert not who.entered()
    who.enter("12345678")
    assert who.entered(), "the teacher needs no code"
