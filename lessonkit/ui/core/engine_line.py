"""What the sidebar says of the engine: what it trains on, that it starts, or why it does not and a way out."""

from __future__ import annotations

import streamlit as st

from lessonkit.errors import LeavingError, LessonError, NoWorkersError, UpdatedError
from lessonkit.language import again, tr, trn
from lessonkit.ui.core import connection, elements, formatting

EVERY = 2.0  # seconds between looks, while something is about to change


def engine_line() -> None:
    """One line on the engine, which follows it until it is ready or has failed."""
    connection.revive()
    follows = _moves()
    st.fragment(_line, run_every=EVERY if follows else None)(follows)


def _moves() -> bool:
    """Whether what the line says will change by itself."""
    found = connection.engine().state()
    problem = _trouble(found)
    if problem:
        return isinstance(problem, LeavingError | NoWorkersError)
    return not (found["alive"] and found["answers"] and found["device"])


def _trouble(found: dict) -> LessonError | None:
    """Why there is no engine, or why it cannot train; None while all is well or may become so."""
    return found["problem"] if found["alive"] else connection.trouble()


def _line(follows: bool) -> None:
    if follows and not _moves():
        st.rerun()  # the whole page, once: it then looks no longer
    found = connection.engine().state()
    problem = _trouble(found)
    if isinstance(problem, LeavingError):
        connection.revive()
        st.caption(f":material/hourglass_top: {formatting.sentence(problem)}")
    elif problem:
        elements.error(problem)
        # an update takes another start of the app; a worker that may train is noticed when it comes
        startable = not isinstance(problem, UpdatedError | NoWorkersError)
        if startable and st.button(tr("Start the engine again"), icon=":material/replay:", key="start_engine"):
            connection.start()
            st.rerun()
    elif not found["alive"]:
        st.caption(tr(":material/hourglass_top: The engine is starting …"))
    elif not found["answers"]:
        st.caption(tr(":material/hourglass_top: The engine does not answer just now …"))
    elif not found["device"]:
        connection.revive()
        st.caption(tr(":material/memory: The engine is warming up …"))
    else:
        queue = ", " + trn("{n} queued", "{n} queued", found["queued"]) if found["queued"] else ""
        st.caption(f":material/memory: {again(found['device'])}{queue}")
