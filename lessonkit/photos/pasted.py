"""A labelling pattern as people paste it, taken for what it means: quotes, a whole Python line, lost backslashes, Windows.

Each way out is tried only where the pattern as it stands reads no names, or takes the folder along; whatever was changed
is said, in a sentence.
"""

from __future__ import annotations

import ast
import html
import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from lessonkit.errors import PatternError
from lessonkit.language import tr, translatable
from lessonkit.photos import labels

TRIED = 200  # names that a pattern is tried on
_QUOTES = str.maketrans("“”„‟«»‘’‚‛`´", '"' * 6 + "'" * 6)
_QUOTED = re.compile(r"""(?:\b[rRbBuUfF]{1,2})?(["'])(.+)\1""")
_FOLDER = "images/"  # what stands before each name (`labels.matches`)

QUOTED = translatable("What stands between the quotes was taken, without the Python around it.")
LONE = translatable("A single quote beside it was left out: its other one was not copied.")
BLANK = translatable("The blanks around it were left out.")
BLANKS_IN = translatable("The blanks in it were left out.")
HIDDEN = translatable("Signs in it that nobody sees were left out.")
ENTITIES = translatable("What HTML writes as &…; became the sign that it stands for.")
MARKDOWN = translatable("Signs that Markdown puts before and around code, such as \\[ and `, were left out.")
YEN = translatable("¥ and ₩ became \\: some keyboards show a backslash so.")
LOST = translatable("“{was}” became “{now}”: a backslash was lost on the way.")
DOUBLED = translatable("Each \\\\ became a single \\: the backslashes were doubled on the way.")
END = translatable("\\Z became $: RE2, which reads it here, has no \\Z.")
WINDOWS = translatable("\\\\ became /: here folders are parted by a slash, on Windows too.")
SLASHES = translatable("The slashes around it were left out, as JavaScript writes them.")
WIDE = translatable("Wide signs, as an input method for Chinese or Japanese writes them, became plain ones.")
COMMENT = translatable("What stands behind the # was left out.")
ENDING = translatable("Here the photos' names end otherwise: any ending is taken.")
BARE = translatable(
    "It was made for the bare file name. Here a pattern sees “images/” before the name, so it begins with a slash now."
)


@dataclass(frozen=True)
class Meant:
    """A pattern as it was meant.

    Attributes:
        pattern: the one to use.
        said: what was changed, a sentence each, for `language.again`; empty where nothing was.
    """

    pattern: str
    said: tuple[str, ...] = ()


def meant(pattern: str, names: Sequence[str]) -> Meant:
    """What a pattern that was typed or pasted means for these photos' names.

    A pattern that reads breeds as it stands stays as it is, and so does one that cannot be helped: what is wrong with it is
    said where it is used (`labels.check_pattern`, `labels.require_trainable`).
    """
    sample = names[:: max(1, len(names) // TRIED)][:TRIED]
    if _fits(pattern, sample):
        return Meant(pattern)
    tried = {pattern: Meant(pattern)}
    for change in _CHANGES:
        changed = {
            now: Meant(now, tuple(dict.fromkeys((*before.said, said))))
            for before in tried.values()
            for now, said in change(before.pattern, sample)
            if now not in tried
        }
        if fitting := next((found for found in changed.values() if _fits(found.pattern, sample)), None):
            return fitting
        tried |= changed
    # Without the Python around it, its own mistake can be said.
    return next((found for found in tried.values() if found.said and found.said[0] == QUOTED), Meant(pattern))


def _fits(pattern: str, names: Sequence[str]) -> bool:
    """Whether the pattern reads something out of a name, and not the folder before it."""
    read = _labels(pattern, names)
    return bool(read) and not any(label.startswith(_FOLDER) for label in read)


def _labels(pattern: str, names: Sequence[str]) -> list[str]:
    try:
        return list(labels.label(names, pattern).of.values())
    except PatternError:
        return []


def _unquoted(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """The strings in a line of Python, that with a group first."""
    plain = pattern.translate(_QUOTES).strip()
    found: list[str] = []
    for text in (plain, plain.rstrip(",;)"), f"f({plain.strip(',')})"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # "\d" in a string that is not raw
                tree = ast.parse(text)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        found += [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    found += [match[2] for match in _QUOTED.finditer(plain)]
    found = [text for text in dict.fromkeys(found) if text and text != pattern]
    return [(text, QUOTED) for text in sorted(found, key=lambda text: "(" not in text)]


def _visible(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [
        ("".join(c for c in pattern if unicodedata.category(c) != "Cf"), HIDDEN),
        (html.unescape(pattern), ENTITIES),
    ]


def _without_lone_quote(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    plain = pattern.translate(_QUOTES).strip()
    match = re.fullmatch(r"""(?:\w+\s*=\s*)?[rRbBuUfF]{0,2}["'](.+)|(.+)["'][,;)]*""", plain)
    return [(match[1] or match[2], LONE)] if match else []


def _without_markdown(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    marked = re.fullmatch(r"(\*\*|`+)(.+)\1", pattern.strip())
    return [(marked[2] if marked else re.sub(r"\\([][_*])", r"\1", pattern), MARKDOWN)]


def _from_yen(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(re.sub("[¥₩]", r"\\", pattern), YEN)]


def _without_blanks_in(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [("".join(pattern.split()), BLANKS_IN)]


def _plain_width(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    plain = "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else " " if c == "\u3000" else c for c in pattern)
    return [(plain, WIDE)]


def _without_comment(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(re.sub(r"\s+#.*$", "", pattern), COMMENT)]


def _any_ending(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(re.sub(r"(?i)\\?\.(jpe?g|png|webp|heic|gif|bmp|tiff?)(?=\$?$)", r"\\.\\w+", pattern), ENDING)]


def _without_blanks(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(pattern.strip(), BLANK)]


def _without_slashes(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    match = re.fullmatch(r"/(.+)/[a-z]*", pattern)
    return [(match[1], SLASHES), (f"/{match[1]}", SLASHES)] if match else []


def _with_end(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(pattern.replace(r"\Z", "$"), END)] if pattern.endswith(r"\Z") else []


def _single(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(pattern.replace("\\\\", "\\"), DOUBLED)] if re.search(r"\\\\[dwsDWSb.()\[\]/]", pattern) else []


def _with_backslash(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    now = re.sub(r"(?<![\\\w])(_*)([dws])(?=[+*{])", r"\1\\\2", pattern)
    now = re.sub(r"(?<=_)(?<!\\)([dws])(?=[+*{])", r"\\\1", now)
    match = re.search(r"(?<!\\)([dws][+*{])", pattern)
    return (
        [(now, tr(LOST, was=match[1].rstrip("{"), now="\\" + match[1].rstrip("{")))] if match and now != pattern else []
    )


def _from_windows(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(pattern.replace("\\\\", "/"), WINDOWS)] if "\\\\" in pattern else []


def _behind_folder(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """The pattern for the name behind its folders, where it takes the folder along or wants the name to begin the text."""
    body = pattern.removeprefix("^")
    ways = [f"/{body}", f"^.*/{body}"] if body else []
    return [(way, BARE) for way in sorted(ways, key=lambda way: any("/" in label for label in _labels(way, names)))]


_CHANGES = (
    _visible, _plain_width, _from_yen, _unquoted, _without_markdown, _unquoted, _without_lone_quote, _without_comment, _without_blanks,
    _without_slashes, _with_end, _single, _with_backslash, _from_windows, _any_ending, _without_blanks_in, _behind_folder,
)  # fmt: skip
