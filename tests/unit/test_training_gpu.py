"""What runs on a GPU alone, its logic tested on the CPU: photos kept on the device, batches made ahead, compiling."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from fastai.callback import schedule  # noqa: F401 (it gives Learner its fit_one_cycle)
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from torch import nn

from lessonkit.photos import cache
from lessonkit.training import resident
from lessonkit.training.batches import Loader, PhotoBatches
from lessonkit.training.compiling import STEPS, WARM, CompileWhereItPays
from lessonkit.training.spec import RunSpec

CPU = torch.device("cpu")
BATCHES = 2 * (STEPS + WARM) + 2


@pytest.fixture
def photos(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> cache.PhotoCache:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    return cache.build("drawn", cache.side_for(64))


def test_photos_on_the_device_make_the_same_batches(photos: cache.PhotoCache, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resident, "_PIECE", 100_003)  # several pieces, and a last one that is shorter
    there = resident.ResidentPhotos(photos, CPU)
    for name in photos.names[::7]:
        assert np.array_equal(there[name].numpy(), photos[name])
    spec, chosen = RunSpec("drawn", size=64), np.arange(8)
    for augment in (False, True):
        made = []
        for source in (photos, there):
            monkeypatch.setattr(resident, "source", lambda *_, source=source: source)
            torch.manual_seed(1)
            random.seed(1)
            made.append(PhotoBatches(photos, photos.names, spec, CPU, augment)(chosen))
        assert torch.equal(*made)


def test_photos_stay_in_the_file_where_they_would_leave_too_little_memory(photos: cache.PhotoCache):
    assert resident.fits(2_500_000_000, 24_000_000_000)
    assert not resident.fits(2_500_000_000, 6_000_000_000)
    assert resident.source(photos, CPU) is photos


def test_the_next_batch_is_asked_for_before_one_is_given():
    asked: list[int] = []

    def assemble(positions: np.ndarray) -> torch.Tensor:
        asked.append(int(positions[0]))
        return torch.from_numpy(positions)

    loader = Loader(assemble, torch.arange(8), 2, False, CPU)
    loader.device = torch.device("cuda")  # said, not used: the batches are on the CPU
    loader._batches = lambda: ((assemble(np.arange(at, at + 2)), torch.arange(at, at + 2)) for at in range(0, 8, 2))
    seen = []
    for inputs, targets in loader:
        assert torch.equal(inputs, targets)
        seen.append((int(inputs[0]), list(asked)))
    assert seen == [(0, [0, 2]), (2, [0, 2, 4]), (4, [0, 2, 4, 6]), (6, [0, 2, 4, 6])]


def learned(*watching: CompileWhereItPays) -> tuple[nn.Module, list[float]]:
    """A small network with batch norm, trained for an epoch; and the losses on the way."""
    torch.manual_seed(3)
    inputs, targets = torch.randn(8 * BATCHES, 6), torch.randint(3, (8 * BATCHES,))
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.1), nn.ReLU(), nn.Linear(8, 3))
    loaders = [Loader(lambda p: inputs[torch.from_numpy(p)], targets, 8, shuffle, CPU) for shuffle in (True, False)]
    learn = Learner(DataLoaders(*loaders, device=CPU), model, loss_func=nn.CrossEntropyLoss(), cbs=list(watching))
    if hasattr(learn, "progress"):
        learn.remove_cb(learn.progress)
    with learn.no_logging():
        learn.fit_one_cycle(2, 1e-2)
    return model, [float(loss) for loss in learn.recorder.losses]


@pytest.fixture
def untouched() -> tuple[nn.Module, list[float]]:
    return learned()


def test_compiling_changes_nothing_that_is_learned_and_says_what_it_gained(untouched):
    said: list[str] = []
    watch = CompileWhereItPays(lambda stage, *_: said.append(stage), worth_trying=0, backend="eager")
    model, losses = learned(watch)
    assert said == ["compiling"]
    assert watch.facts["wait"] > 0
    assert watch.facts["kept"] == (watch.facts["gain"] > 1)
    np.testing.assert_allclose(losses, untouched[1], rtol=1e-4)
    for name, weights in untouched[0].state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], weights, rtol=1e-3, atol=1e-5, msg=name)


def test_a_short_run_is_not_compiled(untouched):
    watch = CompileWhereItPays(pytest.fail, worth_trying=3600)
    _, losses = learned(watch)
    assert watch.facts == {}
    assert losses == untouched[1]


def test_a_network_that_cannot_be_compiled_is_trained_as_it_is(untouched):
    def broken(*_):
        raise OSError("no compiler here")

    watch = CompileWhereItPays(lambda *_: None, worth_trying=0, backend=broken)
    model, losses = learned(watch)
    assert set(watch.facts) == {"problem"}
    assert model._compiled_call_impl is None
    np.testing.assert_allclose(losses, untouched[1], rtol=1e-6)
