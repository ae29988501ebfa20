"""Whether the lesson was updated while the app is open: what was imported stays as it was, and pages do not fit it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lessonkit import version
from lessonkit.errors import UpdatedError


def _files() -> Iterable[Path]:
    return version.PACKAGE.rglob("*.py")


LESSON = version.Code(_files)  # what the app has imported, or will


def problem() -> UpdatedError | None:
    """The sentence for every page once the lesson's files are not those that the app began with; None until then."""
    return version.updated() if LESSON.changed() else None
