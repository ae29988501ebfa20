"""Install the lesson into the environment that runs this file: with uv, and with PyTorch's build for this machine.

`make setup` runs it with the Python of `.venv`: `python scripts/install.py`, and with `--tests` for what the tests need
too. Nothing but the standard library is imported: nothing else is there yet.

PyTorch's own package index has a build for each kind of machine: for a CPU alone, a fifteenth of the size, or for the
NVIDIA driver that is found. uv chooses (`--torch-backend=auto`). Where that index cannot be reached, the ordinary index's
build does for all of them.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
OLDEST = (3, 11, 4)
PROBE_SECONDS = 10  # for one look at PyTorch's index; nothing is fetched from it
DISK_BYTES = 8_000_000_000  # 6.3 GB installed, measured on Linux with the ordinary index's build, and room to unpack


def main(argv: Sequence[str] | None = None) -> int:
    """Install, and say what; returns the exit code: 0, 1 with what the installer said, 2 with a sentence on stderr."""
    parser = argparse.ArgumentParser(description="Install what the lesson needs into this Python's environment.")
    parser.add_argument("--tests", action="store_true", help="and what its tests need")
    parser.add_argument(
        "--torch",
        default="auto",
        metavar="BUILD",
        help="the build of PyTorch, as uv names it: cpu, cu130, …; default: the one for the hardware that is found",
    )
    parser.add_argument("--lock", action="store_true", help="install nothing; write the lock files again")
    arguments = parser.parse_args(argv)
    if arguments.lock:
        return lock()
    if problem := problem_here(ROOT):
        print(problem, file=sys.stderr)
        return 2
    return install("requirements-dev" if arguments.tests else "requirements", arguments.torch)


def problem_here(place: Path) -> str:
    """The sentence on what would make the installation fail, and the way out; empty where nothing would."""
    if sys.version_info < OLDEST:
        return (
            f"This is Python {sys.version.split()[0]}, and the lesson needs {'.'.join(map(str, OLDEST))} or newer. "
            "Install a newer Python, delete .venv, and run the command again."
        )
    free = shutil.disk_usage(place).free
    if free < DISK_BYTES and importlib.util.find_spec("torch") is None:
        return (
            f"{free / 1e9:.1f} GB are free on this disk, and the installation may need {DISK_BYTES / 1e9:.0f} GB. "
            "Free some space, or put the folder on another disk, and run the command again."
        )
    return ""


def install(wanted: str, backend: str = "auto") -> int:
    """Install a requirements file with uv, else with pip. Returns the exit code.

    Args:
        wanted: the file's name without its ending.
        backend: the build of PyTorch that is asked of PyTorch's index, in uv's words.
    """
    uv = find_uv()
    if uv is None:
        print("uv cannot be had here; pip installs the same, in minutes rather than seconds.", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "-r", f"{wanted}.txt"]
        return subprocess.run(pip, cwd=ROOT, check=False).returncode
    build = torch_build(uv, backend)
    if build:
        print(f"PyTorch: the build for {named(build)}, from PyTorch's own index.", flush=True)
        # the lock's hashes are of the ordinary index's files: its versions hold, its hashes cannot
        asked = [f"--torch-backend={backend}", "--no-verify-hashes", "-r", f"{wanted}.txt", "-c", f"{wanted}.lock"]
    else:
        print(f"PyTorch: PyTorch's own index cannot be reached, so {ordinary_build()}.", flush=True)
        asked = ["--require-hashes", "-r", f"{wanted}.lock"]
    return subprocess.run([*uv, *in_this_environment("install"), *asked], cwd=ROOT, check=False).returncode


def lock() -> int:
    """Write each lock file: every package that a requirements file leads to, for each system and Python, with hashes."""
    uv = find_uv()
    if uv is None:
        print("uv is needed to write the lock files, and pip could not install it.", file=sys.stderr)
        return 2
    said = ["--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate", "--python-version"]
    compiled = [*uv, "pip", "compile", *said, ".".join(map(str, OLDEST[:2]))]
    for name, more in (("requirements-dev", []), ("requirements", ["--constraint", "requirements-dev.lock"])):
        asked = [*compiled, f"{name}.txt", *more, "--output-file", f"{name}.lock"]
        if code := subprocess.run(asked, cwd=ROOT, check=False).returncode:
            return code
    return 0


def in_this_environment(command: str) -> list[str]:
    """uv's arguments for a `pip` command on the environment that runs this file."""
    return ["pip", command, "--python", sys.executable]


def find_uv() -> list[str] | None:
    """How uv is called: the one on the path, the one in this environment, or one that pip has just put there."""
    if found := shutil.which("uv"):
        return [found]
    module = [sys.executable, "-m", "uv"]
    if importlib.util.find_spec("uv") is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV]
        if subprocess.run(pip, check=False).returncode:
            return None
    return module


def torch_build(uv: list[str], backend: str = "auto") -> str:
    """The build of PyTorch that uv would take from PyTorch's index, as “cpu” or “cu130”; empty where it reaches none."""
    torch = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("torch=="))
    ask = [
        *uv,
        *in_this_environment("install"),
        "--dry-run",
        "--reinstall",
        "--no-deps",
        f"--torch-backend={backend}",
        torch,
    ]
    once = {**os.environ, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": str(PROBE_SECONDS)}
    try:
        answer = subprocess.run(ask, env=once, capture_output=True, text=True, timeout=3 * PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return ""
    if answer.returncode:
        return ""
    found = re.search(rf"\+ {re.escape(torch)}(?:\+(\w+))?", answer.stderr + answer.stdout)
    return (found[1] or "this machine") if found else ""


def named(build: str) -> str:
    """A build in words, with its size."""
    if build == "cpu":
        return "machines without a GPU, about 0.2 GB to download"
    if build.startswith("cu"):
        return f"NVIDIA's GPUs (CUDA {build[2:-1]}.{build[-1]}), about 3 GB to download"
    return build


def ordinary_build() -> str:
    """What the ordinary index gives here, in words."""
    if sys.platform.startswith("linux"):
        return "the ordinary build it is: with NVIDIA's libraries, about 3 GB to download, needed or not"
    if sys.platform == "win32":
        return "the ordinary build it is: it computes on the CPU"
    return "the ordinary build it is"


if __name__ == "__main__":
    sys.exit(main())
