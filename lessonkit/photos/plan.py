"""Where each photo of a reading comes to lie in its dataset, so that a pattern or its folder labels it as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lessonkit.photos import labels
from lessonkit.photos.layouts.names import inside_of
from lessonkit.photos.layouts.reading import NO_MATCH, Reading
from lessonkit.photos.layouts.words import key
from lessonkit.photos.zip_archive import LONGEST_PART, free_name, safe


@dataclass(frozen=True)
class Plan:
    """How a dataset is laid out.

    Attributes:
        files: path in the dataset -> path in the source; no two of them differ in case alone.
        labelled_by: "folder" or "pattern", as in `catalog.Dataset`; pattern: the pattern, or "".
    """

    files: Mapping[str, str]
    labelled_by: str
    pattern: str


def plan(reading: Reading) -> Plan:
    """Lay out the photos of a reading: read by names they keep their names, else each breed gets a folder."""
    if reading.labels == "name":
        found = _by_names(reading)
        if found is not None:
            return found
    files: dict[str, str] = {}
    taken: set[str] = set()
    folders: dict[str, str] = {}
    for path, breed in sorted(reading.of.items()):
        if breed not in folders:
            folders[breed] = _folder(breed, set(folders.values()))
        files[_free(f"{folders[breed]}/", path, taken)] = path
    return Plan(files, "folder", "")


def _by_names(reading: Reading) -> Plan | None:
    """The photos under their own names, a breed's spellings made one; None where its pattern would read them otherwise.

    Photos that the pattern does not read are kept beside: another one may.
    """
    kept = [*reading.of, *(path for path, why in reading.left_out.items() if why == NO_MATCH)]
    inside = inside_of(kept, reading.pattern)
    read = labels.label([path[len(inside) :] for path in kept], reading.pattern).of
    files: dict[str, str] = {}
    taken: set[str] = set()
    folders: dict[str, str] = {}
    # Labelled ones first: of two photos of the same bytes the first is kept.
    for path in sorted(kept, key=lambda path: (path not in reading.of, path)):
        name = path[len(inside) :]
        if path not in reading.of and name in read:
            continue
        wanted = reading.of.get(path, "")
        if wanted and read.get(name) != wanted:
            name = _spelled(name, reading.pattern, wanted)
        above = ""
        for part in name.split("/")[:-1]:  # the first spelling of a folder stands for the others on any disk
            above = folders.setdefault(f"{above}/{part}".casefold().lstrip("/"), f"{above}/{part}".lstrip("/"))
        files[_free(f"{above}/" if above else "", f"{name.rpartition('/')[2]}", taken)] = path
    if any(name.casefold() in folders for name in files):
        return None
    now = labels.label(list(files), reading.pattern).of
    if {files[name]: breed for name, breed in now.items()} != dict(reading.of):
        return None
    return Plan(files, "pattern", reading.pattern)


def _spelled(name: str, pattern: str, wanted: str) -> str:
    """A photo's name with what the pattern's first group reads in it written as `wanted`."""
    (match,) = labels.matches([name], pattern)
    if not match.matched or match.groups[0] is None:
        return name
    start, end, _ = match.groups[0]
    before = len(match.text) - len(name)
    return f"{name[: start - before]}{wanted}{name[end - before :]}" if start >= before else name


def _folder(breed: str, taken: set[str]) -> str:
    """A breed as a folder's name that any disk takes, and that is nobody else's."""
    name = safe(breed.replace("/", "_").replace("\\", "_"))
    if name.startswith("."):  # hidden, and passed over
        name = f"_{name}"
    while len(name.encode()) > LONGEST_PART - 8:
        name = name[:-1].rstrip()
    known = {other.casefold() for other in taken}
    number, plain = 2, name
    while name.casefold() in known:
        name, number = f"{plain} ({number})", number + 1
    return name


def _free(above: str, path: str, taken: set[str]) -> str:
    """A photo's place below `above`: by its own name, else with its folders before it, else with a number behind."""
    *folders, name = path.split("/")
    folders = [folder for folder in folders if key(folder) != key(above)]
    for depth in range(len(folders) + 1):
        before = "-".join(folders[len(folders) - depth :])
        wanted = f"{before}-{name}" if before else name
        if len(wanted.encode()) <= LONGEST_PART and (above + wanted).casefold() not in taken:
            break
    else:
        wanted = free_name(name, _Below(above, taken))
    taken.add((above + wanted).casefold())
    return above + wanted


class _Below:
    """The names that are taken in a folder, whatever their case."""

    def __init__(self, above: str, taken: set[str]):
        self._above, self._taken = above, taken

    def __contains__(self, name: object) -> bool:
        return f"{self._above}{name}".casefold() in self._taken
