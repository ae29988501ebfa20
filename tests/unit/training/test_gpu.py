"""What runs on a GPU alone, its logic tested on the CPU: photos kept on the device, batches made ahead, compiling."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from fastai.callback import schedule  # noqa: F401 (it gives Learner its fit_one_cycle)
from fastai.callback.core import Callback
from fastai.callback.fp16 import AMPMode, MixedPrecision
from fastai.data.core import DataLoaders
from fastai.layers import AdaptiveConcatPool2d
from fastai.learner import Learner, Recorder
from PIL import Image
from torch import nn

from lessonkit import runs
from lessonkit.errors import LessonError
from lessonkit.photos import cache, catalog, manifest
from lessonkit.spec import RunSpec
from lessonkit.training import device, gpu_photos
from lessonkit.training.batches import Loader, PhotoBatches, to_float
from lessonkit.training.callbacks import MakeNextBatch
from lessonkit.training.compiling import STEPS, WARM, CompileWhereItPays
from lessonkit.training.fit import fit
from lessonkit.training.rate_finder import lr_find

CPU = torch.device("cpu")
BATCHES = 2 * (STEPS + WARM) + 2


@pytest.fixture
def photos(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> cache.PhotoCache:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    return cache.build(catalog.resolve("drawn"), cache.side_for(64))


def test_photos_on_the_device_make_the_same_batches(photos: cache.PhotoCache, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gpu_photos, "_PIECE", 100_003)  # several pieces, and a last one that is shorter
    there = gpu_photos.ResidentPhotos(photos, CPU)
    for name in photos.names[::7]:
        assert np.array_equal(there[name].numpy(), photos[name])
    spec, chosen = RunSpec("drawn", size=64), np.arange(8)
    for augment in (False, True):
        made = []
        for source in (photos, there):
            monkeypatch.setattr(gpu_photos, "source", lambda *_, source=source: source)
            torch.manual_seed(1)
            random.seed(1)
            made.append(PhotoBatches(photos, photos.names, spec, CPU, augment)(chosen))
        assert torch.equal(*made)


def test_photos_stay_in_the_file_where_they_would_leave_too_little_memory(photos: cache.PhotoCache):
    assert gpu_photos.fits(2_500_000_000, 24_000_000_000)
    assert not gpu_photos.fits(2_500_000_000, 6_000_000_000)
    assert gpu_photos.source(photos, CPU) is photos


def test_the_next_batch_is_made_when_a_step_is_queued_and_before_its_loss_is_read():
    """Made after the loss is read, a batch would keep a GPU waiting that has done all it was given."""
    happened: list[str] = []

    def assemble(positions: np.ndarray) -> torch.Tensor:
        happened.append("batch")
        return torch.ones(len(positions), 1)

    class Watch(Callback):
        def __init__(self, order: int, events: dict[str, str]):
            self.order, self.events = order, events

        def __call__(self, event: str) -> None:
            if event in self.events:
                happened.append(self.events[event])

    loader = Loader(assemble, torch.tensor([0, 1] * 3), 2, CPU)
    before = Watch(0, {"after_step": "step", "after_validate": "end"})
    recorder = Watch(Recorder.order, {"after_batch": "loss read"})
    learn = Learner(DataLoaders(loader, loader, device=CPU), nn.Linear(1, 2), nn.CrossEntropyLoss(),
                    cbs=[MakeNextBatch(), before, recorder])  # fmt: skip
    if hasattr(learn, "progress"):
        learn.remove_cb(learn.progress)
    with learn.no_logging():
        learn.fit(1)
    training = ["batch", "step", "batch", "loss read", "step", "batch", "loss read", "step", "loss read"]
    validation = ["batch", "batch", "loss read", "batch", "loss read", "loss read", "end"]
    assert happened == training + validation


def test_a_batch_made_ahead_is_the_one_asked_for_next_and_none_is_left_over():
    loader = Loader(torch.from_numpy, torch.arange(4), 2, CPU)
    loader.make_next()
    first = iter(loader)
    loader.make_next()
    loader.make_next()
    assert [batch[1].tolist() for batch in first] == [[0, 1], [2, 3]]
    loader.make_next()
    assert [batch[1].tolist() for batch in loader] == [[0, 1], [2, 3]], "started again it begins at the front"


class OnCpu(MixedPrecision):
    """fastai's mixed precision, on the CPU: bfloat16 by the CPU's autocast."""

    def before_fit(self) -> None:
        super().before_fit()
        self.autocast = torch.autocast("cpu", torch.bfloat16)


@pytest.fixture
def mixed_on_cpu(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    """Mixed precision where a GPU's would be; a spec that trains on photos."""
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr(device, "mixed_precision", lambda learn, _: learn.add_cb(OnCpu(AMPMode.BF16)))
    monkeypatch.setattr(device, "autocast", lambda _: torch.autocast("cpu", torch.bfloat16))
    return RunSpec(
        "drawn",
        pattern=catalog.resolve("drawn").pattern,
        size=32,
        batch_size=16,
        epochs=1,
        precompute=False,
        pretrained=False,
    )


