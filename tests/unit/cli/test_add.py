"""`data add`: one JSON object, and an exit code that says whether the dataset was made, refused, or needs an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lessonkit.cli import main
from lessonkit.photos import catalog
from tests.unit.photos.layouts.packed import LAYOUTS, MOST_ASKED, NO_LABELS, Layout
from tests.unit.photos.zips import photo, zipped

pytestmark = pytest.mark.usefixtures("home")


def add(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    """(exit code, the one object on stdout, stderr) of `data add … --json`."""
    code = main.main(["data", "add", *map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def packed(layout: Layout, folder: Path) -> Path:
    """The layout as a zip, each photo with pixels of its own."""
    seen: dict[str, int] = {}
    files = {}
    for number, path in enumerate(dict.fromkeys([*layout.right, *layout.others])):
        first = seen.setdefault(layout.same.get(path, path), number)
        large = (96, 64) if layout.sizes.get(path, 0) > 1000 else (24, 16)
        files[path] = photo(first, size=large)
    files |= {path: text.encode() for path, text in layout.tables.items()}
    zip_path = folder / "photos.zip"
    zip_path.write_bytes(zipped(files).getvalue())
    return zip_path


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_way_to_pack_photos_becomes_a_dataset_or_a_question(
    layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = packed(layout, tmp_path)
    code, said, _ = add(capsys, source)
    assert list(said)[:5] == ["dataset", "labelled_by", "breeds", "left_out", "needs_answer"]
    if code == 3:
        assert layout.asks
        assert said["dataset"] is None
        assert catalog.own_datasets() == {}
        assert said["needs_answer"]["question"]
        reading = next(
            r
            for r in said["needs_answer"]["readings"]
            if sorted(r["breeds"].values()) == sorted(layout.breeds.values())
        )
        asked = ["--labels", reading["labels"], *(["--pattern", reading["pattern"]] if reading["pattern"] else [])]
        code, said, _ = add(capsys, source, *asked)
        assert said["breeds"] == reading["breeds"]
    assert code == 0
    assert said["needs_answer"] is None
    assert sorted(said["breeds"].values()) == sorted(layout.breeds.values())
    assert said["labelled_by"] in layout.labels
    dataset = catalog.resolve(said["dataset"])
    assert (dataset.description.breeds, dataset.description.photos) == (len(layout.breeds), len(layout.right))


@pytest.mark.parametrize("name", ["a phone's days", "years only", "train and test without classes"])
def test_photos_that_nothing_labels_are_asked_about(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = packed(Layout(name, dict.fromkeys(NO_LABELS[name], "")), tmp_path)
    code, said, err = add(capsys, source)
    assert code == 3
    assert said["needs_answer"]["question"] in err
    assert catalog.own_datasets() == {}


def test_a_refusal_is_a_sentence_and_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip at all")
    code, said, err = add(capsys, tmp_path / "x.zip")
    assert (code, said["dataset"], said["needs_answer"]) == (2, None, None)
    assert "not a zip" in said["refused"]
    assert "not a zip" in err
    assert main.main(["data", "add"]) == 2


def test_a_table_from_elsewhere_or_by_its_name_labels_the_photos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {f"{'ab'[n % 2]}/{n}.jpg": photo(n) for n in range(8)}
    rows = "".join(f"{n},{('pug', 'beagle')[n // 4]},{('x', 'y')[n % 2]}\n" for n in range(8))
    (tmp_path / "mine.csv").write_text(f"number,animal,kind\n{rows}")
    files["inside.csv"] = f"number,animal,kind\n{rows}".encode()
    source = tmp_path / "photos.zip"
    source.write_bytes(zipped(files).getvalue())
    code, said, _ = add(capsys, source, "--csv", tmp_path / "mine.csv")
    assert (code, said["breeds"], said["labelled_by"]) == (0, {"beagle": 4, "pug": 4}, "csv")
    code, said, _ = add(capsys, source, "--csv", tmp_path / "mine.csv", "--pattern", "kind")
    assert (code, said["breeds"]) == (0, {"x": 4, "y": 4})
    code, said, _ = add(capsys, source, "--csv", "inside.csv")
    assert (code, said["breeds"]) == (0, {"beagle": 4, "pug": 4})
    code, said, _ = add(capsys, source, "--csv", tmp_path / "none.csv")
    assert code == 2
    code, said, _ = add(capsys, source, "--csv", "inside.csv", "--labels", "folder")
    assert code == 2


def test_a_title_and_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for n, name in enumerate(("cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg")):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(photo(n))
    code, said, _ = add(capsys, tmp_path / "pets", "--title", "Ours")
    assert (code, said["dataset"], said["breeds"]) == (0, "own-ours", {"cat": 2, "dog": 2})
    assert main.main(["data", "add", str(tmp_path / "pets")]) == 0
    assert "own-pets: 4 photos of 2 breeds, labelled by the folder" in capsys.readouterr().out


def test_few_layouts_need_an_answer(tmp_path: Path) -> None:
    assert sum(layout.asks for layout in LAYOUTS) <= MOST_ASKED * len(LAYOUTS)


def test_spellings_that_are_taken_as_one_breed_are_said_in_the_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["golden_retriever", "golden_retriever", "Golden-Retriever", "pug", "pug", "Pug "]
    files = {f"{folder}/{n}{k}.jpg": photo(9 * k + n) for k, folder in enumerate(folders) for n in range(3)}
    (tmp_path / "merged.zip").write_bytes(zipped(files).getvalue())
    code, said, err = add(capsys, tmp_path / "merged.zip")
    assert code == 0
    assert said["breeds"] == {"golden_retriever": 9, "pug": 9}
    assert said["taken_as_one"]["golden_retriever"] == ["Golden-Retriever"]
    assert [name.strip() for name in said["taken_as_one"]["pug"]] == ["Pug"]
    assert "read alike" in err
