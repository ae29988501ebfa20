"""Chance, each purpose apart: what does not change the training photos does not change the training."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from lessonkit import corrections, runs
from lessonkit.photos import catalog
from lessonkit.runs import MODEL, Run
from lessonkit.spec import RunSpec
from lessonkit.training import draws
from lessonkit.training.fit import fit


@pytest.fixture(autouse=True)
def here(drawn_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    yield
    corrections.clear(catalog.resolve("drawn"))


def trained(**changes: object) -> Run:
    pattern = catalog.resolve("drawn").pattern
    run = runs.create(RunSpec("drawn", pattern=pattern, size=64, batch_size=16, epochs=2, seed=41).but(**changes))
    if not run.status().ended:
        fit(run.spec(), run)
    return run


def held_out(run: Run) -> set[str]:
    return set(pd.read_parquet(run.path("predictions.parquet"))["photo"])


def train_losses(run: Run) -> list[float]:
    return [row["train_loss"] for row in run.history()]


def same_weights(one: Run, other: Run) -> bool:
    first, second = (load_file(run.path(MODEL)) for run in (one, other))
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [{}, {"precompute": False}, {"precompute": False, "frozen": False}],
    ids=["activations", "frozen", "unfrozen"],
)
def test_a_held_out_photo_left_out_gives_the_same_weights_bit_for_bit(how: dict):
    whole = trained(**how)
    corrections.mark(catalog.resolve("drawn"), sorted(held_out(whole))[0], leave_out=True)
    without = trained(**how, marks=corrections.save_version(catalog.resolve("drawn")))
    assert len(held_out(without)) == len(held_out(whole)) - 1
    assert same_weights(whole, without)
    assert train_losses(whole) == train_losses(without)


def test_a_corrected_label_of_a_held_out_photo_changes_only_what_it_is_measured_by():
    whole = trained()
    frame = pd.read_parquet(whole.path("predictions.parquet"))
    photo, actual = frame["photo"].iloc[0], frame["actual"].iloc[0]
    corrections.mark(catalog.resolve("drawn"), photo, breed=next(breed for breed in whole.vocab() if breed != actual))
    assert same_weights(whole, trained(marks=corrections.save_version(catalog.resolve("drawn"))))


def test_the_seed_decides_the_training_and_the_splits_seed_the_photos_held_out():
    one, other, elsewhere = trained(), trained(seed=42), trained(split_seed=7)
    assert held_out(one) == held_out(other)
    assert train_losses(one) != train_losses(other)
    assert held_out(one) != held_out(elsewhere)


def test_each_purpose_has_a_seed_of_its_own():
    spec = RunSpec("drawn")
    seeds = {draws.seed_for(s, p) for s in (spec, spec.but(seed=1)) for p in draws.PURPOSES}
    assert len(seeds) == 2 * len(draws.PURPOSES)
    further = spec.but(starts_from="0123456789ab")
    assert draws.seed_for(further, draws.WEIGHTS) == draws.seed_for(spec, draws.WEIGHTS)
    assert draws.seed_for(further, draws.ORDER) != draws.seed_for(spec, draws.ORDER)
    assert draws.seed_for(spec.but(split_seed=1, epochs=9), draws.ORDER) == draws.seed_for(spec, draws.ORDER)


def test_a_run_of_an_older_version_was_split_by_its_only_seed():
    old = {"dataset": "drawn", "seed": 5}
    assert RunSpec.from_dict(old).split_seed == 5
    assert RunSpec.from_dict(old | {"split_seed": 3}).split_seed == 3
