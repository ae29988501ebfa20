"""How many bytes of uploads each of several processes holds: a file each, so that one limit holds for all together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lessonkit.errors import LessonError
from lessonkit.serving.worker import Worker, folder
from lessonkit.storage import locked, write_bytes

log = logging.getLogger(__name__)


class Held:
    """What this process holds, and whether it may hold more beside the others.

    Args:
        me: this process.
        mine: bytes that it holds now, those on their way included.
    """

    def __init__(self, me: Worker, mine: Callable[[], int]):
        self.me, self.mine = me, mine
        self._noted = -1

    def fits(self, most: int) -> bool:
        """Whether all processes hold no more than `most` bytes, with what this one has; noted where it is so.

        Where nothing can be noted (a full disk, a home that is read-only) each process may hold that much by itself.
        """
        mine = self.mine()
        try:
            folder().mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(folder() / "held.lock"):
                others = (n for n in range(1, len(self.me.ports) + 1) if n != self.me.number)
                mine = self.mine()
                if sum(map(_read, others)) + mine > most:
                    return False
                self._note(mine)
        except (OSError, LessonError) as problem:
            log.warning("what this process holds of uploads cannot be noted for the others: %s", problem)
            return mine <= most
        return True

    def note(self) -> None:
        """Note what this process holds now, where that changed."""
        if self.mine() != self._noted:
            folder().mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(folder() / "held.lock"):
                self._note(self.mine())

    def _note(self, held: int) -> None:
        write_bytes(_path(self.me.number), str(held).encode())
        self._noted = held


def forget(number: int) -> None:
    """A process has ended, and holds nothing any more."""
    with suppress(OSError):
        _path(number).unlink(missing_ok=True)


def _read(number: int) -> int:
    try:
        return int(_path(number).read_bytes())
    except (OSError, ValueError):
        return 0


def _path(number: int) -> Path:
    return folder() / f"held-{number}"
