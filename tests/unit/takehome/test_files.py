"""What is taken home lies in files: made once, made again when more was done, cleared away, handed out by their names."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lessonkit import jobs, language, runs, storage
from lessonkit.engine import tasks
from lessonkit.errors import LessonError, StopAsked
from lessonkit.photos import catalog, manifest
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome import export, files
from lessonkit.takehome.notebook import cells
from lessonkit.ui.core import downloads


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A finished run of nothing: what its files hold is a stand-in's."""
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", "2")
    catalog.obtain("drawn")
    made: list[tuple[str, str]] = []
    monkeypatch.setattr(
        export, "take_home", lambda run_id, kind, quiz, _: made.append((run_id, kind)) or f"{kind} {quiz}".encode()
    )
    run = finished(RunSpec("drawn", catalog.resolve("drawn").fingerprint))
    run.made = made
    return run


def finished(spec: RunSpec) -> Run:
    run = runs.create(spec)
    run.path("model.safetensors").touch()
    run.path("history.csv").write_text("epoch,train_loss,valid_loss,error_rate,seconds\n0,1.5,1.25,0.125,2.0\n")
    run.write_status(runs.Status(state=runs.DONE, queued_at=time.time()))
    return run


def test_a_file_is_made_once_and_again_when_more_was_done(run: Run):
    first = files.make(run.id, "html")
    weights = files.make(run.id, "safetensors")
    assert files.make(run.id, "html") == first
    assert run.made == [(run.id, "html"), (run.id, "safetensors")]
    on = finished(run.spec().but(starts_from=run.id, frozen=False, precompute=False))
    assert not files.path(run.id, "html").is_file(), "the page would lack the run that goes on from it"
    assert files.path(run.id, "safetensors").name == weights, "the weights are what they were"
    assert files.make(run.id, "html") != first
    notebook = files.make(run.id, "notebook")
    finished(run.spec().but(starts_from=on.id, epochs=1))
    files.make(run.id, "notebook")
    assert files.find(notebook) is None, "what is out of date is cleared away"
    assert files.find(weights)


@pytest.mark.parametrize("kind", ["html", "notebook"])
def test_what_tells_of_all_trainings_is_made_again_after_a_further_one(run: Run, kind: str):
    """Also of a run that goes on from another, and where the one that is kept stays."""
    on = finished(run.spec().but(starts_from=run.id, frozen=False, precompute=False))
    for of in (run, on):
        before = files.make(run.id, kind)
        further = finished(of.spec().but(seed=7))
        after = files.make(run.id, kind)
        assert after != before, "the means of all trainings are others"
        status = further.status()
        status.ended_at = time.time()
        further.write_status(status)
        assert files.make(run.id, kind) != after, "trained again it ends elsewhere"


def test_each_learners_guesses_make_a_page_of_their_own(run: Run):
    mine, yours = files.make(run.id, "html", (10, 3)), files.make(run.id, "html", (10, 4))
    assert files.find(mine).read_text() == "html (10, 3)"
    assert files.find(yours).read_text() == "html (10, 4)"


def test_each_language_has_files_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch):
    """Neither gets the file that a classmate had made, and making one takes nobody else's away."""
    monkeypatch.setattr(export, "take_home", lambda *_: language.current().encode())
    english, weights = files.make(run.id, "notebook"), files.path(run.id, "safetensors")
    with language.speaking("de"):
        assert not files.path(run.id, "notebook").is_file()
        assert files.path(run.id, "safetensors") == weights, "no language is in there"
        name = files.path(run.id, "notebook").name
    jobs.create("take_home", name, run.id, "notebook", None, "de")
    assert tasks.run_job("take_home", name) == jobs.DONE
    assert (files.find(name).read_bytes(), files.find(english).read_bytes()) == (b"de", b"en")
    assert files.download_name(name) == files.download_name(english)
    finished(run.spec().but(starts_from=run.id, epochs=1))
    again = files.make(run.id, "notebook")
    assert (files.find(english), files.find(name) is not None, files.find(again) is not None) == (None, True, True)


def test_a_sentence_that_a_teacher_changed_makes_another_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LESSONKIT_TEXTS", str(tmp_path))
    (tmp_path / "en").mkdir()
    before = files.path(run.id, "html")
    (tmp_path / "en" / "own.po").write_text('msgid "Train"\nmsgstr "Teach it"\n')
    changed = files.path(run.id, "html")
    (tmp_path / "en" / "own.po").write_text('msgid "Train"\nmsgstr "Have it learn"\n')
    assert len({before, changed, files.path(run.id, "html")}) == 3


