"""The PIN opens the teacher's panel, few guesses are allowed, and what lies in the home does not tell it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lessonkit.classroom import teacher, tries
from lessonkit.classroom.places import folder
from lessonkit.errors import LessonError


def test_the_pin_opens_and_lies_nowhere(home: Path):
    pin = teacher.new_pin()
    assert len(pin) == teacher.DIGITS
    token = teacher.enter(f" {pin[:4]} {pin[4:]}-", "a phone")
    assert teacher.holds(token)
    written = b"".join(path.read_bytes() for path in folder().iterdir())
    assert pin.encode() not in written
    assert token.encode() not in written
    if os.name == "posix":
        assert {stat.S_IMODE((folder() / name).stat().st_mode) for name in ("key", "pin.json", "teachers.json")} == {
            0o600
        }


def test_tokens_that_another_version_wrote_do_not_shut_the_teacher_out(home: Path):
    pin = teacher.new_pin()
    (folder() / "teachers.json").write_text('{"8931581a": 1795747801.4}')
    token = teacher.enter(pin, "")
    assert teacher.holds(token)
    assert not teacher.holds("another")


def test_a_new_pin_takes_the_place_of_the_old_one(home: Path):
    old = teacher.new_pin()
    teacher.new_pin()
    with pytest.raises(LessonError, match="not the PIN"):
        teacher.enter(old, "")


def test_after_a_few_wrong_ones_the_right_one_has_to_wait_too(home: Path, monkeypatch: pytest.MonkeyPatch):
    pin = teacher.new_pin()
    for number in range(teacher.TRIES_EACH):
        with pytest.raises(LessonError, match="not the PIN"):
            teacher.enter(f"{number}", "a phone")
    with pytest.raises(LessonError, match="too often"):
        teacher.enter(pin, "a phone")
    assert teacher.enter(pin, "the teacher's laptop"), "another's guesses keep the teacher out"
    later = tries.time.time() + tries.MINUTE
    monkeypatch.setattr(tries.time, "time", lambda: later)
    assert teacher.enter(pin, "a phone")


def test_nobody_elses_guesses_keep_the_teacher_out(home: Path):
    """All of a school may come from one address; on the teacher's machine, and in a browser that was let in, none count."""
    pin, school = teacher.new_pin(), "203.0.113.9"
    known = tries.whence(school, "the teacher's browser")
    teacher.enter(pin, known)
    for _ in range(teacher.TRIES_EACH):
        with pytest.raises(LessonError, match="not the PIN"):
            teacher.enter("1", tries.whence(school, "a learner's browser"))
    with pytest.raises(LessonError, match="too often"):
        teacher.enter(pin, tries.whence(school, "a learner's browser"))
    assert teacher.enter(pin, tries.whence(school, "another browser")), "one learner keeps all of the school out"
    for number in range(teacher.TRIES_ALL - teacher.TRIES_EACH):  # from all over, under ever other names
        with pytest.raises(LessonError, match="not the PIN"):
            teacher.enter("1", tries.whence(f"198.51.100.{number // 4}", f"browser {number}"))
    with pytest.raises(LessonError, match="too often"):
        teacher.enter(pin, tries.whence("192.0.2.1", "yet another"))
    assert teacher.enter(pin, known)
    assert teacher.enter(pin, tries.whence("127.0.0.1", "a new browser"))


def test_a_browser_that_says_it_is_ever_another_has_a_few_guesses(home: Path):
    """As has a machine that has a whole network's addresses of IPv6."""
    teacher.new_pin()
    for number in range(tries.BROWSERS * teacher.TRIES_EACH):
        with pytest.raises(LessonError, match="not the PIN"):
            teacher.enter("1", tries.whence(f"2001:db8::{number:x}", f"browser {number}"))
    with pytest.raises(LessonError, match="too often"):
        teacher.enter("1", tries.whence("2001:db8::ffff", "one more"))


def test_many_addresses_have_no_more_guesses_than_all_may_have(home: Path):
    pin = teacher.new_pin()
    for number in range(teacher.TRIES_ALL):
        with pytest.raises(LessonError, match="not the PIN"):
            teacher.enter("1", f"phone {number}")
    with pytest.raises(LessonError, match="too often"):
        teacher.enter(pin, "another")


def test_a_ticket_is_good_once(home: Path):
    token = teacher.enter(teacher.new_pin(), "")
    ticket = teacher.ticket(token)
    kept = teacher.redeem(ticket)
    assert teacher.holds(kept)
    assert teacher.redeem(ticket) == ""
    assert not teacher.holds(ticket)
    assert teacher.ticket("no token") == ""


def test_whoever_leaves_is_no_teacher_after_a_reload_either(home: Path):
    pin = teacher.new_pin()
    token, elsewhere = teacher.enter(pin, ""), teacher.enter(pin, "a phone")
    in_a_cookie = teacher.redeem(teacher.ticket(token))
    not_yet_handed_in = teacher.ticket(token)
    teacher.leave(token)
    assert not teacher.holds(token)
    assert not teacher.holds(in_a_cookie), "the browser's cookie still opens the teacher's panel"
    assert teacher.redeem(not_yet_handed_in) == ""
    assert teacher.holds(elsewhere)


def test_a_token_holds_for_a_school_day(home: Path, monkeypatch: pytest.MonkeyPatch):
    token = teacher.enter(teacher.new_pin(), "")
    later = teacher.time.time() + teacher.TOKEN_SECONDS + 1
    monkeypatch.setattr(tries.time, "time", lambda: later)
    assert not teacher.holds(token)


def test_a_ticket_is_good_for_a_minute(home: Path, monkeypatch: pytest.MonkeyPatch):
    ticket = teacher.ticket(teacher.enter(teacher.new_pin(), ""))
    later = teacher.time.time() + teacher.TICKET_SECONDS + 1
    monkeypatch.setattr(teacher.time, "time", lambda: later)
    assert teacher.redeem(ticket) == ""


def test_a_browser_that_was_let_in_is_one_of_many_again_after_a_school_day(home: Path, monkeypatch: pytest.MonkeyPatch):
    pin, school = teacher.new_pin(), "203.0.113.9"
    known = tries.whence(school, "the teacher's browser")
    teacher.enter(pin, known)
    later = tries.time.time() + tries.A_SCHOOL_DAY
    monkeypatch.setattr(tries.time, "time", lambda: later)
    monkeypatch.setattr(tries, "BROWSERS", 1)
    monkeypatch.setattr(teacher, "TRIES_EACH", 2)
    for number in range(2):
        with pytest.raises(LessonError, match="not the PIN"):
            teacher.enter("1", tries.whence(school, f"browser {number}"))
    with pytest.raises(LessonError, match="too often"):
        teacher.enter(pin, known)


def test_before_there_is_a_pin_none_is_right(home: Path):
    with pytest.raises(LessonError, match="No PIN was made"):
        teacher.enter("", "")
    assert not teacher.holds("")
