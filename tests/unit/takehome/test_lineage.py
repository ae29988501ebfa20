"""What was done, as facts: how near another seed comes, and which trainings are told of."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from lessonkit import runs
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Stage


def predicted(losses: list[float]) -> pd.DataFrame:
    names = [f"{n}.jpg" for n in range(len(losses))]
    breeds = ["pug"] * len(losses)
    return pd.DataFrame(
        {
            "photo": names, "actual": breeds, "predicted": breeds, "loss": losses, "probability": 0.5,
            "probability_actual": 0.5, "correct": True,
        }
    )  # fmt: skip


def ended(spec: RunSpec, state: runs.State, losses: list[float]) -> Run:
    made = runs.create(spec)
    made.path(runs.MODEL).touch()
    made.path(runs.HISTORY).write_text("epoch,train_loss,valid_loss,error_rate,seconds\n0,1.5,0.5,0.25,2.5\n")
    predicted(losses).to_parquet(made.path("predictions.parquet"), index=False)
    made.write_status(runs.Status(state=state))
    return made


def stage(losses: list[float], error_rate: float) -> Stage:
    return Stage(Run("none"), RunSpec("drawn"), 1, error_rate, 0.5, predicted(losses))


def test_the_tolerance_is_two_deviations_of_what_is_measured_on_so_many_photos() -> None:
    found = stage([1.0, 3.0, 1.0, 3.0], error_rate=0.25).tolerance
    assert found.error_rate == pytest.approx(2 * math.sqrt((2 / 6) * (4 / 6) / 4))
    assert found.valid_loss == pytest.approx(2 * 1.0 / math.sqrt(4))


def test_no_mistake_on_few_photos_is_no_certainty() -> None:
    one, none = stage([0.5], error_rate=0.0).tolerance, stage([], error_rate=0.0).tolerance
    assert one.error_rate == none.error_rate == pytest.approx(2 * math.sqrt((1 / 3) * (2 / 3)))
    assert math.isnan(none.valid_loss)


def test_all_trainings_that_got_to_their_end_are_told_of_and_a_stopped_one_by_itself(home: Path) -> None:
    spec = RunSpec("drawn")
    done = [ended(spec.but(seed=seed), runs.DONE, [float(seed)]) for seed in (3, 4)]
    stopped = ended(spec.but(seed=5), runs.STOPPED, [5.0])
    for run in done:
        assert {seed: list(frame["loss"]) for seed, frame in lineage.trainings(run).items()} == {3: [3.0], 4: [4.0]}
    assert {seed: list(frame["loss"]) for seed, frame in lineage.trainings(stopped).items()} == {5: [5.0]}
