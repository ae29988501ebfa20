"""The further repeats of the default recipe, one by one and as one batch of heads: `python -m bench.batched_heads`.

One by one is what the product does. As a batch their weights are stacked, and each step is one for all of them; each head
keeps its own order of the photos, views and dropout, so that it learns what it learns alone, up to rounding. The figures
say what the batch would be worth.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import torch
from fastai.callback.schedule import combined_cos
from torch import Tensor, nn
from torch.nn import functional

from bench.heads import numbers, spread
from lessonkit.analysis.recipes import REPEATS
from lessonkit.lesson.defaults import FRESH, default_specs
from lessonkit.photos import catalog
from lessonkit.photos.progress import quiet
from lessonkit.spec import RunSpec
from lessonkit.training import models
from lessonkit.training.draws import DROPOUT, at
from lessonkit.training.setup import Setup, learner, lr_max, prepare

DECAY, WARM, START, END = 0.01, 0.25, 25.0, 1e5  # fastai's weight decay, and those of its `fit_one_cycle`


class Heads:
    """Heads of one recipe, their weights stacked: pooled activations -> logits, a step at once for all."""

    def __init__(self, setups: Sequence[Setup]):
        tails = [models.tail(setup.model) for setup in setups]
        norms = [next(m for m in tail.modules() if isinstance(m, nn.BatchNorm1d)) for tail in tails]
        layers = [next(m for m in tail.modules() if isinstance(m, nn.Linear)) for tail in tails]
        self.norms, self.layers, self.setups = norms, layers, setups
        self.dropout = next(m.p for m in tails[0].modules() if isinstance(m, nn.Dropout))
        stacked = (
            torch.stack([of.detach() for of in group])
            for group in zip(
                *((n.weight, n.bias, layer.weight) for n, layer in zip(norms, layers, strict=True)), strict=True
            )
        )
        self.scale, self.shift, self.weight = (tensor.requires_grad_() for tensor in stacked)
        assert all(layer.bias is None for layer in layers)

    def train(self) -> None:
        """What `fit_one_cycle` does with each of them alone."""
        spec = self.setups[0].spec
        rate = lr_max(spec)
        assert isinstance(rate, float)
        steps = spec.epochs * len(self.setups[0].dls.train)
        rates = combined_cos(WARM, rate / START, rate, rate / END)
        momenta = combined_cos(WARM, 0.95, 0.85, 0.95)
        groups = [
            {"params": [self.weight], "weight_decay": DECAY},
            {"params": [self.scale, self.shift], "weight_decay": 0.0},
        ]
        adam = torch.optim.AdamW(groups, fused=True)
        step = 0
        for epoch in range(spec.epochs):
            drawn = [torch.Generator().manual_seed(at(setup.spec, DROPOUT, epoch)) for setup in self.setups]
            for batches in zip(*(setup.dls.train for setup in self.setups), strict=True):
                inputs, targets = (torch.stack(one) for one in zip(*batches, strict=True))
                for group in adam.param_groups:
                    group["lr"], group["betas"], group["eps"] = rates(step / steps), (momenta(step / steps), 0.99), 1e-5
                logits = self._answer(inputs, drawn)
                functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").div(
                    inputs.shape[1]
                ).backward()
                adam.step()
                adam.zero_grad()
                step += 1

    def _answer(self, inputs: Tensor, drawn: Sequence[torch.Generator]) -> Tensor:
        """(heads, photos, features) -> (heads, photos, breeds), batch norm and dropout as in training."""
        mean, variance = inputs.mean(1, keepdim=True), inputs.var(1, keepdim=True, unbiased=False)
        with torch.no_grad():
            for norm, its_mean, its_variance in zip(self.norms, mean, inputs.var(1), strict=True):
                momentum = norm.momentum or 0.0
                assert norm.running_mean is not None
                assert norm.running_var is not None
                norm.running_mean.lerp_(its_mean[0], momentum)
                norm.running_var.lerp_(its_variance, momentum)
        eps = self.norms[0].eps
        normal = (inputs - mean) * (variance + eps).rsqrt() * self.scale[:, None] + self.shift[:, None]
        keep = 1 - self.dropout
        masks = torch.stack([torch.empty(inputs.shape[1:]).bernoulli_(keep, generator=one) for one in drawn])
        return (normal * masks / keep) @ self.weight.transpose(1, 2)

    def put_back(self) -> None:
        """Each head into its own network."""
        with torch.no_grad():
            for at_, (norm, layer) in enumerate(zip(self.norms, self.layers, strict=True)):
                norm.weight.copy_(self.scale[at_])
                norm.bias.copy_(self.shift[at_])
                layer.weight.copy_(self.weight[at_])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="pets")
    parser.add_argument("--times", type=int, default=5, help="how often both are measured (default: 5)")
    parser.add_argument("--seeds", default=f"1-{REPEATS - 1}", help="the repeats (default: the further ones)")
    chosen = parser.parse_args()
    now = default_specs(catalog.obtain(chosen.dataset), "cpu")[FRESH]
    specs = [now.but(seed=seed) for seed in numbers(chosen.seeds)]
    alone, together = [], []
    for _ in range(chosen.times):
        singles = [prepare(spec, quiet) for spec in specs]
        begun = time.perf_counter()
        for setup in singles:
            _train(setup)
        alone.append(time.perf_counter() - begun)
        batch = [prepare(spec, quiet) for spec in specs]
        begun = time.perf_counter()
        heads = Heads(batch)
        heads.train()
        heads.put_back()
        together.append(time.perf_counter() - begun)
    print(f"{len(specs)} heads one by one {spread(alone)} s, as one batch {spread(together)} s")
    ratios = sorted(one / other for one, other in zip(alone, together, strict=True))
    print(f"one by one takes {ratios[len(ratios) // 2]:.1f} times as long ({ratios[0]:.1f} to {ratios[-1]:.1f})")
    furthest = max(_furthest(one, other) for one, other in zip(singles, batch, strict=True))
    answers = [_same_answers(one, other) for one, other in zip(singles, batch, strict=True)]
    print(
        f"largest difference of a weight {furthest:.1e}; the same breed named for {100 * min(answers):.1f} % of the photos"
    )


def _train(setup: Setup) -> None:
    spec: RunSpec = setup.spec
    learn = learner(setup)
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(spec.epochs, lr_max(spec))


def _furthest(one: Setup, other: Setup) -> float:
    pairs = zip(models.tail(one.model).parameters(), models.tail(other.model).parameters(), strict=True)
    return max(float((a - b).detach().abs().max()) for a, b in pairs)


@torch.inference_mode()
def _same_answers(one: Setup, other: Setup) -> float:
    """The least share of held-out photos for which both name the same breed."""
    named = []
    for setup in (one, other):
        tail = models.tail(setup.model).eval()
        named.append(torch.cat([tail(batch).argmax(1) for batch, _ in setup.dls.valid]))
    return float((named[0] == named[1]).float().mean())


if __name__ == "__main__":
    main()
