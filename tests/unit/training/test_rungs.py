"""The ladder: what a GPU's error ends is a rung, not the run. The errors are raised by the tests; the rest is trained."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from fastai.layers import AdaptiveConcatPool2d

from lessonkit import config, runs
from lessonkit.engine import at_work, tasks
from lessonkit.errors import DeviceLostError, LessonError, SettingError
from lessonkit.lesson import how_trained
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.training import device, rungs
from lessonkit.training import fit as training_fit
from lessonkit.training.fit import fit
from lessonkit.training.optimizer import FusedAdam
from lessonkit.training.rungs import CPU, LADDER, NOT_RESIDENT, PLAIN

FULL = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
BROKEN = torch.AcceleratorError("CUDA error: an illegal memory access was encountered\nmore lines")
Failing = Callable[..., None]


@pytest.fixture(autouse=True)
def on_a_gpu(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is computed is computed on the CPU; the ladder takes it for a GPU that answers."""
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr(training_fit, "_on_a_gpu", lambda: rungs.in_force().gpu)
    monkeypatch.setattr(device, "answers", lambda: True)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """`failing(*errors)`: each forward pass of the network raises one of them, until none is left; `when` says from when on."""

    def fail(*errors: Exception, when: Callable[[], bool] = lambda: True) -> None:
        left = list(errors)
        usual = AdaptiveConcatPool2d.forward

        def forward(self: AdaptiveConcatPool2d, x: torch.Tensor) -> torch.Tensor:
            if left and when():
                raise left.pop(0)
            return usual(self, x)

        monkeypatch.setattr(AdaptiveConcatPool2d, "forward", forward)

    return fail


@pytest.fixture
def run() -> Iterator[Run]:
    spec = RunSpec(
        "drawn",
        pattern=catalog.resolve("drawn").pattern,
        size=32,
        batch_size=16,
        epochs=2,
        precompute=False,
        pretrained=False,
    )
    seed = 700 + sum(one.spec().size == 32 for one in runs.all_runs())
    return runs.create(spec.but(seed=seed))


