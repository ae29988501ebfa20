"""The benchmark: ours beside plain fastai and beside the limit, in one run on one machine; and the app's own figures.

Every figure is measured here, `repeats` times, the sides taking turns, so that a machine that is busy for a while is
busy for both. Ratios are of medians; their spread is the lowest and the highest ratio of any pair of repeats.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.rows import Limit, Row
from lessonkit.engine import memory
from lessonkit.lesson.defaults import default_specs
from lessonkit.photos import cache, catalog
from lessonkit.training import device
from lessonkit.training.spec import RunSpec


def measure(dataset: str, repeats: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure all rows that this machine can.

    Args:
        dataset: photos that are labelled by a pattern; got first if they are not here.
        repeats: 1 or more.

    Returns:
        {"machine", "versions", "dataset", "photos", "repeats", "device", "rows": [Row.as_dict()], "limits":
        [Limit.as_dict()], "unmeasured": [what, why], "table": its lines of Markdown}
    """
    where = device.choose()
    catalog.obtain(dataset)
    spec = default_specs(dataset, where.type)["frozen"]
    cache.build(dataset, cache.side_for(spec.size))
    kind = "CPU" if where.type == "cpu" else "GPU"
    other = "GPU" if kind == "CPU" else "CPU"
    rows, limits = _rows(spec, kind, repeats, say)
    unmeasured = [[f"all {other} rows", f"this run was on a {kind}"]]
    try:
        from bench import app

        limits += app.measure(dataset, repeats, say)
    except ImportError as missing:
        unmeasured.append(["the app's rows", f"{missing.name} is not installed: run make setup-tests"])
    return {
        "machine": f"{device.name(where)}, {platform.system()} {platform.machine()}",
        "versions": f"Python {platform.python_version()}, torch {version('torch')}, fastai {version('fastai')}, "
        f"streamlit {version('streamlit')}",
        "dataset": dataset,
        "photos": len(catalog.photo_names(dataset)),
        "repeats": repeats,
        "device": kind,
        "rows": [row.as_dict() for row in rows],
        "limits": [limit.as_dict() for limit in limits],
        "unmeasured": unmeasured,
        "table": _table(rows, limits),
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
    second = Limit("a second run on computed activations, from its start to its first batch", "s", 1)
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
        second.measured.append(ours["second_start"])
        if spec.precompute:
            alone = _side("one_view", spec)
            single.add("plain", plain["frozen"], plain["frozen_error"])
            single.add("ours", alone["frozen"], alone["frozen_error"])
    return [frozen, *([single] if spec.precompute else []), further, whole, limit], [second]


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


def _table(rows: list[Row], limits: list[Limit]) -> list[str]:
    return [
        "| what | ratio | lowest to highest | reach | seconds (medians) | error rates (means) |",
        "| --- | --- | --- | --- | --- | --- |",
        *(row.line() for row in rows),
        "",
        "| what | median | lowest to highest | at most |",
        "| --- | --- | --- | --- |",
        *(limit.line() for limit in limits),
    ]


def table(found: dict[str, Any]) -> str:
    """The result as Markdown tables, with what was not measured."""
    lines = [
        f"{found['machine']}; {found['versions']}; {found['photos']} photos of `{found['dataset']}`, {found['repeats']} repeats.",
        "",
        *found["table"],
        "",
        *(f"Not measured: {what} ({why})." for what, why in found["unmeasured"]),
    ]
    return "\n".join(lines) + "\n"


def main(repeats: int, dataset: str) -> dict[str, Any]:
    """Measure, print the table, write it to `bench/RESULTS.md` where that folder can be written to."""
    found = measure(dataset, repeats, lambda line: print(line, file=sys.stderr, flush=True))
    text = table(found)
    print(text)
    write(found["device"], text)
    return found


def write(part: str, text: str) -> None:
    """Replace a part of RESULTS.md, or add it."""
    results = Path(__file__).with_name("RESULTS.md")
    before = (
        results.read_text()
        if results.is_file()
        else "# Results\n\nMade by `make bench`; a run replaces its device's part.\n"
    )
    parts = before.split("\n## ")
    kept = [p for p in parts[1:] if not p.startswith(part)]
    sections = [f"## {p.rstrip()}\n" for p in (*kept, f"{part}\n\n{text}")]
    results.write_text("\n".join([parts[0].rstrip() + "\n", *sections]))
