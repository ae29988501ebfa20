"""The repeats of a recipe: which runs they are, where their numbers lie, which one is kept."""

from __future__ import annotations

import math

from lessonkit.analysis.recipes import REPEATS, Recipe, recipe_of, recipes
from lessonkit.runs import DONE, FAILED, QUEUED, RUNNING, STOPPED, Seen, Status, create
from lessonkit.spec import RunSpec


def a_run(seed: int, error: float = 0.2, loss: float = 0.5, state: str = DONE, epochs: int = 1, **changes) -> Seen:
    spec = RunSpec("drawn", seed=seed, **changes)
    row = {"epoch": 0, "train_loss": 1.0, "valid_loss": loss, "error_rate": error, "seconds": 1.0}
    return Seen(spec.id, spec, Status(state), [row] * epochs)


def of(*runs: Seen) -> Recipe:
    (recipe,) = recipes(runs).values()
    return recipe


def kept(*errors: float) -> int:
    found = of(*(a_run(seed, error) for seed, error in enumerate(errors))).kept
    assert found is not None
    return found.spec().seed


def test_runs_that_differ_in_the_seed_alone_are_repeats_of_one_recipe():
    found = recipes([a_run(3), a_run(0), a_run(0, epochs=4, size=96), a_run(0, split_seed=7)])
    assert [[run.spec().seed for run in recipe.runs] for recipe in found.values()] == [[0, 3], [0], [0]]
    assert next(iter(found)) == a_run(0).id


def test_the_median_is_kept():
    assert kept(0.1, 0.3, 0.2, 0.25, 0.15) == 2
    assert kept(0.3, 0.1) == 1, "of two in the middle the better"
    assert kept(0.3, 0.1, 0.2, 0.4) == 2
    assert kept(0.2, 0.2, 0.2) == 1, "the seed decides where all is equal"
    assert kept(math.nan, 0.3, 0.2) == 1, "one whose error rate is no number is the worst"


def test_of_equal_error_rates_the_loss_decides():
    found = of(a_run(0, loss=0.9), a_run(1, loss=0.1), a_run(2, loss=0.5)).kept
    assert found is not None
    assert found.spec().seed == 2


def test_more_repeats_than_the_first_change_nothing():
    first = [a_run(seed, error) for seed, error in enumerate((0.1, 0.3, 0.2, 0.25, 0.15))]
    more = [a_run(REPEATS + k, 0.01) for k in range(9)]
    found = of(*first, *more)
    assert found.kept is not None
    assert found.kept.spec().seed == 2
    assert found.summary.n == 14, "they count in the mean and the range"
    assert found.summary.low == 0.01


def test_what_was_stopped_is_not_compared_and_kept_only_where_there_is_nothing_else():
    stopped = [a_run(0, 0.05, state=STOPPED), a_run(1, 0.9, state=STOPPED, epochs=3)]
    found = of(*stopped)
    assert (found.kept, found.done, found.summary.n) == (stopped[1], (), 0)
    assert math.isnan(found.summary.mean)
    whole = a_run(2, 0.4)
    assert of(*stopped, whole).kept is whole
    assert of(a_run(0, state=FAILED)).kept is None


def test_a_further_repeat_takes_the_lowest_seed_that_has_no_model():
    states = (DONE, FAILED, QUEUED, RUNNING, STOPPED)
    assert of(*(a_run(seed, state=state) for seed, state in enumerate(states))).next_seed() == 1
    assert of(*(a_run(seed) for seed in range(3))).next_seed() == 3
    assert of(a_run(2)).next_seed() == 0


def test_the_repeats_as_a_report_has_them(home):
    assert of(a_run(1, 0.25, 0.75), a_run(0, 0.5, 1.5)).repeats() == [
        {"seed": 0, "error_rate": 0.5, "valid_loss": 1.5},
        {"seed": 1, "error_rate": 0.25, "valid_loss": 0.75},
    ]
    assert recipe_of(create(RunSpec("drawn", seed=4)).id).next_seed() == 0
