"""`fit` as on a GPU, on a machine without one: nothing mixes devices, and nothing waits for a batch before the next is made.

docs/gpu.md says what this cannot show.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from fastai.callback.core import Callback
from torch import Tensor

from lessonkit import runs
from lessonkit.architectures import ARCHITECTURES
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec
from lessonkit.training import batches, device, fit, gpu_photos, rungs, setup
from tests.unit.training.as_if_cuda import CUDA, AsIfCuda, Stream, WithinABatch, Wrong, record_stream

MADE_AHEAD = rungs.NOT_RESIDENT - 2  # a stream of their own for batches, photos on the GPU, no torch.compile


@pytest.fixture
def as_if_cuda(monkeypatch: pytest.MonkeyPatch, here: None) -> Iterator[AsIfCuda]:
    """In force in this test; the package takes this machine for one with a GPU."""
    mode = AsIfCuda()
    monkeypatch.setattr(device, "choose", lambda: CUDA)
    monkeypatch.setattr(device, "prepare", lambda _: None)
    monkeypatch.setattr(device, "name", lambda _: "a GPU that is not there")
    monkeypatch.setattr(device, "finish", lambda _: mode.wait("finish"))
    monkeypatch.setattr(device, "autocast", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(device, "mixed_precision", lambda learn, _: learn)
    for name, standin in (
        ("Stream", Stream),
        ("current_stream", lambda *_: mode.current),
        ("stream", mode.on_stream),
        ("mem_get_info", lambda _: (24 * 10**9, 24 * 10**9)),
    ):
        monkeypatch.setattr(torch.cuda, name, standin)
    monkeypatch.setattr(Tensor, "record_stream", record_stream)
    with mode:
        yield mode


@pytest.fixture(autouse=True)
def here(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "auto")
    monkeypatch.setattr(rungs, "first", lambda: MADE_AHEAD)
    monkeypatch.setattr(rungs, "after", lambda *_: None)  # an error ends the run
    yield
    gpu_photos.drop()


def trained(mode: AsIfCuda, monkeypatch: pytest.MonkeyPatch, *watching: Callback, **choices) -> runs.Run:
    """A small run, trained by `fit`; nothing may be waited for within a batch."""
    spec = RunSpec(
        "drawn", pattern=catalog.resolve("drawn").pattern, size=32, batch_size=16, epochs=1, pretrained=False,
        precompute=False, frozen=False, batch_norm="trained",
    ).but(**choices)  # fmt: skip
    usual = setup.learner

    def watched(made: setup.Setup) -> setup.Learner:
        learn = usual(made)
        learn.add_cbs([WithinABatch(mode), *watching])
        return learn

    monkeypatch.setattr(fit, "learner", watched)
    run = runs.create(spec)
    fit.fit(spec, run)
    return run


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_training_mixes_no_devices_and_waits_for_no_batch(as_if_cuda: AsIfCuda, monkeypatch, architecture: str):
    run = trained(as_if_cuda, monkeypatch, architecture=architecture, seed=81)
    assert run.status().state == runs.DONE
    assert as_if_cuda.current is as_if_cuda.default
    assert as_if_cuda.sent > 0


def test_a_head_trains_on_activations_that_were_computed_once(as_if_cuda: AsIfCuda, monkeypatch):
    run = trained(
        as_if_cuda, monkeypatch, precompute=True, frozen=True, batch_norm="fixed", architecture="resnet34", seed=83
    )
    assert run.status().state == runs.DONE


class ReadsTheLoss(Callback):
    def after_loss(self) -> None:
        self.learn.loss.item()


def nothing(_: pytest.MonkeyPatch) -> None:
    """What is wrong is among the callbacks."""


def mean_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = batches.Normalization.__init__
    monkeypatch.setattr(batches.Normalization, "__init__", lambda made, spec, _: usual(made, spec, torch.device("cpu")))


def sent_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "send", lambda tensor, where: tensor.to(where))


def not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Stream.wait_stream
    monkeypatch.setattr(Stream, "wait_stream", lambda stream, other: usual(stream, other) if stream.device else None)


def not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tensor, "record_stream", lambda *_: None)


@pytest.mark.parametrize(
    ("broken", "watching", "said"),
    [
        (nothing, [ReadsTheLoss()], "item: the GPU is waited for within a batch"),
        (mean_on_the_cpu, [], "on the CPU beside one on the GPU"),
        (sent_as_it_is, [], "from memory that is not pinned"),
        (not_waited_for, [], "the stream that made this tensor was not waited for"),
        (not_kept, [], "the memory of this tensor is not kept for this stream"),
    ],
)
def test_what_a_gpu_would_refuse_or_wait_for_raises(
    as_if_cuda: AsIfCuda, monkeypatch, broken: Callable[[pytest.MonkeyPatch], None], watching: list[Callback], said: str
):
    broken(monkeypatch)
    with pytest.raises(Wrong, match=said):
        trained(as_if_cuda, monkeypatch, *watching, seed=82, architecture="resnet34")
