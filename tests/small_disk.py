"""A disk of a few kilobytes, for tests of what happens when it is full: a tmpfs in a namespace of its own."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'


def on_small_disk(folder: Path, size: int, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code with `folder` on a disk of `size` bytes; skips the test where the system lets nobody make one."""
    if not _possible():
        pytest.skip("no namespace with a disk of its own can be made here")
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", code, str(folder)]
    return _in_namespace(str(size), str(folder), *command)


@functools.cache
def _possible() -> bool:
    return bool(shutil.which("unshare")) and _in_namespace("4096", "/tmp", "true").returncode == 0


def _in_namespace(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT, "sh", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
