"""All runs as they are at the beginning of a page: looked up once, and the same for everything on it."""

from __future__ import annotations

import streamlit as st

from lessonkit import runs
from lessonkit.json_files import damaged
from lessonkit.runs import Seen, Snapshot

_KEY = "all_runs"


def take() -> Snapshot:
    """Look at all runs now: once each time that a page is run from its top.

    A run that has ended with a model, but whose epochs somebody took away, is one that cannot be read: pages show them.
    """
    found = runs.snapshot()
    lost = {run.id: run for run in found.runs if run.status().finished and not run.history()}
    why = {run_id: damaged(run.path(runs.HISTORY), "it holds no epoch") for run_id, run in lost.items()}
    st.session_state[_KEY] = Snapshot(tuple(r for r in found.runs if r.id not in lost), {**found.unreadable, **why})
    return st.session_state[_KEY]


def now() -> Snapshot:
    """All runs as they were when this page began."""
    return st.session_state.get(_KEY) or take()


def find(run_id: str) -> Seen | None:
    """The run of that id, which may come from a URL; None where there is none, or it cannot be read."""
    return now().find(run_id)