@pytest.mark.parametrize("search", [False, True])
def test_after_a_forward_pass_that_failed_the_next_run_on_that_thread_learns(mixed_on_cpu, monkeypatch, search: bool):
    def full(*_) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(AdaptiveConcatPool2d, "forward", full)
        with pytest.raises(torch.OutOfMemoryError):
            lr_find(mixed_on_cpu) if search else fit(mixed_on_cpu, runs.create(mixed_on_cpu.but(seed=61)))
    assert not torch.is_autocast_enabled("cpu")
    inputs, targets = torch.randn(64, 6), torch.randint(3, (64,))
    layer = nn.Linear(6, 3)
    adam, losses = torch.optim.Adam(layer.parameters(), 0.1), []
    for _ in range(5):
        with torch.autocast("cpu", torch.bfloat16):
            losses.append(nn.functional.cross_entropy(layer(inputs), targets))
        losses[-1].backward()
        adam.step()
        adam.zero_grad()
    assert float(losses[-1]) < float(losses[0]), "the weights it was cast from have moved, and it saw them"


def test_in_mixed_precision_the_predictions_are_those_that_were_validated(mixed_on_cpu):
    run = runs.create(mixed_on_cpu.but(seed=62))
    fit(run.spec(), run)
    frame = pd.read_parquet(run.path("predictions.parquet"))
    assert frame["loss"].mean() == pytest.approx(run.history()[-1]["valid_loss"], abs=2e-6)


def test_mixed_precision_is_bfloat16_only_where_the_chip_has_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for capability, kind in ((7, torch.float16), (8, torch.bfloat16)):  # a T4; an A100
        monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _, c=capability: SimpleNamespace(major=c))
        monkeypatch.setattr(torch.cuda, "_check_bf16_tensor_supported", lambda _: True)  # it imitates it
        assert device._half() is kind


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (torch.AcceleratorError("CUDA error: no kernel image is available for execution on the device"), "cpu",
         "(the GPU Old One is too old for this PyTorch)"),
        (RuntimeError("CUDA driver initialization failed"), "cpu", "(the GPU Old One does not answer PyTorch)"),
        (torch.OutOfMemoryError("CUDA out of memory"), "cuda", ""),
        (torch.AcceleratorError("CUDA error: out of memory"), "cuda", ""),
    ],
)  # fmt: skip
def test_a_gpu_that_runs_nothing_is_passed_over_and_named(monkeypatch, answer: Exception, kind: str, told: str):
    def refuse(*_, **__) -> None:
        raise answer

    monkeypatch.setenv("LESSONKIT_DEVICE", "auto")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "Old One")
    with monkeypatch.context() as patch:
        patch.setattr(torch, "ones", refuse)
        device.cuda_problem.cache_clear()
        assert device.choose().type == kind
    assert device.name(CPU).endswith(told)
    if told:
        monkeypatch.setenv("LESSONKIT_DEVICE", "cuda")
        with pytest.raises(LessonError, match="Old One"):
            device.choose()
        monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
        assert "Old One" not in device.name(CPU), "it was not asked for"
    device.cuda_problem.cache_clear()


def test_a_transfer_is_not_waited_for_from_pinned_memory_to_cuda_alone(monkeypatch: pytest.MonkeyPatch):
    """On MPS it could read memory that is somebody else's by then."""
    sent: list[tuple] = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: sent.append("pinned") or tensor)
    monkeypatch.setattr(torch.Tensor, "to", lambda tensor, *how, **more: sent.append((*how, more)) or tensor)
    for kind, expected in (
        ("cuda", ["pinned", (torch.device("cuda"), {"non_blocking": True})]),
        ("mps", [(torch.device("mps"), {})]),
        ("cpu", [(torch.device("cpu"), {})]),
    ):
        sent.clear()
        to_float([np.zeros((2, 2, 3), np.uint8)], torch.device(kind))
        assert sent == expected


def learned(*watching: CompileWhereItPays) -> tuple[nn.Module, list[float]]:
    """A small network with batch norm, trained for an epoch; and the losses on the way."""
    torch.manual_seed(3)
    inputs, targets = torch.randn(8 * BATCHES, 6), torch.randint(3, (8 * BATCHES,))
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.1), nn.ReLU(), nn.Linear(8, 3))
    loaders = [Loader(lambda p: inputs[torch.from_numpy(p)], targets, 8, CPU, by) for by in (RunSpec("drawn"), None)]
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
    assert watch.decided, "or each batch would wait for the GPU to its end"


def test_a_network_that_cannot_be_compiled_is_trained_as_it_is(untouched):
    def broken(*_):
        raise OSError("no compiler here")

    watch = CompileWhereItPays(lambda *_: None, worth_trying=0, backend=broken)
    model, losses = learned(watch)
    assert set(watch.facts) == {"problem"}
    assert model._compiled_call_impl is None
    np.testing.assert_allclose(losses, untouched[1], rtol=1e-6)


def test_small_photos_are_enlarged_on_the_device_as_from_the_file(home: Path):
    folder = catalog.resolve("pets").folder
    top = catalog.resolve("pets").photos_folder
    top.mkdir(parents=True)
    for n, size in enumerate([(12, 9), (300, 200), (90, 6)]):
        pixels = np.random.default_rng(n).integers(0, 256, (size[1], size[0], 3), np.uint8)
        Image.fromarray(pixels).save(top / f"a_{n}.png")
    manifest.seal(folder, manifest.find_photos(top), "images")
    small = cache.build(catalog.resolve("pets"), cache.side_for(64))
    there = gpu_photos.ResidentPhotos(small, CPU)
    for name in small.names:
        assert np.array_equal(there[name].numpy(), small[name])
