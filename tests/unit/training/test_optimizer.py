"""fastai's Adam in one kernel: the same steps as fastai's own."""

from __future__ import annotations

import pytest
import torch
from fastai.callback import schedule  # noqa: F401 (it gives Learner its fit_one_cycle)
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.optimizer import Adam
from fastai.torch_core import params
from torch import nn

from lessonkit.spec import RunSpec
from lessonkit.training.batches import Loader
from lessonkit.training.optimizer import FusedAdam

CPU = torch.device("cpu")


def learned(optimizer: type, frozen: bool, epochs: int = 2) -> dict[str, torch.Tensor]:
    """A small network's weights after `fit_one_cycle` over a slice of rates, in two parameter groups."""
    torch.manual_seed(5)
    inputs, targets = torch.randn(64, 6), torch.randint(3, (64,))
    body, head = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU()), nn.Linear(8, 3)
    loader = Loader(lambda p: inputs[torch.from_numpy(p)], targets, 8, CPU, shuffled_by=RunSpec("drawn"))
    learn = Learner(
        DataLoaders(loader, loader, device=CPU), nn.Sequential(body, head), nn.CrossEntropyLoss(), opt_func=optimizer,
        splitter=lambda m: [params(m[0]), params(m[1])], wd=0.1,
    )  # fmt: skip
    if hasattr(learn, "progress"):
        learn.remove_cb(learn.progress)
    if frozen:
        learn.freeze()
    with learn.no_logging():
        learn.fit_one_cycle(epochs, slice(1e-3, 1e-1))
        learn.unfreeze()
        learn.fit_one_cycle(1, slice(1e-3, 1e-2))
    return learn.model.state_dict()


@pytest.mark.parametrize("frozen", [True, False])
def test_the_steps_are_fastais(frozen: bool):
    """Rates of a slice, momenta of one cycle, weight decay but on norms and biases, frozen layers left alone."""
    ours, fastais = learned(FusedAdam, frozen), learned(Adam, frozen)
    torch.testing.assert_close(ours, fastais, rtol=1e-4, atol=1e-5)
