"""`lessonkit texts LANGUAGE`: all texts of the lesson in one PO file, to edit and to put into a folder of one's own."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

import lessonkit
from lessonkit import config, language
from lessonkit.cli.files import write
from lessonkit.errors import LessonError

HEAD = """\
# The texts of the lesson (lessonkit {version}): {language}.
# Change what is to the right of msgstr, leave {{places}} and `code` as they are, and delete what you do not change.
# Put this file into FOLDER/{code}/, and start the lesson with LESSONKIT_TEXTS=FOLDER."""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("language", metavar="LANGUAGE", help="such as en, de, fr or pt_BR")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it here (default: print it)")


def command(arguments: argparse.Namespace) -> int:
    of = arguments.language.replace("-", "_")
    written, number, lacking = po_file(of)
    if arguments.out:
        write(arguments.out, written, f"{number:,} texts, {lacking:,} without a translation")
        print(f"Put it into FOLDER/{of}/, and start the lesson with LESSONKIT_TEXTS=FOLDER.")
    else:
        sys.stdout.buffer.write(written)
    return 0


def po_file(of: str) -> tuple[bytes, int, int]:
    """A PO file of all texts with their translation so far, those of LESSONKIT_TEXTS among them; of English the texts.

    Args:
        of: the language's code, such as fr or pt_BR.

    Returns:
        The file, how many texts it has, and how many of them without a translation.

    Raises:
        LessonError: there is no such language, or a file of texts cannot be read.
    """
    try:
        called = Locale.parse(of).english_name
    except (UnknownLocaleError, ValueError):
        raise LessonError(
            f"“{of[:40]}” is no language that is known here.", "Give its code, such as de, fr or pt_BR."
        ) from None
    language.take_from(config.texts())
    head = HEAD.format(version=lessonkit.__version__, language=called, code=of)
    whole = Catalog(locale=of, project="lessonkit", version=lessonkit.__version__, header_comment=head, fuzzy=False)
    for message in _messages(sorted(language.HERE.glob("*/*.po"))):  # whatever the language, they have the same ids
        whole.add(message.id, locations=message.locations)
    known = {_key(message): message for message in _messages(language.files(of)) if all(_forms(message.string))}
    lacking = 0
    for message in whole:
        if not message.id:
            continue
        one, *many = _forms(message.id)
        there = known.get(one)
        if there and isinstance(there.id, str) == isinstance(message.id, str):
            message.string = there.string
        elif of == language.ENGLISH:
            message.string = (one, *many) if many else one
        else:
            message.string = ("",) * whole.num_plurals if many else ""
            lacking += 1
    written = io.BytesIO()
    write_po(written, whole, width=0, include_lineno=False)
    return written.getvalue(), len(whole), lacking


def _messages(files: list[Path]) -> Iterator[Message]:
    for file in files:
        try:
            with file.open("rb") as stream:
                yield from (message for message in read_po(stream, abort_invalid=True) if message.id)
        except (OSError, ValueError, PoFileError) as problem:
            raise LessonError(f"{file} cannot be read ({problem}).", "Mend it, or take it away.") from problem


def _key(message: Message) -> str:
    return _forms(message.id)[0]


def _forms(text: object) -> tuple[str, ...]:
    """A text's forms: one, or as many as the language has for a count."""
    return tuple(map(str, text)) if isinstance(text, (tuple, list)) else (str(text or ""),)
