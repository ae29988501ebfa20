"""`lessonkit app`: the lesson in a browser, from a clone or an installed package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lessonkit
from lessonkit.errors import LessonError

FILE = "streamlit_app.py"


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


def serve(port: int, address: str, headless: bool) -> int:
    """Run the app until it is ended; returns Streamlit's exit code.

    Args:
        address: of the network interface that it answers on; "0.0.0.0" is all of them.
        headless: open no browser.
    """
    asked = [sys.executable, "-m", "streamlit", "run", str(app_file())]
    asked += [f"--server.port={port}", f"--server.address={address}", f"--server.headless={str(headless).lower()}"]
    if os.name == "posix":
        os.execv(sys.executable, asked)  # this process becomes the app: what ends one ends the other
    with subprocess.Popen(asked) as app:
        while True:
            try:
                return app.wait()
            except KeyboardInterrupt:
                continue  # the app has received it too, and ends by itself
