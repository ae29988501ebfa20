"""Text in a CSV file that a spreadsheet would run as a formula: an apostrophe before it says that it is text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

# Where a cell of a spreadsheet begins: at the text's start, and where a spreadsheet that is told, or guesses, to split
# at semicolons or tabs begins another. Full-width signs count as the others where people write Chinese or Japanese.
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
RISKY = re.compile(rf"{_BEGINS}(?=['=+\-@\t\r\n＝＋－＠])")
GUARDED = re.compile(rf"{_BEGINS}'")


def guarded(text: str) -> str:
    """The text with an apostrophe where a cell would begin with what is run, or with an apostrophe."""
    return RISKY.sub("'", text)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, str | float]]) -> bytes:
    """Rows as CSV: UTF-8 with a byte order mark, by which Excel knows it; all text is guarded."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: guarded(v) if isinstance(v := row[name], str) else v for name in columns})
    return out.getvalue().encode("utf-8-sig")
