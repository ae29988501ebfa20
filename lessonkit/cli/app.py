"""`lessonkit app`: the lesson in a browser, from a clone or an installed package."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import lessonkit
from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.serving import processes, proxy

FILE = "streamlit_app.py"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, metavar="N", help="where it answers (default: 8501)")
    parser.add_argument(
        "--classroom", action="store_true", help="serve everyone on this network, not this machine alone"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N",
        help="processes that serve pages to a class, behind one port; needs Caddy (default: LESSONKIT_WORKERS, else 1)",
    )  # fmt: skip
    parser.add_argument("--headless", action="store_true", help="open no browser")


def command(arguments: argparse.Namespace) -> int:
    if not arguments.classroom:
        return serve(arguments.port, "127.0.0.1", arguments.headless)
    if arguments.workers is not None:
        os.environ["LESSONKIT_WORKERS"] = str(arguments.workers)  # checked as the setting is
    return serve(arguments.port, "0.0.0.0", arguments.headless, config.workers())


def app_file() -> Path:
    """The file that Streamlit runs, with `pages/` and Streamlit's settings beside it.

    An installed package carries it within; in a clone it stands at the top, where hosting services look for it.

    Raises:
        LessonError: there is neither.
    """
    package = Path(lessonkit.__file__).parent
    for folder in (package / "ui" / "app", package.parent):
        if (folder / FILE).is_file() and (folder / "pages").is_dir():
            return folder / FILE
    raise LessonError(f"The pages of the lesson are not beside {package}.", "Install the package again, or clone it.")


def serve(port: int, address: str, headless: bool, workers: int = 1) -> int:
    """Run the app until it is ended; returns its exit code.

    Args:
        address: of the network interface that it answers on; "0.0.0.0" is all of them.
        headless: open no browser.
        workers: processes that serve pages; one alone where the proxy that several need is not installed.

    Raises:
        LessonError: several cannot be started.
    """
    asked = [sys.executable, "-m", "streamlit", "run", str(app_file())]
    if workers > 1:
        if proxy.program():
            return processes.serve(asked, address, port, workers, headless)
        print(
            f"One process serves the lesson: {workers} of them need Caddy, and it is not here. To have them, {proxy.HOW}."
        )
    asked += [f"--server.port={port}", f"--server.address={address}", f"--server.headless={str(headless).lower()}"]
    if os.name == "posix":
        os.execv(sys.executable, asked)  # this process becomes the app: what ends one ends the other
    with subprocess.Popen(asked) as app:
        while True:
            try:
                return app.wait()
            except KeyboardInterrupt:
                continue  # the app has received it too, and ends by itself
