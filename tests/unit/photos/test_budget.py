"""What opening the photos of one upload may cost."""

from __future__ import annotations

import time

import pytest

from lessonkit.errors import LessonError, PhotoError
from lessonkit.photos import apart, budget, catalog, imported
from tests.unit.photos.zips import FOLDERS, add, pets

pytestmark = pytest.mark.usefixtures("home")


def test_photos_that_keep_a_decoder_busy_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    left = budget.Budget(2)
    left.spend("a.jpg", left.seconds - 1)
    with pytest.raises(LessonError, match="“a.jpg”"):
        left.spend("b.jpg", 2)
    monkeypatch.setattr(budget, "EACH_SECONDS", -60.0)
    with pytest.raises(LessonError, match="takes longer than photos should"):
        add(pets(*FOLDERS))
    assert list(catalog.own_datasets()) == []


def test_large_files_may_take_longer_and_a_busy_machine_is_no_fault_of_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert budget.Budget(55, 200 << 20).seconds > 55 * 8  # photos of 48 megapixels, 4 s of a slow core each
    waited = time.perf_counter
    monkeypatch.setattr(time, "perf_counter", lambda: 100_000 * waited())  # as if others had the processor
    monkeypatch.setattr(budget, "EACH_SECONDS", -14.0)
    assert add(pets(*FOLDERS))[0]


def test_photos_that_are_refused_after_long_work_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        apart._spend(100.0)
        raise PhotoError("The photo takes longer than 40 s to open.", "Make it smaller.")

    monkeypatch.setattr(imported, "open_photo", refuse)
    with pytest.raises(LessonError, match="takes longer than photos should"):
        add(pets(*FOLDERS))
