"""The engine as a page has it: one client for the whole app, woken while the first page is read."""

from __future__ import annotations

import logging
import threading

import streamlit as st

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


def _wake(found: Engine) -> None:
    try:
        found.warm()
    except LessonError as problem:  # said again, to the learner, by the first thing asked of it
        log.warning("%s", problem)
