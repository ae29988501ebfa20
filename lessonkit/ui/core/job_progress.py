"""Long work that is no run (getting photos, decoding them, lr_find), followed through its file."""

from __future__ import annotations

import streamlit as st

from lessonkit import jobs, stages
from lessonkit.errors import LessonError
from lessonkit.jobs import Job
from lessonkit.photos import catalog
from lessonkit.photos.cache import is_built, side_for
from lessonkit.ui.core import elements, formatting
from lessonkit.ui.core.connection import engine, revive

EVERY = 0.5  # seconds between looks


def get_dataset(name: str, *, at_once: bool = False) -> None:
    """A button that gets a dataset, then its progress, then a page that has it.

    Args:
        at_once: begin without a click, where there is nothing to download.
    """
    job = jobs.read("obtain", name)
    if job is None or job.ended:
        if job and job.state == jobs.FAILED:
            elements.error(LessonError(job.sentence, job.way_out))
        dataset = catalog.get(name)
        label = f"Download {formatting.megabytes(dataset.bytes)}" if dataset.url else "Draw them"
        if st.button(
            label, type="primary", icon=":material/download:" if dataset.url else ":material/draw:", key=f"get_{name}"
        ) or (at_once and job is None):
            with elements.errors_here():
                engine().obtain(name)
                st.rerun()
        return
    st.fragment(_moving, run_every=EVERY)("obtain", name)


def decode(name: str, size: int) -> None:
    """Decode the photos for a training size, shown while it happens; then only the photos that did not open."""
    job = jobs.read("cache", f"{name}-{side_for(size)}")
    if is_built(name, side_for(size)):
        bad = (job.result or {}).get("bad") if job else None
        if bad:
            with st.expander(f"{len(bad)} photos that do not open are left out"):
                st.dataframe({"photo": list(bad), "why": list(bad.values())}, hide_index=True)
        return
    if job is None or job.state == jobs.DONE:  # done for photos that have changed since
        with elements.errors_here():
            engine().build_cache(name, side_for(size))
            st.rerun()
    else:
        follow(job)


def follow(job: Job, again: bool = True) -> bool:
    """Show a job while it moves, its sentence and a way to try again if it failed. True once it is done.

    Args:
        again: whether it may succeed when it is tried again as it is.
    """
    job = job.now()
    if not job.ended:
        st.fragment(_moving, run_every=EVERY)(job.kind, job.key)
    elif job.state == jobs.FAILED:
        elements.error(LessonError(job.sentence, job.way_out))
        if again and st.button("Try again", key=f"again_{job.kind}_{job.key}", icon=":material/replay:"):
            with elements.errors_here():
                engine().start_job(job.kind, job.key, *job.args)
                st.rerun()
    return job.state == jobs.DONE


def _moving(kind: str, key: str) -> None:
    job = jobs.read(kind, key)
    if job is None or job.ended:
        st.rerun()
    revive()
    share = min(1.0, job.done / job.total) if job.total else 0.0
    st.progress(share, text=f"**{stages.stage(job.stage).words}** {_amount(job)}")


def _amount(job: Job) -> str:
    if not job.stage:
        found = engine().state()
        waits = found["running"] and job.kind in jobs.TRAINING
        return "… it waits for the run that trains now" if waits else "… the engine takes a few seconds to start"
    if stages.stage(job.stage).unit == stages.BYTES:
        done, rate = formatting.megabytes(job.done), f"{formatting.megabytes(job.rate)} a second"
        total = f" of {formatting.megabytes(job.total)}" if job.total else ""
    else:
        done, rate = f"{job.done:,}", f"{job.rate:,.0f} a second"
        total = f" of {job.total:,}" if job.total else ""
    words = [f"{done}{total}"]
    if job.rate:
        words.append(rate)
    if job.seconds_left is not None:
        words.append(f"{formatting.duration(job.seconds_left)} left")
    return ", ".join(words)
