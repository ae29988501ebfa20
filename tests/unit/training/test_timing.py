"""What an epoch is said to cost."""

from __future__ import annotations

import pytest

from lessonkit.architectures import ARCHITECTURES
from lessonkit.training import timing


@pytest.mark.slow
def test_each_architecture_is_timed_at_the_size_that_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    timed = timing.time_architectures(32)
    assert set(timed) == set(ARCHITECTURES)
    for seconds in timed.values():
        assert seconds["size"] == 32
        assert 0 < seconds["frozen"] < seconds["unfrozen"]


def test_by_default_that_is_the_size_that_the_device_trains_at(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setattr(timing, "_seconds_a_photo", lambda name, size, where: {"frozen": 1.0})
    assert {seconds["size"] for seconds in timing.time_architectures().values()} == {160}
