"""Readings by a table that lies beside the photos: which column names the photo, which one its breed.

CSV, TSV and what spreadsheets export with semicolons, with and without a first line of names; one-hot columns; JSON
lines as the Hugging Face imagefolder takes them; lists of two words a line.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from lessonkit.language import decimal, tr, translatable
from lessonkit.photos.labels import WORDNET_BREEDS
from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.folders import tidy
from lessonkit.photos.layouts.reading import NOT_IN_TABLE, TEST, Reading, Sifted
from lessonkit.photos.layouts.table import LIST, Table
from lessonkit.photos.manifest import is_photo

MOST_OF_ONE_NAME = 100  # photos of one name, among which the one that a row means is looked for
SEVERAL = translatable("The table gives it several breeds, or none.")
SAME_NAME = translatable("The table names it, and so it does another photo of the same name in another folder.")
NUMBERS = translatable("The table's labels are only numbers, and nothing says what they stand for.")
UNSAID = translatable("The table's columns do not say which of them is the breed.")
ONE_HOT = "one-hot columns"

_SAMPLE = re.compile(r"(?i)sample[-_ ]?sub|submission")
_BREED = ("breed", "race", "rasse", "raza", "razza", "raca", "порода", "品种", "品種")
_BREED_ENDS = ("breed", "rasse", "razza", "порода")  # Hunderasse, catbreed
_LABEL = (
    "label", "labels", "class", "classes", "classname", "category", "categories", "target", "species", "animal", "tag",
    "labelname", "classlabel", "categoryname", "breedname", "klasse", "etikett",
    "etiqueta", "clase", "especie", "espece", "classe", "gattung", "answer", "dogbreed",
    "catbreed", "animaltype", "petbreed", "pet",
)  # fmt: skip
_NO_LABEL = words.word_set(
    "split set subset fold part width height size filesize date time datetime year month created modified url link",
    "source license licence author photographer camera model lat lon latitude longitude x y w h xmin ymin xmax ymax x1 y1",
    "x2 y2 bbox area depth index id rowid unnamed uid uuid hash md5 sha1 confidence score prob probability age weight sex",
    "gender isvalid istrain trainval format mode channels orientation color colour location place owner notes comment",
    "comments description quality blur occluded truncated pose difficult from sender user username uploader uploadedby",
    "annotator labeler labeller annotatedby labeledby reviewer creator contributor giver favorite favourite favorited hidden",
    "deleted starred liked viewed shared rating stars reviewed verified approved flagged",
)
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
        by = _photos_of(table, sifted)
        if by is None:
            continue
        for name, labels, doubt in _label_columns(table, by, wanted):
            reading = _reading(table, name, labels, by, sifted, doubt)
            if len(reading.breeds) > 1 or column:
                found.append(reading)
    return found


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
        told = _rank(name) in (0, 1) or not all(label.isdecimal() for label in wanted)
        if not told or len(set(ids)) < len(ids) or not {_id(label) for label in wanted} <= set(ids):
            continue
        others = [column for column in range(len(table.columns)) if column != at]
        others.sort(key=lambda column: (_rank(table.columns[column]) or 2, not _is_common(table.columns[column])))
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
        columns = (*group[0].columns, _HALF, _FOLDER)
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
    return [Table(f"*.{lists[0].name.rpartition('.')[2]}", ("photo", "list", _HALF, _FOLDER), rows)]


def _half(table: Table) -> str:
    return words.split_of(re.sub(r"\d{4}", "", table.name.rpartition(".")[0]))[0] or "train"


_HALF, _FOLDER = "\0half", "\0folder"  # columns that `_merged` adds


@dataclass(frozen=True)
class _Rows:
    """Which photo each row of a table is about: row number -> path; and the column that says so."""

    photo: Mapping[int, str]
    column: int
    several: Mapping[str, str]


def _photos_of(table: Table, sifted: Sifted) -> _Rows | None:
    """The column whose cells are photos, by path, name or stem; None where no column names enough of them.

    Of photos of the same name in two halves, those are meant that the table's own name tells, else those to train on.
    """
    photos = sifted.photos
    paths = {p.path.casefold(): p.path for p in photos}
    by_name: dict[str, list[str]] = defaultdict(list)
    for photo in photos:
        for known in {photo.name.casefold(), photo.stem.casefold(), _number(photo.stem)} - {""}:
            by_name[known].append(photo.path)
    best: _Rows | None = None
    # A row's own number may read like a photo's name: it is looked at last.
    for at, name in sorted(enumerate(table.columns), key=lambda c: words.key(c[1]) in ("", "unnamed0", "index")):
        if name in (_HALF, _FOLDER):
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
            best = _Rows(found, at, several)
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


def _label_columns(table: Table, by: _Rows, wanted: str) -> list[tuple[str, dict[int, str], str]]:
    """(column's name, row -> label, doubt), for each column that may hold breeds, the likeliest first."""
    columns = {
        name: {number: table.rows[number][at] for number in by.photo}
        for at, name in enumerate(table.columns)
        if at != by.column and name not in (_HALF, _FOLDER)
    }
    if words.key(wanted) == words.key(ONE_HOT):
        return [(ONE_HOT, hot, "")] if (hot := _one_hot(columns)) else []
    if wanted:
        return [
            (n, {i: c for i, c in of.items() if c}, "")
            for n, of in columns.items()
            if words.key(n) == words.key(wanted)
        ]
    found = []
    for name, of in columns.items():
        rank = _rank(name) if len(columns) > 1 else 1  # the only other column is it, whatever its name
        halves = all(words.split_of(cell)[0] and not words.split_of(cell)[1] for cell in of.values())
        if re.fullmatch(r"column \d+", name) and any(
            len(token) > 1 and token in _NO_LABEL for token in words.tokens(table.name)
        ):
            continue  # train_test_split.txt, bounding_boxes.txt: what its numbers are stands in its name
        if rank is not None and not halves and _tells_apart(of):
            found.append((rank, name, {i: cell for i, cell in of.items() if cell}))
    found.sort(key=lambda f: (f[0], _are_numbers(f[2].values())))
    if found and found[0][0] == 1 and _are_numbers(found[0][2].values()):
        # target, and benign_malignant that says what its 0 and 1 are
        said = [f for f in found[1:] if not _are_numbers(f[2].values()) and _same(f[2], found[0][2])]
        if said:
            return [(said[0][1], said[0][2], "")]
    kept: list[tuple[int, str, dict[int, str]]] = []
    for rank, name, of in found:
        more = len(kept) > 1 and not _are_numbers(of.values())  # asked about anyway
        if not any(_same(of, other) for _, _, other in kept) and (not kept or rank == kept[0][0] or rank == 1 or more):
            kept.append((rank, name, of))
    if kept and (kept[0][0] == 0 or len(kept) == 1 or kept[0][0] < kept[1][0]):
        kept = kept[:1]
    if (not kept or kept[0][0] > 1) and (hot := _one_hot(columns)):
        return [(ONE_HOT, hot, "")]
    doubt = UNSAID if len(kept) > 1 and kept[0][0] > 1 else ""
    return [(name, of, doubt) for _, name, of in kept]


def _rank(name: str) -> int | None:
    """0 for a column called breed, 1 for label, class and the like, 2 for other words; None for what no label is."""
    plain, tokens = words.key(name), words.tokens(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))  # articleType
    if plain in map(words.key, _BREED) or plain.endswith(_BREED_ENDS):
        return 0
    if (
        plain in _LABEL
        or plain.removesuffix("id") in _LABEL
        or plain.removesuffix("id") in _BREED
        or any(token in _LABEL + _BREED for token in tokens)
    ):
        return 1
    if plain in _NO_LABEL or any(token in _NO_LABEL for token in tokens):
        return None
    return 2


