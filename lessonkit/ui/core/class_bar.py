"""What every page of a class has: who you are, the teacher's message, and where the teacher holds the class together."""

from __future__ import annotations

import logging

import streamlit as st

from lessonkit.classroom import asked, entrance, learners, teacher
from lessonkit.classroom.controls import Controls
from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.lesson import steps
from lessonkit.serving import worker
from lessonkit.ui.core import allowed, classroom, elements, formatting, hosts, state, who
from lessonkit.ui.core.connection import engine

EVERY = 3.0  # seconds between two looks at what the teacher decided, of one learner
LOOKS = 8  # a second by all learners: each costs the server some milliseconds
RESULTS = (
    "mistakes", "too_many_epochs", "unfreezing", "your_pet", "recap", "explorer", "two_runs", "clean", "take_home",
)  # fmt: skip
"""Pages that are nothing but results: they wait where the teacher holds those back."""

_SAID = "said_by_teacher"  # the message that this session's pages showed last; "" for none
_ASKED = "asked_by_teacher"  # the id of the question that they showed last

log = logging.getLogger(__name__)


def announce() -> None:
    """As the server starts: make the teacher's PIN, and say it on the console with the address to join.

    Of several processes the first does it, once for all.
    """
    me = worker.told()
    if not who.in_class() or (me and not me.announces):
        return
    try:
        pin, code = teacher.spaced(teacher.new_pin()), entrance.prepare()
    except LessonError as problem:  # said on every page; nobody is the teacher
        log.error("No PIN could be made: %s", problem)
        return
    found = classroom.links("", hosts.port(), {})
    join = f"  Join the class:  {found[0]}\n  The class's code: {code}\n" if found else ""
    print(f"\n{join}  Teacher's PIN:   {pin}   (in the sidebar, under “Teacher”)\n", flush=True)


def pages_shown() -> tuple[str, ...]:
    """The pages of `steps.CLASS` that this person's navigation shows."""
    if not who.in_class():
        return ()
    return tuple(step.page for step in steps.CLASS) if who.me().teacher else ("the_class",)


def mine() -> None:
    """In the sidebar: the learner's nickname, and the way to the teacher's panel."""
    person = who.me()
    if not person.key or person.looks:
        return
    if person.teacher:
        who.keep()
        with st.container(border=True, gap="xsmall"):
            st.markdown(tr(":material/school: **You are the teacher.**"))
            st.page_link(steps.step("the_class").path, label=tr("The teacher's panel"), icon=":material/tune:")
            if st.button(tr("Leave the teacher's panel"), key="leave_teacher", type="tertiary"):
                who.leave()
                st.rerun()
        return
    here = learners.find(who.controls_now().period, person.key)
    label = formatting.plain(here.nickname) if here and here.nickname else tr("Your nickname")
    if who.entered():
        with st.popover(label, icon=":material/person:", width="stretch", key="nickname_box"):
            wanted = st.text_input(
                tr("Nickname, if you like"), here.nickname if here else "", key="nickname",
                help=tr("Only your teacher sees it. No name, no address, nothing else is asked."),
            )  # fmt: skip
            if st.button(tr("Save"), key="save_nickname"):
                with elements.errors_here():
                    engine().write(learners.call, who.controls_now().period, person.key, wanted)
                    st.rerun()
    with st.popover(tr("Teacher"), icon=":material/school:", width="stretch", key="teacher_box"):
        _pin()


def _pin() -> None:
    """The box for the teacher's PIN, which opens the teacher's panel."""
    person = who.me()
    with st.form("teacher_form", border=False):
        said = st.container()  # above the box: below the button it would be out of sight
        pin = st.text_input(tr("The PIN from the console"), type="password", key="pin")
        if st.form_submit_button(tr("Open the teacher's panel"), icon=":material/school:"):
            with said, elements.errors_here():
                who.enter(pin)
                engine().write(learners.gone, who.controls_now().period, person.key)
                st.switch_page(steps.step("the_class").path)


def lets(page: str) -> bool:
    """Note where this learner is, show the teacher's message, and see whether the page is to be shown now.

    A learner who is to be on another page is brought there.
    """
    person = who.me()
    if not person.key:
        return True
    if person.looks:
        _looked_at()
        return _opens(page)
    now = who.controls_now()
    if not who.entered():
        _entrance()
        return False
    every = max(EVERY, classroom.joined() / LOOKS)
    st.fragment(_look, run_every=every)(page, _decides(now))
    if person.teacher:
        return True
    if now.step and page not in (_address(now.step), *(s.page for s in steps.CLASS)):
        st.switch_page(steps.step(now.step).path)
    if now.paused:
        st.title(tr("Eyes up, please"), anchor=False)
        st.markdown(
            tr(":material/pause_circle: Your teacher has paused the lesson. What you did is kept, and runs go on.")
        )
        return False
    with elements.errors_here():
        _question()
    return _opens(page)


