"""Which photo each row of a table is about: the column whose cells name photos, by path, by name or by number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from lessonkit.language import translatable
from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.reading import Sifted
from lessonkit.photos.layouts.table import Table
from lessonkit.photos.manifest import is_photo

MOST_OF_ONE_NAME = 100  # photos of one name, among which the one that a row means is looked for
SAME_NAME = translatable("The table names it, and so it does another photo of the same name in another folder.")
HALF, FOLDER = "\0half", "\0folder"  # columns that `_merged` adds


@dataclass(frozen=True)
class Rows:
    """Which photo each row of a table is about: row number -> path; and the column that says so."""

    photo: Mapping[int, str]
    column: int
    several: Mapping[str, str]


def photos_of(table: Table, sifted: Sifted) -> Rows | None:
    """The column whose cells are photos, by path, name or stem; None where no column names enough of them.

    Of photos of the same name in two halves, those are meant that the table's own name tells, else those to train on.
    """
    photos = sifted.photos
    paths = {p.path.casefold(): p.path for p in photos}
    by_name: dict[str, list[str]] = defaultdict(list)
    for photo in photos:
        for known in {photo.name.casefold(), photo.stem.casefold(), _number(photo.stem)} - {""}:
            by_name[known].append(photo.path)
    best: Rows | None = None
    # A row's own number may read like a photo's name: it is looked at last.
    for at, name in sorted(enumerate(table.columns), key=lambda c: words.key(c[1]) in ("", "unnamed0", "index")):
        if name in (HALF, FOLDER):
            continue
        found: dict[int, str] = {}
        several: dict[str, str] = {}
        for number, row in enumerate(table.rows):
            hits = _hits(row[at], row[-1], paths, by_name)
            if 1 < len(hits) <= MOST_OF_ONE_NAME:
                hits = [hit for hit in hits if sifted.splits.get(hit) == row[-2]] or hits
            if len(hits) == 1:
                found[number] = hits[0]
            elif hits and hits[0] not in several:
                several |= dict.fromkeys(hits, SAME_NAME)
        if len(found) >= 2 and (best is None or len(set(found.values())) > len(set(best.photo.values()))):
            best = Rows(found, at, several)
    return best


def _hits(cell: str, folder: str, paths: Mapping[str, str], by_name: Mapping[str, list[str]]) -> list[str]:
    """The photos that a cell names: in its table's folder, by its path, by its end of a path, or by its name."""
    plain = cell.replace("\\", "/").strip().lstrip("./").casefold()
    if not plain:
        return []
    if beside := paths.get(f"{folder}/{plain}".lstrip("/").casefold()):
        return [beside]
    if plain in paths:
        return [paths[plain]]
    name = plain.rpartition("/")[2]
    if "://" in cell:  # an address, whose end may be a query
        name = unquote(re.split(r"[?#]", name)[0])
    stem = name.rpartition(".")[0] if is_photo(name) else name
    hits = by_name.get(name) or by_name.get(stem) or by_name.get(_number(stem)) or []
    if 1 < len(hits) <= MOST_OF_ONE_NAME:
        inner = [
            hit for hit in hits if f"/{hit.casefold()}".endswith((f"/{plain}", *(f"/{plain}{e}" for e in _SUFFIXES)))
        ]
        below = [hit for hit in hits if hit.casefold().startswith(f"{folder.casefold()}/")] if folder else []
        hits = next((some for some in (inner, below) if len(some) == 1), hits)
    if 1 < len(hits) <= MOST_OF_ONE_NAME and "/" in plain:  # dataset/val/1.jpg of another machine, val/1.jpg here
        above = plain.split("/")[-2::-1]
        shared = [_shared(above, hit.casefold().split("/")[-2::-1]) for hit in hits]
        hits = [hit for hit, n in zip(hits, shared, strict=True) if n == max(shared)]
    return hits


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many folders two paths share, from the inside out."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


_SUFFIXES = (".jpg", ".jpeg", ".png")


def _number(stem: str) -> str:
    """A stem that is a number, without the noughts before it, so that `7` is 0007.jpg; "" for others."""
    return str(int(stem)) if stem.isascii() and stem.isdigit() and len(stem) < 16 else ""
