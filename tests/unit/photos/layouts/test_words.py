"""What names of folders and files mean when they are no breeds."""

from __future__ import annotations

import pytest

from lessonkit.photos.layouts import words


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("train", ("train", "")), ("Training Data", ("train", "")), ("my_test_data", ("test", "")), ("test1", ("test", "")),
        ("validation-00", ("valid", "")), ("DEV", ("valid", "")), ("cat_train", ("train", "cat")), ("TrainCats", ("train", "Cats")),
        ("testA", ("test", "A")), ("Tester", ("", "Tester")), ("strain", ("", "strain")), ("beagle", ("", "beagle")),
    ],
)  # fmt: skip
def test_halves_are_told_from_breeds(name: str, found: tuple[str, str]) -> None:
    assert words.split_of(name) == found


@pytest.mark.parametrize(
    "name", ["2023", "2023-05", "20240501", "01.05.2024", "May 2023", "Photos from 2023", "Fotos von 2019"]
)
def test_days_and_years_are_told_by_their_digits(name: str) -> None:
    assert words.is_year(name)


@pytest.mark.parametrize("name", ["May", "12345", "Rex 2023", "Boxer", "1999 Cats"])
def test_what_may_be_a_name_is_no_year(name: str) -> None:
    assert not words.is_year(name)


@pytest.mark.parametrize(
    "label", ["IMG", "DSC", "PXL_", "IMG-20240501-WA", "WhatsApp Image", "Screenshot at", "MVIMG", "FB_IMG"]
)
def test_cameras_and_apps_are_no_breeds_even_beside_others(label: str) -> None:
    assert words.is_camera(label, alone=False)


def test_a_word_that_may_be_a_pet_is_a_camera_only_where_nothing_else_stands() -> None:
    assert words.is_camera("Sam")
    assert not words.is_camera("Sam", alone=False)
    assert not words.is_camera("beagle")


def test_spellings_that_read_alike_have_one_key() -> None:
    assert (
        len({words.key(n) for n in ("golden_retriever", "Golden-Retriever", "golden retriever ", "GOLDENRETRIEVER")})
        == 1
    )
    assert words.key("cafe\u0301") == words.key("caf\u00e9")
    assert words.key("pug") != words.key("pugs")
