"""What the optimizer is given and what it makes of it, watched for the self-test.

Adam divides a gradient by the size of those before: multiplied by the same number each time, a gradient moves the weights, and so
the losses, almost as before. A wrong epsilon or no weight decay change 35 batches' losses less than rounding does. Hence the
gradients themselves are compared, and one step is worked out again.
"""

from __future__ import annotations

from typing import Any

import torch
from fastai.callback.core import Callback
from fastai.optimizer import Optimizer
from torch import Tensor, nn

from lessonkit.training.optimizer import STEPS, FusedAdam

BEHIND_MIXED_PRECISION = 80  # which divides the gradients by their scale before a step, or leaves the step out
RATE = 0.1  # of the step that is worked out again: so large that 32 bits hold what weight decay does in it


class Gradients(Callback):
    """Keep each step's gradients in short: their norm in each group of parameters that has any, as the optimizer is given them.

    Attributes:
        norms: of each epoch the steps' norms, (groups,) each. A step that mixed precision leaves out is not among them.
    """

    order, run_valid = BEHIND_MIXED_PRECISION, False

    def before_fit(self) -> None:
        self.norms: list[list[Tensor]] = [[] for _ in range(self.n_epoch)]

    def before_step(self) -> None:
        given = [[p.grad for p in group if p.grad is not None] for group in self.opt.param_lists]
        self.norms[self.epoch].append(torch.stack([nn.utils.get_total_norm(of) for of in given if of]).detach())

    def means(self) -> list[Tensor]:
        """Of each epoch the mean of its steps, float32 (groups,) on the CPU; none where an epoch had no step."""
        if not all(self.norms):
            return []
        return [torch.stack(steps).float().mean(0).cpu() for steps in self.norms]


class LastStep(Callback):
    """Work the last step of a training out again in 64 bits, on the CPU, as fastai's Adam defines it.

    The rate of that step is RATE, so that the network is good for nothing afterwards.

    Attributes:
        difference: between the step and what it should be, a share of the latter's norm, the largest of all groups of parameters;
            None where mixed precision left the last step out.
    """

    order, run_valid = BEHIND_MIXED_PRECISION, False

    def before_fit(self) -> None:
        self.difference: float | None = None
        self._before: list[list[tuple[nn.Parameter, Tensor, Tensor]]] = []

    def before_step(self) -> None:
        if self.train_iter < self.n_epoch * self.n_iter - 1:
            return
        for hyper in self.opt.hypers:
            hyper["lr"] = RATE
        groups = zip(self.opt.param_lists, self.opt.hypers, strict=True)
        self._before = [
            [(p, _exact(p), expected(self.opt, p, dict(hyper))) for p in group if p.grad is not None]
            for group, hyper in groups
        ]

    def after_step(self) -> None:
        if self._before:
            self.difference = max(_difference(group) for group in self._before if group)


def expected(optimizer: Optimizer, parameter: nn.Parameter, hyper: dict[str, float]) -> Tensor:
    """What fastai's Adam makes of a parameter by its gradient, float64 on the CPU, of the parameter's shape.

    Args:
        optimizer: fastai's own Adam or `FusedAdam`: what it remembers of the parameter is read, and nothing changed.
        hyper: lr, mom, sqr_mom, eps and wd.
    """
    assert parameter.grad is not None
    value, gradient = _exact(parameter), _exact(parameter.grad)
    average, square, steps = _remembered(optimizer, parameter)
    mom, sqr_mom, steps = hyper["mom"], hyper["sqr_mom"], steps + 1
    average = mom * average + (1 - mom) * gradient
    square = sqr_mom * square + (1 - sqr_mom) * gradient.square()
    if optimizer.state[parameter].get("do_wd", True):
        value = value * (1 - hyper["lr"] * hyper["wd"])
    size = (square / (1 - sqr_mom**steps)).sqrt() + hyper["eps"]
    return value - hyper["lr"] * average / (1 - mom**steps) / size


def _remembered(optimizer: Optimizer, parameter: nn.Parameter) -> tuple[Tensor, Tensor, int]:
    """The averages of a parameter's gradients and of their squares, and after how many steps."""
    fused = isinstance(optimizer, FusedAdam)
    names = ("exp_avg", "exp_avg_sq", STEPS) if fused else ("grad_avg", "sqr_avg", "step")
    of_it: dict[str, Any] = (optimizer.averages() if fused else optimizer.state).get(parameter, {})
    if names[0] not in of_it:
        return torch.zeros(()), torch.zeros(()), 0
    average, square, steps = (of_it[name] for name in names)
    return _exact(average), _exact(square), int(steps)


def _exact(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().double()  # on MPS there is no float64


def _difference(group: list[tuple[nn.Parameter, Tensor, Tensor]]) -> float:
    wrong = sum(float((_exact(now) - wanted).square().sum()) for now, _, wanted in group)
    step = sum(float((wanted - before).square().sum()) for _, before, wanted in group)
    return (wrong / step) ** 0.5
