"""What is written of each batch and epoch while a run trains."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import torch

from lessonkit import runs
from lessonkit.photos.progress import quiet
from lessonkit.spec import RunSpec
from lessonkit.training.callbacks import ReportBatches, WriteHistory
from tests.clocks import SetClock


def test_rates_and_times_leave_the_machines_sleep_out(home: Path, monkeypatch: pytest.MonkeyPatch):
    """An epoch of ten batches of 32 photos, two seconds each; the machine sleeps in the middle of the sixth."""
    at = SetClock(monkeypatch)
    run = runs.create(RunSpec("drawn", pattern="(.+)"))
    batches, history = ReportBatches(run, quiet), WriteHistory(run)
    learn = SimpleNamespace(
        epoch=0,
        n_epoch=1,
        n_iter=10,
        opt=SimpleNamespace(hypers=[{"lr": 0.001, "mom": 0.9}]),
        loss=torch.tensor(1.0),
        smooth_loss=torch.tensor(1.0),
        yb=(torch.zeros(32),),
        recorder=SimpleNamespace(values=[[1.0, 1.0, 0.5]]),
    )
    batches.learn = history.learn = learn
    for callback in (batches, history):
        callback.before_fit()
    history.before_epoch()
    batches.before_train()
    for learn.iter in range(10):
        at.passes(1.0)
        if learn.iter == 5:
            at.sleeps(400.0)
        at.passes(1.0)
        batches.after_batch()
    assert run.events()[0]
    for callback in (batches, history):
        callback.after_epoch()
    opened = {Path(file.path).parent for file in psutil.Process().open_files()}
    assert run.folder.resolve() not in opened, "on NFS others see what was written once it is closed"
    batches.after_fit()
    events, _ = run.events()
    assert [event["photos_per_second"] for event in events if event["batch"] != 5] == [16.0] * 9
    assert events[5]["photos_per_second"] == pytest.approx(16.0, rel=0.5)
    assert events[-1]["seconds"] == pytest.approx(20.0, abs=1.0)
    assert run.history()[0]["seconds"] == pytest.approx(20.0, abs=1.0)
