"""The child process of `apart`: a photo on stdin; a line of JSON on stdout, then the pixels."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from lessonkit.errors import PhotoError, PhotoNotReadError
from lessonkit.language import parts
from lessonkit.photos import decoding
from lessonkit.photos.decoding import MORE_MEMORY, SMALLER


def main() -> None:
    """Arguments: `max_side` and `enough` in pixels, 0 for none; the most bytes of address space, seconds of processor."""
    max_side, enough, memory, seconds = (int(number) for number in sys.argv[1:5])
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        most = seconds if hard == resource.RLIM_INFINITY else min(seconds, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))  # ends it with SIGXCPU
    out = sys.stdout.buffer
    try:
        image = decoding.open_photo(sys.stdin.buffer.read(), max_side or None, enough or None)
    except PhotoNotReadError:
        out.write(_said(MORE_MEMORY, SMALLER))
    except PhotoError as problem:
        out.write(_said(problem.sentence, problem.way_out))
    else:
        out.write(_line(width=image.width, height=image.height) + b"\n")
        out.write(image.tobytes())


def _said(sentence: str, way_out: str) -> bytes:
    return _line(sentence=parts(sentence), way_out=parts(way_out))


def _line(**said: str | int | list[Any]) -> bytes:
    """What is said as JSON, with the processor time that it took."""
    return json.dumps({**said, "seconds": time.process_time()}).encode()


if __name__ == "__main__":
    main()
