"""The engine as a page has it: one client for the whole app, woken while the first page is read."""

from __future__ import annotations

import gc
import logging
import threading

import streamlit as st

from lessonkit.engine import devices
from lessonkit.engine.client import Engine
from lessonkit.errors import LessonError

# Seconds. Importing fastai takes both cores of a small laptop, which the browser needs for the first page.
AFTER_THE_FIRST_PAGE = 1.5
log = logging.getLogger(__name__)


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The engine's client, shared by all learners. Nothing waits for it until something is asked of it."""
    found = Engine()
    waking = threading.Timer(AFTER_THE_FIRST_PAGE, _wake, args=(found,))
    waking.name, waking.daemon = "wake the engine", True
    waking.start()
    return found


def revive() -> None:
    """Where the engine has died, have another begun, in the background: it says what became of what was going on."""
    found = engine()
    if not found.state()["alive"]:
        threading.Thread(target=_wake, args=(found,), name="revive the engine", daemon=True).start()


def expect_looks() -> None:
    """This page will ask what a network sees in photos: have that ready."""
    engine().expect_looks()


def trouble() -> LessonError | None:
    """Why no engine could be begun when it was last tried; None where one could."""
    return _trouble().get("last")


def kind() -> str:
    """ "cuda", "mps" or "cpu": what is trained on; what is likely, until the engine has said."""
    return engine().state()["kind"] or _likely()


def _wake(found: Engine) -> None:
    if not _waking.acquire(blocking=False):
        return
    try:
        found.warm()
        _trouble().pop("last", None)
        freeze()
    except LessonError as problem:
        _trouble()["last"] = problem
        log.warning("%s", problem)
    finally:
        _waking.release()


def freeze() -> None:
    """Take what is in memory now out of what Python's garbage collector looks through.

    Streamlit has it look through everything after each run of a page, in which time nothing is sent to anybody: a tenth
    of a second for what was imported, which stays anyway.
    """
    gc.collect()
    gc.freeze()


_waking = threading.Lock()


@st.cache_resource(show_spinner=False)
def _trouble() -> dict[str, LessonError]:
    return {}


@st.cache_resource(show_spinner=False)
def _likely() -> str:
    try:
        return devices.likely()
    except LessonError:  # said in the sidebar, where the engine does not start with it either
        return "cpu"
