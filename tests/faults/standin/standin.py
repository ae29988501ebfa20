"""What training does, without fastai: the engine is what is tested. A spec's pattern says how its run behaves."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from lessonkit import config, runs
from lessonkit.errors import PhotoError, WeightsError
from lessonkit.run_folder import Saved

HELD: list[bytearray] = []


def fit(spec, run, report) -> None:
    """Patterns: "quick" is done at once; "wait" after an epoch, at the file `go`; "crash", "lesson", "bug" fail, "crash
    once" the first time; with "saved" a checkpoint is left, from which "twice" cannot be finished."""
    again = bool(run.status().resumes)
    with (config.home() / "order.txt").open("a") as f:
        f.write(f"{run.id} {os.getpid()}\n")
    if hasattr(os, "getpriority"):
        (config.home() / "nice.txt").write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))  # of the thread that trains
    report("training", 1, 2)
    run.path("history.csv").write_text("epoch,train_loss,valid_loss,error_rate,seconds\n0,1.5,1.25,0.5,2.0\n")
    if "saved" in spec.pattern:
        save(run)
    if "crash" in spec.pattern and not ("once" in spec.pattern and again):
        os._exit(9)
    refused = config.home() / "refused.txt"
    if spec.pattern == "lesson" or (refused.exists() and run.id in refused.read_text()):
        raise WeightsError("The weights are not here.", "Fetch them.")
    if spec.pattern == "bug":
        raise RuntimeError("a private detail")
    state = _wait(run) if "wait" in spec.pattern else runs.DONE
    if device := sys.modules.get("lessonkit.training.device"):  # not imported for this: it takes a second
        status = run.status()
        status.device = device.name(device.choose())
        run.write_status(status)
    run.end(state)


def save(run) -> None:
    """Leave a checkpoint of the one epoch, without tensors."""
    about = Saved(1, run.path("history.csv").read_text().splitlines()[1:])
    header = json.dumps({"__metadata__": {"about": json.dumps(asdict(about))}}).encode()
    run.path(runs.CHECKPOINT).write_bytes(len(header).to_bytes(8, "little") + header)


def finish(run, report, why: str, way_out: str) -> None:
    with (config.home() / "order.txt").open("a") as f:
        f.write(f"{run.id} {os.getpid()}\n")
    if run.spec().pattern == "saved crash twice":
        os._exit(9)
    run.end(runs.STOPPED, f"{why} Kept.", way_out)


def _wait(run) -> str:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        if run.stop_asked():
            return runs.STOPPED
        if (config.home() / "go").exists():
            return runs.DONE
        time.sleep(0.02)
    return runs.FAILED


def _until_go() -> None:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and not (config.home() / "go").exists():
        time.sleep(0.02)


def lr_find(spec, report) -> dict:
    deadline = time.monotonic() + 600
    while "wait" in spec.pattern and not (config.home() / "go").exists() and time.monotonic() < deadline:
        report("lr_find", 1, 2)
        time.sleep(0.02)
    report("lr_find", 2, 2)
    return {"lrs": [1e-5, 1e-4], "losses": [2.0, float("nan")], "suggestion": 1e-5}


def predict(run_id: str, photos: list) -> list:
    if run_id == "not-a-photo":
        raise PhotoError("This is no photo.", "Choose another.")
    if run_id == "bug":
        raise ValueError("a private detail")
    if run_id == "large":
        HELD.append(bytearray(os.urandom(1)) * (600 * 2**20))
    if run_id == "hold":  # as long as an export may take
        with (config.home() / "held.txt").open("a") as f:
            f.write("x")
        _until_go()
    if run_id == "crash":
        with (Path(config.home()) / "crashes.txt").open("a") as f:
            f.write("x")
        os._exit(9)
    if not photos:
        return [os.getpid()]
    top = [["Beagle", 0.75], ["pug", 0.25]]
    return [
        {"photo": name, "error": "This is no photo."}
        if "bad" in name
        else {"photo": name, "breed": "Beagle", "probability": 0.75, "top": top}
        for name, _ in photos
    ]
