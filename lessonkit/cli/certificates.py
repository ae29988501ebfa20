"""`lessonkit certificates`: the certificates by which the machines of a cluster know each other."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from lessonkit.engine import cluster_certificates


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where they are written")


def command(arguments: argparse.Namespace) -> int:
    cluster_certificates.make(arguments.folder)
    print(f"{arguments.folder.resolve()}: certificates, and Dask's settings for them, for their owner alone to read.")
    print(
        "Copy the folder to each machine, by a way that nobody reads. Then set on each, for app, scheduler and workers:\n"
    )
    print(f"export DASK_CONFIG={shlex.quote(str(arguments.folder.resolve()))}\n")
    print(
        f"Where the folder lies elsewhere, correct the paths in its {cluster_certificates.SETTINGS}; or set instead:\n"
    )
    for name, value in cluster_certificates.variables(arguments.folder).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0
