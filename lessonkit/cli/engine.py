"""`lessonkit engine`: this process becomes the engine."""

from __future__ import annotations

import argparse

from lessonkit.engine import server


def declare(_: argparse.ArgumentParser) -> None:
    """It takes no arguments."""


def command(_: argparse.Namespace) -> int:
    return server.main()
