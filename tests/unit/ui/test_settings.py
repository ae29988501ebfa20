"""What the pages promise is what the server keeps."""

from __future__ import annotations

import tomllib
from pathlib import Path

from lessonkit.photos.uploads import LARGEST_UPLOAD
from lessonkit.storage import MIB

ROOT = Path(__file__).parents[3]


SERVER = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]


def test_whoever_closed_a_laptop_finds_a_lesson_later_what_was_there():
    assert SERVER["disconnectedSessionTTL"] == 3600


def test_the_server_takes_uploads_as_large_as_the_page_says():
    assert SERVER["maxUploadSize"] * MIB == LARGEST_UPLOAD