def _opens(page: str) -> bool:
    """Whether a page is open to learners now; a sentence where its results are held back."""
    if who.controls_now().hidden and page in RESULTS:
        elements.opening(page, held_back=True)
        st.info(tr("These results wait until your teacher opens them."), icon=":material/visibility_off:")
        return False
    return True


def _entrance() -> None:
    """The box for the class's code."""
    st.title(tr("Join the class"), anchor=False)
    st.markdown(tr("Your teacher shows a code of four digits. Type it here."))
    with st.form("entrance", border=False):
        said = st.container()
        code = st.text_input(tr("The code"), key="class_code_typed", width=200, autocomplete="off")
        if st.form_submit_button(tr("Join"), type="primary", icon=":material/login:"):
            with said, elements.errors_here():
                who.come_in(code)
                st.rerun()
    st.caption(tr("The teacher needs no code: open **Teacher** in the sidebar and type the PIN."))
    st.fragment(_wait_outside, run_every=2 * EVERY)()


def _wait_outside() -> None:
    """The teacher may ask for no code any more."""
    if who.entered():
        st.rerun()


def _looked_at() -> None:
    """Above a learner's page that the teacher shows: whose it is, nobody says; no click or key reaches it."""
    st.html(f"<style>{classroom.ALONE}</style>")
    st.info(
        tr("**A learner's page**, as it was when you opened it. It is only to look at."), icon=":material/visibility:"
    )
    st.html(
        "<script>document.querySelector('[data-testid=stMainBlockContainer]').inert = true</script>",
        unsafe_allow_javascript=True,
    )


def _question() -> None:
    """The teacher's question, if there is one: a tap answers it, another changes the answer."""
    now = who.controls_now()
    one = asked.at_hand(now.period)
    if one is None:
        st.session_state[_ASKED] = ""
        return
    told = one.key in now.released
    if st.session_state.get(_ASKED) not in (None, one.id):  # said where somebody has scrolled to
        st.toast(
            tr("**Your teacher asks:** {question}", question=formatting.plain(one.text)),
            icon=":material/contact_support:",
        )
    st.session_state[_ASKED] = one.id
    with st.container(border=True, key="teachers_question"):
        st.markdown(
            f":material/contact_support: {tr('**Your teacher asks:** {question}', question=formatting.plain(one.text))}"
        )
        before = allowed.said_before(one.key)
        key = f"asked_{one.id}"
        st.segmented_control(
            one.text, one.choices, default=before if before in one.choices else None, key=key, on_change=_answered,
            args=(key, one.key, told), label_visibility="collapsed",
        )  # fmt: skip
        if told and one.right:
            words = [tr(":material/check_circle: Right is **{answer}**.", answer=formatting.plain(one.right))]
            words += [tr("You said: {answer}.", answer=formatting.plain(before))] if before else []
            st.markdown(" ".join(words))
        elif before:
            st.caption(tr("Your answer is kept. Tap another one to change it."))


def _answered(key: str, question: str, told: bool) -> None:
    if choice := st.session_state.get(key):
        with elements.errors_here():
            allowed.answer(question, choice, after=told)


def _address(page: str) -> str:
    """How the address names a page: the first one has none."""
    return "" if page == steps.STEPS[0].page else page


def _decides(now: Controls) -> tuple[object, ...]:
    """What, when it changes, changes a learner's page."""
    one = asked.at_hand(now.period)
    question = (one.id, one.key in now.released) if one else None
    return (now.step, now.paused, now.hidden, tuple(now.datasets), now.period, question)


def _look(page: str, seen: tuple[object, ...]) -> None:
    """Note where this learner is, and look at what the teacher decided: with the page, and then now and then."""
    person, now = who.me(), who.controls_now()
    if not person.teacher:
        if _decides(now) != seen:
            st.rerun()
        where = (now.period, person.key, page, state.get("run"), state.query())
        if not learners.is_seen(*where):
            with elements.errors_here():
                engine().write(learners.seen, *where)
    message = formatting.plain(now.message)
    words = (
        tr("**You say to all:** {message}", message=message)
        if person.teacher and page != "projector"
        else tr("**Your teacher:** {message}", message=message)
    )
    if now.message and not person.teacher and st.session_state.get(_SAID, now.message) != now.message:
        st.toast(words, icon=":material/campaign:", duration="long")  # seen wherever the learner has scrolled to
    st.session_state[_SAID] = now.message
    if now.message:
        st.info(words, icon=":material/campaign:")
