"""Labels in other files than tables: JSON (lists, COCO, class indices), and an XML or text file beside each photo.

Pascal VOC's XML and YOLO's text files mark where things are in a photo. One kind of thing in a photo labels it; what they
say counts where nothing else labels the photos, since in a dataset of breeds they may only say cat or dog. A text file
may also hold the label itself, and so may one of JSON, or WebDataset's .cls.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import re2

from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.reading import Member
from lessonkit.photos.layouts.table import Table
from lessonkit.photos.manifest import is_photo

MOST_FILES = 20_000  # XML or text files that are read
LARGEST_FILE = 256 << 10  # bytes of one
# Of files that a stranger's zip may hold: RE2 takes time that grows with a file's size, `re` with its square or its cube.
_OBJECT = re2.compile(rb"(?s)<object\b.*?<name>\s*(.*?)\s*</name>")
_IMAGE = re2.compile(rb"(?s)<image\b([^>]*)>(.*?)</image>")
_IMAGE_NAME = re2.compile(rb'\bname="([^"]*)"')
_TAG = re2.compile(rb'<tag\b[^>]*\blabel="([^"]*)"')
_SHAPE = re2.compile(rb'<(?:box|polygon|mask|points|polyline)\b[^>]*\blabel="([^"]*)"')
_NAMES_LISTED = re2.compile(rb"(?ms)^names:\s*\[(.*?)\]")
_NAMES_BELOW = re2.compile(rb"(?m)^names:\s*\n((?:[ \t]*(?:-|\d+:).*\n?)+)")
_CARD = re2.compile(rb"class_label:\s*\n\s*names:\s*\n((?:[ \t]*(?:'?\d+'?:|-).*\n?)+)")
SETTINGS_OF_YOLO = ("data.yaml", "data.yml", "dataset.yaml")
LONGEST_WORD = 60  # characters of a label that is a file's only line
FILES = ("file_name", "file", "filename", "image", "path", "name")
CATEGORY = ("category", "scientificName", "scientific_name", "species")
FIELDS = ("breed", "label", "class", "classname", "category", "labelname", "cls", "species", "target")
_NAMED_BOX = re2.compile(rb"([^\d\s](?:.*[^\d\s])?)(?:\s+-?\d+(?:\.\d+)?){4,}")
_BOX = re2.compile(rb"(\d+)(?:\s+-?\d*\.?\d+(?:e-?\d+)?){4,}\s*")


def from_json(path: str, text: str) -> Table | None:
    """A JSON file as a table; None where it holds none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict) and all(isinstance(found.get(k), list) for k in ("images", "annotations", "categories")):
        return _from_coco(path, found)
    if isinstance(found, dict) and all(isinstance(found.get(k), list) for k in ("images", "categories")):
        return _of_images(path, found)
    if isinstance(found, dict) and (marked := _marked(path, found)):
        return marked
    if isinstance(found, dict):
        if names := _names_in(found):
            return names_table(path, names)
        lists = [value for value in found.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        if len(lists) == 1:
            return from_rows(path, lists[0])
        if found and all(isinstance(value, dict) for value in found.values()):
            return from_rows(path, [{"file": name, **value} for name, value in found.items()])
        return _from_pairs(path, found)
    if not isinstance(found, list):
        return None
    if is_list_of_names(path) and len(found) > 1 and all(isinstance(name, str) for name in found):
        return Table(path, ("name",), [(name,) for name in found])
    return _from_label_studio(path, found) or _of_annotated(path, found) or from_rows(path, found)


def _marked(path: str, found: dict[str, Any]) -> Table | None:
    """FiftyOne's {"classes": […], "labels": {photo: number}}, and VoTT's {"assets": {id: {"asset": …, "regions": […]}}}."""
    classes, given, assets = found.get("classes"), found.get("labels"), found.get("assets")
    if isinstance(classes, list) and isinstance(given, dict):
        names = {n: str(name) for n, name in enumerate(classes)}
        rows = [(str(photo), names[n]) for photo, n in given.items() if isinstance(n, int) and n in names]
        return Table(path, ("file_name", "label"), rows) if len(rows) > 1 else None
    return _of_annotated(path, list(assets.values())) if isinstance(assets, dict) else None


def _of_annotated(path: str, found: Sequence[Any]) -> Table | None:
    """A list of photos, each with what is marked in it (Create ML's, VoTT's): a row for each kind of thing."""
    rows = []
    for one in _dicts(found):
        held = [value for value in one.values() if isinstance(value, dict)]
        file = next((v for part in (one, *held) for v in part.values() if isinstance(v, str) and is_photo(v)), "")
        rows += [(file, kind) for kind in sorted(_marks(one)) if file]
    return Table(path, ("file_name", "category"), rows, last=True) if len(rows) > 1 else None


def _marks(found: dict[str, Any]) -> set[str]:
    """What the things are called that are marked in a photo, in the words of several labelling programs."""
    said: set[str] = set()
    for held in ("annotations", "objects", "regions"):
        for one in _dicts(found.get(held)):
            tags = one.get("tags")
            names = [
                *(tags if isinstance(tags, list) else ()),
                *(one.get(key) for key in ("label", "classTitle", "class", "name")),
            ]
            said |= {next((name for name in names if isinstance(name, str) and name), "")} - {""}
    return said


def is_list_of_names(path: str) -> bool:
    """Whether a file is called as lists of classes are: classes.txt, names.json, labels.txt, synsets.txt."""
    stem = words.key(path.rpartition("/")[2].rpartition(".")[0])
    return stem in (
        "classes",
        "names",
        "labels",
        "categories",
        "synsets",
        "classnames",
        "labelnames",
        "breeds",
        "objnames",
    )


def names_table(path: str, names: dict[str, str]) -> Table:
    """Numbers and what they stand for, as a table."""
    return Table(path, ("column 1", "column 2"), list(names.items()))


def _names_in(found: dict[str, Any]) -> dict[str, str]:
    """What a model's or a dataset's own description says that its numbers stand for; {} where it says nothing.

    id2label and label2id of a config.json, `names` of a ClassLabel in dataset_infos.json.
    """
    pairs = found.get("id2label")
    if isinstance(pairs, dict) and pairs:
        return {str(number): str(name) for number, name in pairs.items()}
    back = found.get("label2id")
    if isinstance(back, dict) and back:
        return {str(number): str(name) for name, number in back.items()}
    deeper = [value for value in found.values() if isinstance(value, dict)]
    for value in deeper:
        names = value.get("names")
        if isinstance(names, list) and len(names) > 1 and all(isinstance(name, str) for name in names):
            return {str(n): name for n, name in enumerate(names)}
        if names := _names_in(value):
            return names
    return {}


def from_card(path: str, text: str) -> Table | None:
    """The names of the classes in a Hugging Face dataset's README.md; None where it has none."""
    head = text.split("\n---", 1)[0]
    listed = _CARD.search(head.encode())
    if listed is None:
        return None
    lines = _decoded(listed[1]).splitlines()
    names = [re.sub(r"^\s*(?:-|'?\d+'?:)\s*", "", line).strip().strip("'\"") for line in lines]
    return names_table(path, {str(n): name for n, name in enumerate(names)}) if len(names) > 1 else None


def from_yaml(path: str, text: str) -> Table | None:
    """The names of the classes in YOLO's data.yaml; None where it has none."""
    names = _names(text, path.lower())
    return names_table(path, {str(n): name for n, name in enumerate(names)}) if len(names) > 1 else None


def from_cvat(path: str, text: str) -> Table | None:
    """CVAT's XML for all photos: the tag of each, or the kind of thing that is marked in it; None where it is none."""
    rows = []
    for image in _IMAGE.finditer(text.encode()):
        name = _IMAGE_NAME.search(image[1])
        kinds = _TAG.findall(image[2]) or _SHAPE.findall(image[2])
        if name:
            rows += [(_unescaped(name[1]), _unescaped(kind)) for kind in sorted(set(kinds))]
    return Table(path, ("file_name", "category"), rows, last=True) if len(rows) > 1 else None


def _from_label_studio(path: str, found: list[Any]) -> Table | None:
    """Label Studio's JSON: the choice that was made of each photo, or the kind of thing that is marked in it."""
    rows = []
    for task in found:
        if not (isinstance(task, dict) and isinstance(task.get("data"), dict)):
            return None
        file = next((value for value in task["data"].values() if isinstance(value, str) and is_photo(value)), "")
        kinds = {said[0] for said in _choices(task.get("annotations")) if isinstance(said[0], str)}
        rows += [(file, kind) for kind in sorted(kinds) if file]
    return Table(path, ("file_name", "category"), rows, last=True) if len(rows) > 1 else None


def _choices(annotations: Any) -> Iterator[list[Any]]:
    """The lists that Label Studio's annotations hold under `choices`, `rectanglelabels` and the like."""
    results = [one.get("result") for one in _dicts(annotations)]
    for value in (one.get("value") for result in results for one in _dicts(result)):
        if isinstance(value, dict):
            for name, said in value.items():
                if (name == "choices" or name.endswith("labels")) and isinstance(said, list) and said:
                    yield said


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _decoded(group: bytes | None) -> str:
    """What a group of a pattern matched, as text."""
    return (group or b"").decode()


def _unescaped(group: bytes | None) -> str:
    return html.unescape(_decoded(group))


def fields(text: str) -> dict[str, str]:
    """The fields of a JSON object that are text, numbers, or truths; {} for what is no object."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return _plain(found) if isinstance(found, dict) else {}


def _plain(found: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items() if isinstance(value, str | int | float | bool)}


def from_rows(path: str, rows: Sequence[Any]) -> Table | None:
    """Dicts as a table; columns that hold lists or dicts are left out. None where nothing is left."""
    found = [row | _within(row) for row in rows if isinstance(row, dict)]
    columns = list(dict.fromkeys(str(name) for row in found for name in row))
    plain = [name for name in columns if all(isinstance(row.get(name, ""), str | int | float | bool) for row in found)]
    if len(plain) < 2:
        return None
    return Table(path, tuple(plain), [tuple(str(row.get(name, "")) for name in plain) for row in found])


def _within(row: dict[str, Any]) -> dict[str, Any]:
    """What a row's objects hold, as fields of the row: {"file_attributes": {"breed": "pug"}} -> {"breed": "pug"}."""
    return {name: value for held in row.values() if isinstance(held, dict) for name, value in _plain(held).items()
            if name not in row}  # fmt: skip


def beside_photos(members: Sequence[Member], read: Callable[[str], bytes]) -> list[Table]:
    """The tables that XML, text and JSON files, one a photo, come to; none where there are no such files.

    Args:
        members: all files.
        read: a file's bytes by its path.
    """
    stems = {known for member in members if is_photo(member.name) for known in (member.stem, member.name)}
    beside = [m for m in members if m.stem in stems and m.size <= LARGEST_FILE and not any(map(words.junk, m.folders))]
    found = []
    for ending, label_of in (
        (".xml", _voc),
        (".txt", _yolo),
        (".txt", _word),
        (".txt", _boxed),
        (".cls", _word),
        (".json", _field),
    ):
        rows = []
        for member in [m for m in beside if m.name.lower().endswith(ending)][:MOST_FILES]:
            kinds = label_of(read(member.path).decode("utf-8", errors="replace"))
            if kinds:
                rows += [(member.stem, kind) for kind in sorted(kinds)]
        if len(rows) > 1:
            found.append(Table(f"*{ending}", ("file", "object"), _named(rows, members, read), last=True))
    return found


def _voc(text: str) -> set[str]:
    return {_unescaped(name) for name in _OBJECT.findall(text.encode())}


def _yolo(text: str) -> set[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    boxes = [_BOX.fullmatch(line.strip().encode()) for line in lines]
    return {_decoded(box[1]) for box in boxes if box} if lines and all(boxes) else set()


def _word(text: str) -> set[str]:
    """What a file of one short line says: a label, where other photos' files say it too."""
    line = text.strip().strip("\ufeff")
    return (
        {line}
        if 0 < len(line) <= LONGEST_WORD
        and "\n" not in line
        and not (_BOX.fullmatch(line.encode()) or _NAMED_BOX.fullmatch(line.encode()))
        else set()
    )


def _boxed(text: str) -> set[str]:
    """The words before boxes, KITTI's and those of Open Images: Cat 12.3 44.0 330.2 220.9."""
    lines = [line for line in text.splitlines() if line.strip()]
    boxes = [_NAMED_BOX.fullmatch(line.strip().encode()) for line in lines]
    return {_decoded(box[1]) for box in boxes if box} if lines and all(boxes) else set()


def _field(text: str) -> set[str]:
    """What a JSON file calls label, class, breed, …; the first of them that it has."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return set()
    fields = {words.key(str(name)): value for name, value in found.items()} if isinstance(found, dict) else {}
    value = next((fields[name] for name in FIELDS if name in fields), "")
    tags = fields.get("tags")
    if value == "" and isinstance(tags, list) and tags:  # Supervisely's
        return {str(tag["name"]) for tag in tags if isinstance(tag, dict) and "name" in tag}
    shapes = fields.get("shapes")
    if value == "" and isinstance(shapes, list):  # LabelMe's
        flags = fields.get("flags")
        said = [name for name, on in flags.items() if on is True] if isinstance(flags, dict) else []
        return set(map(str, said)) or {str(s["label"]) for s in shapes if isinstance(s, dict) and "label" in s}
    if value == "" and isinstance(found, dict) and (marks := _marks(found)):
        return marks
    return {str(value)} if isinstance(value, str | int) and value != "" else set()


def _named(
    rows: list[tuple[str, str]], members: Sequence[Member], read: Callable[[str], bytes]
) -> list[tuple[str, str]]:
    """Rows with the classes' names for their numbers, where data.yaml or obj.names has them."""
    for member in members:
        listed = member.name.lower() in (*SETTINGS_OF_YOLO, "classes.txt")
        if (listed or member.name.endswith(".names")) and member.size <= LARGEST_FILE:
            names = _names(read(member.path).decode("utf-8", errors="replace"), member.name.lower())
            if names and all(kind.isdecimal() and int(kind) < len(names) for _, kind in rows):
                return [(stem, names[int(kind)]) for stem, kind in rows]
    return rows


def _names(text: str, name: str) -> list[str]:
    if name.endswith((".names", ".txt")):
        return [line.strip() for line in text.splitlines() if line.strip()]
    if listed := _NAMES_LISTED.search(text.encode()):
        return [part.strip().strip("'\"") for part in _decoded(listed[1]).split(",") if part.strip()]
    below = _NAMES_BELOW.search(text.encode())
    lines = _decoded(below[1]).splitlines() if below else []
    return [re.sub(r"^\s*(?:-|\d+:)\s*", "", line).strip().strip("'\"") for line in lines]


def _from_coco(path: str, found: dict[str, Any]) -> Table | None:
    try:
        names = {_first(c, "id", "category_id"): str(_first(c, "name", *CATEGORY)) for c in found["categories"]}
        files = {_first(image, "id", "image_id"): str(_first(image, *FILES)) for image in found["images"]}
        rows = {(files[a["image_id"]], names[a["category_id"]]) for a in found["annotations"]}
    except (KeyError, TypeError):
        return None
    return Table(path, ("file_name", "category"), sorted(rows), last=True)


def _first(row: dict[str, Any], *keys: str) -> Any:
    """What a row has under the first of some keys that it has.

    Raises:
        KeyError: it has none of them.
    """
    return row[next((key for key in keys if key in row), keys[0])]


def _of_images(path: str, found: dict[str, Any]) -> Table | None:
    """{"categories": [{id, name}], "images": [{file, category_id}]}: as COCO's, with the breed right beside the photo."""
    try:
        names = {_first(c, "id", "category_id"): str(_first(c, "name", *CATEGORY)) for c in found["categories"]}
        rows = [(str(_first(i, *FILES)), names[_first(i, "category_id", "category", "label")]) for i in found["images"]]
    except (KeyError, TypeError):
        return None
    return Table(path, ("file_name", "category"), rows) if len(rows) > 1 else None


def _from_pairs(path: str, found: dict[str, Any]) -> Table | None:
    """{photo: breed}, {number: name}, or ImageNet's {number: [id, name]}."""
    rows: list[tuple[str, str]] = []
    if all(isinstance(v, list) and v and all(isinstance(p, str) and is_photo(p) for p in v) for v in found.values()):
        rows = [(photo, name) for name, photos in found.items() for photo in photos]
        return Table(path, ("column 1", "column 2"), rows)
    for name, value in found.items():
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            rows += [(str(name), value[-1]), (value[0], value[-1])]
        elif isinstance(value, str | int):
            rows.append((str(name), str(value)))
        else:
            return None
    return Table(path, ("column 1", "column 2"), rows) if len(rows) > 1 else None
