"""The repeats of a recipe: which runs they are, where their numbers lie, which one is kept."""

from __future__ import annotations

import math

import pytest

from lessonkit.analysis.recipes import REPEATS, Recipe, recipe_of, recipes
from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.runs import DONE, FAILED, QUEUED, RUNNING, STOPPED, Seen, Status, create
from lessonkit.spec import RunSpec


def a_run(
    seed: int,
    error: float = 0.2,
    loss: float = 0.5,
    state: str = DONE,
    epochs: int = 1,
    at: float = 0.0,
    after: int | None = 0,
    **changes,
) -> Seen:
    """A run that was asked for with that of seed `after`, as its repeat; None: by itself."""
    spec = RunSpec("drawn", seed=seed, **changes)
    first = "" if after in (None, seed) else spec.but(seed=after).id
    row = {"epoch": 0, "train_loss": 1.0, "valid_loss": loss, "error_rate": error, "seconds": 1.0}
    return Seen(spec.id, spec, Status(state, queued_at=at or float(seed), repeat_of=first), [row] * epochs)  # fmt: skip


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


@pytest.mark.parametrize("number", [1, 2, 3, REPEATS])
def test_further_trainings_one_by_one_change_nothing_of_what_is_kept(number: int):
    first = [a_run(seed, error) for seed, error in enumerate((0.1, 0.3, 0.2, 0.25, 0.15)[:number])]
    before = of(*first)
    assert before.settled
    more = [a_run(number + k, 0.01 + k / 4, after=None) for k in range(4)]
    for k in range(len(more) + 1):
        found = of(*first, *more[:k])
        assert found.kept is before.kept
        assert found.settled
    assert found.summary.n == number + 4, "they count in the mean and the range"
    assert found.summary.low == 0.01


def test_while_those_asked_for_together_still_train_the_first_is_kept_and_then_the_median():
    errors = (0.1, 0.3, 0.2, 0.25, 0.15)
    for n in range(1, REPEATS):
        found = of(*(a_run(s, e, state=DONE if s < n else RUNNING) for s, e in enumerate(errors)))
        assert found.kept is not None
        assert (found.kept.spec().seed, found.settled) == (0, False)
    assert kept(*errors) == 2


def test_a_further_training_that_is_under_way_decides_nothing():
    found = of(a_run(0, 0.3), a_run(1, state=RUNNING, after=None))
    assert (found.deciding, found.settled) == ((), True)


def test_the_first_that_was_done_counts_where_earlier_ones_were_stopped():
    again = a_run(0, 0.01, at=9.0)  # stopped at first, and trained whole later
    asked = [a_run(s, e, after=1) for s, e in ((1, 0.1), (2, 0.3), (3, 0.2))]
    found = of(again, *asked)
    assert found.kept is asked[2]
    assert [run.spec().seed for run in found.together] == [1, 2, 3]


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


def test_those_that_decide_are_those_asked_for_together_that_may_get_to_their_end():
    states = (DONE, STOPPED, RUNNING, FAILED, QUEUED)
    known = of(*(a_run(seed, state=state) for seed, state in enumerate(states)), a_run(5, state=QUEUED, after=None))
    assert [run.spec().seed for run in known.deciding] == [2, 4]
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
