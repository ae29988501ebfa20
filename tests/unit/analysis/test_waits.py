"""How long a run waits: from what such runs took here, and nothing where that is not known."""

from __future__ import annotations

import pytest

from lessonkit.analysis import waits
from lessonkit.runs import DONE, QUEUED, RUNNING, Seen, Status
from lessonkit.spec import RunSpec

QUICK = RunSpec("drawn", "", "x")
SLOW = QUICK.but(precompute=False, epochs=6)


def run(spec: RunSpec, state: str, at: float = 1.0, seconds: tuple[float, ...] = (), took: float = 0.0) -> Seen:
    status = Status(state=state, queued_at=at, started_at=at, ended_at=at + took if took else 0.0)
    return Seen(spec.id, spec, status, [{"epoch": n, "seconds": s} for n, s in enumerate(seconds)])


def test_a_run_takes_its_epochs_and_what_such_runs_took_besides() -> None:
    done = [
        run(SLOW.but(seed=n), DONE, seconds=(10.0, each), took=25.0 + each) for n, each in enumerate((10.0, 12.0, 14.0))
    ]
    assert waits.expected(SLOW, done) == pytest.approx(15 + 6 * 11)
    assert waits.expected(SLOW.but(epochs=60, learning_rate=0.1, seed=9), done) == pytest.approx(15 + 60 * 11)
    for other in (SLOW.but(size=224), SLOW.but(dataset="pets"), SLOW.but(share=0.5), QUICK):
        assert waits.expected(other, done) is None


def test_a_run_waits_for_those_before_it_and_for_the_rest_of_the_one_that_trains() -> None:
    trains = run(SLOW, RUNNING, at=100.0, seconds=(10.0, 10.0))
    first, second = (run(SLOW.but(epochs=n), QUEUED, at=110.0 + n) for n in (7, 8))
    known = [second, first, trains]
    assert waits.until_begun(first.id, known, 125.0) == pytest.approx(60 - 25)
    assert waits.until_begun(second.id, known, 125.0) == pytest.approx(60 - 25 + 70)
    assert waits.until_begun(second.id, known, 125.0, workers=2) == pytest.approx((60 - 25 + 70) / 2)
    assert waits.until_begun(first.id, known, 900.0) == pytest.approx(1), (
        "it takes longer than it should, and ends some day"
    )


def test_nothing_is_said_of_what_was_never_trained_here() -> None:
    first, second = run(SLOW, QUEUED, at=1.0), run(QUICK, QUEUED, at=2.0)
    assert waits.until_begun(second.id, [first, second], 3.0) is None
    assert waits.until_begun(first.id, [first, second], 3.0) == 0
    assert waits.until_begun("gone", [first, second], 3.0) is None
