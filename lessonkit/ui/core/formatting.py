"""Numbers and names as a learner reads them."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from lessonkit import config
from lessonkit.errors import LessonError, SettingError
from lessonkit.figures.style import plain_name
from lessonkit.language import again, decimal, trn
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core.hosts import serves_others
from lessonkit.wording import percent as percent
from lessonkit.wording import photos as photos

_SIGNS = re.compile(r"([\\`*_\[\]$~<>&|#!]|:(?=\w)|(?<=\n)[-+](?= )|^[-+](?= )|(?<=\d)[.)](?= ))")
# An absolute path, without its last name; whether its top is a folder of this machine is looked at.
_PATH = re.compile(r"(?<![\w.:/…-])(/[^\s/“”,;:()]+|[A-Za-z]:)[/\\](?:[^\s/\\“”,;:()]+[/\\])*(?=[^\s/\\])")
_ADDRESS = re.compile(r"(?<=://)|(?<=\bwww)(?=\.)|(?<=\w)(?=@\w)", re.IGNORECASE)
_JOINER = "\u2060"  # nobody sees it, and no address goes through it


def sentence(text: str | LessonError, others: bool | None = None) -> str:
    """What an error or a job says, in the learner's language, as `plain` Markdown; to a class without the teacher's paths.

    Args:
        text: a sentence, whichever process wrote it; or an error, whose way out follows it.
        others: whether other machines are served; None: as the server's settings say.
    """
    if isinstance(text, LessonError):
        return f"{sentence(text.sentence, others)} {sentence(text.way_out, others)}".strip()
    text = again(text)
    return plain(_without_paths(text) if (serves_others() if others is None else others) else text)


def _without_paths(text: str) -> str:
    for find in (config.home, Path.home):  # these may have blanks in their names
        with contextlib.suppress(SettingError, RuntimeError):  # which may be what the sentence is about
            text = text.replace(folder, "…") if len(folder := str(find())) > 1 else text
    return _PATH.sub(lambda found: "…/" if os.path.isdir(f"{found[1]}{os.sep}") else found[0], text)


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is: no formula, list, colour or link is made of it.

    An address in it is no link either, since a name or title that others see may come from anybody.
    """
    return _ADDRESS.sub(_JOINER, _SIGNS.sub(r"\\\1", text))


def code(text: str) -> str:
    """A file's name or a pattern as Markdown's code, to the letter, backticks and blanks at its ends included."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def breed(name: str) -> str:
    """A breed as people write it, as Markdown."""
    return plain(plain_name(name))


def breed_name(name: str) -> str:
    """A breed as people write it, where no Markdown is read: in a table, a list to choose from, an image's description."""
    return plain_name(name)


def title(dataset: Dataset) -> str:
    """A dataset's title as Markdown, in the learner's language where it is one of the lesson's own."""
    return plain(dataset.shown_title)


def duration(seconds: float) -> str:
    """Seconds as a person says them: 0.4 s, 52 s, 1:46 min, 1:02 h."""
    if seconds < 10:
        return f"{decimal(seconds, 1)} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)}:{int(seconds % 60):02d} min"
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d} h"


def about(seconds: float) -> str:
    """Seconds that are only roughly known, as a person says them: 5 seconds, 40 seconds, 3 minutes."""
    if seconds < 55:
        whole = max(5, 5 * round(seconds / 5))
        return trn("{n} second", "{n} seconds", whole)
    return trn("{n} minute", "{n} minutes", max(1, round(seconds / 60)))


def megabytes(size: float) -> str:
    """A number of bytes: "1.2 GB", "812 MB", "3.4 MB", "150 kB"; so that little is not said to be nothing."""
    if size >= 1e9:
        return f"{decimal(size / 1e9, 1)} GB"
    if 0 < size < 999_500:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:.0f} MB" if size >= 9.95e6 or size == 0 else f"{decimal(size / 1e6, 1)} MB"
