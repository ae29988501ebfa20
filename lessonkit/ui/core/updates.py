"""Whether the lesson was updated while the app is open: what was imported stays as it was, and pages do not fit it."""

from __future__ import annotations

from lessonkit import version
from lessonkit.errors import UpdatedError
from lessonkit.serving import worker

LESSON = version.lesson()  # what the app has imported, or will


def problem() -> UpdatedError | None:
    """The sentence for every page once the lesson's files are not those that the app began with; None until then.

    Of several processes all say it, one that was started again after the update too: the others have other code.
    """
    me = worker.told()
    return version.updated() if LESSON.changed() or (me and me.code != LESSON.fingerprint) else None
