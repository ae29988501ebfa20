"""Doing something in a process that is killed at one of its lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any

KILLED = 9


def killed_at(line: int, work: Callable[[], object], within: Collection[str]) -> bool:
    """Do the work in a fork that is killed at its so-many-th line, counted from 0; whether it has as many.

    Nothing is tidied up, as with SIGKILL. A work that fails otherwise raises AssertionError here.

    Args:
        within: names of the functions whose lines count.
    """
    pid = os.fork()
    if pid == 0:
        _die_at(line, work, within)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, KILLED), f"the work failed (code {code})"
    return code == KILLED


def _die_at(line: int, work: Callable[[], object], within: Collection[str]) -> None:
    left = line

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_name not in within:
            return None
        if event == "line":
            if left == 0:
                os._exit(KILLED)
            left -= 1
        return count

    try:
        sys.settrace(count)
        work()
        sys.settrace(None)
    except BaseException:
        os._exit(1)
    os._exit(0)
