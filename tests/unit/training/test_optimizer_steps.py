"""The optimizer's gradients and its last step, watched: right ones are found right, and each kind of wrong one wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from fastai.callback import schedule  # noqa: F401 (it gives Learner its fit_one_cycle)
from fastai.callback.core import Callback, CancelStepException
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.optimizer import Adam
from fastai.torch_core import params
from torch import nn

from lessonkit.spec import RunSpec
from lessonkit.training import selftest
from lessonkit.training.batches import Loader
from lessonkit.training.optimizer import FusedAdam
from lessonkit.training.optimizer_steps import Gradients, LastStep

CPU = torch.device("cpu")
STEPS = 16  # two epochs of eight batches


def trained(optimizer: Callable[..., Any], *more: Callback, frozen: bool = False) -> tuple[Gradients, LastStep]:
    """What is seen of a small network's training, with weight decay on its linear layers and two parameter groups."""
    torch.manual_seed(5)
    inputs, targets = torch.randn(64, 6), torch.randint(3, (64,))
    body, head = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU()), nn.Linear(8, 3)
    loader = Loader(lambda p: inputs[torch.from_numpy(p)], targets, 8, CPU, shuffled_by=RunSpec("drawn"))
    learn = Learner(
        DataLoaders(loader, loader, device=CPU), nn.Sequential(body, head), nn.CrossEntropyLoss(), opt_func=optimizer,
        splitter=lambda m: [params(m[0]), params(m[1])],
    )  # fmt: skip
    if hasattr(learn, "progress"):
        learn.remove_cb(learn.progress)
    if frozen:
        learn.freeze()
    gradients, last = Gradients(), LastStep()
    with learn.no_logging():
        learn.fit_one_cycle(2, slice(1e-3, 1e-1), cbs=[gradients, last, *more])
    return gradients, last


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("optimizer", [Adam, FusedAdam])
def test_fastais_own_step_and_the_fused_one_are_right(optimizer: Callable[..., Any], frozen: bool):
    _, last = trained(optimizer, frozen=frozen)
    assert last.difference is not None
    assert last.difference < selftest.STEP / 10


class Wrong(FusedAdam):
    """`FusedAdam`, each of whose steps is made with other numbers, or other gradients."""

    def __init__(self, *args: Any, scale: float = 1.0, first_group: float = 1.0, rate: float = 1.0, **hyper: float):
        super().__init__(*args, **{name: value for name, value in hyper.items() if name in ("lr",)})
        self.scale, self.first_group, self.rate, self.other = scale, first_group, rate, hyper

    def step(self, closure: None = None) -> None:
        before = [dict(hyper) for hyper in self.hypers]
        for number, (group, hyper) in enumerate(zip(self.param_lists, self.hypers, strict=True)):
            hyper.update({name: value for name, value in self.other.items() if name != "lr"})
            hyper["lr"] *= self.rate
            for parameter in group:
                parameter.grad.mul_(self.scale if number else self.scale * self.first_group)
        super().step(closure)
        for hyper, usual in zip(self.hypers, before, strict=True):
            hyper.update(usual)


class DecaysAll(FusedAdam):
    def _built(self) -> torch.optim.AdamW:
        for group in self.param_lists:
            for parameter in group:
                self.state[parameter]["do_wd"] = True
        built = super()._built()
        for group in self.param_lists:
            for parameter in group:
                self.state[parameter]["do_wd"] = parameter.ndim > 1
        return built


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale": 0.5},
        {"scale": 2.0},
        {"first_group": 2.0},
        {"rate": 1.01},
        {"eps": 1e-8},
        {"eps": 1e-4},
        {"wd": 0.0},
        {"wd": 0.02},
        {"mom": 0.8},
        {"sqr_mom": 0.999},
    ],
    ids=str,
)
def test_a_step_with_one_number_wrong_is_found(wrong: dict[str, float]):
    _, last = trained(lambda *args, **kwargs: Wrong(*args, **kwargs, **wrong))
    assert last.difference is not None
    assert last.difference > selftest.STEP


def test_weight_decay_of_what_has_none_is_found():
    _, last = trained(DecaysAll)
    assert last.difference is not None
    assert last.difference > selftest.STEP


class Scale(Callback):
    """The loss is multiplied before the backward pass, as for 16 bits, and the gradients are not divided afterwards."""

    order = 10

    def before_backward(self) -> None:
        self.learn.loss_grad = self.learn.loss_grad * 2


class LeaveOut(Callback):
    """Each step of these is left out, as those are whose gradients 16 bits did not hold."""

    order = 10

    def __init__(self, *steps: int):
        self.steps = steps

    def before_step(self) -> None:
        if self.train_iter in self.steps:
            raise CancelStepException


def test_gradients_that_are_twice_as_large_are_seen_to_be_where_adam_hardly_minds():
    usual, _ = trained(FusedAdam)
    scaled, last = trained(FusedAdam, Scale())
    assert last.difference is not None
    assert last.difference < selftest.STEP, "the step is right for the gradients that it was given"
    torch.testing.assert_close(scaled.norms[0][0], 2 * usual.norms[0][0])


def test_a_step_that_is_left_out_is_not_among_the_gradients():
    gradients, last = trained(FusedAdam, LeaveOut(0, 3, STEPS - 1))
    assert [len(epoch) for epoch in gradients.norms] == [6, 7]
    assert last.difference is None


def test_a_frozen_groups_gradients_are_none():
    gradients, _ = trained(FusedAdam, frozen=True)
    assert {len(one) for epoch in gradients.norms for one in epoch} == {2}, "its batch norm is trained"
