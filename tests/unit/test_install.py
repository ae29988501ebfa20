"""`make setup`: what is installed with uv, which build of PyTorch, and the lock files that it is installed from."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from docs.imports import ROOT
from scripts import install

TORCH = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("torch=="))
RECORDS = """#!/bin/sh
echo "$@" >> "$RECORD"
case "$*" in *--dry-run*) echo " + {answer}" >&2; exit {code};; esac
"""


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that gets a line for each call of the tools that `tool` makes."""
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    return tmp_path / "record"


def tool(folder: Path, answer: str = "", code: int = 0) -> Path:
    """A command that records how it is called. At a dry run it says that it would install `answer`."""
    file = folder / "tool"
    file.write_text(RECORDS.format(answer=answer, code=code))
    file.chmod(0o755)
    return file


def pins(name: str) -> dict[str, set[str]]:
    """The versions of each package in a requirements or a lock file; a lock may have one for each Python."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.+]+)", (ROOT / name).read_text(), re.MULTILINE):
        found.setdefault(package.lower().replace("_", "-"), set()).add(version)
    return found


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_a_lock_has_what_is_asked_for_each_with_its_hashes_and_names_no_index(name: str):
    locked, asked = pins(f"{name}.lock"), pins(f"{name}.txt")
    assert {package: locked.get(package) for package in asked} == asked
    text = (ROOT / f"{name}.lock").read_text()
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)


def test_the_lesson_runs_with_the_versions_that_the_tests_have_seen():
    tested = pins("requirements-dev.lock")
    assert {package: tested.get(package) for package in pins("requirements.lock")} == pins("requirements.lock")


@pytest.mark.skipif(sys.platform == "win32", reason="the recording command is a shell script")
@pytest.mark.parametrize(
    ("answer", "code", "build", "asked"),
    [
        (f"{TORCH}+cpu", 0, "cpu", "--torch-backend=auto --no-verify-hashes -r requirements.txt -c requirements.lock"),
        (f"{TORCH}+cu130", 0, "cu130", "--torch-backend=auto --no-verify-hashes -r requirements.txt -c"),
        (TORCH, 0, "this machine", "--torch-backend=auto"),
        ("", 2, "", "--require-hashes -r requirements.lock"),
    ],
)
def test_the_build_is_that_of_pytorchs_index_or_else_the_locked_one(
    answer: str, code: int, build: str, asked: str, tmp_path: Path, recorded: Path, monkeypatch, capfd
):
    uv = tool(tmp_path, answer, code)
    assert install.torch_build([str(uv)]) == build
    monkeypatch.setattr(shutil, "which", lambda _: str(uv))
    assert install.install("requirements") == 0
    assert asked in recorded.read_text().splitlines()[-1]
    said = capfd.readouterr().out
    assert (install.named(build) if build else "cannot be reached") in said


@pytest.mark.skipif(sys.platform == "win32", reason="the recording command is a shell script")
def test_a_build_that_is_named_is_asked_for(tmp_path: Path, recorded: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: str(tool(tmp_path, f"{TORCH}+cpu")))
    assert install.main(["--torch", "cpu"]) == 0
    probed, installed = recorded.read_text().splitlines()
    assert "--torch-backend=cpu" in probed
    assert "--torch-backend=cpu" in installed


@pytest.mark.skipif(sys.platform == "win32", reason="the recording command is a shell script")
def test_without_uv_pip_installs_it_and_without_that_everything(tmp_path: Path, recorded: Path, monkeypatch, capfd):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(sys, "executable", str(tool(tmp_path)))
    assert install.find_uv() == [sys.executable, "-m", "uv"]
    assert recorded.read_text().split() == [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        install.UV,
    ]
    monkeypatch.setattr(install, "find_uv", lambda: None)
    assert install.install("requirements-dev") == 0
    assert recorded.read_text().splitlines()[-1].endswith("-r requirements-dev.txt")
    assert "pip installs the same" in capfd.readouterr().out


def test_an_index_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(install, "PROBE_SECONDS", 0.1)
    waits = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    assert install.torch_build(waits) == ""


def test_what_would_fail_is_said_before_it_begins(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**9))
    assert install.main([]) == 2
    assert "1.0 GB are free on this disk, and the installation may need 8 GB" in capsys.readouterr().err
    monkeypatch.setattr(install, "OLDEST", (99, 0, 0))
    assert "Install a newer Python, delete .venv" in install.problem_here(ROOT)
