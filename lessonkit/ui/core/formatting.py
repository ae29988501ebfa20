"""Numbers and names as a learner reads them."""

from __future__ import annotations

import re

from lessonkit.figures.style import plain_name
from lessonkit.wording import percent as percent
from lessonkit.wording import photos as photos


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_\[\]$~<]|:(?=\w))", r"\\\1", text)


def breed(name: str) -> str:
    """A breed as people write it, as in the figures."""
    return plain_name(name)


def duration(seconds: float) -> str:
    """Seconds as a person says them: 0.4 s, 52 s, 1:46 min, 1:02 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)}:{int(seconds % 60):02d} min"
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d} h"


def megabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
