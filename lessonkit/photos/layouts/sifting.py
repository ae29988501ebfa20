"""What is left out before anything is labelled: files that are no photos, masks, thumbnails, bins, unlabelled photos."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from lessonkit.language import translatable
from lessonkit.photos.layouts import known, words
from lessonkit.photos.layouts.reading import Member, Sifted
from lessonkit.photos.manifest import is_photo

NO_PHOTO = translatable("By its name it is no photo.")
SPREADSHEET = translatable("A spreadsheet: save it as CSV beside the photos, and it is read.")
MASK = translatable("A mask or another annotation that is drawn over a photo.")
SMALL_COPY = translatable("A small copy that a program made (a thumbnail).")
SECOND_VERSION = translatable("A second, smaller version of a photo that lies in another folder.")
SET_ASIDE = translatable("In a folder of photos that were set aside.")
UNLABELLED = translatable("In a folder of photos that nobody has labelled.")
ALBUM_OF_A_YEAR = translatable("In a photo service's album of a year, which holds the photos of all albums.")
UNNAMED_ALBUM = translatable("In a folder that an app or a photo service named, not a person.")
PROJECT = translatable("In a folder of what a project keeps beside its photos (documents, charts).")
COLLECTION = translatable("In a folder that only collects photos of the other folders.")

_SILENT = re.compile(r"(?i)^(\.ds_store|\._.*|thumbs\.db|desktop\.ini|ehthumbs.*\.db|icon\r?|\.nomedia|picasa\.ini)$")
_THUMB_FILE = re.compile(
    r"(?i)^(synophoto_thumb.*|thumb[-_ ].*|.*[-_]thumb(nail)?s?|.*\.thumb|albumart.*|folder|cover_thumb)$"
)
_MASK_FILE = re.compile(
    r"(?i)^(.+?)[-_. ](mask|seg|segmentation|trimap|gt|groundtruth|matte|alpha|depth|label|labels)$"
)
_SIZED_FILE = re.compile(r"^(.+)-\d{2,4}x\d{2,4}$")  # WordPress: photo-150x150.jpg beside photo.jpg
_MOSTLY = 0.8
KNOWN = 0.5  # of the folders beside are of animals: then one called thumb or mini is of none
MOST_BESIDE = 50  # folders, among which a second version of photos is looked for
_DEEPEST_PROJECT = 4  # folders down, a project's docs and data may lie
_FEWER = 0.5  # of the photos in its data are more than a project shows elsewhere
_SMALLER = 0.9  # of the files of a second version are smaller than those that they are made of


def sift(members: Sequence[Member]) -> Sifted:
    """Tell photos that may be labelled from everything else, by names and sizes."""
    left_out: dict[str, str] = {}
    photos: list[Member] = []
    classes = _classes(members)
    for member in members:
        if _SILENT.match(member.name) or any(folder == "__MACOSX" for folder in member.folders):
            continue
        of_class = member.folders in classes
        junk = member.folders[:-1] if of_class else member.folders
        reason = next((why for folder in junk if (why := words.junk(folder))), "")
        if not is_photo(member.name):
            if not reason and not member.name.startswith("."):
                spreadsheet = member.name.lower().endswith((".xlsx", ".xls", ".ods", ".numbers"))
                left_out[member.path] = SPREADSHEET if spreadsheet else NO_PHOTO
        elif reason or member.name.startswith("."):
            left_out[member.path] = reason or words.junk(member.name)
        elif _THUMB_FILE.match(member.stem) and not of_class:
            left_out[member.path] = SMALL_COPY
        else:
            photos.append(member)
    for find in (_masks, _sized, _second_versions, _albums_of_years, _collections, _unlabelled, _set_aside, _projects):
        found = find(photos)
        left_out.update(found)
        photos = [photo for photo in photos if photo.path not in found]
    folders, splits = split_folders(photos)
    return Sifted(photos, left_out, folders, splits)


def _classes(members: Sequence[Member]) -> set[tuple[str, ...]]:
    """Folders of photos of a thing whose name may be a program's too: trash beside paper, mini beside other cars."""
    held: dict[tuple[str, ...], list[Member]] = defaultdict(list)
    for member in members:
        if member.folders and is_photo(member.name):
            held[member.folders].append(member)
    things = [folder for folder in held if words.is_thing(folder[-1])]
    return {folder for folder in things if _is_class(folder, held)}


