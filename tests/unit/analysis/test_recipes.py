"""The repeats of a recipe: which runs they are, where their numbers lie, which one is kept."""

from __future__ import annotations

import math

import pytest

from lessonkit.analysis.recipes import REPEATS, Recipe, recipe_of, recipes
from lessonkit.errors import DamagedFileError, LessonError
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


def going_on(run: Seen) -> Seen:
    return a_run(0, starts_from=run.id, frozen=False, precompute=False)


def test_a_run_that_others_go_on_from_stays_the_one_that_is_kept():
    first, second, third = a_run(0, 0.3), a_run(1, 0.1), a_run(2, 0.2)
    assert of(first).kept is first
    further = recipes([third, going_on(first), second, first])[first.spec().recipe]
    assert (further.kept, further.median) == (first, third), (
        "further trainings change it for nobody who went on from it"
    )
    assert further.settled


def test_a_stopped_run_that_others_go_on_from_stays_too():
    stopped, whole = a_run(0, 0.3, state=STOPPED), a_run(1, 0.2)
    known = recipes([stopped, whole, going_on(stopped)])[whole.spec().recipe]
    assert (known.kept, known.done) == (stopped, (whole,))


def test_those_that_decide_are_the_first_that_have_or_may_get_to_their_end():
    states = (STOPPED, DONE, RUNNING, DONE, FAILED, DONE, DONE, QUEUED)
    known = of(*(a_run(seed, state=state) for seed, state in enumerate(states)))
    assert [run.spec().seed for run in known.deciding] == [2]
    assert not known.settled


def test_a_run_that_cannot_be_read_is_said_and_one_that_is_not_there(home):
    run = create(RunSpec("drawn"))
    run.path("status.json").write_text("{")
    with pytest.raises(DamagedFileError, match=r"status\.json"):
        recipe_of(run.id)
    with pytest.raises(LessonError, match="There is no run"):
        recipe_of("0" * 12)


def test_the_repeats_as_a_report_has_them(home):
    assert of(a_run(1, 0.25, 0.75), a_run(0, 0.5, 1.5)).repeats() == [
        {"seed": 0, "error_rate": 0.5, "valid_loss": 1.5},
        {"seed": 1, "error_rate": 0.25, "valid_loss": 0.75},
    ]
    assert [run.spec().seed for run in recipe_of(create(RunSpec("drawn", seed=4)).id).runs] == [4]
