"""What labels that are numbers or ids stand for, by a list beside the photos."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lessonkit.photos.labels import WORDNET_BREEDS
from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.table import Table
from lessonkit.photos.layouts.table_labels import rank_of
from lessonkit.photos.manifest import is_photo


def names_of(tables: Sequence[Table], labels: Mapping[str, str]) -> dict[str, str]:
    """What a list beside the photos (classes.txt, LOC_synset_mapping.txt) calls labels that are numbers or ids.

    Lists may be the other way round (label_map.json: {"Forest": 0}). What is a word already is no id.

    Returns label -> name for all labels, or {} where no list knows them all.
    """
    known = {label: label for label in labels.values() if label in WORDNET_BREEDS.values()}  # read without a list
    wanted = set(labels.values()) - set(known)
    if not wanted or not all(any(c.isdigit() for c in label) for label in wanted):
        return {}
    for table in tables:
        if len(table.columns) == 1:
            maps = _numbered([row[0] for row in table.rows], wanted)
        elif len(table.columns) == 2:
            rows = [table.columns, *table.rows] if not table.columns[0].startswith("column") else list(table.rows)
            back = {row[1]: row[0] for row in rows}
            maps = [{row[0]: row[1] for row in rows}, back if len(back) == len(rows) else {}]
            maps += [{_id(number): name for number, name in pairs.items()} for pairs in maps]
        else:
            maps = _joined(table, wanted)
        for found in maps:
            pairs = found if wanted <= set(found) else {n: found[_id(n)] for n in wanted if _id(n) in found}
            if not wanted <= set(pairs) or len({words.key(pairs[label]) for label in wanted}) < len(wanted):
                continue
            if not all(any(c.isalpha() for c in pairs[n]) and not is_photo(pairs[n]) for n in wanted):
                continue
            short = {label: pairs[label].split(",")[0].strip() for label in wanted}  # tench, Tinca tinca
            if len(set(map(words.key, short.values()))) < len(wanted):
                short = {label: pairs[label] for label in wanted}
            return short | known
    return {}


def _joined(table: Table, wanted: set[str]) -> list[dict[str, str]]:
    """What the rows of a wider table call labels: id -> name, by each of its columns of names, the likeliest first.

    Numbers are ids of breeds only in a column that is called so: any table has a column of 0, 1, 2.
    """
    maps = []
    for at, name in enumerate(table.columns):
        ids = [_id(row[at]) for row in table.rows]
        told = rank_of(name) in (0, 1) or not all(label.isdecimal() for label in wanted)
        if not told or len(set(ids)) < len(ids) or not {_id(label) for label in wanted} <= set(ids):
            continue
        others = [column for column in range(len(table.columns)) if column != at]
        others.sort(key=lambda column: (rank_of(table.columns[column]) or 2, not _is_common(table.columns[column])))
        maps += [dict(zip(ids, (row[column] for row in table.rows), strict=True)) for column in others]
    return maps


def _is_common(column: str) -> bool:
    """Whether a column holds names that people use, beside scientific ones."""
    return any(token in ("common", "english", "vernacular") for token in words.tokens(column))


def _id(text: str) -> str:
    """A number as lists and folders write it, "00", "0:", "class 0", as "0"; other text as it is."""
    match = re.fullmatch(r"(?i)(?:class|label|cls)?[ _-]?0*(\d{1,6})[:.)]?", text.strip())
    return match[1] if match else text


def _numbered(names: Sequence[str], wanted: set[str]) -> list[dict[str, str]]:
    """What labels that are numbers stand for in a list of names, a line each: from 0 where there is a 0, from 1 where the
    last number is the list's length; nothing where neither is so."""
    numbers = {int(_id(label)) for label in wanted if _id(label).isdigit()}
    if not numbers or len(numbers) < len(wanted):
        return []
    first = 0 if 0 in numbers else 1
    if max(numbers) >= len(names) + first or (first == 1 and max(numbers) < len(names)):
        return []
    return [{str(n): name for n, name in enumerate(names, first)}]
