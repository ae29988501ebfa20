"""How often two equal recipes are called different, and a real effect is seen: `python -m bench.luck`.

Heads of the default recipe are trained with many seeds, on several splits; then pairs of five and five of them, of one
split and of different seeds, are compared as the pages compare recipes. The effect is normalization, on and off.
"""

from __future__ import annotations

import argparse
import random

import pandas as pd

from bench.heads import numbers, train
from lessonkit.analysis.comparison import SAME
from lessonkit.analysis.recipes import REPEATS
from lessonkit.analysis.repeats import compare
from lessonkit.lesson.defaults import FRESH, default_specs
from lessonkit.photos import catalog


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="pets")
    parser.add_argument("--splits", default="1-3,42", help="seeds of the splits (default: 1-3,42)")
    parser.add_argument("--seeds", type=int, default=100, help="trainings on each split (default: 100)")
    parser.add_argument("--pairs", type=int, default=250, help="pairs on each split (default: 250)")
    chosen = parser.parse_args()
    now = default_specs(catalog.obtain(chosen.dataset), "cpu")[FRESH]
    draw = random.Random(1)
    equal, effect = [], []
    for split in numbers(chosen.splits):
        spec = now.but(split_seed=split)
        with_it, without = (
            [train(of.but(seed=seed)).frame for seed in range(chosen.seeds)]
            for of in (spec, spec.but(normalize="none"))
        )
        for _ in range(chosen.pairs):
            one = draw.sample(with_it, 2 * REPEATS)
            equal.append(_said(one[:REPEATS], one[REPEATS:]))
            effect.append(_said(draw.sample(without, REPEATS), draw.sample(with_it, REPEATS)))
        print(f"split {split} is done", flush=True)
    for what, said in (("equal recipes", equal), ("normalization off and on", effect)):
        by_error, by_loss, either = (100 * sum(one) / len(said) for one in zip(*said, strict=True))
        print(
            f"{what}: of {len(said)} pairs called different by error rate {by_error:.1f} %, by loss {by_loss:.1f} %, by "
            f"either {either:.1f} %"
        )


def _said(before: list[pd.DataFrame], after: list[pd.DataFrame]) -> tuple[bool, bool, bool]:
    """Whether two recipes are called different: by error rate, by loss, by either."""
    found = compare(dict(enumerate(before)), dict(enumerate(after)))
    error, loss = found.verdict != SAME, found.loss_verdict != SAME
    return error, loss, error or loss


if __name__ == "__main__":
    main()
