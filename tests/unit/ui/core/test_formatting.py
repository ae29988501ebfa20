"""Times and sizes as a learner reads them."""

from __future__ import annotations

import pytest

from lessonkit.ui.core import formatting


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.44, "0.4 s"), (9.9, "9.9 s"), (10.0, "10 s"), (52.4, "52 s"), (60.0, "1:00 min"), (106.0, "1:46 min"),
        (3599.0, "59:59 min"), (3600.0, "1:00 h"), (3725.0, "1:02 h"),
    ],
)  # fmt: skip
def test_a_time_as_a_person_says_it(seconds: float, said: str):
    assert formatting.duration(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (811_706_944, "812 MB"), (1e9, "1.0 GB"), (6.4e9, "6.4 GB"), (1e6, "1.0 MB"), (9_940_000, "9.9 MB"),
        (9_960_000, "10 MB"), (149_800, "150 kB"), (0, "0 MB"),
    ],
)  # fmt: skip
def test_a_size_of_a_download_or_what_comes_of_it_in_a_second(size: float, said: str):
    assert formatting.megabytes(size) == said
