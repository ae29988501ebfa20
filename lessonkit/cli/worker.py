"""`lessonkit worker`: this machine trains for an app on another."""

from __future__ import annotations

import argparse
import os

from lessonkit.engine import cluster_worker


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "address",
        nargs="?",
        metavar="ADDRESS",
        help="of the Dask scheduler, tls://host:port (default: LESSONKIT_SCHEDULER)",
    )
    parser.add_argument("--each-gpu", action="store_true", help="start a worker for each NVIDIA GPU")


def command(arguments: argparse.Namespace) -> int:
    if arguments.address:
        os.environ["LESSONKIT_SCHEDULER"] = arguments.address  # the same setting, checked and said in the same way
    return cluster_worker.main(arguments.each_gpu)
