"""What stands around the code: the commands of `make`, the checks at a commit, what runs the tests elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

import lessonkit
from docs.imports import ROOT


def test_make_alone_prints_all_that_it_offers():
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    printed = subprocess.run([make], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    offered = re.findall(r"^make ([a-z-]+) +\S", printed, re.MULTILINE)
    declared = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None
    assert sorted(offered) == sorted(declared[1].split())


def test_what_python_compiles_is_kept_whatever_the_machine_says():
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    target = 'shown:\n\t@echo "[$$PYTHONDONTWRITEBYTECODE]"\n'
    around = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [make, "--no-print-directory", "-f", "Makefile", "-f", "-", "shown"]
    said = subprocess.run(command, cwd=ROOT, input=target, env=around, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
    assert "ENV UV_COMPILE_BYTECODE=1" in (ROOT / "Dockerfile").read_text()


def test_a_commit_is_checked_by_the_ruff_of_make_lint():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    pinned = [line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if line.startswith("ruff==")]
    assert [hook["additional_dependencies"] for hook in hooks] == [pinned, pinned]
    assert [hook["entry"].split()[:2] for hook in hooks] == [["ruff", "check"], ["ruff", "format"]]


def test_elsewhere_the_tests_run_on_each_system_and_each_python():
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())["jobs"]["test"]
    assert job["steps"][-1]["run"].startswith("make test")
    matrix = job["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["system"]} == {"ubuntu", "macos", "windows"}
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert oldest.removeprefix(">=").startswith(matrix["python"][0])


def test_a_container_copies_what_is_there_and_serves_the_names_that_it_is_told(tmp_path):
    copied = re.findall(r"^COPY --chown=1000 (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert all((ROOT / name).exists() for names in copied for name in names.split())
    said = tmp_path / "python"
    said.write_text('#!/bin/sh\necho "$LESSONKIT_HOSTS" "$STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION" "$@"\n')
    said.chmod(0o755)
    around = {"PATH": os.environ["PATH"], "PYTHON": str(said), "SPACE_HOST": "me-lesson.hf.space", "PORT": "7860"}
    serve = ["sh", "scripts/serve-container.sh"]
    printed = subprocess.run(serve, cwd=ROOT, env=around, capture_output=True, text=True, check=True).stdout
    assert printed.split()[:2] == ["me-lesson.hf.space", "false"]
    assert "app --classroom --headless --port 7860" in printed
    del around["SPACE_HOST"]
    around["LESSONKIT_HOSTS"] = "lesson.school.example"
    printed = subprocess.run(serve, cwd=ROOT, env=around, capture_output=True, text=True, check=True).stdout
    assert printed.split()[:3] == ["lesson.school.example", "-m", "lessonkit"]


def test_an_environment_is_not_committed_where_it_is_a_link_to_one_either():
    # ".venv/" ignores a folder alone; a link that is committed takes the place of the folder in each clone
    assert ".venv" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_changelog_says_what_this_version_brought():
    newest = re.search(r"^## (\S+?)[, \n]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == lessonkit.__version__
