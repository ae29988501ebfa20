"""What learners read, in their language: the code's English texts, and their translations in `texts/`.

A translation is a PO file of gettext's: `texts/<language>/<area>.po`, opened in any editor or in Poedit. LESSONKIT_TEXTS
names a folder of the same shape whose texts are taken before these: that is how a teacher changes a sentence, the English
ones too (`en/`), or adds a language.
"""

from __future__ import annotations

import contextlib
import gettext
import io
import logging
import math
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from typing import Any

ENGLISH = "en"
HERE = Path(__file__).parent / "texts"
MADE_UP = "xx"
"""No language: each text stands in ⟦brackets⟧. Tests see by it what was not given to `tr`."""

_chosen: ContextVar[str] = ContextVar("language", default="")
_askers: list[Callable[[], str]] = []
_places = [HERE]
_own: list[tuple[Path, int, int]] = []  # the files of `take_from`'s folder, each with its size and when it was changed
_LANGUAGE = re.compile(r"[a-z]{2,8}(_[A-Za-z0-9]{2,8})*")
_QUOTED = re.compile(r"“\{(\w+)\}”")
_OFFERED: tuple[str, ...] = ("de", "es")  # the shipped languages that are complete

log = logging.getLogger("lessonkit.language")


class Text(str):
    """A text with the values in it, which `again` says in another language: an error that another process wrote, say.

    Attributes:
        message: the English text with its places, as `tr` got it; for a count, the one for a single thing; "" for a number.
        many: the English text for several things; "" where nothing is counted.
        values: by place, numbers as `n`; other Texts among them are said again too.
    """

    message: str
    many: str
    values: dict[str, Any]

    def __new__(cls, shown: str, message: str, many: str, values: dict[str, Any]) -> Text:
        made = super().__new__(cls, shown)
        made.message, made.many, made.values = message, many, values
        return made

    def __reduce__(self) -> tuple[type[Text], tuple[str, str, str, dict[str, Any]]]:
        return Text, (str(self), self.message, self.many, self.values)


def tr(message: str, /, **values: Any) -> str:
    """A text in the learner's language.

    Args:
        message: the English text, in one piece. Where there are values it has their places: `{photos}`.
        values: put into the places. Only where there are any are braces places.
    """
    catalog = _catalog(current())
    if not values:
        return catalog.gettext(message) if message else ""
    return Text(_filled(catalog.gettext(message), message, values), message, "", values)


def trn(one: str, many: str, n: int, /, **values: Any) -> str:
    """A text that counts something: `one` for a single thing, `many` for others; `{n}` in them is the count.

    A language that has other forms than two gets those that its file has.
    """
    return _counted(one, many, n, values)


def _counted(one: str, many: str, n: int, values: dict[str, Any]) -> Text:
    shown = {**values, "n": decimal(n)}
    filled = _filled(_catalog(current()).ngettext(one, many, n), one if n == 1 else many, shown)
    return Text(filled, one, many, {**values, "n": n})


def decimal(value: float, digits: int = 0) -> str:
    """A number with so many digits after the point, in groups of three before it: 1,234.5, in German 1.234,5.

    A Text too: `again` knows the number in a sentence of another process.
    """
    whole = isinstance(value, int) and not digits  # one that is too large for a float can be said too
    shown = f"{value:,}" if whole else f"{value:,.{digits}f}"
    return Text(with_signs(shown), "", "", {"value": value, "digits": digits})


MINUS = "\N{MINUS SIGN}"  # as wide as a digit, where a hyphen is short: one sign for all numbers below 0


def with_signs(shown: str) -> str:
    """What Python wrote, 1,234.5 or a part of it, with the signs of the learner's language; English's where they are not known."""
    if shown.startswith("-"):
        shown = MINUS + shown[1:]
    return shown.translate(_signs(current()))


