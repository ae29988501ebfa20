"""What the benchmark runs, each in a process of its own: `python -m bench.sides SIDE SPEC` prints JSON.

Plain fastai's process is what a learner's own would be; ours and the limit's have the memory settings that the
engine gives its workers. Importing is not counted on any side. On a GPU each side trains an epoch that is not timed
before: its kernels are chosen, the photos read once, the driver awake.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from fastai.callback.training import bn_types
from fastai.learner import Learner

from bench import plain_fastai
from lessonkit import config, runs
from lessonkit.engine import memory
from lessonkit.engine.tasks import StatusReport
from lessonkit.lesson.defaults import LESSON_SLICE
from lessonkit.photos import catalog, labels
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.training import device, models
from lessonkit.training.fit import fit

FURTHER, FURTHER_ON_GPU = 20, 4  # epochs


def plain(spec: RunSpec) -> dict[str, float]:
    """Plain fastai: the frozen stage, then an epoch of the whole net."""
    where = device.choose()
    dataset = catalog.resolve(spec.dataset)
    found = labels.label_dataset(dataset, spec.pattern)
    train, valid = labels.split(list(found.of), found, spec.split_seed)

    def fresh() -> Learner:
        return plain_fastai.learner(
            dataset.photos_folder, [*train, *valid], set(valid), spec.pattern, spec.architecture,
            spec.size, spec.batch_size, where.type,
        )  # fmt: skip

    if where.type != "cpu":
        learn = fresh()
        with learn.no_bar(), learn.no_logging():
            learn.fit_one_cycle(1, spec.learning_rate)
            learn.unfreeze()
            learn.fit_one_cycle(1, slice(*LESSON_SLICE))
    learn = fresh()
    with learn.no_bar(), learn.no_logging():
        frozen = _timed(lambda: learn.fit_one_cycle(spec.epochs, spec.learning_rate), where)
        error = learn.recorder.values[-1][-1]
        learn.unfreeze()
        whole = _timed(lambda: learn.fit_one_cycle(1, slice(*LESSON_SLICE)), where)
    return {
        "frozen": frozen, "frozen_error": float(error), "further": frozen / spec.epochs,
        "whole": whole, "whole_error": float(learn.recorder.values[-1][-1]),
    }  # fmt: skip


def ours(spec: RunSpec) -> dict[str, float]:
    """The product's own `fit`, in a home of its own that has the decoded photos and nothing else; and the limits."""
    with tempfile.TemporaryDirectory() as empty, _home(Path(empty)):
        on_cpu = device.choose().type == "cpu"
        unfrozen = spec.but(epochs=1, frozen=False, precompute=False, learning_rate=LESSON_SLICE)
        if not on_cpu:
            _fitted(spec.but(epochs=1))
            _fitted(unfrozen)
        stage = _fitted(spec)
        assert not isinstance(spec.learning_rate, tuple)  # of the frozen stage it is one rate
        again = _fitted(spec.but(learning_rate=spec.learning_rate / 2))
        more = _fitted(spec.but(starts_from=stage.id, epochs=FURTHER if on_cpu else FURTHER_ON_GPU))
        facts = stage.status().facts
        photos = facts["train_photos"], facts["valid_photos"], facts["breeds"]
        limits = {} if spec.precompute else {"frozen_limit": _limit(spec, *photos)}
        before = _limit(unfrozen, *photos)
        ended = _fitted(unfrozen.but(starts_from=stage.id))
        after = _limit(unfrozen, *photos)
        stages = again.status().facts["seconds"]
        return {
            "frozen": _seconds(stage), "frozen_error": stage.history()[-1]["error_rate"],
            "second_start": _seconds(again) - stages["training"] - stages["predicting"],
            "further": statistics.mean(row["seconds"] for row in more.history()),
            "whole": ended.history()[-1]["seconds"], "whole_error": ended.history()[-1]["error_rate"],
            "limit": (before + after) / 2, **limits,
        }  # fmt: skip


def one_view(spec: RunSpec) -> dict[str, float]:
    """The frozen run on the plain view alone: the least that there is to compute."""
    with tempfile.TemporaryDirectory() as empty, _home(Path(empty)):
        run = _fitted(spec.but(views=1, augment=False))
        return {"frozen": _seconds(run), "frozen_error": run.history()[-1]["error_rate"]}


def _limit(spec: RunSpec, train: int, valid: int, breeds: int) -> float:
    """The same steps over random tensors that are in memory already: no reading, augmenting, reporting, metrics.

    What trains and what stays is as in the spec: the frozen layers, and batch norm's statistics, which cost less fixed.
    """
    where = device.choose()
    device.prepare(where)
    model = models.build(spec, breeds, load_pretrained=False).to(where).to(memory_format=torch.channels_last)
    body, head = model
    norms = [layer for layer in body.modules() if isinstance(layer, bn_types)]
    if spec.frozen:
        body.requires_grad_(False)
        for layer in norms if spec.batch_norm == "trained" else ():
            layer.requires_grad_(True)  # as fastai has it
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, 1e-6, fused=True)
    photos = torch.randn(2 * spec.batch_size, 3, spec.size, spec.size, device=where)
    photos = photos.contiguous(memory_format=torch.channels_last)
    targets = torch.randint(breeds, (2 * spec.batch_size,), device=where)

    def epoch(steps: int = train // spec.batch_size) -> None:
        model.train()
        for layer in norms if spec.batch_norm == "fixed" else ():
            layer.eval()
        for _ in range(steps):
            with device.autocast(where):
                loss = F.cross_entropy(model(photos[: spec.batch_size]), targets[: spec.batch_size])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        with torch.inference_mode(), device.autocast(where):
            for start in range(0, valid, len(photos)):
                model(photos[: min(len(photos), valid - start)])

    epoch(1 if where.type == "cpu" else train // spec.batch_size)
    return _timed(epoch, where)


def _fitted(spec: RunSpec) -> Run:
    run = runs.create(spec)
    status = run.status()
    status.started_at = time.time()
    run.write_status(status)
    fit(spec, run, StatusReport(run))
    memory.give_back()
    if not run.status().finished:
        raise RuntimeError(run.status().sentence)
    return run


def _seconds(run: Run) -> float:
    status = run.status()
    return status.ended_at - status.started_at


class _home:
    """A home with links to the datasets and decoded photos of the real one, and nothing else."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self) -> None:
        (self.folder / "cache").mkdir()
        for name in ("datasets", "cache/photos"):
            (self.folder / name).symlink_to(config.home() / name, target_is_directory=True)
        self.before = os.environ.get("LESSONKIT_HOME")
        os.environ["LESSONKIT_HOME"] = str(self.folder)

    def __exit__(self, *_: object) -> None:
        if self.before is None:
            del os.environ["LESSONKIT_HOME"]
        else:
            os.environ["LESSONKIT_HOME"] = self.before


def _timed(work: Callable[[], Any], where: torch.device) -> float:
    device.finish(where)
    begun = time.perf_counter()
    work()
    device.finish(where)
    return time.perf_counter() - begun


SIDES = {"plain": plain, "ours": ours, "one_view": one_view}

if __name__ == "__main__":
    print(json.dumps(SIDES[sys.argv[1]](RunSpec.from_dict(json.loads(sys.argv[2])))))
