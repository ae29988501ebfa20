"""`lessonkit …`, or `python -m lessonkit …`: the lesson without a browser; `app` opens it in one.

A command's module has `declare`, which gives a parser its arguments, and `command`, which runs it and returns the exit code.
It is imported when the command is asked for: each imports what it needs, and nothing more. A problem that the user can do
something about is one sentence on stderr and exit code 2, never a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import lessonkit
from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.storage import disk_problem, is_disk_problem

COMMANDS = {
    "app": ("lessonkit.cli.app", "open the lesson in a browser"),
    "data": ("lessonkit.cli.data", "list the datasets, get one, or make one of your own photos: data add"),
    "bake": ("lessonkit.cli.bake", "do the lesson's runs, so that a class opens on finished ones"),
    "predict": ("lessonkit.cli.predict", "name the breed on photos, one JSON object a line"),
    "explain": ("lessonkit.cli.explain", "say what a run sees in photos, one JSON object a line"),
    "export": ("lessonkit.cli.export", "write what a learner takes home of a run"),
    "bench": ("lessonkit.cli.bench", "measure this machine beside plain fastai and beside the limit"),
    "runs": ("lessonkit.cli.listing", "list the runs on this machine"),
    "doctor": ("lessonkit.cli.doctor", "look at this machine: what the lesson needs, and what is in its way"),
    "selftest": ("lessonkit.cli.selftest", "train a little in each way that this machine has, and compare"),
    "texts": ("lessonkit.cli.texts", "write what the lesson says as a PO file, to change or to translate it"),
    "worker": ("lessonkit.cli.worker", "train on this machine for an app on another (docs/cluster.md)"),
    "certificates": ("lessonkit.cli.certificates", "make the certificates by which such machines know each other"),
    "engine": ("lessonkit.cli.engine", "be the engine (the app starts it by itself)"),
}
"""Each command -> its module, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0, 1 where a photo would not open, 2 with a sentence on stderr."""
    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser(argv).parse_args(argv)
    try:
        return arguments.command(arguments)
    except LessonError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read our output has gone, as `head` does
        sys.stderr.close()
        return 1
    except OSError as error:
        if not is_disk_problem(error):
            raise
        print(disk_problem(error, config.home()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands, with the arguments of the one that is asked for."""
    name = "lessonkit" if Path(sys.argv[0]).stem == "lessonkit" else "python -m lessonkit"
    parser = argparse.ArgumentParser(prog=name, description="The lesson, in a browser and without one.")
    parser.add_argument("--version", action="version", version=f"lessonkit {lessonkit.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    asked = next((word for word in argv if not word.startswith("-")), "")
    for name, (module, what) in COMMANDS.items():
        command = commands.add_parser(name, help=what)
        if name == asked:
            imported = import_module(module)
            imported.declare(command)
            command.set_defaults(command=imported.command)
    return parser
