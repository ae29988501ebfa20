"""What opening the photos of one upload may cost."""

from __future__ import annotations

import threading

from lessonkit.errors import LessonError
from lessonkit.language import decimal, tr
from lessonkit.storage import MIB

# Processor time of a slow core: a phone's 12 megapixels in some 4 MB take 0.1 s, its 48 in 3 to 10 MB some 4 s.
EACH_SECONDS, EACH_MB_SECONDS = 1.0, 3.0


class Budget:
    """What opening the photos of one upload may cost: some files are made to keep a decoder busy for hours.

    Args:
        photos: how many there are; size: bytes of them all. A large photo is a large file, so that the files may take as
            long as a slow core needs for photos of their size. It is processor time: on a busy machine all take longer.
    """

    def __init__(self, photos: int, size: int = 0):
        self.seconds = 60.0 + EACH_SECONDS * photos + EACH_MB_SECONDS * size / MIB
        self._slowest: tuple[float, str] = (0.0, "")
        self._lock = threading.Lock()

    def spend(self, photo: str, seconds: float) -> None:
        """Count what a photo took. Raises LessonError once the whole is spent."""
        with self._lock:
            self.seconds -= seconds
            self._slowest = max(self._slowest, (seconds, photo))
            if self.seconds >= 0:
                return
        took, slowest = self._slowest
        raise LessonError(
            tr(
                "Opening these photos takes longer than photos should. The slowest so far, “{photo}”, took {seconds} s.",
                photo=slowest,
                seconds=decimal(took),
            ),
            tr("Save the photos again as JPEG, or leave those out that are slow, and give the rest."),
        )
