"""The recipes of CONTRIBUTING.md, followed word for word in a copy of the project."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from docs.imports import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = ("Add a dataset", "Add an architecture", "Add a page", "Change a language's text")
APP = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("streamlit_app.py", default_timeout=180)
app.query_params["language"] = sys.argv[1]
app.run()
for page in sys.argv[2:]:
    app.switch_page(page).run()
assert not app.exception
print([title.value for title in app.title], [error.value for error in app.error])
"""


def section(heading: str) -> str:
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def follow(heading: str, project: Path) -> None:
    """Change the copy as the section's diffs say; each changes one place, or is a new file."""
    for path, change in re.findall(r"```diff\n--- (\S+)\n(.*?)```", section(heading), re.DOTALL):
        lines = change.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        file = project / path
        if not before:
            assert not file.exists(), f"{path} is there already"
            file.write_text(after, encoding="utf-8")
            continue
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{path} does not have these lines once:\n{before}"
        file.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, with an empty home."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "1")  # should a slow page have come so far as to wake one
    left_out = shutil.ignore_patterns(".*", "__pycache__", "shared", "test-results")
    return Path(shutil.copytree(ROOT, tmp_path / "project", ignore=left_out))


def run(project: Path, *command: str, **environment: str) -> str:
    """What a Python command in the copy prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pages(project: Path, *names: str, language: str = "en") -> str:
    """Titles and errors of the last of these pages, as the app in the copy shows them; of the first page without any."""
    run(project, "-m", "lessonkit", "data", "drawn", LESSONKIT_DRAWN_PER_BREED="2")  # else the first page has it drawn
    # in a folder of one's own, so that a language can be chosen also before it is complete
    texts = shutil.copytree(project / "lessonkit" / "texts", project.parent / "texts", dirs_exist_ok=True)
    return run(project, "-c", APP, language, *names, LESSONKIT_TEXTS=str(texts))


def style(project: Path) -> None:
    run(project, "-m", "ruff", "check", "--quiet", ".")
    run(project, "-m", "ruff", "format", "--quiet", "--check", ".")


def test_each_recipe_is_short():
    assert {name: len(section(name).strip().splitlines()) for name in RECIPES if len(section(name)) < 100} == {}
    assert {name: n for name in RECIPES if (n := len(section(name).strip().splitlines())) >= 30} == {}


def test_a_dataset_added_as_it_says_can_be_had(project: Path, tmp_path: Path):
    follow("Add a dataset", project)
    style(project)
    with tarfile.open(tmp_path / "imagewoof2-320.tgz", "w:gz") as archive:
        for n in range(8):
            photo = io.BytesIO()
            Image.effect_noise((40, 30), 50 + n).convert("RGB").save(photo, "JPEG")
            entry = tarfile.TarInfo(f"imagewoof2-320/train/{'beagle' if n % 2 else 'samoyed'}/{n}.JPEG")
            entry.size = len(photo.getvalue())
            archive.addfile(entry, io.BytesIO(photo.getvalue()))
    got = run(project, "-m", "lessonkit", "data", "imagewoof_320", LESSONKIT_MIRROR=str(tmp_path))
    assert got.startswith("imagewoof_320: 8 photos in ")
    assert "imagewoof_320" in run(project, "-m", "lessonkit", "data")
    shown = run(
        project,
        "-c",
        "from lessonkit.lesson import code; from lessonkit.photos import catalog; "
        "print(code.get_data(catalog.DATASETS['imagewoof_320'])[0])",
    )
    assert "path = untar_data(URLs.IMAGEWOOF_320)" in shown


def test_the_datasets_facts_are_fastais():
    spec = find_spec("fastai")
    assert spec is not None
    assert spec.origin is not None
    table = (Path(spec.origin).parent / "data" / "download_checks.py").read_text()
    found = re.search(r"imagewoof2-320\.tgz': \((\d+),\s+'(\w{32})'\)", table)
    assert found is not None
    size, check = int(found[1]), found[2]
    assert f"bytes={size:_}" in section("Add a dataset")
    assert f'check="{check}"' in section("Add a dataset")


@pytest.mark.slow
def test_an_architecture_added_as_it_says_is_built_and_can_be_chosen(project: Path):
    follow("Add an architecture", project)
    style(project)
    tests = ["tests/unit/training/test_models.py", "-k", "resnet18", "-o", "addopts="]
    assert re.search(r"\b3 passed", run(project, "-m", "pytest", *tests))


@pytest.mark.slow
def test_a_page_added_as_it_says_stands(project: Path):
    follow("Add a page", project)
    style(project)
    run(project, "-m", "pytest", "-o", "addopts=", "tests/app/test_pages.py", "-k", "each_page_is_a_step")
    said = pages(project, "pages/in_numbers.py")
    assert "['The photos in numbers'] []" in said


@pytest.mark.slow
def test_a_text_changed_as_it_says_is_the_one_that_is_shown(project: Path):
    follow("Change a language's text", project)
    style(project)
    run(project, "-m", "pytest", "-o", "addopts=", "tests/unit/test_language.py", "-k", "shipped_file and de-lesson")
    assert "['Fotos besorgen'] []" in pages(project, "pages/data.py", language="de")
    assert "['Get the data'] []" in pages(project, "pages/data.py")
