"""Which columns of a table may hold breeds: by their names and by what their cells tell apart; one-hot columns."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from lessonkit.language import translatable
from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.table import Table
from lessonkit.photos.layouts.table_photos import FOLDER, HALF, Rows

UNSAID = translatable("The table's columns do not say which of them is the breed.")
ONE_HOT = "one-hot columns"
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


def label_columns(table: Table, by: Rows, wanted: str) -> list[tuple[str, dict[int, str], str]]:
    """(column's name, row -> label, doubt), for each column that may hold breeds, the likeliest first."""
    columns = {
        name: {number: table.rows[number][at] for number in by.photo}
        for at, name in enumerate(table.columns)
        if at != by.column and name not in (HALF, FOLDER)
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
        rank = rank_of(name) if len(columns) > 1 else 1  # the only other column is it, whatever its name
        halves = all(words.split_of(cell)[0] and not words.split_of(cell)[1] for cell in of.values())
        if re.fullmatch(r"column \d+", name) and any(
            len(token) > 1 and token in _NO_LABEL for token in words.tokens(table.name)
        ):
            continue  # train_test_split.txt, bounding_boxes.txt: what its numbers are stands in its name
        if rank is not None and not halves and _tells_apart(of):
            found.append((rank, name, {i: cell for i, cell in of.items() if cell}))
    found.sort(key=lambda f: (f[0], are_numbers(f[2].values())))
    if found and found[0][0] == 1 and are_numbers(found[0][2].values()):
        # target, and benign_malignant that says what its 0 and 1 are
        said = [f for f in found[1:] if not are_numbers(f[2].values()) and _same(f[2], found[0][2])]
        if said:
            return [(said[0][1], said[0][2], "")]
    kept: list[tuple[int, str, dict[int, str]]] = []
    for rank, name, of in found:
        more = len(kept) > 1 and not are_numbers(of.values())  # asked about anyway
        if not any(_same(of, other) for _, _, other in kept) and (not kept or rank == kept[0][0] or rank == 1 or more):
            kept.append((rank, name, of))
    if kept and (kept[0][0] == 0 or len(kept) == 1 or kept[0][0] < kept[1][0]):
        kept = kept[:1]
    if (not kept or kept[0][0] > 1) and (hot := _one_hot(columns)):
        return [(ONE_HOT, hot, "")]
    doubt = UNSAID if len(kept) > 1 and kept[0][0] > 1 else ""
    return [(name, of, doubt) for _, name, of in kept]


def rank_of(name: str) -> int | None:
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


def are_numbers(cells: Sequence[str] | object) -> bool:
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
        if all(cell.lower() in truth for cell in of.values()) and rank_of(name) is not None
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
