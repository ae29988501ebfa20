"""The default recipe beside fastai's own head at its rate: `python -m bench.defaults`, on splits on which neither was chosen."""

from __future__ import annotations

import argparse
import statistics

from bench.heads import numbers, train
from lessonkit.lesson.defaults import FRESH, default_specs
from lessonkit.photos import catalog


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="pets")
    parser.add_argument("--splits", default="200-209", help="seeds of the splits (default: 200-209)")
    parser.add_argument("--seeds", default="0-4", help="seeds of the trainings (default: 0-4)")
    chosen = parser.parse_args()
    now = default_specs(catalog.obtain(chosen.dataset), "cpu")[FRESH]
    recipes = {"fastai's head, rate 3e-3": now.but(head="fastai", learning_rate=3e-3), "the default": now}
    errors: dict[str, list[float]] = {name: [] for name in recipes}
    seconds: dict[str, list[float]] = {name: [] for name in recipes}
    for split in numbers(chosen.splits):
        for name, spec in recipes.items():
            found = [train(spec.but(split_seed=split, seed=seed)) for seed in numbers(chosen.seeds)]
            errors[name].append(statistics.mean(one.error for one in found))
            seconds[name].append(statistics.mean(one.seconds for one in found))
        print(f"split {split}: " + ", ".join(f"{name} {errors[name][-1]:.1f} %" for name in recipes), flush=True)
    for name in recipes:
        print(
            f"{name}: mean {statistics.mean(errors[name]):.2f} %, splits {min(errors[name]):.1f} to {max(errors[name]):.1f} %; "
            f"{statistics.mean(seconds[name]):.2f} s a training"
        )
    before, after = errors.values()
    apart = [b - a for b, a in zip(before, after, strict=True)]
    error = statistics.stdev(apart) / len(apart) ** 0.5 if len(apart) > 1 else float("nan")
    print(f"the default is {statistics.mean(apart):.2f} points lower (standard error over the splits {error:.2f})")


if __name__ == "__main__":
    main()
