"""`lessonkit predict`: a run names the breed on photos."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lessonkit.cli.one_run import declare_run, finished


def declare(parser: argparse.ArgumentParser) -> None:
    declare_run(parser)
    parser.add_argument("photo", nargs="+", type=Path)


def command(arguments: argparse.Namespace) -> int:
    run = finished(arguments.run)
    from lessonkit.training.predict import predict

    failed = False
    for answer in predict(run.id, [(str(photo), photo) for photo in arguments.photo]):
        print(json.dumps(answer), flush=True)
        failed |= "error" in answer
    return int(failed)
