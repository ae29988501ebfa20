"""Make the README's pictures again, from a run of the whole lesson in the browser: `make pictures`."""

from __future__ import annotations

import sys

import pytest
from PIL import Image

from tests.browser.clicking import SHOTS
from tests.conftest import ROOT

SECONDS = 2.5  # a frame
WIDTH = 960


def main() -> int:
    """Run the lesson's test; its frames become docs/lesson.webp. Returns pytest's exit code."""
    code = pytest.main([str(ROOT / "tests" / "browser" / "test_lesson.py")])
    if code == 0:
        first, *more = [_smaller(Image.open(path)) for path in sorted((SHOTS / "frames").glob("[1-9]-*.png"))]
        film = ROOT / "docs" / "lesson.webp"
        first.save(film, append_images=more, save_all=True, duration=int(1000 * SECONDS), loop=0, quality=80, method=6)
        print(f"{film.relative_to(ROOT)}: {1 + len(more)} frames, {film.stat().st_size / 1e3:.0f} kB")
    return int(code)


def _smaller(frame: Image.Image) -> Image.Image:
    return frame.convert("RGB").resize((WIDTH, WIDTH * frame.height // frame.width), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    sys.exit(main())
