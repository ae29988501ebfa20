"""fastai's `lr_find` for a spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from lessonkit.photos import catalog
from lessonkit.spec import RunSpec
from lessonkit.training.rate_finder import lr_find


@pytest.fixture(autouse=True)
def here(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    return drawn_home


def spec() -> RunSpec:
    pattern = catalog.resolve("drawn").pattern
    return RunSpec("drawn", pattern=pattern, size=64, batch_size=16)


@pytest.mark.slow
def test_lr_find_raises_the_rate_until_the_loss_explodes_and_keeps_nothing():
    told = []
    found = lr_find(spec(), lambda *t: told.append(t))
    assert found["lrs"] == sorted(found["lrs"])
    assert len(found["lrs"]) == len(found["losses"]) > 50
    assert found["losses"][-1] > 2 * min(found["losses"])
    assert 1e-6 < found["suggestion"] < 1
    assert told[-1][0] == "lr_find"
    json.dumps(found, allow_nan=False)


def test_lr_find_does_not_take_too_little_memory_for_a_short_curve(monkeypatch: pytest.MonkeyPatch):
    from fastai.callback.schedule import LRFinder

    def full(self) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(LRFinder, "after_batch", full)
    with pytest.raises(torch.OutOfMemoryError):
        lr_find(spec())


def test_lr_find_without_enough_batches_suggests_nothing(monkeypatch: pytest.MonkeyPatch):
    from fastai.callback.core import CancelFitException
    from fastai.callback.schedule import LRFinder

    def explode(self) -> None:
        if self.train_iter > 8:
            raise CancelFitException

    monkeypatch.setattr(LRFinder, "after_batch", explode)
    found = lr_find(spec())
    assert found["suggestion"] is None
    assert len(found["losses"]) == 9
