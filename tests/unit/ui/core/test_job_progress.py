"""What a job's progress says before its first step."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lessonkit.ui.core import job_progress


@pytest.mark.parametrize(
    ("kind", "engine", "says"),
    [
        ("decode", {"alive": False, "answers": False, "device": ""}, "takes a few seconds to start"),
        ("decode", {"alive": True, "answers": True, "device": ""}, "takes a few seconds to start"),
        ("decode", {"alive": True, "answers": True, "device": "CPU"}, "busy with something else"),
        ("measure", {"alive": True, "answers": True, "device": "CPU"}, "busy with something else"),
        ("measure", {"alive": True, "answers": True, "device": "CPU", "running": ["a"]}, "waits for the run"),
    ],
)
def test_an_engine_that_is_busy_is_not_said_to_start(
    kind: str, engine: dict, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"problem": None, "running": [], **engine}
    monkeypatch.setattr(job_progress, "engine", lambda: SimpleNamespace(state=lambda: found))
    assert says in job_progress._amount(SimpleNamespace(kind=kind, stage=""))  # type: ignore[arg-type]
