"""The notebook runs, in plain fastai, and comes to the page's numbers within the tolerance that it states."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from lessonkit import runs
from lessonkit.photos import catalog, imported, own_photos
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome.export import take_home
from lessonkit.training.fit import fit

PATIENCE = 85  # seconds a cell
ASKED = "import json, sys; print(json.dumps([results, any(name.startswith('lessonkit') for name in sys.modules)]))"


@pytest.fixture(autouse=True)
def here(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")


def trained(spec: RunSpec) -> Run:
    run = runs.create(spec)
    if not run.status().finished:
        fit(spec, run)
    return run


def done_again(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = ASKED) -> list[dict[str, Any]]:
    """What the run's notebook comes to, run in `folder` where nothing of this product is imported."""
    made = nbformat.reads(take_home(run.id, "notebook").decode(), 4)
    made.cells.append(nbformat.v4.new_code_cell(more))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    NotebookClient(made, timeout=PATIENCE, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    results, of_the_lesson = json.loads(made.cells[-1].outputs[0]["text"].splitlines()[-1])
    assert not of_the_lesson
    assert [r for r in results if not r["near"]] == []
    return results


@pytest.mark.slow
def test_the_notebook_comes_to_the_pages_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    about = catalog.resolve("drawn")
    spec = RunSpec("drawn", catalog.resolve("drawn").fingerprint, about.pattern, size=96, batch_size=16, epochs=4)
    first = trained(spec)
    unfrozen = spec.but(starts_from=first.id, frozen=False, precompute=False, epochs=1)
    trained(unfrozen.but(learning_rate=1e-4))
    last = trained(unfrozen.but(learning_rate=(1e-5, 1e-3)))
    results = done_again(last, tmp_path, monkeypatch)
    assert [(r["run"], r["what"]) for r in results] == [(n, w) for n in (1, 2, 3) for w in ("error_rate", "valid_loss")]
    assert {r["what"]: r["page"] for r in results if r["run"] == 3} == {
        "error_rate": pytest.approx(last.history()[-1]["error_rate"], abs=1e-5),
        "valid_loss": pytest.approx(last.history()[-1]["valid_loss"], abs=1e-4),
    }
    guess = 11 / 12 - results[4]["within"]
    assert results[4]["here"] < guess, "the tolerance tells a notebook that learned from one that guesses"


@pytest.mark.slow
def test_a_resnet_from_nothing_without_augmentation_or_normalization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run = trained(
        RunSpec(
            "drawn", catalog.resolve("drawn").fingerprint, catalog.resolve("drawn").pattern, architecture="resnet34",
            pretrained=False, size=64, batch_size=16, epochs=1, frozen=False, precompute=False, augment=False,
            normalize="none", batch_norm="trained", learning_rate=1e-4,
        )
    )  # fmt: skip
    done_again(run, tmp_path, monkeypatch)


@pytest.mark.slow
def test_own_photos_by_folders_away_from_the_lessons_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    zipped, top = tmp_path / "mine.zip", catalog.resolve("drawn").photos_folder
    with zipfile.ZipFile(zipped, "w") as archive:
        for name in list(catalog.resolve("drawn").names):
            breed = name.rpartition("_")[0]
            if breed in ("Bengal", "samoyed", "pug"):
                archive.write(top / name, f"{breed}/{name}")
    name = imported.add_zip(zipped, "Notebook")
    try:
        spec = RunSpec(name, catalog.resolve(name).fingerprint, size=96, batch_size=4, epochs=8)
        run = trained(spec)
        pets, photo = tmp_path / f"{name}-photos", next(catalog.resolve(name).photos_folder.rglob("*.jpg"))
        shutil.copytree(catalog.resolve(name).photos_folder, pets)
        shutil.copy(photo, tmp_path / "my_pet.jpg")
        results = done_again(run, tmp_path, monkeypatch, f"assert path == Path('{pets.name}')\n{ASKED}")
        assert len(results) == 2
    finally:
        own_photos.remove(catalog.resolve(name))
