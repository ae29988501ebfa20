"""A dataset of one's own photos says what was left out and how it is labelled, and is deleted with all that was made of it."""

from __future__ import annotations

import os

import pytest

from lessonkit import config, corrections, language
from lessonkit.cli import main
from lessonkit.errors import LessonError
from lessonkit.photos import cache, catalog, images, own_photos
from tests.unit.photos.zips import FOLDERS, add, pets, photo

pytestmark = pytest.mark.usefixtures("home")


def test_what_was_left_out_and_how_it_is_labelled_is_said_in_the_readers_language() -> None:
    name, said = add(
        pets(*FOLDERS) | {"cat/again.jpg": photo(0), "cat/notes.jpg": b"I am a text.", "stray.jpg": photo(11)}
    )
    about = catalog.resolve(name).description.about
    assert about == "Your own photos, 2 breeds, labelled by the folder that each photo lies in."
    with language.speaking("de"):
        assert "„cat/1.jpg“" in language.again(said["cat/again.jpg"])
        assert "2 Rassen" in language.again(about)
        assert "by the" not in language.again(about)
        assert all(language.again(why) != why for why in said.values())


def test_removed_it_is_gone_with_its_marks_but_not_what_another_shares() -> None:
    first, _ = add(pets(*FOLDERS))
    second, _ = add(pets(*FOLDERS))
    built = cache.build(catalog.resolve(first), 32).folder
    small = images.thumbnail(catalog.resolve(first), "cat/1.jpg")
    corrections.mark(catalog.resolve(first), "cat/1.jpg", "dog")
    corrections.remove_dataset(first)
    assert list(catalog.own_datasets()) == [second]
    assert not small.exists()
    assert built.is_dir()  # the same photos
    with pytest.raises(LessonError, match="no dataset “own-mine”"):
        list(catalog.resolve(first).names)
    assert corrections.read(first) == {}
    corrections.remove_dataset(second)
    assert not built.exists()
    assert list(config.datasets_folder().iterdir()) == []
    with pytest.raises(LessonError, match="datasets stay"):
        own_photos.remove(catalog.resolve("drawn"))
    with pytest.raises(LessonError, match="no dataset"):
        own_photos.remove(catalog.resolve("own-../drawn"))


def test_of_photos_that_were_changed_by_hand_nothing_is_left_either() -> None:
    name, _ = add(pets(*FOLDERS))
    before = cache.build(catalog.resolve(name), 32).folder
    images.thumbnail(catalog.resolve(name), "cat/1.jpg")
    (catalog.resolve(name).photos_folder / "cat" / "1.jpg").unlink()
    catalog.recheck(catalog.resolve(name))
    assert not before.exists(), "nothing can be trained on it any more"
    now = cache.build(catalog.resolve(name), 32).folder
    images.thumbnail(catalog.resolve(name), "cat/2.jpg")
    own_photos.remove(catalog.resolve(name))
    assert not now.exists()
    assert [path for path in (config.cache_folder() / "thumbs").iterdir() if path.name.startswith(name)] == []


def test_somebody_can_take_their_photos_away_again(capsys: pytest.CaptureFixture[str]) -> None:
    name, _ = add(pets(*FOLDERS))
    assert main.main(["data"]) == 0
    assert name in capsys.readouterr().out
    assert main.main(["data", name, "--remove"]) == 0
    assert not catalog.resolve("drawn").folder.with_name(name).exists()
    assert catalog.own_datasets() == {}
    assert main.main(["data", "drawn", "--remove"]) == 2
    assert main.main(["data", "--remove"]) == 2
    assert "data NAME --remove" in capsys.readouterr().err


def test_a_registry_that_is_damaged_is_no_dataset() -> None:
    name, _ = add(pets(*FOLDERS))
    folder = catalog.resolve(name).folder
    (folder / "dataset.json").write_text('{"title": 3, "inside": "../.."}')
    os.utime(folder / "complete.json", ns=(1, 1))
    assert catalog.own_datasets() == {}