def test_what_a_run_learned_when_trained_again_is_another_file(run: Run):
    before = [files.path(run.id, kind) for kind in ("safetensors", "learner", files.PHOTOS)]
    storage.write_bytes(run.path(runs.MODEL), b"trained again")
    after = [files.path(run.id, kind) for kind in ("safetensors", "learner", files.PHOTOS)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, True]


def test_what_is_old_is_cleared_away(run: Run):
    old, made = files.make(run.id, "learner"), files.make(run.id, "safetensors")
    before = time.time() - files.KEPT - 10
    os.utime(files.folder() / old, (before, before))
    files.make(run.id, "notebook")
    assert (files.find(old), files.find(made) is not None) == (None, True)


def test_the_photos_are_a_zip_that_the_notebook_unpacks_beside_itself(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    name = files.make(run.id, files.PHOTOS)
    assert files.download_name(name) == "drawn-photos.zip"
    with zipfile.ZipFile(files.find(name)) as archive:
        assert archive.namelist() == [f"drawn-photos/{photo}" for photo in list(catalog.resolve("drawn").names)]
    there = tmp_path / "elsewhere"
    there.mkdir()
    source, photos = cells.where(catalog.resolve("drawn")), list(catalog.resolve("drawn").names)
    (there / "drawn-photos.zip").write_bytes(files.find(name).read_bytes())
    monkeypatch.chdir(there)
    known: dict = {"Path": Path}
    exec(source, known)
    assert known["path"] == Path("drawn-photos")
    assert manifest.find_photos(known["path"]) == photos
    monkeypatch.chdir(tmp_path)
    exec(source, known)
    assert known["path"] == catalog.resolve("drawn").photos_folder
    monkeypatch.delenv("LESSONKIT_HOME")
    with pytest.raises(AssertionError, match="put drawn-photos.zip beside this notebook"):
        exec(source, known)
    monkeypatch.setenv("LESSONKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    known = {"Path": Path}
    exec(cells.where(catalog.resolve("drawn")), known)
    assert known["path"] == catalog.resolve("drawn").photos_folder, "below the user's own folder it needs no setting"


def test_files_are_handed_out_by_name_and_nothing_else_is(run: Run, home: Path):
    (home / "secret-of-aaaaaaaaaaaa.txt").write_text("x")
    name = files.make(run.id, "learner")
    client = TestClient(Starlette(routes=downloads.ROUTES))
    got = client.get(f"/{downloads.url(name)}")
    assert got.content == b"learner None"
    assert got.headers["content-disposition"] == f'attachment; filename="whats-your-pet-{run.id}.pkl"'
    for other in ("nothing-of-0123456789ab.pkl", "%2e%2e%2fsecret-of-aaaaaaaaaaaa.txt", "..%5Csecret", ".lock"):
        assert client.get(f"/{downloads.PLACE}/{other}").status_code == 404
    files.find(name).unlink()
    assert "make it again" in client.get(f"/{downloads.url(name)}").text


def test_what_cannot_be_made_is_a_sentence_and_leaves_nothing(run: Run, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(LessonError, match="no “pdf”"):
        files.make(run.id, "pdf")
    waiting = runs.create(run.spec().but(seed=1))
    with pytest.raises(LessonError, match="no model"):
        files.make(waiting.id, "html")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_bytes", full)
    with pytest.raises(LessonError, match="no space"):
        files.make(run.id, "html")
    assert list(files.folder().iterdir()) == []


def test_a_copy_of_the_photos_that_is_stopped_leaves_nothing(run: Run):
    told = []

    def report(*now: object) -> None:
        told.append(now)
        raise StopAsked

    with pytest.raises(StopAsked):
        files.make(run.id, files.PHOTOS, report=report)
    assert told == [("zipping", 0, catalog.resolve("drawn").photos.bytes)]
    assert list(files.folder().iterdir()) == []


def test_a_job_makes_a_file_under_the_name_that_it_was_asked_for(run: Run):
    name = files.path(run.id, "html", (10, 3)).name
    jobs.create("take_home", name, run.id, "html", (10, 3))
    assert tasks.run_job("take_home", name) == jobs.DONE
    assert jobs.read("take_home", name).result == name
    assert files.find(name) is not None
