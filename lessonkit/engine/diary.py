"""What was asked for and done, a JSON object a line in `diary.jsonl`: who, what, of which run or job, how long, how it ended.

For whoever runs the lesson for a class. Who somebody is, is not written down, only which session asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.language import ENGLISH, again, speaking

LARGEST = 5 * 2**20  # bytes; the one before it is kept too, as diary.jsonl.1


def path() -> Path:
    return config.home() / "diary.jsonl"


@contextlib.contextmanager
def noted(what: str, of: str = "", who: str = "") -> Iterator[dict[str, str]]:
    """Note what is done inside, once it is over; what is put into the dictionary is noted with it.

    Args:
        what: the verb, or the task's name.
        of: the run's id, or the job's `kind-key`.
        who: the session that asked; a hash of it is written down; "" for nobody in particular.
    """
    begun, more = time.monotonic(), {"ended": "done"}
    try:
        yield more
    except BaseException as problem:
        with speaking(ENGLISH):
            more["ended"] = again(problem.sentence) if isinstance(problem, LessonError) else type(problem).__name__
        raise
    finally:
        known = {"what": what, "of": of, "who": hashlib.sha256(who.encode()).hexdigest()[:8] if who else ""}
        _write({"at": round(time.time(), 3), **known, "seconds": round(time.monotonic() - begun, 3), **more})


def _write(line: dict[str, object]) -> None:
    """Append a line. That a disk is full or shut is no reason not to do what was asked."""
    with contextlib.suppress(OSError, LessonError):
        file = path()
        if file.is_file() and file.stat().st_size > LARGEST:
            os.replace(file, file.with_suffix(".jsonl.1"))
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{json.dumps(line, ensure_ascii=False)}\n")
