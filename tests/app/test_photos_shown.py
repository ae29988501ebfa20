"""What a page shows of a photo: that of now, no larger than needed, and also where the disk takes no more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lessonkit.photos import catalog, manifest
from lessonkit.ui.core import thumbnails
from lessonkit.ui.core.cached import photo_size, shown_array

ROOT = Path(__file__).parents[2]


def make(size: tuple[int, int], colour: str) -> None:
    """The dataset `pets`, of one photo."""
    shutil.rmtree(catalog.resolve("pets").folder, ignore_errors=True)
    top = catalog.resolve("pets").photos_folder
    top.mkdir(parents=True)
    Image.new("RGB", size, colour).save(top / "pug_1.jpg")
    manifest.seal(catalog.resolve("pets").folder, manifest.find_photos(top), "images")


def test_a_photo_of_a_dataset_made_again_is_not_the_old_one(home: Path) -> None:
    make((2000, 1000), "red")
    assert photo_size(catalog.resolve("pets"), "pug_1.jpg") == (1000, 2000)
    red = shown_array(catalog.resolve("pets"), "pug_1.jpg")
    assert red.shape == (320, 640, 3)  # 2000 × 1000 pixels of each photo looked at would stay in the app's memory
    make((100, 200), "blue")
    assert photo_size(catalog.resolve("pets"), "pug_1.jpg") == (200, 100)
    blue = shown_array(catalog.resolve("pets"), "pug_1.jpg")
    assert blue.shape == (200, 100, 3)
    assert blue[0, 0, 2] > 200 > 50 > blue[0, 0, 0]


def test_a_photo_that_was_away_for_a_moment_is_found_again(home: Path) -> None:
    make((200, 100), "red")
    photo = catalog.resolve("pets").photos_folder / "pug_1.jpg"
    away = photo.rename(photo.with_suffix(".away"))
    assert photo_size(catalog.resolve("pets"), "pug_1.jpg") is None
    away.rename(photo)
    assert photo_size(catalog.resolve("pets"), "pug_1.jpg") == (100, 200)


def test_a_small_photo_is_shown_where_the_disk_takes_none(home: Path) -> None:
    make((800, 400), "red")
    (home / "cache").mkdir()
    (home / "cache" / "thumbs").write_text("a file, so that no folder can be made below it")
    shown = thumbnails.thumbnail(catalog.resolve("pets"), "pug_1.jpg", 240)
    assert isinstance(shown, Image.Image)
    assert shown.size == (240, 120)


def test_an_app_whose_home_is_a_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    monkeypatch.setenv("LESSONKIT_HOME", str(taken))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=180).run()
    assert not app.exception
    (said,) = app.error
    assert "is a file, not a folder" in said.value
    assert r"LESSONKIT\_HOME" in said.value
