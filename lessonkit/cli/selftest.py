"""`lessonkit selftest`: whether each way to train that this machine has learns what the plainest one learns, and how fast it is.

What it prints is for whoever has a GPU to send: nobody who writes the lesson has had one.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lessonkit import config, storage
from lessonkit.errors import LessonError

NOT_TESTED = (
    "Not tested, since they are used on an NVIDIA GPU alone: mixed precision, a CUDA stream of its own for batches, photos kept "
    "in the GPU's memory, smaller batches, torch.compile."
)


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table here")


def command(arguments: argparse.Namespace) -> int:
    return report(arguments.json)


def report(file: Path | None = None) -> int:
    """Train in each way, print a table and write it to `file` as JSON. Exit code 0, 1 where a way differs or fails.

    Raises:
        LessonError: the device or the weights are not here, or the file cannot be written.
    """
    warnings.filterwarnings("ignore", module="torch|fastai")
    from lessonkit.training import selftest

    begun, facts = time.perf_counter(), selftest.about()
    for name, fact in facts.items():
        print(f"{name:<9} {fact}")
    print(f"\n{selftest.HEAD}", flush=True)
    results = selftest.run(selftest.ways(facts["kind"]), tell=lambda result: print(result.line(), flush=True))
    seconds = time.perf_counter() - begun
    bad = sum(not result.well for result in results)
    print(f"\n{said(facts['kind'])}")
    print(f"{len(results)} ways in {seconds:.0f} seconds: " + (f"{bad} not as they should be." if bad else "all well."))
    if file:
        rows = [{**asdict(result), "well": result.well} for result in results]
        _write(file, {"about": facts, "seconds": round(seconds, 1), "well": not bad, "ways": rows})
    return int(bool(bad))


def said(kind: str) -> str:
    """What was not tested here, and why."""
    if kind == "cuda":
        return "This table is worth sending, whatever it says: docs/gpu.md says where to, and with what."
    if config.device() == "cpu":
        return f"LESSONKIT_DEVICE is cpu: no GPU was looked for. {NOT_TESTED}"
    if kind == "mps":
        return f"The GPU of an Apple chip was tested. {NOT_TESTED}"
    return f"No GPU that PyTorch can use was found on this machine. {NOT_TESTED}"


def _write(file: Path, found: dict[str, Any]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(file, json.dumps(found, indent=1, default=dict).encode())
    except OSError as error:
        raise LessonError(
            f"{file} could not be written ({error.strerror}).", "The table above is the same; give another file."
        ) from None
