"""Long work that is no run (getting photos, decoding them, lr_find), followed through its file."""

from __future__ import annotations

import streamlit as st

from lessonkit import jobs, stages
from lessonkit.architectures import weights_present
from lessonkit.errors import LessonError, NoWorkersError
from lessonkit.jobs import Job
from lessonkit.language import again as in_my_language
from lessonkit.language import decimal, tr, trn
from lessonkit.photos.cache import is_built, side_for
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import allowed, cached, elements, formatting
from lessonkit.ui.core.connection import engine, revive

EVERY = 0.5  # seconds between looks


def get_dataset(dataset: Dataset, *, at_once: bool = False) -> None:
    """A button that gets a dataset, then its progress, then a page that has it.

    Args:
        at_once: begin without a click, where there is nothing to download.
    """
    job = jobs.read("obtain", dataset.name)
    if job is None or job.ended:
        if job:
            how_it_ended(job)
        facts, icon = dataset.description, ":material/draw:"
        label = tr("Draw them")
        if dataset.damaged:
            elements.error(dataset.damaged)
            label, icon = tr("Read the photos that are there again"), ":material/replay:"
        elif facts.url:
            label, icon = tr("Download {size}", size=formatting.megabytes(facts.bytes)), ":material/download:"
        if st.button(label, type="primary", icon=icon, key=f"get_{dataset.name}") or (at_once and job is None):
            with elements.errors_here():
                engine().obtain(dataset.name)
                st.rerun()
        return
    st.fragment(_moving, run_every=EVERY)("obtain", dataset.name)


def decode(dataset: Dataset, size: int) -> None:
    """Decode the photos for a training size, shown while it happens; then only the photos that did not open."""
    if is_built(dataset, side_for(size)):
        if bad := cached.bad_photos(dataset, side_for(size)):
            label = trn(
                "{n} photo that does not open is left out", "{n} photos that do not open are left out", len(bad)
            )
            with st.expander(label):
                why = [in_my_language(reason) for reason in bad.values()]
                st.dataframe({tr("photo"): list(bad), tr("why"): why}, hide_index=True)
        return
    job = jobs.read("cache", f"{dataset.name}-{side_for(size)}")
    if job is None or job.state == jobs.DONE:  # done for photos that have changed since
        with elements.errors_here():
            engine().build_cache(dataset.name, side_for(size))
            st.rerun()
    else:
        follow(job)


def weights_ready(architecture: str) -> bool:
    """Whether the pretrained weights are on this machine; if not, they are fetched, with progress."""
    if weights_present(architecture):
        return True
    job = jobs.read("weights", architecture)
    if job is None or job.state == jobs.DONE:  # done, and deleted since
        job = engine().fetch_weights(architecture)
    return follow(job)


def follow(job: Job, again: bool = True) -> bool:
    """Show a job while it moves, its sentence and a way to do it again if it failed or was stopped. True once it is done.

    Args:
        again: whether it may succeed when it is tried again as it is.
    """
    job = job.now()
    if not job.ended:
        st.fragment(_moving, run_every=EVERY)(job.kind, job.key)
    elif job.state != jobs.DONE:
        how_it_ended(job)
        label = tr("Try again") if job.state == jobs.FAILED else tr("Start it again")
        if again and st.button(label, key=f"again_{job.kind}_{job.key}", icon=":material/replay:"):
            with elements.errors_here():
                engine().start_job(job.kind, job.key, *job.args)
                st.rerun()
    return job.state == jobs.DONE


def how_it_ended(job: Job) -> None:
    """Why a job has no result; nothing for one that has, or that moves."""
    if job.state == jobs.FAILED:
        elements.error(LessonError(job.sentence, job.way_out))
    elif job.state == jobs.STOPPED:
        st.info(formatting.sentence(job.sentence), icon=":material/stop_circle:")


def _moving(kind: str, key: str) -> None:
    job = jobs.read(kind, key)
    if job is None or job.ended:
        st.rerun()
    revive()
    share = min(1.0, job.done / job.total) if job.total else 0.0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, text=f"**{tr(stages.stage(job.stage).words)}** {_amount(job)}")
        stopping = job.stop_asked()
        if (
            not stopping
            and allowed.may_stop_job(kind, key)
            and st.button(tr("Stop"), key=f"stop_{kind}_{key}", icon=":material/stop:")
        ):
            with elements.errors_here():
                stopping = allowed.stop_job(kind, key)
        if stopping:
            st.caption(tr("Stopping …"), width="content")


def _amount(job: Job) -> str:
    if not job.stage:
        found = engine().state()
        if job.kind in jobs.TRAINING and isinstance(found["problem"], NoWorkersError):
            return formatting.sentence(found["problem"])
        if found["running"] and job.kind in jobs.TRAINING:
            return tr("… it waits for the run that trains now")
        ready = found["alive"] and found["answers"] and found["device"]
        return (
            tr("… the engine is busy with something else first")
            if ready
            else tr("… the engine takes a few seconds to start")
        )
    shown = formatting.megabytes if stages.stage(job.stage).unit == stages.BYTES else decimal
    words = [tr("{done} of {total}", done=shown(job.done), total=shown(job.total)) if job.total else shown(job.done)]
    if job.rate:
        words.append(tr("{amount} a second", amount=shown(job.rate)))
    if job.seconds_left is not None:
        words.append(tr("{time} left", time=formatting.duration(job.seconds_left)))
    return ", ".join(words)
