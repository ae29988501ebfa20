"""Features as files: what is written is read, what is not marked does not count, and a full disk ends no process."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from lessonkit.training.feature_files import FeatureFiles
from tests.small_disk import on_small_disk


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers)


def test_what_is_written_and_marked_is_read_again(tmp_path: Path):
    files = FeatureFiles(tmp_path, 1, 9, 4)
    assert not files.there().any()
    files.reserve()
    values = np.arange(16, dtype=np.float16).reshape(4, 4)
    files.write(rows(0, 3, 4, 8), values)
    assert not files.there().any(), "it counts once it is marked"
    files.mark(rows(0, 3, 4))
    assert np.flatnonzero(files.there()).tolist() == [0, 3, 4]
    again = FeatureFiles(tmp_path, 1, 9, 4)
    again.reserve()
    assert again.read(rows(0, 3, 4, 8)).tolist() == values.tolist()
    assert again.read(rows(1)).tolist() == [[0] * 4]
    assert again.missing_bytes == 0


@pytest.mark.parametrize("name", ["features", "have"])
def test_files_that_are_cut_off_hold_nothing(tmp_path: Path, name: str):
    files = FeatureFiles(tmp_path, 0, 9, 4)
    files.reserve()
    files.write(rows(1), np.ones((1, 4)))
    files.mark(rows(1))
    os.truncate(getattr(files, name), 5)
    assert not files.there().any()


def test_rows_count_only_once_they_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A power cut between two files would leave zeros marked as features, for every later run."""
    files, on_disk = FeatureFiles(tmp_path, 0, 9, 4), {}
    files.reserve()
    synced = os.fsync

    def sync(number: int) -> None:
        synced(number)
        if os.fstat(number).st_ino == files.features.stat().st_ino:
            on_disk["features"] = np.fromfile(files.features, np.float16).reshape(9, 4)
        elif os.fstat(number).st_ino == files.have.stat().st_ino:
            assert on_disk["features"][files.there()].all()

    monkeypatch.setattr(os, "fsync", sync)
    for n in range(9):
        files.write(rows(n), np.ones((1, 4)))
        if n % 2:
            files.mark(rows(n - 1, n))
    assert files.there().tolist() == [True] * 8 + [False]


FULL = """
import sys
from pathlib import Path
import numpy as np
from lessonkit.training.feature_files import FeatureFiles
files = FeatureFiles(Path(sys.argv[1]), 0, 100, 1000)
for path, size in ((files.features, 200_000), (files.have, 100)):
    with path.open("wb") as file:
        file.truncate(size)  # as long as it will be, and takes no disk
try:
    if {reserved}:
        files.reserve()
    for n in range(100):
        files.write(np.array([n]), np.ones((1, 1000)))
    print("all of it fitted")
except OSError as problem:
    print(problem.strerror)
"""


@pytest.mark.parametrize("reserved", [True, False])
def test_a_full_disk_is_an_error_and_ends_no_process(tmp_path: Path, reserved: bool):
    done = on_small_disk(tmp_path / "small", 100_000, FULL.format(reserved=reserved))
    assert (done.returncode, done.stdout) == (0, "No space left on device\n"), done.stderr
