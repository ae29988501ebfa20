"""Readings by a table that lies beside the photos: which column names the photo, which one its breed.

CSV, TSV and what spreadsheets export with semicolons, with and without a first line of names; one-hot columns; JSON
lines as the Hugging Face imagefolder takes them; lists of two words a line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from lessonkit.language import decimal, tr, translatable
from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.folders import tidy
from lessonkit.photos.layouts.reading import NOT_IN_TABLE, TEST, Reading, Sifted
from lessonkit.photos.layouts.table import LIST, Table
from lessonkit.photos.layouts.table_labels import are_numbers, label_columns
from lessonkit.photos.layouts.table_photos import FOLDER, HALF, Rows, photos_of

SEVERAL = translatable("The table gives it several breeds, or none.")
NUMBERS = translatable("The table's labels are only numbers, and nothing says what they stand for.")
_SAMPLE = re.compile(r"(?i)sample[-_ ]?sub|submission")
_PARTED = re.compile(r"[|;,/]")  # what stands between a cell's several labels
_IN_LIST = re.compile(r"""'([^']*)'|"([^"]*)"|([^\s,'"][^,'"]*)""")
_LEAST = 0.5  # of the photos a table that labels them names


def table_readings(
    sifted: Sifted, tables: Sequence[Table], column: str = "", last: bool | None = None
) -> list[Reading]:
    """The readings by tables that may be meant, the likeliest first; none where no table names the photos' breeds.

    Args:
        column: of this column, `COLUMN` or `FILE:COLUMN`; "" to find one.
        last: of tables that only count where nothing else labels the photos; None for all.
    """
    file, _, wanted = column.rpartition(":")
    found: list[Reading] = []
    lists = [t for t in tables if t.columns == LIST]
    others = [t for t in tables if t.columns != LIST and (column or not _SAMPLE.search(t.name))]
    for table in [*_merged(others), *_of_lists(lists)]:
        if last is not None and table.last != last:
            continue
        if file and words.key(file) not in (words.key(table.path), words.key(table.name)):
            continue
        by = photos_of(table, sifted)
        if by is None:
            continue
        for name, labels, doubt in label_columns(table, by, wanted):
            reading = _reading(table, name, labels, by, sifted, doubt)
            if len(reading.breeds) > 1 or column:
                found.append(reading)
    return found


def _merged(tables: Sequence[Table]) -> list[Table]:
    """Tables of the same columns, whose names or folders only tell halves (train.csv and test.csv) as one.

    Then each row's file name is given its table's half and folder.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[Table]] = defaultdict(list)
    for table in tables:
        stem = re.sub(r"\d{4}", "", table.name.lower().rpartition(".")[0])
        half, rest = words.split_of(stem)
        groups[words.key(rest) if half else table.name.lower(), table.columns].append(table)
    out = []
    for group in groups.values():
        columns = (*group[0].columns, HALF, FOLDER)
        rows = [(*row, _half(table), table.folder) for table in group for row in table.rows]
        out.append(Table(group[0].path if len(group) == 1 else group[0].name, columns, rows, group[0].last))
    return sorted(out, key=lambda table: -len(table.rows))


def _of_lists(lists: Sequence[Table]) -> list[Table]:
    """A table of lists of photos, one a breed: beagle.txt, pug.txt. None where they are halves, or hold the same photos."""
    named = {t.path: t.name.rpartition(".")[0] for t in lists}
    lists = [t for t in lists if not words.tells_nothing(named[t.path])]
    photos = [row[0] for t in lists for row in t.rows]
    if len(lists) < 2 or len(set(photos)) < len(photos):
        return []
    rows = [(row[0], named[t.path], "train", t.folder) for t in lists for row in t.rows]
    return [Table(f"*.{lists[0].name.rpartition('.')[2]}", ("photo", "list", HALF, FOLDER), rows)]


def _half(table: Table) -> str:
    return words.split_of(re.sub(r"\d{4}", "", table.name.rpartition(".")[0]))[0] or "train"


def _listed(label: str) -> list[str]:
    """The labels of a list as Python and JSON write it: "['beagle', 'pug']" -> ["beagle", "pug"]."""
    return [one or other or bare.strip() for one, other, bare in _IN_LIST.findall(label[1:-1])]


def _reading(table: Table, column: str, labels: Mapping[int, str], by: Rows, sifted: Sifted, doubt: str) -> Reading:
    given: dict[str, set[str]] = defaultdict(set)
    listed = all(label.startswith("[") and label.endswith("]") for label in labels.values())
    for number, label in labels.items():
        given[by.photo[number]].update(_listed(label) if listed else [label])
    alone = {label for several in given.values() for label in several if not _PARTED.search(label)}
    for several in given.values():
        for label in list(several):
            parts = [part.strip() for part in _PARTED.split(label)]
            words_of = label.split()
            if len(parts) > 1 and any(part in alone for part in parts):
                several.update(parts)  # beagle|happy, beside photos that are just beagle
                several.discard(label)
            elif len(words_of) > 1 and all(word in alone for word in words_of):
                several.update(words_of)  # scab rust, beside photos that are just one of them
                several.discard(label)
    of = {path: next(iter(several)) for path, several in given.items() if len(several) == 1}
    of = {path: label for path, label in of.items() if not words.is_unlabelled(label)}
    left_out = {path: SEVERAL for path, several in given.items() if len(several) > 1}
    for number, path in by.photo.items():
        if number not in labels and path not in of:
            left_out[path] = SEVERAL
    for photo in sifted.photos:
        if photo.path not in of and photo.path not in left_out:
            test = sifted.splits.get(photo.path) == "test"
            left_out[photo.path] = by.several.get(photo.path, TEST if test else NOT_IN_TABLE)
    may = sum(1 for p in sifted.photos if left_out.get(p.path) != TEST)
    if not doubt and of and are_numbers(set(of.values())):
        doubt = NUMBERS
    if not doubt and len(of) < _LEAST * may:
        doubt = tr(
            "The table {table} names {named} of {photos} photos.",
            table=table.name,
            named=decimal(len(of)),
            photos=decimal(may),
        )
    said = tr("by the table {table}, column “{column}”", table=table.name, column=column)
    return Reading("csv", f"{table.name}:{column}", said, tidy(of), left_out, doubt=doubt)
