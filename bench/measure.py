"""The benchmark: ours beside plain fastai and beside the limit, in one run on one machine.

Every figure is measured here, `repeats` times, the sides taking turns, so that a machine that is busy for a while is
busy for both. Ratios are of medians; their spread is the lowest and the highest ratio of any pair of repeats.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastai
import torch
import torch.nn.functional as F

from bench import plain_fastai
from lessonkit import config, runs
from lessonkit.lesson.defaults import default_specs
from lessonkit.photos import cache, catalog, labels
from lessonkit.runs import Run
from lessonkit.training import device, models
from lessonkit.training.fit import fit
from lessonkit.training.spec import RunSpec


@dataclass
class Row:
    """One line of the table.

    Attributes:
        seconds: side -> what each repeat took. errors: side -> error rate of each repeat.
        over, under: the ratio is seconds[over] / seconds[under].
        reach: what the ratio should be at least.
    """

    what: str
    over: str
    under: str
    reach: float | None
    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, list[float]] = field(default_factory=dict)

    def ratio(self) -> tuple[float, float, float]:
        """(of the medians, lowest, highest)."""
        above, below = self.seconds[self.over], self.seconds[self.under]
        return statistics.median(above) / statistics.median(below), min(above) / max(below), max(above) / min(below)

    def as_dict(self) -> dict[str, Any]:
        middle, low, high = self.ratio()
        return {
            "what": self.what, "ratio": middle, "lowest": low, "highest": high, "of": f"{self.over} / {self.under}",
            "reach": self.reach, "seconds": self.seconds, "error_rates": self.errors,
        }  # fmt: skip


def measure(dataset: str, repeats: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure all rows that this machine can.

    Args:
        dataset: photos that are labelled by a pattern; got first if they are not here.
        repeats: 1 or more.

    Returns:
        {"machine", "versions", "dataset", "photos", "repeats", "rows": [Row.as_dict()], "unmeasured": [what, why]}
    """
    where = device.choose()
    device.prepare(where)
    catalog.obtain(dataset)
    spec = default_specs(dataset, where.type)["frozen"]
    cache.build(dataset, cache.side_for(spec.size))
    rows = _rows(spec, where, repeats, say)
    kind = "CPU" if where.type == "cpu" else "GPU"
    other = "GPU" if kind == "CPU" else "CPU"
    return {
        "machine": f"{device.name(where)}, {platform.system()} {platform.machine()}",
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}, fastai {fastai.__version__}",
        "dataset": dataset,
        "photos": len(catalog.photo_names(dataset)),
        "repeats": repeats,
        "device": kind,
        "rows": [row.as_dict() for row in rows],
        "unmeasured": [[f"all {other} rows", f"this run was on a {kind}"]],
    }


def _rows(spec: RunSpec, where: torch.device, repeats: int, say: Callable[[str], None]) -> list[Row]:
    kind = "CPU" if where.type == "cpu" else "GPU"
    frozen = Row(
        f"{kind}, frozen, {spec.epochs} epochs from decoded photos", "plain", "ours", 10 if kind == "CPU" else 3
    )
    single = Row(
        f"{kind}, frozen, {spec.epochs} epochs, one view a photo, no augmentation", "plain", "ours", frozen.reach
    )
    further = Row(f"{kind}, each further frozen epoch", "plain", "ours", 100 if kind == "CPU" else 3)
    whole = Row(f"{kind}, whole net, an epoch", "plain", "ours", 1.5 if kind == "CPU" else 3)
    limit = Row(
        f"{kind}, whole net, an epoch against random tensors in memory", "limit", "ours", 0.9 if kind == "CPU" else 0.85
    )
    for repeat in range(repeats):
        say(f"repeat {repeat + 1} of {repeats}: plain fastai")
        _plain(spec, where, frozen, further, whole)
        single.seconds["plain"], single.errors["plain"] = frozen.seconds["plain"], frozen.errors["plain"]
        say(f"repeat {repeat + 1} of {repeats}: ours, and the limit")
        if spec.precompute:
            _single(spec, single)
        _ours(spec, where, frozen, further, whole, limit)
    return [frozen, *([single] if spec.precompute else []), further, whole, limit]


def _plain(spec: RunSpec, where: torch.device, frozen: Row, further: Row, whole: Row) -> None:
    names = catalog.photo_names(spec.dataset)
    found = labels.label(names, spec.pattern)
    train, valid = labels.split(list(found.of), found, spec.seed)
    learn = plain_fastai.learner(
        catalog.photos_folder(spec.dataset), [*train, *valid], set(valid), spec.pattern, spec.architecture, spec.size,
        spec.batch_size, where.type,
    )  # fmt: skip
    with learn.no_bar(), learn.no_logging():
        seconds = _timed(lambda: learn.fit_one_cycle(spec.epochs, spec.learning_rate), where)
        _add(frozen, "plain", seconds, learn.recorder.values[-1][-1])
        _add(further, "plain", seconds / spec.epochs)
        learn.unfreeze()
        seconds = _timed(lambda: learn.fit_one_cycle(1, slice(1e-6, 1e-4)), where)
        _add(whole, "plain", seconds, learn.recorder.values[-1][-1])


