"""The engine as a page has it: one client for the whole app, woken while the first page is read."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lessonkit import config
from lessonkit.engine import devices
from lessonkit.engine.client import Engine
from lessonkit.errors import EngineError, LeavingError, LessonError, NoWorkersError, error_number
from lessonkit.language import tr
from lessonkit.ui.core import page_turns, who

# Seconds. Importing fastai takes both cores of a small laptop, which the browser needs for the first page.
AFTER_THE_FIRST_PAGE = 1.5
TRY_AGAIN_AFTER = 60.0  # seconds after a start that failed
LOOK_AGAIN_AFTER = 3.0  # seconds after one that waits for another engine to end
log = logging.getLogger(__name__)


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The engine's client, shared by all learners. Nothing waits for it until something is asked of it."""
    found = Engine(_asker, _each, page_turns.turns.aside)
    _starting().due = time.monotonic() + AFTER_THE_FIRST_PAGE
    waking = threading.Timer(AFTER_THE_FIRST_PAGE, _wake, args=(found,))
    waking.name, waking.daemon = "wake the engine", True
    waking.start()
    return found


def _asker() -> str:
    """Who asks: the learner whose page runs in this thread, of somebody alone the session; "" in any other thread."""
    context = get_script_run_ctx(suppress_warning=True)
    return (who.me().key or context.session_id) if context else ""


def _each() -> int:
    """How many runs a learner may have waiting: what the teacher said, else what the setting says."""
    return who.controls_now().waiting or config.waiting_each()


def revive() -> None:
    """Where the engine has ended, have another start, in the background: it says what became of what was going on.

    Where that failed a moment ago nothing happens: the reason stays to be read, and `start` tries again. An engine that had
    no worker to train with is asked to warm one up once it has.
    """
    found = engine().state()
    without_device = found["alive"] and not found["device"] and not found["problem"] and trouble() is not None
    if (not found["alive"] or without_device) and time.monotonic() > _starting().due:
        start()


def start() -> None:
    """Have the engine started, or its worker import what training takes, once more, in the background."""
    _starting().trouble = None
    threading.Thread(target=_wake, args=(engine(),), name="start the engine", daemon=True).start()


def prewarm() -> None:
    """This page will ask what a network sees in photos: have that ready."""
    engine().prewarm()


def trouble() -> LessonError | None:
    """Why no engine could be started when it was last tried; None where one could, or where it is being tried."""
    return _starting().trouble


def kind() -> str:
    """ "cuda", "mps" or "cpu": what is trained on; what is likely, until the engine has said."""
    return engine().state()["kind"] or _likely()


def _wake(found: Engine) -> None:
    if not _waking.acquire(blocking=False):
        return
    try:
        found.warm()
        _starting().trouble = None
    except LessonError as problem:
        log.warning("%s", problem)
        _failed(problem)
    except Exception as error:
        number = error_number()
        log.exception("error %s: the engine could not be started", number)
        why = tr(
            "The engine could not be started, for a reason that the lesson did not foresee ({error}).",
            error=type(error).__name__,
        )
        way_out = tr("Try again; the app's log says more, under error {number}.", number=number)
        _failed(EngineError(why, way_out))
    finally:
        _waking.release()


def _failed(problem: LessonError) -> None:
    wait = LOOK_AGAIN_AFTER if isinstance(problem, LeavingError | NoWorkersError) else TRY_AGAIN_AFTER
    _starting().trouble, _starting().due = problem, time.monotonic() + wait


_waking = threading.Lock()


@dataclass
class _Starting:
    """`trouble`: why the last start failed. `due`: when one may be tried unasked again, by `time.monotonic`."""

    trouble: LessonError | None = None
    due: float = 0.0


@st.cache_resource(show_spinner=False)
def _starting() -> _Starting:
    return _Starting()


@st.cache_resource(show_spinner=False)
def _likely() -> str:
    try:
        return devices.likely()
    except LessonError:  # said in the sidebar, where the engine does not start with it either
        return "cpu"