def _is_class(folder: tuple[str, ...], held: Mapping[tuple[str, ...], Sequence[Member]]) -> bool:
    photos, name = held[folder], words.key(folder[-1])
    if sum(words.key(photo.stem).startswith(name) for photo in photos) >= max(2, _MOSTLY * len(photos)):
        return True  # trash/trash12.jpg
    beside = [other for other in held if other[:-1] == folder[:-1] and other != folder and not words.junk(other[-1])]
    if words.is_bin(folder[-1]):
        return any(words.is_waste(other[-1]) for other in beside)
    if not 2 <= len(beside) <= MOST_BESIDE or known.known(other[-1] for other in beside) >= KNOWN:
        return False
    larger: dict[str, int] = {}
    for other in beside:
        for photo in held[other]:
            larger[photo.stem] = max(photo.size, larger.get(photo.stem, 0))
    smaller = sum(1 for photo in photos if photo.size < larger.get(photo.stem, 0))
    return smaller < _SMALLER * len(photos)


def _masks(photos: Sequence[Member]) -> dict[str, str]:
    siblings = _children(photos)
    beside = {parent: _with_and_without(names) for parent, names in siblings.items()}
    found, stems = {}, {photo.stem for photo in photos if not any(map(words.is_mask, photo.folders))}
    for photo in photos:
        for depth, folder in enumerate(photo.folders):
            parent = photo.folders[:depth]
            of = words.masked(folder)  # beagle GT beside beagle
            if (words.is_mask(folder) or of and any(words.key(o) == of for o in siblings[parent])) and not beside[
                parent
            ]:
                found[photo.path] = MASK
                break
        else:
            match = _MASK_FILE.match(photo.stem)
            if match and match[1] in stems:
                found[photo.path] = MASK
    return found if len(found) < len(photos) else {}


def _with_and_without(folders: Iterable[str]) -> bool:
    """Whether folders called mask stand beside one called “no mask”: then these are what the photos show."""
    return any({"no", "without", "not", "non", "with", "incorrect"} & set(words.tokens(name)) for name in folders)


def _sized(photos: Sequence[Member]) -> dict[str, str]:
    known = {(photo.folders, photo.stem) for photo in photos}
    return {
        photo.path: SMALL_COPY
        for photo in photos
        if (match := _SIZED_FILE.match(photo.stem)) and (photo.folders, match[1]) in known
    }


def _second_versions(photos: Sequence[Member]) -> dict[str, str]:
    """Photos in folders called small, resized, gray, …, each smaller than one of the same name beside or above it."""
    by_path = {(*photo.folders, photo.stem): photo for photo in photos}
    siblings = _children(photos)
    inside: dict[tuple[str, ...], list[Member]] = defaultdict(list)
    for photo in photos:
        for depth, folder in enumerate(photo.folders):
            if words.may_be_copies(folder):
                inside[photo.folders[: depth + 1]].append(photo)
    by_stem: dict[str, list[Member]] = defaultdict(list)
    for photo in photos:
        if inside:
            by_stem[photo.stem].append(photo)
    found: dict[str, str] = {}
    for top, members in inside.items():
        parent = top[:-1]
        if len(siblings[parent]) > MOST_BESIDE:
            continue  # so many folders are breeds, not versions
        if len(siblings[parent]) > 2 and all(map(words.is_size, siblings[parent])) and _hold_all(parent, photos):
            continue  # small, medium, large: of eggs, it may be
        if _flat_copies(top, members, by_stem):
            found |= {m.path: SECOND_VERSION for m in members}
            continue
        others = [(*parent, other) for other in siblings[parent] if other != top[-1]]
        for base in (parent, *others):
            pairs = [(m, by_path.get((*base, *m.folders[len(top) :], m.stem))) for m in members]
            smaller = sum(1 for m, other in pairs if other is not None and m.size < other.size)
            if smaller >= max(2, _SMALLER * len(members)):
                found |= {m.path: SECOND_VERSION for m in members}
                break
    return found


def _hold_all(top: tuple[str, ...], photos: Sequence[Member]) -> bool:
    return all(photo.folders[: len(top)] == top for photo in photos)


def _flat_copies(top: tuple[str, ...], members: Sequence[Member], by_stem: Mapping[str, Sequence[Member]]) -> bool:
    """Whether each photo below `top` has a larger one of the same name elsewhere, the only one of that name."""
    smaller = 0
    for member in members:
        others = [photo for photo in by_stem[member.stem] if photo.folders[: len(top)] != top]
        smaller += len(others) == 1 and len(by_stem[member.stem]) == 2 and member.size < others[0].size
    return smaller >= max(2, _SMALLER * len(members))


def _albums_of_years(photos: Sequence[Member]) -> dict[str, str]:
    found = {p.path: ALBUM_OF_A_YEAR for p in photos if any(map(words.is_album_of_a_year, p.folders))}
    services = {p.folders[:depth] for p in photos for depth, f in enumerate(p.folders) if words.is_album_of_a_year(f)}
    for photo in photos:  # the service's own, beside the albums of years
        for depth, folder in enumerate(photo.folders):
            if photo.folders[:depth] in services and words.is_unnamed_album(folder):
                found[photo.path] = UNNAMED_ALBUM
            if words.key(folder) in ("sent", "private") and any(
                "whatsapp" in words.key(f) for f in photo.folders[:depth]
            ):
                found[photo.path] = UNNAMED_ALBUM
    others = {p.folders for p in photos if p.path not in found and p.folders}
    return found if others else {}


