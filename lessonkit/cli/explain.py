"""`lessonkit explain`: what a run sees in photos, and which photos it finds alike."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from lessonkit.cli.one_run import declare_run, finished
from lessonkit.cli.progress_bars import bars
from lessonkit.errors import PhotoError
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec
from lessonkit.storage import file_size


def declare(parser: argparse.ArgumentParser) -> None:
    declare_run(parser)
    parser.add_argument("photo", nargs="+", type=Path)


def command(arguments: argparse.Namespace) -> int:
    run = finished(arguments.run)
    from lessonkit.training import gradcam

    with bars() as report:
        gradcam.features(run.id, report)
    failed, same_photo = False, _SamePhoto(run.spec())
    for photo in arguments.photo:
        try:
            answer = _in_short(gradcam.answer_with_neighbours(run.id, str(photo), same_photo.find(photo) or photo))
        except PhotoError as problem:
            answer = {"photo": str(photo), "error": str(problem)}
            failed = True
        print(json.dumps(answer), flush=True)
    return int(failed)


class _SamePhoto:
    """Finds a photo among a dataset's: given by its name there, the nearest photos leave it out itself."""

    def __init__(self, spec: RunSpec):
        self.by_size: dict[int, list[tuple[str, Path]]] = {}
        dataset = catalog.resolve(spec.dataset)
        if not dataset.holds(spec.fingerprint):
            return  # not the photos that this run was trained on
        for name in dataset.names:
            path = dataset.photos_folder / name
            self.by_size.setdefault(file_size(path), []).append((name, path))

    def find(self, photo: Path) -> str | None:
        """The dataset's photo of the same content, wherever it lies; None where there is none."""
        try:
            same = self.by_size.get(photo.stat().st_size, [])
            data = photo.read_bytes() if same else b""
            return next((name for name, path in same if path.read_bytes() == data), None)
        except OSError:
            return None  # opening it will say what is wrong


def _in_short(seen: dict[str, Any]) -> dict[str, Any]:
    """What `training.gradcam.answer_with_neighbours` says, without the pixels."""
    breed = seen["top"][0][0]
    heat = {"shape": list(seen["heatmap"]["maps"][breed].shape), "peak": seen["heatmap"]["peak"][breed]}
    said = {key: seen[key] for key in ("photo", "top", "nearest", "familiar", "distance")}
    return {"photo": said.pop("photo"), "top": said.pop("top"), "heatmap": heat, **said}
