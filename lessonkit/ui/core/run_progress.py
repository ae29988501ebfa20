"""A run as it happens: read from its folder, so that a reload, a second tab and a second learner see the same."""

from __future__ import annotations

import functools
import threading
import time
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit import dataframe_util

from lessonkit import runs, stages, wording
from lessonkit.analysis import predictions, waits
from lessonkit.analysis.recipes import recipe_of
from lessonkit.errors import LessonError, NoWorkersError
from lessonkit.figures import losses
from lessonkit.language import decimal, tr, trn
from lessonkit.lesson import defaults
from lessonkit.runs import HISTORY_COLUMNS, Run, Status
from lessonkit.ui.core import allowed, classroom, elements, formatting, state
from lessonkit.ui.core.connection import engine, revive

EVERY_RUNNING, EVERY_QUEUED = 1.0, 3.0  # seconds between looks
ALL_TOGETHER = 8  # looks a second by all learners: more would take the processor from the run that they look at


def follow(run: Run, narrow: bool = False) -> bool:
    """Show a run: live while it moves, its table once it has ended. True when it has a model to go on with.

    Args:
        narrow: in half a page's width, a table of fewer digits.
    """
    status = run.status()
    if not status.ended:
        every = EVERY_QUEUED if status.state == runs.QUEUED else EVERY_RUNNING
        every = max(every, classroom.joined() / ALL_TOGETHER)
        st.fragment(_live, run_every=every)(run.id, status.state, narrow)
        return False
    _ended(run, status, narrow)
    return status.finished


def epochs_before(run: Run) -> int | None:
    """How many epochs the head of a run had before it, where that goes on with the head alone: its epochs are counted on.

    None for other runs, whose epochs are counted from 0, as fastai does.
    """
    if not (run.spec().frozen and run.spec().starts_from):
        return None
    return sum(len(earlier.history()) for earlier in predictions.chain(run, runs.find)[:-1])


_LOSSES = ("train_loss", "valid_loss", "error_rate")


def table(history: list[dict[str, float]], narrow: bool = False, before: int | None = None) -> None:
    """fastai's table: a row an epoch, counted from 0.

    Args:
        narrow: three digits where fastai has six, and no times.
        before: epochs of an earlier run, which are counted on from 1; None to count from 0.
    """
    if not history:
        return
    rows = _rows(tuple(tuple(row.get(name) for name in HISTORY_COLUMNS) for row in history), narrow, before)
    numbers = {
        name: st.column_config.NumberColumn(
            name.partition("_")[0] if narrow else name,
            format="%.3f" if narrow else "%.6f",
            width=58 if narrow else "small",
        )
        for name in _LOSSES
    }
    st.dataframe(
        rows,
        hide_index=True,
        height="auto" if len(history) <= 9 else 352,
        column_config={
            "epoch": st.column_config.NumberColumn(width=50),
            **numbers,
            "time": st.column_config.TextColumn("time", width="small"),
        },
        alt=tr("A row for each epoch: training loss, validation loss, error rate, time."),
    )


@functools.lru_cache(maxsize=256)
def _rows(history: tuple[tuple[float | None, ...], ...], narrow: bool, before: int | None) -> pa.Table:
    """The table's content as Streamlit sends it, made once for all who look: its numbers alone say what it is."""
    frame = pd.DataFrame(list(history), columns=list(HISTORY_COLUMNS))
    if before is not None:
        frame["epoch"] += before + 1
    seconds = frame.pop("seconds")
    if not narrow:
        frame["time"] = [f"{int(s // 60):02d}:{s % 60:04.1f}" for s in seconds]
    return dataframe_util.convert_pandas_df_to_arrow_table(frame)


def _live(run_id: str, seen: str, narrow: bool) -> None:
    run = runs.find(run_id)
    if run is None or run.status().ended or run.status().state != seen:
        st.rerun()
    status = run.status()
    revive()
    if status.state == runs.QUEUED:
        _queued(run)
        return
    history = run.history()
    with st.container(border=True, key=f"live_{run_id}"):
        top = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
        device = status.facts.get("device_name") or status.device
        words = tr(stages.stage(status.stage).words)
        top.markdown(
            tr("**{stage}** on {device}", stage=words, device=device) if device else f"**{words}**", width="content"
        )
        stopping = run.stop_asked()
        how = [tr("Keeps the epochs that are finished.")]
        how += [tr("They can be made a model another time.")] if status.stage == "predicting" else []
        if (
            not stopping
            and allowed.may_stop(run_id)
            and top.button(tr("Stop"), icon=":material/stop:", key=f"stop_{run_id}", help=" ".join(how))
        ):
            with elements.errors_here():
                stopping = allowed.stop(run_id)
        if stopping:
            said = tr("Stopping after this batch …") if status.stage == "training" else tr("Stopping …")
            top.caption(said, width="content")
        if status.stage == "training":
            with elements.errors_here():
                _training(run, _events(run), history)
        elif status.total:
            st.progress(min(1.0, status.done / status.total), text=_amount(status))
        else:
            st.progress(0.0, text="…")
        table(history, narrow, epochs_before(run))
        _went_on(status)


def _went_on(status: Status) -> None:
    """That the run was cut off, and where it went on."""
    if status.went_on:
        st.caption(f":material/restart_alt: {formatting.sentence(status.went_on)}")


def _events(run: Run) -> list[dict]:
    """The batches reported so far, each read once for all who look."""
    known = _reported(run.id, run.status().started_at)
    with known.lock:
        found, known.read_to = run.events(known.read_to)
        known.batches += found
        return list(known.batches)


@dataclass
class _Reported:
    batches: list[dict] = field(default_factory=list)
    read_to: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@st.cache_resource(show_spinner=False, max_entries=8)