@cache
def _signs(language: str) -> dict[int, str]:
    """What a language writes for English's comma and point: asked for each number, Babel takes 40 microseconds."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    if language in (ENGLISH, MADE_UP) or not _known_to_babel(language):
        return {}
    return str.maketrans({",": get_group_symbol(language), ".": get_decimal_symbol(language)})


def _known_to_babel(language: str) -> bool:
    """Whether it is known what a language calls itself and how it writes numbers; a teacher may add any other one."""
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def translatable(message: str) -> str:
    """A constant, marked as a text for the translators: it stays English until `tr` gets it, where it is shown."""
    return message


def again(text: str) -> str:
    """A text that `tr` made, in the language of now; other texts as they are, unless the files have a translation.

    A string in a place that stands in “quotes” is a name, of a folder called Train say, and stays as it is.
    """
    if isinstance(text, Text):
        if not text.message:
            return decimal(**text.values)
        names = _QUOTED.findall(text.message + text.many)
        values: dict[str, Any] = {
            key: again(value) if isinstance(value, Text) or isinstance(value, str) and key not in names else value
            for key, value in text.values.items()
        }
        said = _counted(text.message, text.many, values.pop("n"), values) if text.many else tr(text.message, **values)
        if isinstance(said, Text):
            said.values = text.values  # as they were, for the next language
        return said
    return _catalog(current()).gettext(text) if text else text


def joined(*sentences: str) -> str:
    """Whole sentences one after another, as one text that `again` says; those that are "" are left out."""
    said = {f"s{i}": sentence for i, sentence in enumerate(sentences) if sentence}
    return Text(" ".join(said.values()), " ".join(f"{{{place}}}" for place in said), "", said) if said else ""


def parts(text: str) -> str | list[Any]:
    """A text as JSON holds it, so that `from_parts` finds its English text and its values again.

    Returns:
        [message, many, {place: number, string or such a list}] for a Text; another string as it is.
    """
    if not isinstance(text, Text):
        return text
    return [text.message, text.many, {place: _part(value) for place, value in text.values.items()}]


def _part(value: Any) -> Any:
    if isinstance(value, Integral):  # numpy's too
        return value if isinstance(value, bool) else int(value)
    if isinstance(value, Real) and math.isfinite(value):
        return float(value)
    return parts(value if isinstance(value, str) else str(value))


def from_parts(value: Any) -> str:
    """The text that `parts` wrote, in English: `again` says it in the language of now.

    Raises:
        ValueError: `parts` writes no such thing.
    """
    if isinstance(value, str):
        return value
    match value:
        case [str(message), str(many), dict(held)]:
            values = {
                str(place): one if isinstance(one, (int, float)) else from_parts(one) for place, one in held.items()
            }
            try:
                if not message:  # a number, of which JSON has no NaN and no infinity
                    values["value"] = float(number) if isinstance(number := values["value"], str) else number
                with speaking(ENGLISH):
                    return again(Text("", message, many, values))
            except (LookupError, TypeError, AttributeError) as problem:
                raise ValueError(f"no text: {value!r}") from problem
    raise ValueError(f"no text: {value!r}")


def current() -> str:
    """The language of now, as "de": the one that `speaking` or `ask` says, else English."""
    if chosen := _chosen.get():
        return chosen
    return next((language for asker in _askers if (language := asker())), ENGLISH)


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say all within in this language."""
    token = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(token)


def ask(asker: Callable[[], str]) -> None:
    """Have this function asked for the language wherever `speaking` does not say it; "" means that it does not know."""
    if asker not in _askers:
        _askers.append(asker)


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are texts in, English first."""
    own = {folder.name for place in _places if place != HERE for folder in place.glob("*/") if any(folder.glob("*.po"))}
    for odd in sorted(folder for folder in own if not _LANGUAGE.fullmatch(folder)):
        log.warning("The folder %r in LESSONKIT_TEXTS is left out: it is named after no language, as de or pt_BR.", odd)
    found = {*_OFFERED, *(folder for folder in own if _LANGUAGE.fullmatch(folder))}
    return (ENGLISH, *sorted(found - {ENGLISH}))


@cache
def name(language: str) -> str:
    """What a language calls itself: "Deutsch"; its code where that is not known."""
    from babel import Locale

    called = Locale.parse(language).get_display_name(language) if _known_to_babel(language) else None
    return called[0].upper() + called[1:] if called else language


def best(wanted: str) -> str:
    """The language for what a browser or a setting asks for, such as "de-AT": the same, its main one, else English."""
    wanted = wanted.replace("_", "-")
    known = {language.lower().replace("_", "-"): language for language in languages()}
    return known.get(wanted.lower()) or known.get(wanted.lower().split("-")[0]) or ENGLISH


def files(language: str) -> list[Path]:
    """The files of a language, those that take precedence last."""
    return [file for place in _places for file in sorted((place / language).glob("*.po"))]


def take_from(folder: Path | None) -> None:
    """Take the texts in this folder before the shipped ones (`LESSONKIT_TEXTS`); None: those alone.

    Called again after a file was changed there, it has the texts read again.
    """
    wanted = [HERE, *([folder] if folder else [])]
    found = [(file, *_state(file)) for file in sorted(folder.glob("*/*.po"))] if folder else []
    if wanted != _places or found != _own:
        _places[:], _own[:] = wanted, found
        for read in (_catalog, languages):
            read.cache_clear()


def _state(file: Path) -> tuple[int, int]:
    try:
        facts = file.stat()
    except OSError:  # somebody took it away just now
        return 0, 0
    return facts.st_size, facts.st_mtime_ns


def _filled(translated: str, english: str, values: dict[str, Any]) -> str:
    """The text with its values, those that are texts of another process in the language of now.

    A translation whose places are wrong is not used: a learner reads the English one then.
    """
    values = {place: again(value) if isinstance(value, Text) else value for place, value in values.items()}
    try:
        return translated.format(**values)
    except (KeyError, IndexError, ValueError, AttributeError):
        if translated == english:
            raise
        log.warning("The translation of %r has other places in braces than the English text.", english)
        return english.format(**values)


class _MadeUp(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    """A language's texts. A file that cannot be read is left out, and the log says so."""
    if language == MADE_UP:
        return _MadeUp()
    read = files(language)
    if not read:
        return gettext.NullTranslations()
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    locale = language if _known_to_babel(language) else None
    whole = Catalog(locale=locale)
    for file in read:
        try:
            with file.open("rb") as stream:
                of_file = read_po(stream, locale=locale, abort_invalid=True)
        except (OSError, ValueError, PoFileError) as problem:
            log.warning("%s cannot be read, and its texts are left out: %s", file.name, problem)
            continue
        for message in of_file:
            # of a text that counts all forms, or it would come out in English where the shipped file has it
            forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            if message.id and all(forms) and not message.fuzzy:
                whole.delete(message.id)  # Babel keeps the text that it has otherwise
                whole.add(message.id, message.string)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