def _tells_apart(of: Mapping[int, str]) -> bool:
    """Whether cells may be breeds: two values at least that repeat, far fewer values than rows, no sentences or reals."""
    counts = Counter(cell for cell in of.values() if cell)
    several = [cell for cell, n in counts.items() if n > 1]
    total = sum(counts.values())
    if len(several) < 2 or len(counts) > max(2, total // 2):
        return False
    return not any(len(cell) > 80 or re.fullmatch(r"-?\d*\.\d+(e-?\d+)?", cell) for cell in counts)


def _are_numbers(cells: Sequence[str] | object) -> bool:
    return all(re.fullmatch(r"-?\d+", str(cell)) for cell in cells)  # type: ignore[attr-defined]


def _same(one: Mapping[int, str], other: Mapping[int, str]) -> bool:
    """Whether two columns tell the same rows apart."""
    pairs = {(one[i], other[i]) for i in one if i in other}
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def _one_hot(columns: Mapping[str, Mapping[int, str]]) -> dict[int, str]:
    """row -> the name of the column that holds its 1, where columns of 0 and 1 are one-hot; {} where they are not."""
    truth = {"1": 1, "0": 0, "1.0": 1, "0.0": 0, "true": 1, "false": 0, "": 0}
    hot = {
        name: {i: truth[cell.lower()] for i, cell in of.items()}
        for name, of in columns.items()
        if all(cell.lower() in truth for cell in of.values()) and _rank(name) is not None
    }
    if len(hot) < 2:
        return {}
    rows: dict[int, list[str]] = defaultdict(list)
    for name, of in hot.items():
        for number, value in of.items():
            rows[number] += [name] * value
    start = os.path.commonprefix(list(hot))
    start = start if re.fullmatch(r"(?i)(is|has|label|class|breed|category|target)[ _.-]", start) else ""  # is_beagle
    one = {number: names[0].removeprefix(start) for number, names in rows.items() if len(names) == 1}
    return one if rows and len(one) >= 0.8 * len(next(iter(hot.values()))) and len(set(one.values())) > 1 else {}


def _listed(label: str) -> list[str]:
    """The labels of a list as Python and JSON write it: "['beagle', 'pug']" -> ["beagle", "pug"]."""
    return [one or other or bare.strip() for one, other, bare in _IN_LIST.findall(label[1:-1])]


def _reading(table: Table, column: str, labels: Mapping[int, str], by: _Rows, sifted: Sifted, doubt: str) -> Reading:
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
    if not doubt and of and _are_numbers(set(of.values())):
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