def _reported(run_id: str, started_at: float) -> _Reported:
    return _Reported()


def _amount(status: Status) -> str:
    unit = stages.stage(status.stage).unit
    if unit == stages.BYTES:
        return tr("{done} of {total}", done=formatting.megabytes(status.done), total=formatting.megabytes(status.total))
    return tr("{done} of {total} {unit}", done=decimal(status.done), total=decimal(status.total), unit=tr(unit))


def _ahead(run_id: str) -> int:
    """How many runs the engine takes out of the queue before this one."""
    waiting = sorted((s.turn, i) for i, s in runs.statuses().items() if s.state == runs.QUEUED)
    return next((place for place, (_, i) in enumerate(waiting) if i == run_id), 0)


def _queued(run: Run) -> None:
    place = _ahead(run.id)
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        words = [
            trn(
                ":material/hourglass_top: **Queued**: {n} run before it.",
                ":material/hourglass_top: **Queued**: {n} runs before it.",
                place,
            )
            if place
            else tr(":material/hourglass_top: **Queued**: it is the next one.")
        ]
        found = engine().state()
        if isinstance(found["problem"], NoWorkersError):
            words.append(formatting.sentence(found["problem"]))
        elif found["device"]:
            wait = waits.until_begun(run.id, runs.all_runs(), time.time(), max(1, len(found["running"])))
            words += [tr("It begins in about {time}.", time=formatting.about(wait))] if wait else []
        else:
            words.append(tr("The engine has to start first."))
        st.markdown(" ".join(words), width="content")
        if why := run.status().sentence:
            said = tr(":material/restart_alt: {why} It goes on by itself.", why=formatting.sentence(why))
            st.caption(said)
        if allowed.may_stop(run.id) and st.button(tr("Take it out of the queue"), key=f"unqueue_{run.id}"):
            with elements.errors_here():
                allowed.stop(run.id)


def _training(run: Run, events: list[dict], history: list[dict[str, float]]) -> None:
    epochs = run.spec().epochs
    last = events[-1] if events else None
    batch, batches = (last["batch"] + 1, last["batches"]) if last else (0, 1)
    done = len(history)
    if last and last["epoch"] < done:  # the epoch is over, the next one has not reported yet
        batch = 0
    before = epochs_before(run) or 0
    st.progress(
        done / epochs,
        text=tr("Epoch {epoch} of {epochs}", epoch=before + min(done + 1, epochs), epochs=before + epochs),
    )
    st.progress(min(1.0, batch / batches), text=tr("Batch {batch} of {batches}", batch=batch, batches=batches))
    if last is None:
        return
    facts = {
        tr("training loss"): wording.loss(last["smooth_loss"]),
        tr("validation loss"): wording.loss(history[-1]["valid_loss"]) if history else "–",
        tr("error rate"): formatting.percent(history[-1]["error_rate"]) if history else "–",
        tr("learning rate"): wording.pointed(f"{last['lr']:.2e}"),
        tr("momentum"): decimal(last["mom"], 3),
        tr("photos a second"): decimal(last["photos_per_second"]),
        tr("time left"): formatting.duration(_time_left(events, history, epochs, batch, batches)),
    }
    with st.container(horizontal=True):
        for name, value in facts.items():
            st.metric(name, value, width="content")
    elements.chart(
        lambda: losses.batch_losses(pd.DataFrame(events)),
        key=f"batch_losses_{run.id}",
        alt=tr("Training loss, batch by batch."),
        made_of=(run.id, len(events), last["at"]),
    )


def _time_left(events: list[dict], history: list[dict[str, float]], epochs: int, batch: int, batches: int) -> float:
    """Seconds to the end, from the mean of the finished epochs, else from the batches so far."""
    if history:
        epoch = sum(row["seconds"] for row in history) / len(history)
    else:
        spent = events[-1]["seconds"] - events[0]["seconds"]
        epoch = spent / max(1, len(events) - 1) * batches
    return max(0.0, (epochs - len(history) - batch / batches) * epoch)


def _ended(run: Run, status: Status, narrow: bool) -> None:
    seconds = status.seconds
    if status.state == runs.DONE:
        device = status.facts.get("device_name") or status.device
        took = formatting.duration(seconds)
        st.markdown(tr(":material/check_circle: Done in **{time}** on {device}.", time=took, device=device))
    elif status.state == runs.STOPPED:
        st.info(
            formatting.sentence(status.sentence) or tr("Stopped; the epochs that were finished stay."),
            icon=":material/stop_circle:",
        )
    else:
        elements.error(LessonError(status.sentence, status.way_out))
    table(run.history(), narrow, epochs_before(run))
    _went_on(status)
    if status.state != runs.DONE:
        _again(run, status)


def _again(run: Run, status: Status) -> None:
    """The button that trains a run again: one that failed, or one that was stopped, whole."""
    further = runs.going_on_from(run) if status.finished else []
    if further:
        label = trn(
            "Train it whole, and the one that goes on from it",
            "Train it whole, and the {n} that go on from it",
            len(further),
        )
    elif status.finished:
        label = tr("Train it whole")
    else:
        label = tr("Finish it") if run.has_checkpoint() else tr("Try it again")
    if st.button(label, key=f"again_{run.id}", icon=":material/replay:"):
        with elements.errors_here():
            spec, recipe = run.spec(), recipe_of(run.id)
            repeats = 1 if recipe.done or recipe.under_way else defaults.repeats(spec)
            again = allowed.submit(spec, again=True, repeats=repeats)
            if state.get("run") == run.id:
                state.put(run=again.id)  # another one where the photos have changed since
            st.rerun()
