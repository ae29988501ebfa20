"""`lessonkit selftest`, with fewer and smaller photos: well as it is, and each kind of fault found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.callback.core import Callback
from fastai.learner import Learner

from lessonkit.cli import main
from lessonkit.cli import selftest as cli
from lessonkit.training import activations, batches, rungs, selftest
from lessonkit.training.optimizer import FusedAdam
from lessonkit.training.setup import Setup

Selftest = Callable[[int], dict[str, Any]]
FUSED, ONCE = "fused optimizer", "activations once"


@pytest.fixture
def asked(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Selftest:
    """`asked(code)`: the JSON of a self-test, whose exit code is this one; by name what came of each way."""
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr(selftest, "PHOTOS_A_BREED", 3)
    monkeypatch.setattr(selftest, "EPOCHS", 3)

    def ask(code: int) -> dict[str, Any]:
        file = tmp_path / "selftest.json"
        assert main.main(["selftest", "--json", str(file)]) == code
        found = json.loads(file.read_text())
        return found | {"by_name": {one["way"]["name"]: one for one in found["ways"]}}

    return ask


def test_each_way_of_a_cpu_learns_what_plain_fastai_learns(asked: Selftest, home: Path, capsys: pytest.CaptureFixture):
    found = asked(0)
    assert found["well"]
    assert [one["verdict"] for one in found["ways"]] == ["reference", "same", "same", "same", "reference", "same"]
    assert found["by_name"][selftest.PLAIN]["difference"] == 0
    assert all(one["photos_a_second"] > 0 for one in found["ways"])
    said = capsys.readouterr().out
    assert "LESSONKIT_DEVICE is cpu: no GPU was looked for. Not tested" in said
    assert all(name in said for name in found["by_name"])
    assert not home.exists(), "the learner's own photos and runs stay as they are"


def batches_are_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made ahead is given to the network one batch too late, but for the first."""
    usual = batches._Batches.make

    def make(of: batches._Batches) -> None:
        if of.ready is None and len(of.left) > 1:
            of.left.rotate(-1)
        usual(of)

    monkeypatch.setattr(batches.Loader, "make_next", lambda loader: make(loader._begun))


def fused_steps_are_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = FusedAdam.step

    def step(adam: FusedAdam, closure: None = None) -> None:
        if not rungs.in_force().plain:
            for hyper in adam.hypers:
                hyper["lr"] *= 2
        usual(adam, closure)

    monkeypatch.setattr(FusedAdam, "step", step)


def activations_are_of_other_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = activations.FeatureBatches.__call__
    monkeypatch.setattr(
        activations.FeatureBatches, "__call__", lambda made, positions: usual(made, (positions + 1) % made.photos)
    )


def activations_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_) -> None:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered\nmore lines")

    monkeypatch.setattr(activations.FeatureBatches, "__call__", fail)


class Scale(Callback):
    order = 10  # as fastai's own mixed precision

    def before_backward(self) -> None:
        self.learn.loss_grad = self.learn.loss_grad * 2


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Try these ways alone; one whose own reference is not among them is a reference itself."""
    found = [one for one in selftest.ways("cpu") if one.name in names]
    found = [one if one.against in names else replace(one, against="") for one in found]
    monkeypatch.setattr(selftest, "ways", lambda _: found)


def test_what_is_broken_is_found_and_the_other_ways_are_tried_all_the_same(asked: Selftest, monkeypatch, capsys):
    only(monkeypatch, selftest.ASKED, selftest.PLAIN, FUSED, selftest.ON_PHOTOS, ONCE)
    for broken in (batches_are_out_of_order, fused_steps_are_larger, activations_fail):
        broken(monkeypatch)
    found = asked(1)
    assert not found["well"]
    ended = {name: (one["verdict"], one["problem"]) for name, one in found["by_name"].items()}
    batch = ended[FUSED][1].rpartition(" ")[2]
    assert ended == {
        selftest.ASKED: ("reference", ""),
        selftest.PLAIN: ("DIFFERS", "Other batches than “PyTorch's Adam”: the first is number 1."),
        FUSED: ("DIFFERS", f"Other losses than “batches made ahead”, most so in batch {batch}"),
        selftest.ON_PHOTOS: (
            "FAILED",
            "Its last step is not what fastai's Adam makes of these gradients: 100.0\xa0% of it is wrong.",
        ),  # the fused optimizer too
        ONCE: ("FAILED", "AcceleratorError: CUDA error: an illegal memory access was encountered"),
    }
    assert "5 ways in " in (said := capsys.readouterr().out)
    assert "4 not as they should be." in said


def gradients_are_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a scaler leaves them that multiplies the loss for 16 bits, and does not divide the gradients again."""
    usual = selftest.learner

    def learner(setup: Setup) -> Learner:
        learn = usual(setup)
        if not rungs.in_force().plain:
            learn.add_cb(Scale())
        return learn

    monkeypatch.setattr(selftest, "learner", learner)


