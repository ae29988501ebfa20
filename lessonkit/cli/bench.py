"""`lessonkit bench`: the benchmark of a clone, beside plain fastai and beside the limit."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from lessonkit.errors import LessonError


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", default="pets", metavar="NAME", help="which photos (default: pets)")
    parser.add_argument(
        "--repeats", type=int, default=3, metavar="N", help="how often each side is measured (default: 3)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measurement here")


def command(arguments: argparse.Namespace) -> int:
    top = Path(__file__).parents[2]
    if not (top / "bench" / "__main__.py").is_file():
        raise LessonError("The benchmark is not part of this installation.", "Run it in a clone of the project.")
    # a process of its own: the benchmark measures this package from outside, and nothing in here imports it
    asked = [f"--dataset={arguments.dataset}", f"--repeats={arguments.repeats}"]
    asked += [f"--json={arguments.json.resolve()}"] if arguments.json else []
    return subprocess.run([sys.executable, "-m", "bench", *asked], cwd=top, check=False).returncode
