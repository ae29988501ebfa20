"""Readings by folders: which level of somebody's folders tells the breeds apart, the innermost or one further out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from lessonkit.language import tr, translatable
from lessonkit.photos.labels import WORDNET_BREEDS
from lessonkit.photos.layouts import known, words
from lessonkit.photos.layouts.reading import CALLED, NO_FOLDER, TEST, Reading, Sifted

Folders = dict[str, tuple[str, ...]]
"""path -> the folders that a photo lies in, from the outside in."""

BY_FOLDER = translatable("by the folder that each photo lies in")
BY_PARENT = translatable("by the outer folder")
NUMBERED = translatable("The folders differ in a number alone, so they may be parts of one collection and not breeds.")
NUMBERS = translatable("The folders are only numbers, and nothing says what they stand for.")
CIRCUMSTANCES = translatable("The folders may tell how the photos were taken, not which breed is on them.")
MOMENTS = translatable("The folders tell days, and what was done on them, it seems, not breeds.")
OF_MANY_KINDS = translatable(
    "A folder is called “{folder}”, which tells no breed: take it away if photos of several breeds lie in it."
)
FEW_IN_FOLDERS = translatable("Most of the photos lie in no folder of a breed.")

_STRAY = 0.01  # part of the photos that may lie beside the folder that wraps the others
_REPEATED = 0.5
_FEW = 2  # photos a folder on average, below which inner folders are single animals, not breeds
_KNOWN = 0.5  # of a level's names are known as breeds: the level tells breeds
# CUB's 001.Black_footed_Albatross, and class_0_beagle
_NUMBERED = re.compile(r"(?i)^(?:(?:class|cls|label|category)[ _-]?)?\d{1,4}[._ -]+(?=\D*[^\W\d_])(.+)$")
_RANKS = re.compile(
    r"^\d{5}_(?:[A-Z][\w.-]*?_){5}([A-Z][^_]+_.+)$"
)  # iNaturalist's 04001_Animalia_…_Canidae_Canis_lupus
_DATED = re.compile(r"(?<!\d)(19|20)\d\d([-_. ]?(0[1-9]|1[0-2])([-_. ]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_DAY = re.compile(r"(?<!\d)(19|20)\d\d[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)")
_WORDNET = re.compile(r"^(?:\d+-)?n\d{6,8}[-_ ](.+)$")  # Stanford's n02085620-Chihuahua


def folder_readings(sifted: Sifted, asked: str = "auto") -> list[Reading]:
    """The readings by folders that may be meant, the likeliest first; none where no folder tells anything.

    Args:
        asked: "auto"; or "folder" or "parent" for just that one, even where it is hardly meant.
    """
    folders = telling_folders(dict(sifted.folders))
    if asked != "auto" and not any(folders.values()):
        folders = _without_wrapper(dict(sifted.folders))
    levels = _levels(folders)
    if not levels:
        return []
    if len(levels) == 1:
        (of,) = levels.values()
        return [_reading(asked if asked != "auto" else _kind(of, sifted), of, sifted)]
    if asked != "auto":
        return [_reading(asked, levels[asked], sifted)]
    return [_reading(kind, levels[kind], sifted) for kind in _which(levels["parent"], levels["folder"], folders)]


def telling_folders(folders: Folders) -> Folders:
    """The folders without those that tell no breed: wrappers, images/, years, numbered parts, cameras, repetitions."""
    while True:
        before = folders
        folders = _without_wrapper(folders)
        folders = _without_what_tells_nothing(folders)
        folders = {
            path: tuple(f for i, f in enumerate(parts) if i == 0 or words.key(f) != words.key(parts[i - 1]))
            for path, parts in folders.items()
        }
        folders = _without_constant_end(folders)
        if folders == before:
            return folders


def _without_wrapper(folders: Folders) -> Folders:
    """Without the folders that all photos lie in, a few beside them not counted."""
    while True:
        first = Counter(parts[0] for parts in folders.values() if parts)
        if not first:
            return folders
        (top, held), *others = first.most_common()
        deeper = {parts[1] for parts in folders.values() if len(parts) > 1 and parts[0] == top}
        stray = sum(n for _, n in others)
        if others and (stray > max(1, _STRAY * held) or len(deeper) < 2):
            return folders
        # Some archives hold the same tree once more within itself: data/cat, data/data/cat.
        again = [path for path, parts in folders.items() if len(parts) > 2 and parts[:2] == (top, top)]
        folders = {path: parts[1:] if parts and parts[0] == top else () for path, parts in folders.items()}
        folders |= {path: folders[path][1:] for path in again}


@dataclass(frozen=True)
class _Beside:
    """What the folders of one folder have in common, worked out once: there may be 50,000 of them."""

    breeds: int
    dates: bool
    parts: bool
    hashes: bool


def _without_what_tells_nothing(folders: Folders) -> Folders:
    beside: dict[tuple[str, ...], set[str]] = defaultdict(set)
    direct: set[tuple[str, ...]] = set()
    for parts in set(folders.values()):
        for depth, part in enumerate(parts):
            beside[parts[:depth]].add(part)
        direct.add(parts)
    cameras = _things(folders)
    drop = {}
    for parent, names in beside.items():
        own = [name for name in names if not words.is_container(name)]
        facts = _Beside(
            sum(1 for name in own if not words.is_part(name)),
            all(map(words.is_date, own)),
            all(map(words.is_part, own)),
            all(words.is_hash(name) and not name.isdecimal() for name in own),  # numbers are asked about
        )
        drop |= {
            (*parent, name): (*parent, name) not in cameras and _tells_nothing(name, facts, (*parent, name) in direct)
            for name in names
        }
    kept = {
        parts: tuple(part for depth, part in enumerate(parts) if not drop[parts[: depth + 1]])
        for parts in set(folders.values())
    }
    return {path: kept[parts] for path, parts in folders.items()}


def _things(folders: Folders) -> set[tuple[str, ...]]:
    """Folders called camera whose photos no camera has named: of cameras, beside laptops and phones."""
    held: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for path, parts in folders.items():
        if parts and words.key(parts[-1]) == "camera":
            stem = path.rpartition("/")[2].rpartition(".")[0]
            held[parts].append(bool(re.match(r"(?i)\d{1,4}$|camera", stem)))
    return {parts for parts, own in held.items() if all(own)}


def _tells_nothing(name: str, beside: _Beside, direct: bool) -> bool:
    if words.is_year(name) or words.is_app(name) or words.is_new_folder(name):
        return True
    if words.is_container(name):
        # Beside two breeds a folder called “animals” may be one too.
        plain = ("images", "image", "img", "imgs", "photos", "pictures", "data")
        return words.key(name) in plain or not direct or beside.breeds < 2
    return (
        (beside.dates and words.is_date(name))
        or (beside.parts and words.is_part(name))
        or (beside.hashes and words.is_hash(name))
    )


def _without_constant_end(folders: Folders) -> Folders:
    """Without the innermost folder where it has one name for all: Bengal/pics/1.jpg, beagle/pics/2.jpg."""
    deep = [parts for parts in folders.values() if len(parts) > 1]
    ends = {words.key(parts[-1]) for parts in deep}
    if len(ends) != 1 or len({parts[:-1] for parts in deep}) < 2:
        return folders
    return {path: parts[:-1] if len(parts) > 1 else parts for path, parts in folders.items()}


def _levels(folders: Folders) -> dict[str, dict[str, str]]:
    """{"folder": labels by the innermost folder, "parent": by the outermost}; only "folder" where they are the same.

    Of three levels and more, one whose names are known as breeds stands for all.
    """
    depth = max(map(len, folders.values()), default=0)
    if depth > 2:
        for level in range(depth):
            of = {path: parts[level] for path, parts in folders.items() if len(parts) > level}
            if known.breeds(set(of.values())) >= _KNOWN and 2 * len(of) > len(folders):
                return {"folder": tidy(of)}
    inner = {path: parts[-1] for path, parts in folders.items() if parts}
    outer = {path: parts[0] for path, parts in folders.items() if parts}
    if not inner:
        return {}
    return {"folder": tidy(inner)} if inner == outer else {"folder": tidy(inner), "parent": tidy(outer)}


def _kind(of: Mapping[str, str], sifted: Sifted) -> str:
    """What the only level is called: "folder" where it is the one that most photos lie in, else "parent"."""
    came = {photo.path: photo.folders[-1] for photo in sifted.photos if photo.folders}
    innermost = sum(1 for path, breed in of.items() if words.key(breed) in words.key(tidy_one(came[path])))
    return "folder" if 2 * innermost >= len(of) else "parent"


def _which(outer: Mapping[str, str], inner: Mapping[str, str], folders: Folders) -> list[str]:
    """Which of two levels tell breeds: ["parent"], ["folder"], or both, the likelier first."""
    deep = [path for path, parts in folders.items() if len(parts) > 1]
    under: dict[str, set[str]] = defaultdict(set)
    for path in deep:
        under[words.key(inner[path])].add(outer[path])
    inner_names, outer_names = {inner[path] for path in deep}, {outer[path] for path in deep}
    shallow = {words.key(parts[0]) for parts in folders.values() if len(parts) == 1}
    if len(shallow) > 1 and {words.key(name) for name in inner_names} <= shallow:
        return ["folder"]  # beagle, pug, more/beagle, more/pug
    if all(map(_tells_how, inner_names)):
        return ["parent"]
    if all(map(_tells_how, outer_names)):
        return ["folder"]
    repeated = sum(1 for path in deep if len(under[words.key(inner[path])]) > 1) >= _REPEATED * len(deep)
    if repeated:
        inside, outside = known.known(inner_names), known.known(outer_names)
    else:
        inside, outside = known.breeds(inner_names), known.breeds(outer_names)
        if len(deep) < _FEW * len(inner_names):
            return ["parent"]
    if outside >= _KNOWN > inside:
        return ["parent"]
    if repeated and len(deep) == len(inner) and len(outer_names) > 1 and all(map(words.is_version, outer_names)):
        return ["folder"]  # OriginalDataset, AugmentedDataset
    if (
        repeated
        and len(deep) == len(inner)
        and all(map(words.is_code, outer_names))
        and not any(map(words.is_code, inner_names))
    ):
        return ["folder"]  # A01/impala, A01/kudu, B04/impala, B04/kudu
    # Photos that lie beside the inner folders have no breed by them.
    if inside >= _KNOWN > outside and len(deep) == len(inner):
        return ["folder"]
    return ["parent", "folder"] if repeated or len(deep) < len(inner) else ["folder", "parent"]


def _tells_how(name: str) -> bool:
    return (
        words.is_circumstance(name)
        or words.is_part(name)
        or words.is_hash(name)
        or words.is_date(name)
        or bool(re.fullmatch(r"\W*\d+\W*", name))
    )


def _reading(kind: str, of: Mapping[str, str], sifted: Sifted) -> Reading:
    homes = {photo.folders[:-1] for photo in sifted.photos if photo.path in of}
    left_out = {}
    for photo in sifted.photos:
        if photo.path not in of:
            own = photo.folders[-1] if photo.folders and photo.folders[:-1] in homes else ""
            why = tr(CALLED, folder=own) if own and words.is_container(own) else NO_FOLDER
            left_out[photo.path] = TEST if sifted.splits.get(photo.path) == "test" else why
    labels = set(of.values())
    moments = {next(filter(words.is_moment, sifted.folders[path]), "") for path in of}
    missed = sum(1 for why in left_out.values() if why != TEST)
    doubt = ""
    if missed > len(of):
        doubt = FEW_IN_FOLDERS
    elif all(re.fullmatch(r"\W*\d+\W*", label) for label in labels):
        doubt = NUMBERS
    elif len({words.key(re.sub(r"\d", "", label)) for label in labels}) == 1 < len(labels) and not all(
        re.fullmatch(r"n\d{8}", label) for label in labels
    ):
        doubt = NUMBERED
    elif "" not in moments and len(labels) == len(moments) and known.known(labels) < _KNOWN:
        doubt = MOMENTS
    elif all(words.is_circumstance(label) for label in labels):
        doubt = CIRCUMSTANCES
    elif several := next((label for label in sorted(labels) if words.is_of_many_kinds(label)), ""):
        doubt = tr(OF_MANY_KINDS, folder=several)
    return Reading(kind, "", BY_FOLDER if kind == "folder" else BY_PARENT, dict(of), left_out, doubt=doubt)


def tidy(of: Mapping[str, str]) -> dict[str, str]:
    """Labels without the numbers that a dataset puts before every one of them, where they still tell apart the same."""
    names = set(of.values())
    for pattern in (_WORDNET, _RANKS, _NUMBERED):
        short = {name: match[1].strip() for name in names if (match := pattern.match(name))}
        numbered = {(_number_of(name), words.key(s)) for name, s in short.items()}
        if len(short) == len(names) and len({words.key(s) for s in short.values()}) == len(numbered):
            return {path: short[label] for path, label in of.items()}
    if lettered := _lettered(names):
        return {path: lettered[label] for path, label in of.items()}
    if len(uncounted := {words.without_count(name) for name in names}) == len(names) and not uncounted & names:
        return {path: words.without_count(label) for path, label in of.items()}
    undated = {name: re.sub(r"^[\W_]+|[\W_]+$", "", _DATED.sub("", name)) for name in names}
    left = Counter(undated.values())
    several = sum(1 for n in left.values() if n > 1)
    # An album a year: Rex 2023, Rex 2024, Tom 2023. Of car models only some have two years.
    yearly = 2 * several >= len(left) and len(left) < len(names)
    if all(undated.values()) and len(left) > 1 and (yearly or all(map(_DAY.search, names))):
        return {path: undated[label] for path, label in of.items()}
    return {path: WORDNET_BREEDS.get(label, label.strip()) for path, label in of.items()}


def _lettered(names: set[str]) -> dict[str, str]:
    """A_Beagle, B_Pug, C_Husky -> their names without the letters that put them in order; {} for others."""
    parts = {name: match for name in names if (match := re.fullmatch(r"([A-Za-z])[_. )-]+(\w.+)", name))}
    letters = sorted(match[1].casefold() for match in parts.values())
    if len(parts) < max(2, len(names)) or letters != [chr(ord("a") + n) for n in range(len(names))]:
        return {}
    return {name: match[2].strip() for name, match in parts.items()}


def _number_of(name: str) -> str:
    """The number that a folder's name begins with, without noughts: 01_Beagle and 1-beagle have the same."""
    match = re.match(r"\D*0*(\d+)", name)
    return match[1] if match else ""


def tidy_one(name: str) -> str:
    """A folder's name without the number before it, as `tidy` writes it."""
    for pattern in (_WORDNET, _RANKS, _NUMBERED):
        if match := pattern.match(name):
            return match[1].strip()
    return WORDNET_BREEDS.get(name, name)