def test_memory_that_does_not_suffice_takes_smaller_batches_and_the_run_is_done(run: Run, failing: Failing):
    failing(FULL, FULL)
    fit(run.spec(), run)
    status = run.status()
    assert (status.state, status.rung) == (runs.DONE, NOT_RESIDENT + 1)
    assert len(run.history()) == 2
    photos, batches = status.facts["train_photos"], sum(1 for _ in run.events()[0])
    assert batches == 2 * (photos // 8), "batches of 8 photos, not of 16"
    assert how_trained.rung_words(status.facts) == (
        " It trained with batches half as large, since faster ways failed on this GPU: "
        "CUDA out of memory. Tried to allocate 2.00 GiB."
    )


def test_any_other_error_lets_go_of_one_speed_up_and_the_saved_epoch_stays(run: Run, failing: Failing):
    failing(BROKEN, when=run.has_checkpoint)
    fit(run.spec(), run)
    status = run.status()
    assert (status.state, status.rung) == (runs.DONE, 1)
    assert status.facts["rung"] == "without torch.compile"
    assert status.facts["let_go"] == ["CUDA error: an illegal memory access was encountered"]
    assert len(run.history()) == 2


def test_a_gpu_that_answers_no_more_is_left_to_another_process_and_then_for_the_cpu(
    run: Run, failing: Failing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(device, "answers", lambda: False)
    failing(BROKEN, BROKEN)
    with pytest.raises(DeviceLostError):
        fit(run.spec(), run)
    status = run.status()
    assert (status.ended, status.rung) == (False, 1)
    status.resumes = 1  # as the dispatcher writes when the process has ended
    run.write_status(status)
    fit(run.spec(), run)
    assert (run.status().state, run.status().rung, run.status().facts["rung"]) == (runs.DONE, CPU, "on the CPU")


def test_a_workers_process_ends_with_its_gpu_and_without_a_worker_the_run_says_so(
    run: Run, failing: Failing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(device, "answers", lambda: False)
    ended: list[int] = []

    def leave(code: int) -> None:
        ended.append(code)
        raise SystemExit

    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(at_work, "in_a_worker", lambda: True)
    failing(BROKEN, BROKEN)
    with pytest.raises(SystemExit):
        tasks.train(run.id)
    assert ended == [1]
    assert run.status().state == runs.RUNNING, "the dispatcher has it go on"
    monkeypatch.setattr(at_work, "in_a_worker", lambda: False)
    status = run.status()
    status.state = runs.QUEUED
    run.write_status(status)
    assert tasks.train(run.id) == runs.FAILED
    assert run.status().sentence == "The GPU does not answer any more."


@pytest.mark.parametrize("error", [LessonError("The photos are gone."), KeyError("x")])
def test_what_is_no_error_of_a_gpus_ends_the_run_as_ever(run: Run, failing: Failing, error: Exception):
    failing(error)
    with pytest.raises(type(error)):
        fit(run.spec(), run)
    assert run.status().rung == 0


def test_on_a_cpu_there_is_no_ladder(run: Run, failing: Failing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training_fit, "_on_a_gpu", lambda: False)
    failing(FULL)
    with pytest.raises(torch.OutOfMemoryError):
        fit(run.spec(), run)


NO_KERNEL = NotImplementedError("The operator 'aten::linalg_qr' is not currently implemented for the MPS device.")
NO_DOUBLE = TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")


def test_what_an_apple_chips_gpu_cannot_do_the_cpu_does(run: Run, failing: Failing, monkeypatch: pytest.MonkeyPatch):
    def asked() -> bool:
        raise AssertionError("there is no CUDA to ask")

    monkeypatch.setattr(training_fit, "_on_a_gpu", lambda: False)
    monkeypatch.setattr(training_fit, "_on_an_apple_gpu", lambda: rungs.in_force().gpu)
    monkeypatch.setattr(device, "answers", asked)
    failing(NO_KERNEL)
    fit(run.spec(), run)
    status = run.status()
    assert (status.state, status.rung, status.facts["rung"]) == (runs.DONE, CPU, LADDER[CPU].words)
    assert status.facts["let_go"] == [str(NO_KERNEL)]


def test_only_an_error_of_the_apple_chips_gpu_leaves_it():
    for error in (NO_KERNEL, NO_DOUBLE, RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)")):
        assert rungs.after_mps(0, error) == CPU
        assert rungs.after_mps(CPU, error) is None
    for error in (KeyError("MPS"), LessonError("The photos are gone."), RuntimeError("shapes cannot be multiplied")):
        assert rungs.after_mps(0, error) is None


def test_a_gpu_whose_memory_cannot_be_given_back_costs_no_result(monkeypatch: pytest.MonkeyPatch, caplog):
    def broken() -> None:
        raise BROKEN

    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", broken)
    device.empty_caches()
    assert "illegal memory access" in caplog.text


def test_the_rungs_below():
    def way(error: Exception, number: int = 0) -> list[int]:
        found = []
        while (below := rungs.after(number, error)) is not None:
            found.append(number := below)
        return found

    assert way(BROKEN) == [1, 2, 3, 4, 5, PLAIN, CPU]
    assert way(FULL) == [NOT_RESIDENT, NOT_RESIDENT + 1, NOT_RESIDENT + 2, CPU]
    assert way(FULL, PLAIN) == [CPU]
    assert [rung.gpu for rung in LADDER] == [True] * CPU + [False]


def test_the_plain_rung_computes_in_32_bits_with_pytorchs_usual_optimizer_and_the_same_steps(monkeypatch):
    where = torch.device("cuda")
    monkeypatch.setattr(device, "_half", lambda: torch.bfloat16)
    monkeypatch.setattr(torch, "autocast", lambda _, __, enabled: enabled)  # there is no GPU here to be inside of
    assert device.autocast(where)
    steps = {}
    for number in (0, PLAIN):
        torch.manual_seed(0)
        layer = torch.nn.Linear(5, 3)
        with rungs.on(number):
            adam = FusedAdam([list(layer.parameters())], lr=0.01)
            for _ in range(5):
                layer(torch.ones(4, 5)).square().sum().backward()
                adam.step()
                adam.zero_grad()
            assert bool(adam._adam and adam._adam.param_groups[0]["fused"]) == (number == 0)
        steps[number] = layer.weight.detach().numpy()
    assert np.allclose(steps[0], steps[PLAIN], atol=1e-6)
    with rungs.on(PLAIN):
        assert not device.autocast(where)
    with rungs.on(CPU):
        assert device.choose() == torch.device("cpu")


def test_plain_from_the_start_where_the_setting_says_so(run: Run, monkeypatch: pytest.MonkeyPatch):
    assert rungs.first() == 0
    monkeypatch.setenv("LESSONKIT_PLAIN", "1")
    assert rungs.first() == PLAIN
    assert how_trained.rung_words({"rung": LADDER[PLAIN].words}).endswith(", as LESSONKIT_PLAIN asks.")
    monkeypatch.setenv("LESSONKIT_PLAIN", "yes")
    with pytest.raises(SettingError, match="neither 0 nor 1"):
        config.check_engine()
