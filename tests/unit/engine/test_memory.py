"""A worker's memory: kept while it computes, given back when it has done."""

from __future__ import annotations

import gc
import json
import os
import platform
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
import torch

from lessonkit import runs
from lessonkit.engine import memory, tasks, workers
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec

# As a run does: in a thread, arrays of a network's size, freed at the end. Prints megabytes held: before, freed, given back.
A_RUN = """
import json, threading
import numpy as np, psutil
from lessonkit.engine import memory
held = lambda: psutil.Process().memory_info().rss / 1e6
def run():
    arrays = [np.ones(40_000_000, np.uint8) for _ in range(6)]
at = [held()]
thread = threading.Thread(target=run); thread.start(); thread.join()
at.append(held())
memory.give_back()
at.append(held())
print(json.dumps(at))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is set is glibc's")
def test_what_a_run_freed_is_kept_for_the_next_batch_and_then_given_back():
    environment = {k: v for k, v in {**os.environ, **memory.environment()}.items() if v is not None}
    done = subprocess.run([sys.executable, "-c", A_RUN], env=environment, capture_output=True, text=True, check=True)
    before, freed, given_back = json.loads(done.stdout)
    assert freed > before + 200
    assert given_back < before + 40


@pytest.mark.parametrize("state", [runs.DONE, runs.FAILED])
def test_nothing_of_a_run_that_ended_stays(drawn_home: Path, monkeypatch: pytest.MonkeyPatch, state: str):
    """Model, Learner and graph hold each other; on a GPU they would take the next run's memory."""
    from fastai.layers import AdaptiveConcatPool2d

    from lessonkit.training import fit, gpu_photos

    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    held, happened = [], []
    learner, forward = fit.learner, AdaptiveConcatPool2d.forward

    def watched(setup):
        held.extend(weakref.ref(part) for part in (setup.model, next(setup.model.parameters())))
        return learner(setup)

    def failing(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(tasks.log, "disabled", True)  # pytest keeps what is logged, traceback and all
    monkeypatch.setattr(fit, "learner", watched)
    monkeypatch.setattr(AdaptiveConcatPool2d, "forward", forward if state == runs.DONE else failing)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: happened.append([ref() for ref in held]))
    monkeypatch.setitem(gpu_photos._kept, ("photos", torch.device("cpu")), object())
    gc.disable()  # Python might look for circles by itself just then
    try:
        spec = RunSpec(
            "drawn", pattern=catalog.resolve("drawn").pattern, size=32, epochs=1, precompute=False, pretrained=False
        )
        assert tasks.train(runs.create(spec.but(seed=81 + (state == runs.DONE))).id) == state
    finally:
        gc.enable()
    assert happened == [[None, None]], "emptied once, and nothing was held any more"
    assert not gpu_photos._kept


def test_workers_are_begun_with_it():
    given = workers.settings()["distributed.nanny.pre-spawn-environ"]
    assert memory.environment().items() <= given.items()


def test_a_wish_of_the_machines_owner_goes_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    assert memory.environment()["GLIBC_TUNABLES"] == "glibc.malloc.check=1"
