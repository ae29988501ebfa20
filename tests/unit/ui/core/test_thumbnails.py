"""Photos side by side: how many a row."""

import pytest

from lessonkit.ui.core import thumbnails


@pytest.mark.parametrize(
    ("photos", "columns"), [(1, 5), (5, 5), (6, 3), (7, 4), (8, 4), (9, 3), (10, 5), (11, 4), (12, 4), (13, 5), (20, 5)]
)
def test_the_last_row_is_as_full_as_it_can_be(photos: int, columns: int):
    assert thumbnails.filled(photos) == columns
