"""What was made of photos stays for as long as a run or a job needs it, and goes then."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lessonkit import corrections, jobs, runs
from lessonkit.errors import LessonError
from lessonkit.photos import cache, catalog, leftovers
from lessonkit.runs import Run, Status
from lessonkit.spec import RunSpec
from tests.unit.photos.test_cache import make, png


@pytest.fixture
def made(home: Path) -> list[Path]:
    """`pets`, and what was made of its photos: decoded, what a frozen body made of them, which are copies."""
    make({f"a_{n}.png": png(80, 80, n) for n in range(3)})
    decoded = cache.build(catalog.resolve("pets"), 64).folder
    activations = home / "cache" / "activations" / f"{decoded.name[:16]}-0123456789abcdef"
    activations.mkdir(parents=True)
    (activations / "view-0.f16").write_bytes(b"numbers")
    copies = home / "cache" / "copies" / f"{decoded.name[:-3]}-1.json"
    copies.parent.mkdir()
    copies.write_text("[]")
    return [decoded, activations, copies]


def run_on_them(state: str, **changes) -> Run:
    run = runs.create(RunSpec("pets", catalog.resolve("pets").fingerprint).but(**changes))
    run.write_status(Status(state=state))
    return run


def photos_change() -> None:
    (catalog.resolve("pets").photos_folder / "b_1.png").write_bytes(png(80, 80, 99))
    catalog.recheck(catalog.resolve("pets"))


def test_nothing_is_kept_of_photos_that_changed_where_nobody_needs_it(made: list[Path]):
    for state in runs.ENDED:
        run_on_them(state, seed=runs.ENDED.index(state))
    photos_change()
    assert not [path for path in made if path.exists()]
    now = cache.build(catalog.resolve("pets"), 64).folder
    catalog.delete_unused()
    assert now.is_dir()


@pytest.mark.parametrize("state", [runs.QUEUED, runs.RUNNING])
def test_what_a_run_needs_that_is_under_way_stays_until_it_ends(made: list[Path], state: str):
    run = run_on_them(state)
    photos_change()
    assert all(path.exists() for path in made)
    run.write_status(Status(state=runs.FAILED))
    catalog.delete_unused()
    assert not [path for path in made if path.exists()]


def test_a_run_whose_status_is_damaged_may_be_under_way(made: list[Path]):
    run_on_them(runs.RUNNING).path("status.json").write_text("{")
    photos_change()
    assert all(path.exists() for path in made)


def test_a_run_whose_photos_are_not_known_keeps_all(made: list[Path]):
    run = run_on_them(runs.RUNNING, fingerprint="")
    photos_change()
    assert all(path.exists() for path in made)
    run.write_status(Status(state=runs.DONE))
    catalog.delete_unused()
    assert not [path for path in made if path.exists()]


@pytest.mark.parametrize("kind", ["find_rate", "features"])
def test_what_a_job_needs_that_is_under_way_stays_too(made: list[Path], kind: str):
    run = run_on_them(runs.DONE)
    about = run.spec().to_dict() if kind == "find_rate" else run.id
    job = jobs.create(kind, run.id, about)
    photos_change()
    assert all(path.exists() for path in made)
    jobs.Reporter(job).end(jobs.FAILED)
    catalog.delete_unused()
    assert not [path for path in made if path.exists()]


def test_what_a_deletion_left_that_was_cut_short_is_tidied_up(made: list[Path], monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        photos_change()
    left = [path for folder in made[:2] for path in folder.parent.iterdir() if path.is_dir()]
    assert len(left) == 2
    assert all(".gone-" in path.name for path in left), "nobody finds half of it"
    catalog.delete_unused()
    assert not [path for path in left if path.exists()]


def test_what_cannot_be_deleted_now_stays_whole(made: list[Path], monkeypatch: pytest.MonkeyPatch):
    def in_use(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "rename", in_use)
    photos_change()
    assert len(list(made[0].iterdir())) == 3


def test_photos_that_a_run_is_trained_on_are_not_deleted(made: list[Path]):
    folder = catalog.resolve("pets").folder.with_name("own-mine")
    shutil.copytree(catalog.resolve("pets").folder, folder)
    (folder / "images").rename(folder / "photos")
    (folder / catalog.OWN_FACTS).write_text(
        '{"title": "Mine", "about": "", "photos": 3, "breeds": 1, "labelled_by": "pattern", "pattern": "(a)_", "licence": ""}'
    )
    corrections._path("own-mine").parent.mkdir()
    corrections._path("own-mine").write_text('{"a_1.png": {"leave_out": true}}')
    run = runs.create(RunSpec("own-mine", catalog.resolve("own-mine").fingerprint))
    with pytest.raises(LessonError, match="under way"):
        corrections.remove_dataset("own-mine")
    assert catalog.resolve("own-mine").present
    assert corrections.read("own-mine"), "nor the marks"
    run.write_status(Status(state=runs.DONE))
    corrections.remove_dataset("own-mine")
    assert "own-mine" not in catalog.own_datasets()
    assert leftovers.fingerprints_in_use() == set()
    assert all(path.exists() for path in made), "another dataset has the same photos"
