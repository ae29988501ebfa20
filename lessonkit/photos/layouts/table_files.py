"""Files that may hold a table of labels, read: their encoding, what stands between their cells, their first line."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Sequence

from charset_normalizer import from_bytes

from lessonkit.photos.layouts import sidecars
from lessonkit.photos.layouts.table import LIST, Table
from lessonkit.photos.manifest import is_photo

ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".tab", ".json")
LARGEST = 20 << 20  # bytes of a table that is read
MOST_ROWS = 200_000
_ID_FIRST = re.compile(r"n\d{8}\s|\d+\s[^\d,;]")  # a list of what ids or numbers stand for


def is_table(path: str, size: int) -> bool:
    """Whether a file is worth reading as a table, by its name and size."""
    name = path.rpartition("/")[2].lower()
    if name in ("readme.md", "annotations.xml", *sidecars.SETTINGS_OF_YOLO):
        return 0 < size <= LARGEST
    of_a_photo = any(f".{ending}." in name for ending in ("jpg", "jpeg", "png", "heic", "mp4"))  # a photo service's
    return name.endswith(ENDINGS) and 0 < size <= LARGEST and not name.startswith("._") and not of_a_photo


def read_table(path: str, data: bytes) -> Table | None:
    """A file's bytes as a table; None where they are none."""
    text = _text(data)
    if path.lower().endswith((".jsonl", ".ndjson")):
        return _from_json_lines(path, text)
    if path.lower().endswith(".json"):
        return sidecars.from_json(path, text)
    if path.lower().endswith(".xml"):
        return sidecars.from_cvat(path, text)
    if path.lower().endswith(".md"):
        return sidecars.from_card(path, text)
    if path.lower().endswith((".yaml", ".yml")):
        return sidecars.from_yaml(path, text)
    lines = [line for line in text.splitlines() if line.strip()][: MOST_ROWS + 1]
    if len(lines) == 1 and sidecars.is_list_of_names(path):
        names = [name.strip() for name in re.split(r"[,;\t]", lines[0]) if name.strip()]
        return Table(path, ("name",), [(name,) for name in names]) if len(names) > 1 else None
    if len(lines) < 2:
        return None
    if (
        path.lower().endswith((".txt", ".csv"))
        and sidecars.is_list_of_names(path)
        and not any(re.search(r"[,;\t]|^\W*\d+\W*\s|\s\d+\W*$", line) or is_photo(line.split()[0]) for line in lines)
    ):
        return Table(path, ("name",), [(line.strip(),) for line in lines])
    if path.lower().endswith(".txt") and (not re.search(r"[,;\t]", lines[0]) or all(map(_ID_FIRST.match, lines[:20]))):
        rows = [_two_words(line) for line in lines if not line.startswith("#")]
        rows = [row for row in rows if row]
    else:
        try:
            rows = [tuple(cell.strip() for cell in row) for row in csv.reader(lines, delimiter=_delimiter(lines))]
        except csv.Error:
            return None
    plain = path.lower().endswith(".txt") and not any("\t" in line for line in lines[:20])
    if listed := _photos_listed([(line.strip(),) for line in lines] if plain else rows):
        return Table(path, LIST, listed)
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    if width < 2:
        return None
    # A workbook's title and empty lines stand before its table.
    while len(rows) > 2 and sum(map(bool, rows[0])) < 2 and not any(map(is_photo, rows[0])):
        rows = rows[1:]
    rows = [(*row, *[""] * (width - len(row)))[:width] for row in rows]
    rows = _unpacked(rows)
    if any(is_photo(cell) for cell in rows[0]) or path.lower().endswith(".txt") and _same_kind(rows) or _repeats(rows):
        return Table(path, tuple(f"column {n}" for n in range(1, width + 1)), rows)
    return Table(path, tuple(name.strip("# \ufeff") for name in rows[0]), rows[1:])


def _photos_listed(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows of a list that has a photo a line and nothing else, without the line of names before them; else []."""
    if any(len(row) != 1 for row in rows):
        return []
    photos = [row for row in rows if is_photo(row[0])]
    return photos if len(photos) > 1 and len(photos) >= len(rows) - 1 else []


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if _is_western(western := data.decode("cp1252", errors="replace")):
        return western  # a guess by statistics is often wrong where a short table has three umlauts
    best = from_bytes(data[:100_000]).best()
    guessed = data.decode(best.encoding if best else "latin-1", errors="replace")
    odd = [c for c in guessed if c.isalpha() and not c.isascii()]
    if odd and all(c < "\u0250" for c in odd) and _share_of_odd(guessed) > 0.8:
        return data.decode("cp1251", errors="replace")  # words of nothing but accents are Cyrillic ones
    return guessed


def _share_of_odd(text: str) -> float:
    """Of the letters of words that have letters beyond the plain 26: which part is such letters, 0 to 1."""
    letters = "".join(word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii())
    return sum(not c.isascii() for c in letters) / max(1, len(letters))


def _is_western(text: str) -> bool:
    """Whether a text in Windows' western alphabet makes sense in it: few letters of each word are not plain ones."""
    signs = {c for c in text if not c.isascii() and not c.isalpha()}
    return signs <= set("‘’“”„–—…«»°·´€§½²³ªº©®\xa0") and _share_of_odd(text) <= 0.5


def _delimiter(lines: Sequence[str]) -> str:
    """What stands between a table's cells: the sign that the first lines hold equally often."""
    sample = lines[:20]
    counts = {sign: [line.count(sign) for line in sample] for sign in ",;\t|"}
    return max(counts, key=lambda sign: (min(counts[sign]) > 0, sum(counts[sign])))


def _two_words(line: str) -> tuple[str, ...]:
    parts = line.split(None, 1)
    if len(parts) != 2:
        return ()
    return parts[0], parts[1].strip()


def _same_kind(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first line is a row like the others: a list of two words a line has no line of names."""
    return list(map(str.isdigit, rows[0])) == list(map(str.isdigit, rows[-1])) and not any(map(is_photo, rows[-1]))


def _unpacked(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows with a column for each field of cells that hold a JSON object, as the VGG Image Annotator writes them."""
    for at in reversed(range(len(rows[0]))):
        cells = [row[at] for row in rows[1:]]
        if not any(cells) or not all(cell.startswith("{") for cell in cells if cell):
            continue
        held = [sidecars.fields(cell) for cell in cells]
        names = list(dict.fromkeys(name for fields in held for name in fields))
        before = [(*row[:at], *row[at + 1 :]) for row in rows]
        rows = [(*before[0], *names), *((*row, *(fields.get(n, "") for n in names))
                                        for row, fields in zip(before[1:], held, strict=True))]  # fmt: skip
    return rows


def _repeats(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether a word of the first line comes again below it: then it is a breed, and the line is no line of names."""
    below = [Counter(row[at] for row in rows[1:]) for at in range(len(rows[0]))]
    return any(any(c.isalpha() for c in cell) and below[at][cell] > 1 for at, cell in enumerate(rows[0]))


def _from_json_lines(path: str, text: str) -> Table | None:
    found = []
    for line in text.splitlines()[:MOST_ROWS]:
        try:
            found.append(json.loads(line))
        except ValueError:
            return None
    return sidecars.from_rows(path, found)
