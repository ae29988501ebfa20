"""Who uses this page: somebody alone on their machine, a learner of a class, or its teacher."""

from __future__ import annotations

import contextlib
import re
import secrets

import streamlit as st

from lessonkit import config
from lessonkit.classroom import controls, entrance, learners, teacher, tries
from lessonkit.classroom.controls import Controls
from lessonkit.classroom.learners import Learner
from lessonkit.classroom.places import key_of, seen_lately
from lessonkit.classroom.rights import Person
from lessonkit.errors import LessonError, SettingError
from lessonkit.ui.core import hosts

# Cookies that no script of a page can read. A learner's stands for nobody but a browser; files have a hash of it.
LEARNER, TEACHER = "lessonkit_learner", "lessonkit_teacher"
TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
_MINE, _TEACHER, _KEPT = "class_learner", "class_teacher", "class_kept"
_ENTERED, _SHOWN = "class_entered", "class_shown"
CODE, SHOWN = "code", "shown"  # in an address: the class's code; the number of the learner whose page the teacher shows


def in_class() -> bool:
    """Whether the lesson serves a class: other machines, or people behind a proxy. Else one person alone may do everything."""
    try:
        return hosts.serves_others() or bool(config.hosts())
    except SettingError:  # said on every page
        return True


def me() -> Person:
    """Who uses this page."""
    if not in_class():
        return Person()
    if shown := _shown():
        return Person(shown, looks=True)
    return Person(key_of(_learner()), teacher.holds(_token()))


def entered() -> bool:
    """Whether this person may take part: of a class with a code, who gave it once, by the QR code's address or typed."""
    person, now = me(), controls_now()
    if person.rules or person.looks or not (now.asks_code and now.code):
        return True
    if learners.find(now.period, person.key) or st.session_state.get(_ENTERED) == now.period:
        return True
    given = st.query_params.get(CODE, "")
    if given:
        del st.query_params[CODE]  # looked at once
        with contextlib.suppress(LessonError):
            come_in(given)
    return st.session_state.get(_ENTERED) == now.period


def come_in(code: str) -> None:
    """Let this learner take part. Raises LessonError for another code than the class's."""
    entrance.check(code, _whence())
    st.session_state[_ENTERED] = controls_now().period


def _shown() -> str:
    """The key of the learner whose page the teacher shows here, as this page's address says; "" for none."""
    if _SHOWN not in st.session_state:
        number = st.query_params.get(SHOWN, "")
        may = number.isascii() and number.isdigit() and len(number) < 6 and teacher.holds(_token())
        st.session_state[_SHOWN] = learners.numbered(controls_now().period, int(number)) if may else ""
    return st.session_state[_SHOWN]


def kept_under() -> tuple[str, str]:
    """Under which period and key it is kept what this browser's learner does, so that a reload finds it.

    Not in the address: whoever is sent that is somebody else.
    """
    person = me()
    if person.key and not person.teacher:
        return controls_now().period, person.key
    return learners.ALONE, key_of(_learner())


def notes() -> Learner:
    """What is kept of this browser's learner; a fresh one where nothing is."""
    return learners.find(*kept_under()) or Learner()


def marks_of() -> str:
    """Whose corrections this page shows and makes, for `corrections.read`: each learner of a class has their own."""
    return me().key


def controls_now() -> Controls:
    """How the class stands; for somebody alone, nothing is closed. What of it binds the teacher too, its users decide."""
    return controls.read() if in_class() else Controls()


def held_back() -> bool:
    """Whether results and explanations wait for the teacher, on this learner's pages."""
    person = me()
    return not person.rules and controls_now().hidden


def enter(pin: str) -> None:
    """Make this session the teacher's. Raises LessonError for a wrong PIN."""
    token = teacher.enter(pin, _whence())
    st.session_state[_TEACHER] = token
    st.session_state.pop(_KEPT, None)


def leave() -> None:
    """Make this session a learner's again, and this browser's other pages, now and after a reload."""
    teacher.leave(_token())
    st.session_state.pop(_TEACHER, None)


def keep() -> None:
    """Have the teacher's browser keep that they are, over reloads: it hands in a ticket for a cookie of its own."""
    if st.session_state.get(_TEACHER) and not st.session_state.get(_KEPT):
        st.session_state[_KEPT] = True  # asked once
        ticket = teacher.ticket(_token())
        st.html(
            f"<script>fetch('/class/keep', {{method: 'POST', body: '{ticket}', credentials: 'same-origin'}})</script>",
            unsafe_allow_javascript=True,
        )


def _whence() -> str:
    address = st.context.ip_address
    return tries.whence(address if isinstance(address, str) else "this machine", key_of(_learner()))


def _learner() -> str:
    given = _cookie(LEARNER)
    if TOKEN.fullmatch(given):
        return given
    if _MINE not in st.session_state:  # a browser that keeps no cookies
        st.session_state[_MINE] = secrets.token_urlsafe(24)
    return st.session_state[_MINE]


def _token() -> str:
    return st.session_state.get(_TEACHER) or _cookie(TEACHER)


def _cookie(name: str) -> str:
    value = seen_lately("cookies", name, lambda: st.context.cookies.get(name))  # Streamlit reads all of them each time
    return value if isinstance(value, str) else ""  # a page that is tested without a browser has something else
