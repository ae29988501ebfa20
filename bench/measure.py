"""The benchmark: ours beside plain fastai and beside the limit, in one run on one machine; and the app's own figures.

Every figure is measured here, `repeats` times, the sides taking turns, so that a machine that is busy for a while is
busy for both. Ratios are of medians; their spread is the lowest and the highest ratio of any pair of repeats.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from bench import results
from bench.repeated import DATASET, PHOTOS, repeat_archive
from bench.rows import Limit, Row
from lessonkit.engine import memory
from lessonkit.lesson.defaults import default_specs
from lessonkit.photos import cache, catalog
from lessonkit.spec import RunSpec
from lessonkit.training import device


def measure(dataset: str, repeats: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure all rows that this machine can.

    Args:
        dataset: photos that are labelled by a pattern; got first if they are not here.
        repeats: 1 or more.

    Returns:
        {"machine", "dataset", "photos", "repeats", "device", "rows": [Row.as_dict()], "limits":
        [Limit.as_dict()], "unmeasured": [what, why], "table": its lines of Markdown}
    """
    where = device.choose()
    catalog.obtain(dataset)
    if where.type == "cpu":
        return _measured(where, dataset, repeats, say)
    with _full_size(dataset, say):
        return _measured(where, dataset, repeats, say)


@contextmanager
def _full_size(dataset: str, say: Callable[[str], None]) -> Iterator[None]:
    """A home of its own with the photos repeated to a whole dataset's number: an epoch of a few steps times nothing."""
    if dataset != DATASET or len(catalog.resolve(dataset).names) >= PHOTOS:
        yield
        return
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        say(f"{repeat_archive(Path(folder))} photos, those at hand repeated")
        os.environ |= {"LESSONKIT_HOME": str(Path(folder) / "home"), "LESSONKIT_MIRROR": folder}
        try:
            catalog.obtain(dataset)
            yield
        finally:
            os.environ.clear()
            os.environ |= before


def _measured(where: torch.device, name: str, repeats: int, say: Callable[[str], None]) -> dict[str, Any]:
    dataset = catalog.resolve(name)
    spec = default_specs(dataset, where.type)["frozen"]
    cache.build(dataset, cache.side_for(spec.size))
    kind = "CPU" if where.type == "cpu" else "GPU"
    other = "GPU" if kind == "CPU" else "CPU"
    rows, limits = _rows(spec, kind, repeats, say)
    return {
        "machine": results.machine(device.name(where)),
        "dataset": name,
        "photos": len(dataset.names),
        "repeats": repeats,
        "device": kind,
        "rows": [row.as_dict() for row in rows],
        "limits": [limit.as_dict() for limit in limits],
        "unmeasured": [[f"all {other} rows", f"this run was on a {kind}"]],
        "table": [*results.ratios(rows), "", *results.limits(limits)],
    }


def _rows(spec: RunSpec, kind: str, repeats: int, say: Callable[[str], None]) -> tuple[list[Row], list[Limit]]:
    on_cpu = kind == "CPU"
    frozen = Row(f"{kind}, frozen, {spec.epochs} epochs from decoded photos", "plain", "ours", 10 if on_cpu else 3)
    single = Row(f"{kind}, frozen, {spec.epochs} epochs, one view a photo, no augmentation", "plain", "ours", None)
    further = Row(f"{kind}, each further frozen epoch", "plain", "ours", 100 if on_cpu else 3)
    whole = Row(f"{kind}, whole net, an epoch", "plain", "ours", 1.5 if on_cpu else 3)
    limit = Row(
        f"{kind}, whole net, an epoch against random tensors in memory", "limit", "ours", 0.9 if on_cpu else 0.85
    )
    body = Row(f"{kind}, frozen, an epoch against random tensors in memory", "limit", "ours", 0.85)
    again = "computed activations" if spec.precompute else "decoded photos"
    second = Limit(f"a second run on {again}, from its start to its first batch", "s", 1)
    for repeat in range(repeats):
        say(f"repeat {repeat + 1} of {repeats}: plain fastai")
        plain = _side("plain", spec)
        say(f"repeat {repeat + 1} of {repeats}: ours, and the limit")
        ours = _side("ours", spec)
        for row, key in ((frozen, "frozen"), (further, "further"), (whole, "whole")):
            row.add("plain", plain[key], plain.get(f"{key}_error"))
            row.add("ours", ours[key], ours.get(f"{key}_error"))
        limit.add("ours", ours["whole"])
        limit.add("limit", ours["limit"])
        if "frozen_limit" in ours:  # the frozen body is run each batch
            body.add("ours", ours["further"])
            body.add("limit", ours["frozen_limit"])
        second.measured.append(ours["second_start"])
        if spec.precompute:
            alone = _side("one_view", spec)
            single.add("plain", plain["frozen"], plain["frozen_error"])
            single.add("ours", alone["frozen"], alone["frozen_error"])
    return [row for row in (frozen, single, further, body, whole, limit) if row.seconds], [second]


def _side(name: str, spec: RunSpec) -> dict[str, float]:
    """What `bench.sides` measured, in a process of its own: plain fastai's as a learner would start it."""
    environment = dict(os.environ)
    if name != "plain":
        environment |= {k: v for k, v in memory.environment().items() if v is not None}
    asked = [sys.executable, "-m", "bench.sides", name, spec.canonical()]
    done = subprocess.run(asked, env=environment, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    if done.returncode:
        raise RuntimeError(f"The side {name} ended with {done.returncode}.")
    return json.loads(done.stdout.splitlines()[-1])


def table(found: dict[str, Any]) -> str:
    """The result as Markdown tables, with what was not measured."""
    lines = [
        f"{found['machine']}; {found['photos']} photos of `{found['dataset']}`, {found['repeats']} repeats.",
        "",
        *found["table"],
        "",
        *(f"Not measured: {what} ({why})." for what, why in found["unmeasured"]),
    ]
    return "\n".join(lines) + "\n"


def main(repeats: int, dataset: str) -> dict[str, Any]:
    """Measure, print the tables, write them to `bench/RESULTS.md`; the app's too, where a browser can be driven."""

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    found = measure(dataset, repeats, say)
    results.write(found["device"], table(found))
    try:
        from bench import app
    except ImportError as missing:
        say(f"The app was not measured: {missing.name} is not installed. make setup-tests brings it.")
        return found
    return found | {"app": app.main(dataset, repeats, say)}