def fused_gradients_are_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = FusedAdam.step

    def step(adam: FusedAdam, closure: None = None) -> None:
        if not rungs.in_force().plain:
            for group in adam.param_lists:
                for parameter in group:
                    parameter.grad.mul_(0.5)
        usual(adam, closure)

    monkeypatch.setattr(FusedAdam, "step", step)


def fused_steps_decay_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = FusedAdam._built

    def built(adam: FusedAdam) -> torch.optim.AdamW:
        made = usual(adam)
        for group in () if rungs.in_force().plain else made.param_groups:
            group["decays"] = False
        return made

    monkeypatch.setattr(FusedAdam, "_built", built)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            gradients_are_scaled,
            "Other gradients than “batches made ahead”: 2.00, 2.00, 2.00 times as large",
        ),
        (fused_gradients_are_halved, "Its last step is not what fastai's Adam makes of these gradients"),
        (fused_steps_decay_nothing, "Its last step is not what fastai's Adam makes of these gradients"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_hardly_changes_a_loss_is_found(
    asked: Selftest, monkeypatch: pytest.MonkeyPatch, broken: Callable[[pytest.MonkeyPatch], None], said: str
):
    only(monkeypatch, selftest.PLAIN, FUSED)
    broken(monkeypatch)
    found = asked(1)["by_name"]
    assert found[selftest.PLAIN]["verdict"] == "reference"
    assert found[FUSED]["difference"] < selftest.ROUNDING, "its losses are like the other's"
    assert found[FUSED]["problem"].startswith(said)


def test_activations_in_another_order_are_found_by_their_breeds(asked: Selftest, monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, selftest.ON_PHOTOS, ONCE)
    usual = batches.Loader._chosen

    def chosen(loader: batches.Loader) -> list[torch.Tensor]:
        made = usual(loader)
        on_activations = loader.shuffle and isinstance(loader.assemble, activations.FeatureBatches)
        return [*made[1:], made[0]] if on_activations else made

    monkeypatch.setattr(batches.Loader, "_chosen", chosen)
    problem = asked(1)["by_name"][ONCE]["problem"]
    assert problem == "Other batches than “frozen, on photos”: the first is number 0."


def test_activations_of_other_photos_are_found(asked: Selftest, monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, selftest.ON_PHOTOS, ONCE)
    activations_are_of_other_photos(monkeypatch)
    assert asked(1)["by_name"][ONCE]["problem"].startswith("Other losses than “frozen, on photos”")


def test_on_a_gpu_each_rung_of_the_ladder_is_tried_after_what_it_is_compared_with():
    for kind in ("cuda", "mps", "cpu"):
        found = selftest.ways(kind)
        names = [one.name for one in found]
        assert len(set(names)) == len(names)
        for number, one in enumerate(found):
            assert not one.against or one.against in names[:number]
    assert {one.rung for one in selftest.ways("cuda")} == set(range(len(rungs.LADDER)))
    assert {one.rung for one in selftest.ways("mps")} == {0, rungs.PLAIN, rungs.CPU}, "another chip says what is right"


def test_what_was_not_found_and_not_tested_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_DEVICE", "auto")
    assert cli.said("cpu").startswith("No GPU that PyTorch can use was found on this machine. Not tested")
    assert "mixed precision" in cli.said("mps")
    assert "docs/gpu.md" in cli.said("cuda")
