"""What an epoch is said to cost."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import pytest
import torch

from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import StopAsked
from lessonkit.photos.progress import stoppable
from lessonkit.training import timing


@pytest.fixture(autouse=True)
def _on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")


def test_a_photo_costs_its_share_of_a_batch(monkeypatch: pytest.MonkeyPatch):
    """By a clock that goes on by a second whenever it is read."""
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=itertools.count().__next__))
    told = []
    found = timing._seconds_a_photo("efficientnet_lite0", 32, torch.device("cpu"), lambda: told.append(1))
    assert found == {"frozen": 1 / timing.BATCH, "unfrozen": 1 / timing.BATCH}
    assert len(told) == 2 * (1 + timing.BATCHES)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_frozen_body_is_timed_forwards_and_the_unfrozen_network_as_it_learns(
    architecture: str, monkeypatch: pytest.MonkeyPatch
):
    built, moved, shapes = [], [], set()
    build = timing.models.build

    def timed(step, *_: object) -> float:
        (model,) = built
        weights = next(model.parameters())
        before = weights.detach().clone()
        step()
        moved.append(not torch.equal(before, weights))
        return 0.0

    def building(*args) -> torch.nn.Module:
        built.append(build(*args))
        built[0].register_forward_pre_hook(lambda _, photos: shapes.add(tuple(photos[0].shape)))
        return built[0]

    monkeypatch.setattr(timing.models, "build", building)
    monkeypatch.setattr(timing, "_seconds", timed)
    monkeypatch.setattr(timing, "BATCH", 2)
    timing._seconds_a_photo(architecture, 32, torch.device("cpu"), lambda: None)
    assert moved == [False, True]
    assert shapes == {(2, 3, 32, 32)}


@pytest.mark.parametrize(("asked", "size"), [(None, 160), (32, 32)])
def test_each_architecture_is_timed_at_the_size_asked_for_else_at_the_devices_own(
    asked: int | None, size: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(timing, "_seconds_a_photo", lambda name, size, where, _: {"of": (name, size, where.type)})
    timed = timing.time_architectures(asked)
    assert timed == {name: {"of": (name, size, "cpu"), "size": size} for name in ARCHITECTURES}


def test_it_can_be_stopped_before_each_step(monkeypatch: pytest.MonkeyPatch):
    told: list[tuple[str, int, int]] = []
    monkeypatch.setattr(timing, "BATCH", 2)
    report = stoppable(lambda *now: told.append(now), lambda: len(told) == 4, per_second=math.inf)
    with pytest.raises(StopAsked):
        timing.time_architectures(32, report)
    assert told == [("measure", step, 18) for step in range(4)]
