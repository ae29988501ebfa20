"""Zips that are sent in a browser: kept, read, made datasets of, and put away."""

from __future__ import annotations

import io
import json

import pytest

from lessonkit import language
from lessonkit.errors import LessonError, PatternError
from lessonkit.photos import catalog, uploads
from lessonkit.photos.labels import label
from tests.unit.photos.zips import FOLDERS, pets, zipped

pytestmark = pytest.mark.usefixtures("home")


def test_what_was_read_of_an_upload_keeps_its_values_on_the_way_through_a_file() -> None:
    files = pets(*(f"{name}/{n}.jpg" for name in ("beagle", "pug", "PUG", "Pictures") for n in range(2)))
    upload = uploads.keep_upload(zipped(files))
    written = json.dumps(uploads.read_upload(upload, {}))
    found = uploads.with_values(json.loads(written))
    (why,) = found["readings"][0]["left_out"]
    (note,) = found["notes"]
    with language.speaking("de"):
        assert "„Pictures“" in language.again(why)
        assert "„PUG“" in language.again(note)
        assert [language.again(reason) for _, reason in found["readings"][0]["files"]] == 2 * [language.again(why)]
    damaged = uploads.with_values({**json.loads(written), "texts": {note: ["{no", "", 3]}})
    assert damaged["notes"] == [note]
    assert uploads.with_values({**json.loads(written), "texts": [note]})["notes"] == [note]


def test_an_upload_becomes_a_dataset_and_is_deleted() -> None:
    upload = uploads.keep_upload(zipped(pets(*FOLDERS)))
    path = uploads.uploads_folder() / upload
    assert path.is_file()
    assert uploads.add_upload(upload, "Mine", {}) == {"name": "own-mine", "photos": 4, "left_out": 0}
    assert not path.exists()
    bad = uploads.keep_upload(io.BytesIO(b"no zip"))
    with pytest.raises(LessonError, match="not a zip"):
        uploads.add_upload(bad, "Mine", {})
    assert list(uploads.uploads_folder().iterdir()) == []
    with pytest.raises(LessonError, match="no such upload"):
        uploads.add_upload("../datasets/own-mine/photos.txt", "Mine", {})
    assert catalog.resolve("own-mine").present


def test_a_pattern_goes_before_folders() -> None:
    by_year = pets("2023/rex_1.jpg", "2023/minka_1.jpg", "2024/rex_2.jpg", "2024/minka_2.jpg")
    upload = uploads.keep_upload(zipped(by_year))
    made = uploads.add_upload(upload, "Years", {"pattern": r"/([^_/]+)_\d+\.\w+$"})
    assert label(list(catalog.resolve(made["name"]).names), catalog.resolve(made["name"]).pattern).breeds == [
        "minka",
        "rex",
    ]


def test_an_upload_that_was_not_read_as_asked_waits_for_another_answer() -> None:
    upload = uploads.keep_upload(zipped(pets("a1x.jpg", "a2x.jpg", "b1x.jpg", "b2x.jpg")))
    for slip in ({}, {"pattern": "(nothing like this)"}, {"labels": "folder"}, {"labels": "csv"}):
        with pytest.raises(PatternError):
            uploads.add_upload(upload, "Dated", slip)
        assert uploads.waits(upload)
    assert uploads.add_upload(upload, "Dated", {"pattern": "/([ab])"})["photos"] == 4
    assert not uploads.waits(upload)
    assert not uploads.waits("../datasets/x")


def test_an_upload_larger_than_said_is_refused_before_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD", 100)
    with pytest.raises(LessonError, match="the limit is 0 MB"):
        uploads.keep_upload(zipped(pets(*FOLDERS)))
    assert not uploads.uploads_folder().exists()
