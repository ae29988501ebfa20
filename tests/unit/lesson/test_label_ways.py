"""Each of today's lines gives fastai the labels that the page shows, on photos that are here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lessonkit.lesson import code
from lessonkit.lesson.label_ways import Way, ways
from lessonkit.photos import catalog, labels
from lessonkit.photos.labels import DEFAULT_PATTERN

NAMES = ["from_folder", "from_csv", "from_df", "from_name_func", "from_lists"]


def run(way: Way, pattern: str, path: Path, folder: Path) -> dict[str, str]:
    """What fastai takes for the label of each photo: file name -> breed, of both halves."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        cells: dict = {"__name__": "cells"}
        exec("from fastai.vision.all import *", cells)
        cells["path"], cells["fnames"] = path, cells["get_image_files"](path)
        exec(code.label(pattern)[0], cells)
        exec(way.today, cells)
        dls = cells["dls"]
        assert len(dls.valid_ds) == int(0.2 * len(cells["fnames"]))
        found = {}
        for half in (dls.train_ds, dls.valid_ds):
            for number in range(len(half)):
                item = half.items.iloc[number] if hasattr(half.items, "iloc") else half.items[number]
                file = item[0] if isinstance(item, tuple) else item["name"] if hasattr(half.items, "iloc") else item
                found[Path(file).name] = dls.vocab[int(half[number][1])]
        return found
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def drawn(drawn_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn photos, named by breed, in a folder of their own."""
    top = tmp_path_factory.mktemp("drawn") / "images"
    top.mkdir()
    for breed in ("Ash", "Birch"):
        for number, photo in enumerate(sorted((drawn_home / "datasets" / "drawn" / "images").glob("*.jpg"))[:6]):
            shutil.copy(photo, top / f"{breed}_{number}.jpg")
    return top


@pytest.mark.parametrize("number", range(5), ids=NAMES)
def test_todays_line_reads_the_labels_of_photos_named_by_breed(number: int, drawn: Path, tmp_path: Path) -> None:
    way = ways(DEFAULT_PATTERN)[number]
    assert way.name == NAMES[number]
    assert f"ImageDataLoaders.{way.name}(" in way.today
    assert f"ImageDataBunch.{way.name}(" in way.then
    right = labels.label([file.name for file in drawn.iterdir()], DEFAULT_PATTERN).of
    assert run(way, DEFAULT_PATTERN, drawn, tmp_path) == right


@pytest.mark.parametrize("number", range(5), ids=NAMES)
def test_todays_line_reads_the_labels_of_photos_in_folders(number: int, drawn: Path, tmp_path: Path) -> None:
    right = {}
    for file in drawn.iterdir():
        breed = file.name.split("_")[0]
        (tmp_path / "photos" / breed).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, tmp_path / "photos" / breed / f"{breed[0]}{file.name[-5:]}")
        right[f"{breed[0]}{file.name[-5:]}"] = breed
    assert run(ways("")[number], "", tmp_path / "photos", tmp_path) == right


def test_a_breed_that_a_table_would_lose_is_said() -> None:
    assert "'None'" in ways("", ["None", "Rex"])[1].today
    assert "missing" not in ways("", ["Rex"])[1].today


def test_the_lesson_names_its_own_pattern_for_each_dataset() -> None:
    assert all(
        way.today and way.then and way.what for dataset in catalog.DATASETS.values() for way in ways(dataset.pattern)
    )