def _collections(photos: Sequence[Member]) -> dict[str, str]:
    """Photos of a folder whose photos mostly lie, to the bit, in two or more other folders too."""
    where: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    held: dict[tuple[str, ...], list[Member]] = defaultdict(list)
    for photo in photos:
        held[photo.folders].append(photo)
        if photo.same and len(where[photo.same]) <= MOST_BESIDE:
            where[photo.same].add(photo.folders)
    found: dict[str, str] = {}
    for folder, members in held.items():
        others = [where[m.same] - {folder} for m in members if m.same]
        elsewhere = [o for o in others if o]
        spread = set().union(*elsewhere) if elsewhere else set()
        if len(elsewhere) >= _MOSTLY * len(members) and len(spread) >= 2 and len(members) > 2:
            larger = all(len(members) > len(held[other]) for other in spread)
            if larger:
                found |= {m.path: COLLECTION for m in members}
    return found


def _unlabelled(photos: Sequence[Member]) -> dict[str, str]:
    found = {p.path: UNLABELLED for p in photos if any(map(words.is_unlabelled, p.folders))}
    return found if len(found) < len(photos) else {}


def _set_aside(photos: Sequence[Member]) -> dict[str, str]:
    found = {p.path: SET_ASIDE for p in photos if any(map(words.is_set_aside, p.folders))}
    others = {p.folders for p in photos if p.path not in found and p.folders}
    return found if len(others) > 1 else {}


def _projects(photos: Sequence[Member]) -> dict[str, str]:
    """Photos in folders called docs, results, …, beside data/ or train/ that holds several folders and far more photos."""
    held: dict[tuple[str, ...], list[Member]] = defaultdict(list)
    inner: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for photo in photos:
        for depth in range(1, min(len(photo.folders), _DEEPEST_PROJECT) + 1):
            held[photo.folders[:depth]].append(photo)
            inner[photo.folders[:depth]].update(photo.folders[depth : depth + 1])
    of_data: dict[tuple[str, ...], int] = defaultdict(int)  # project -> photos of its data
    for folder, names in inner.items():
        if len(names) > 1 and (words.is_container(folder[-1]) or words.split_of(folder[-1])[0]):
            of_data[folder[:-1]] += len(held[folder])
    return {
        photo.path: PROJECT
        for folder, members in held.items()
        if words.is_of_a_project(folder[-1]) and len(members) < _FEWER * of_data.get(folder[:-1], 0)
        for photo in members
    }


def split_folders(photos: Sequence[Member]) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The folders of each photo without those that only tell a half, and the half: (path -> folders, path -> half).

    `cat_train`, `dog_train`, `cat_test` are a breed and a half in one; `pets_train` beside `pets_test` is a half.
    """
    siblings = _children(photos)
    whole = {parent: _split_siblings(names) for parent, names in siblings.items()}
    folders: dict[str, tuple[str, ...]] = {}
    splits: dict[str, str] = {}
    for photo in photos:
        kept: list[str] = []
        for depth, folder in enumerate(photo.folders):
            split, rest = whole[photo.folders[:depth]].get(folder, ("", folder))
            if split:
                splits.setdefault(photo.path, split)
            if rest:
                kept.append(rest)
        folders[photo.path] = tuple(kept)
    return folders, splits


def _split_siblings(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of folders side by side, those that tell a half: name -> (the half, what is left of the name)."""
    told = {name: words.split_of(name) for name in names}
    halves = {name: found for name, found in told.items() if found[0]}
    rests = {words.key(rest) for _, rest in halves.values() if rest}
    out = {}
    for name, (split, rest) in halves.items():
        if not rest:
            out[name] = (split, "")
        elif len(rests) >= 2:
            out[name] = (split, rest)
        elif whole := next((other for other in told if other not in halves and words.key(other) in rests), ""):
            out |= {name: (split, ""), whole: ("train", "")}  # rps beside rps-test-set
        elif len(halves) == len(told) or len({half for half, _ in halves.values()}) > 1 or words.is_half(name):
            out[name] = (split, "")
    return out


def _children(photos: Sequence[Member]) -> Mapping[tuple[str, ...], set[str]]:
    """folder -> the folders right in it that hold photos, at any depth."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for photo in photos:
        for depth, folder in enumerate(photo.folders):
            found[photo.folders[:depth]].add(folder)
    return found
