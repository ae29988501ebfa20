"""What is on offer, what is here, and that it is known by its content."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from pathlib import Path

import pytest

from lessonkit import config
from lessonkit.errors import DamagedFileError, LessonError, PhotoError
from lessonkit.photos import catalog, manifest
from lessonkit.photos.labels import label, require_trainable


def make(name: str, photos: dict[str, bytes]) -> None:
    """A dataset with these photos, as `obtain` leaves it."""
    top = catalog.resolve(name).photos_folder
    for photo, data in photos.items():
        (top / photo).parent.mkdir(parents=True, exist_ok=True)
        (top / photo).write_bytes(data)
    manifest.seal(catalog.resolve(name).folder, manifest.find_photos(top), catalog.resolve(name).description.inside)


def test_sizes_and_checks_are_fastais_own() -> None:
    # Read, not imported: the import takes seconds.
    fastai = Path(importlib.util.find_spec("fastai").origin).parent
    table = (fastai / "data" / "download_checks.py").read_text()
    for dataset in catalog.DATASETS.values():
        if dataset.url:
            entry = table[table.index(dataset.url) :][:300]
            assert str(dataset.bytes) in entry
            assert dataset.check in entry


def test_the_last_one_on_offer_needs_no_network() -> None:
    assert list(catalog.DATASETS) == ["pets", "imagewoof", "drawn"]
    assert catalog.resolve("drawn").description.bytes == 0
    with pytest.raises(LessonError, match="no dataset “../x”"):
        catalog.resolve("../x")


def test_nothing_is_present_until_the_marker_is(home: Path) -> None:
    assert not catalog.resolve("pets").present
    with pytest.raises(LessonError, match="not on this machine yet"):
        _ = catalog.resolve("pets").names
    make("pets", {"a_1.jpg": b"1"})
    assert catalog.resolve("pets").present
    (catalog.resolve("pets").folder / "complete.json").unlink()
    assert not catalog.resolve("pets").present


def test_names_are_sorted_posix_paths_of_photos_only(home: Path) -> None:
    photos = ["val/n02086240/z.JPEG", "train/n02115641/b.png", "train/n02086240/a.JPEG"]
    others = ["train/n02086240/._a.JPEG", "train/.hidden/x.jpg", "noisy.csv", "train/note\n.jpg"]
    make("imagewoof", dict.fromkeys([*photos, *others], b"x"))
    (catalog.resolve("imagewoof").folder / "train" / "link.jpg").symlink_to("/etc/hostname")
    assert manifest.find_photos(catalog.resolve("imagewoof").photos_folder) == sorted(photos)
    assert list(catalog.resolve("imagewoof").names) == sorted(photos)
    assert label(list(catalog.resolve("imagewoof").names), "", catalog.resolve("imagewoof").labelled_by).breeds == [
        "Shih-Tzu", "dingo",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "Screenshot 2024-05-01 at 10.11.12\u202fAM.png", "a\u00a0b.jpg", "\u200e01.05.24.jpg", "Zo\u0065\u0308.jpg",
        "dog \U0001f415\u200d\U0001f9ba.jpg", "\u200fسگ.jpg", "thin\u2009blank.jpg", "$1 & #2 %.jpg",
    ],
)  # fmt: skip
def test_a_name_with_blanks_and_marks_of_any_kind_is_a_photos(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert manifest.find_photos(tmp_path) == [name]


@pytest.mark.parametrize("name", ["line\nbreak.jpg", "form\x0cfeed.jpg", "line\u2028break.jpg", "half\udcff.jpg"])
def test_a_name_that_does_not_fit_in_a_line_is_none(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert manifest.find_photos(tmp_path) == []


def test_the_fingerprint_follows_names_and_contents_alone(home: Path) -> None:
    prints = []
    for photos in (
        {"a_1.jpg": b"one", "b_1.jpg": b"two"}, {"b_1.jpg": b"two", "a_1.jpg": b"one"},
        {"a_1.jpg": b"one", "b_1.jpg": b"twO"}, {"a_1.jpg": b"one", "b_2.jpg": b"two"},
        {"a_1.jpg": b"onetwo", "b_1.jpg": b""},
    ):  # fmt: skip
        shutil.rmtree(catalog.resolve("pets").folder, ignore_errors=True)
        make("pets", photos)
        prints.append(catalog.resolve("pets").fingerprint)
    assert prints[0] == prints[1]
    assert len(set(prints)) == 4
    marker = json.loads((catalog.resolve("pets").folder / "complete.json").read_text())
    assert marker["photos"] == 2
    assert marker["bytes"] == 6
    assert set(marker) == {"photos", "bytes", "fingerprint", "look", "made"}


def test_photos_changed_by_hand_are_noticed_and_only_then_read_again(home: Path) -> None:
    make("pets", {"a_1.jpg": b"one", "b_1.jpg": b"two"})
    top, told = catalog.resolve("pets").photos_folder, []

    def rechecked() -> tuple[str, list[str]]:
        told.clear()
        catalog.recheck(catalog.resolve("pets"), lambda stage, done, total: told.append(stage))
        return catalog.resolve("pets").fingerprint, list(catalog.resolve("pets").names)

    before = rechecked()
    assert not told
    (top / "a_1.jpg").write_bytes(b"uno")
    replaced = rechecked()
    assert set(told) == {"check"}
    assert replaced[0] != before[0]
    (top / "c_1.jpg").write_bytes(b"three")
    assert rechecked()[1] == ["a_1.jpg", "b_1.jpg", "c_1.jpg"]
    (top / "c_1.jpg").unlink()
    assert rechecked() == replaced
    os.utime(top / "a_1.jpg", (1, 1))
    assert rechecked() == replaced
    assert set(told) == {"check"}
    for name in list(catalog.resolve("pets").names):
        (top / name).unlink()
    with pytest.raises(LessonError, match="no photo left"):
        rechecked()


def test_a_photo_that_goes_while_they_are_read_is_listed_no_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make("pets", {"a_1.jpg": b"one", "b_1.jpg": b"two"})
    top, seal = catalog.resolve("pets").photos_folder, manifest.seal
    (top / "c_1.jpg").write_bytes(b"three")

    def slow(*arguments) -> None:
        (top / "b_1.jpg").unlink(missing_ok=True)
        seal(*arguments)

    monkeypatch.setattr(catalog, "seal", slow)
    catalog.recheck(catalog.resolve("pets"))
    assert list(catalog.resolve("pets").names) == ["a_1.jpg", "c_1.jpg"]


def test_recheck_of_what_is_not_here_does_nothing(home: Path) -> None:
    catalog.recheck(catalog.resolve("pets"))
    assert not catalog.resolve("pets").folder.exists()


def test_a_home_that_cannot_be_one_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    for home in (taken, taken / "below"):
        monkeypatch.setenv("LESSONKIT_HOME", str(home))
        for use in (config.check_home, lambda: catalog.obtain("drawn"), lambda: catalog.resolve("pets").present,
                    catalog.all_datasets, lambda: catalog.resolve("own-x")):  # fmt: skip
            with pytest.raises(LessonError) as said:
                use()
            assert str(taken) in said.value.sentence
            assert "LESSONKIT_HOME" in said.value.way_out
    monkeypatch.setenv("LESSONKIT_HOME", str(tmp_path / "not" / "yet"))
    config.check_home()
    assert not catalog.resolve("pets").present


def test_a_photos_path_is_given_for_its_own_photos_only(home: Path) -> None:
    make("pets", {"a_1.jpg": b"1"})
    dataset = catalog.resolve("pets")
    assert dataset.path("a_1.jpg").read_bytes() == b"1"
    for other in ("../a_1.jpg", "b_1.jpg", ""):
        assert other not in dataset.photos
        with pytest.raises(PhotoError, match="no photo"):
            dataset.path(other)


def test_a_dataset_is_as_it_was_when_it_was_resolved(home: Path) -> None:
    absent = catalog.resolve("pets")
    make("pets", {"a_1.jpg": b"1"})
    before = catalog.resolve("pets")
    (before.photos_folder / "b_1.jpg").write_bytes(b"2")
    after = catalog.recheck(before)
    assert not absent.present
    assert (before.names, after.names) == (("a_1.jpg",), ("a_1.jpg", "b_1.jpg"))
    assert before.holds(before.fingerprint)
    assert not before.holds(after.fingerprint)
    assert after.holds("")
    assert not absent.holds("")
    assert catalog.recheck(after) == catalog.resolve("pets") == after


MARKERS = (
    "",
    "{",
    "[]",
    "[" * 100_000,
    '{"fingerprint": 5, "bytes": 1}',
    '{"bytes": 1}',
    '{"fingerprint": "a", "bytes": "many"}',
)


@pytest.mark.parametrize("held", MARKERS)
def test_a_damaged_list_of_photos_is_said_and_made_again_from_the_photos(home: Path, held: str) -> None:
    make("pets", {"a_1.jpg": b"1", "b_1.jpg": b"2"})
    whole = catalog.resolve("pets")
    (whole.folder / manifest.MARKER).write_text(held)
    found = catalog.resolve("pets")
    assert not found.present
    with pytest.raises(DamagedFileError, match=r"complete\.json"):
        _ = found.names
    assert list(catalog.all_datasets()) == ["pets", "imagewoof", "drawn"]
    again = catalog.obtain("pets", lambda stage, *_: stage == "download" and pytest.fail("the photos are there"))
    assert (again.fingerprint, again.names) == (whole.fingerprint, whole.names)


def test_what_was_made_stays_while_a_datasets_photos_are_not_known(home: Path) -> None:
    make("pets", {"a_1.jpg": b"1"})
    whole = catalog.resolve("pets")
    made = home / "cache" / "photos" / f"{whole.fingerprint}-64"
    made.mkdir(parents=True)
    (whole.folder / manifest.MARKER).write_text("{")
    catalog.delete_unused()
    assert made.is_dir()


def test_drawn_is_made_whole_and_its_wrong_labels_are_known(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    names = list(catalog.resolve("drawn").names)
    labels = label(names, catalog.resolve("drawn").pattern)
    require_trainable(labels)
    assert labels.counts == dict.fromkeys(labels.breeds, 6)
    assert len(labels.breeds) == catalog.resolve("drawn").description.breeds
    wrong = dict(catalog.resolve("drawn").photos.planted)
    assert all(labels.of[photo] != true and true in labels.breeds for photo, true in wrong.items())
    catalog.obtain("drawn", lambda *_: pytest.fail("it is there: nothing is to be done"))


@pytest.mark.parametrize("wish", ["1", "abc", "-3", "1001", "²"])
def test_a_wrong_setting_for_drawn_is_said(wish: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", wish)
    with pytest.raises(LessonError, match="LESSONKIT_DRAWN_PER_BREED"):
        catalog.obtain("drawn")
    assert not catalog.resolve("drawn").present
