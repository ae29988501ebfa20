"""Each way to pack photos is read as it is meant, or asked about."""

from __future__ import annotations

import pytest

from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.proposal import propose
from lessonkit.photos.layouts.reading import Member, Proposal
from lessonkit.photos.layouts.sidecars import beside_photos
from lessonkit.photos.layouts.table_files import read_table
from tests.unit.photos.layouts.ambiguous import AMBIGUOUS, NAMELESS
from tests.unit.photos.layouts.exported import EXPORTED, NOTHING_SAID
from tests.unit.photos.layouts.packed import LAYOUTS as PACKED
from tests.unit.photos.layouts.packed import MOST_ASKED, NO_LABELS, Layout
from tests.unit.photos.layouts.public import PUBLIC, UNSAID

LAYOUTS = [*PACKED, *EXPORTED, *PUBLIC, *AMBIGUOUS]
SILENT = NO_LABELS | NOTHING_SAID | UNSAID | NAMELESS


def read(layout: Layout, **wishes: str) -> Proposal:
    tables = [found for path, text in layout.tables.items() if (found := read_table(path, text.encode()))]
    names = dict.fromkeys([*layout.right, *layout.others, *layout.tables])
    members = [Member(n, layout.sizes.get(n, 100), layout.same.get(n, n)) for n in names]
    tables += beside_photos(members, lambda path: layout.tables.get(path, "").encode())
    return propose(members, tables, **wishes)


def plain(breeds: dict[str, str]) -> dict[str, str]:
    return {path: words.key(breed) for path, breed in breeds.items()}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_photos_get_the_breeds_that_are_meant(layout: Layout) -> None:
    found = read(layout)
    if layout.asks:
        if found.chosen is None:
            assert found.question
            assert any(plain(dict(r.of)) == plain(layout.right) for r in found.readings)
        else:
            assert plain(dict(found.chosen.of)) == plain(layout.right)
        return
    assert found.chosen is not None, (found.question, [(r.labels, r.pattern, r.breeds) for r in found.readings])
    assert plain(dict(found.chosen.of)) == plain(layout.right)
    assert found.chosen.labels in layout.labels
    assert set(found.chosen.left_out) >= set(layout.others)
    assert not set(found.chosen.left_out) & set(layout.right)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_what_is_offered_can_be_asked_for_by_its_own_words(layout: Layout) -> None:
    for reading in read(layout).readings:
        again = read(layout, labels=reading.labels, pattern=reading.pattern).chosen
        assert again is not None
        assert again.breeds == reading.breeds


@pytest.mark.parametrize(("text", "encoding"), [("Österr. Pinscher|Größer", "cp1252"), ("Épagneul|Berger", "latin-1"),
    ("собака|кошка", "cp1251"), ("beagle|Möpse", "utf-16"), ("beagle|Möpse", "utf-8-sig")])  # fmt: skip
def test_a_table_of_another_alphabet_is_read_to_the_letter(text: str, encoding: str) -> None:
    breeds = text.split("|")
    lines = "".join(f"{n};{breeds[n % 2]}\r\n" for n in range(12))
    found = read_table("labels.csv", f"Datei;Rasse\r\n{lines}".encode(encoding))
    assert found is not None
    assert {row[1] for row in found.rows} == set(breeds)


def test_few_layouts_need_an_answer() -> None:
    asked = [layout.name for layout in LAYOUTS if read(layout).chosen is None]
    assert len(asked) <= MOST_ASKED * len(LAYOUTS)


@pytest.mark.parametrize("name", SILENT)
def test_days_cameras_and_numbers_are_no_breeds(name: str) -> None:
    found = propose([Member(path, 100, path) for path in SILENT[name]])
    assert found.chosen is None
    assert found.question


@pytest.mark.parametrize(("column", "cells"), [("from", "Ana Ben"), ("favorite", "yes no"), ("annotatedBy", "x y")])
def test_who_sent_a_photo_and_who_likes_it_is_no_breed(column: str, cells: str) -> None:
    rows = "".join(f"IMG_{n:04}.JPG,{cells.split()[n % 2]},{n}\n" for n in range(10))
    found = read_table("Photo Details.csv", f"imgName,{column},viewCount\n{rows}".encode())
    assert found
    assert propose([Member(f"IMG_{n:04}.JPG", 100, f"{n}") for n in range(10)], [found]).chosen is None


def test_a_folder_whose_name_tells_nothing_is_named_where_it_is_left_out() -> None:
    members = [
        Member(f"{folder}/{n}.jpg", 100, f"{folder}{n}") for folder in ("beagle", "pug", "Pictures") for n in range(4)
    ]
    chosen = propose(members).chosen
    assert chosen
    assert all("“Pictures”" in why for why in chosen.left_out.values())
    assert len(chosen.left_out) == 4


@pytest.mark.parametrize("name", ["is_hash", "is_date", "is_part", "is_mask"])
def test_many_folders_side_by_side_are_no_work_that_grows_with_its_square(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    told = getattr(words, name)
    monkeypatch.setattr(words, name, lambda folder: (asked.append(folder), told(folder))[1])
    folders = [f"{n * 2654435761 % 2**32:08x}" for n in range(500)]
    propose([Member(f"{folder}/{n}.jpg", 100, f"{folder}{n}") for folder in folders for n in range(2)])
    assert len(asked) < 20 * 1000