def _single(spec: RunSpec, single: Row) -> None:
    """The frozen run on the plain view alone: the least that there is to compute."""
    with tempfile.TemporaryDirectory() as empty, _home(Path(empty)):
        run = _fitted(spec.but(views=1, augment=False))
        _add(single, "ours", _seconds(run), run.history()[-1]["error_rate"])


def _ours(spec: RunSpec, where: torch.device, frozen: Row, further: Row, whole: Row, limit: Row) -> None:
    """The product's own `fit`, in a home of its own that has the decoded photos and nothing else."""
    with tempfile.TemporaryDirectory() as empty, _home(Path(empty)):
        stage = _fitted(spec)
        _add(frozen, "ours", _seconds(stage), stage.history()[-1]["error_rate"])
        more = _fitted(spec.but(starts_from=stage.id, epochs=20))
        _add(further, "ours", statistics.mean(row["seconds"] for row in more.history()))
        unfrozen = spec.but(starts_from=stage.id, epochs=1, frozen=False, precompute=False, learning_rate=(1e-6, 1e-4))
        ended = _fitted(unfrozen)
        seconds = ended.history()[-1]["seconds"]
        _add(whole, "ours", seconds, ended.history()[-1]["error_rate"])
        _add(limit, "ours", seconds)
        facts = ended.status().facts
        _add(limit, "limit", _limit(unfrozen, where, facts["train_photos"], facts["valid_photos"], facts["breeds"]))


def _limit(spec: RunSpec, where: torch.device, train: int, valid: int, breeds: int) -> float:
    """The same steps over random tensors that are in memory already: no reading, augmenting, reporting, metrics."""
    model = models.build(spec, breeds, load_pretrained=False).to(where, memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), 1e-6)
    photos = torch.randn(2 * spec.batch_size, 3, spec.size, spec.size, device=where)
    photos = photos.contiguous(memory_format=torch.channels_last)
    targets = torch.randint(breeds, (2 * spec.batch_size,), device=where)

    def epoch() -> None:
        model.train()
        for _ in range(train // spec.batch_size):
            with device.autocast(where):
                loss = F.cross_entropy(model(photos[: spec.batch_size]), targets[: spec.batch_size])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        with torch.inference_mode(), device.autocast(where):
            for start in range(0, valid, len(photos)):
                model(photos[: min(len(photos), valid - start)])

    return _timed(epoch, where)


def _fitted(spec: RunSpec) -> Run:
    run = runs.create(spec)
    status = run.status()
    status.started_at = time.time()
    run.write_status(status)
    fit(spec, run)
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
    if where.type == "cuda":
        torch.cuda.synchronize()
    begun = time.perf_counter()
    work()
    if where.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def _add(row: Row, side: str, seconds: float, error: float | None = None) -> None:
    row.seconds.setdefault(side, []).append(seconds)
    if error is not None:
        row.errors.setdefault(side, []).append(float(error))


def table(found: dict[str, Any]) -> str:
    """The result as a Markdown table, with what was not measured."""
    lines = [
        f"{found['machine']}; {found['versions']}; {found['photos']} photos of `{found['dataset']}`, {found['repeats']} repeats.",
        "",
        "| what | ratio | lowest to highest | reach | seconds (medians) | error rates (means) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in found["rows"]:
        seconds = ", ".join(f"{side} {statistics.median(s):.2f}" for side, s in row["seconds"].items())
        errors = ", ".join(f"{side} {statistics.mean(e):.1%}" for side, e in row["error_rates"].items())
        lines.append(
            f"| {row['what']}: {row['of']} | **{row['ratio']:.2f}** | {row['lowest']:.2f} to {row['highest']:.2f} | "
            f"{row['reach']:g} | {seconds} | {errors} |"
        )
    lines += ["", *(f"Not measured: {what} ({why})." for what, why in found["unmeasured"])]
    return "\n".join(lines) + "\n"


def main(repeats: int, dataset: str) -> dict[str, Any]:
    """Measure, print the table, write it to `bench/RESULTS.md` where that folder can be written to."""
    found = measure(dataset, repeats, lambda line: print(line, file=sys.stderr, flush=True))
    text = table(found)
    print(text)
    results = Path(__file__).with_name("RESULTS.md")
    kind = found["device"]
    section = f"## {kind}\n\n{text}"
    before = (
        results.read_text()
        if results.is_file()
        else "# Results\n\nMade by `make bench`; a run replaces its device's part.\n"
    )
    parts = before.split("\n## ")
    kept = [p for p in parts[1:] if not p.startswith(kind)]
    results.write_text("\n".join([parts[0].rstrip() + "\n", *(f"## {p.rstrip()}\n" for p in kept), section]))
    return found
