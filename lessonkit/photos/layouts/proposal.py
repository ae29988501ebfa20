"""Read somebody's photos: the readings that may be meant, the one to take, or the question that decides it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lessonkit.language import again, tr, translatable
from lessonkit.photos.layouts import known, words
from lessonkit.photos.layouts.folders import folder_readings
from lessonkit.photos.layouts.label_names import names_of
from lessonkit.photos.layouts.names import CAMERAS, name_readings, numbered_folders, only_cameras
from lessonkit.photos.layouts.reading import SINGLE, Member, Proposal, Reading, Sifted
from lessonkit.photos.layouts.sifting import NO_PHOTO, sift
from lessonkit.photos.layouts.table import Table
from lessonkit.photos.layouts.tables import table_readings

WHICH = translatable("These photos can be labelled in more than one way. Which one is meant?")
NOTHING = translatable(
    "Nothing in the names of these photos and folders says which breed is on them. Put the photos of each breed into a "
    "folder that is named after it, give a table with a line for each photo, or a pattern that reads the breed out of the "
    "names."
)


def propose(
    members: Sequence[Member],
    tables: Sequence[Table] = (),
    labels: str = "auto",
    pattern: str = "",
    together: bool = True,
) -> Proposal:
    """Read photos by their names and tables.

    Args:
        members: all files.
        tables: those of them that are small tables, read.
        labels: "auto", or one of `reading.KINDS` for just that one.
        pattern: of names, or of a table's column (`COLUMN` or `FILE:COLUMN`); "" to find one.
        together: spellings that read alike are one breed.

    Returns:
        the proposal; without readings where none is possible.

    Raises:
        PatternError: the pattern is none.
    """
    sifted = sift(members)
    readings = [_settled(r, sifted, tables, together) for r in _readings(sifted, tables, labels, pattern)]
    readings = [reading for reading in readings if len(reading.breeds) > 1]
    if labels != "auto" or pattern:
        return _proposal(sifted, readings[:1], readings[0] if readings else None, "")
    readings = _distinct(readings)
    if not any(not reading.doubt for reading in readings):
        last = [_settled(r, sifted, tables, together) for r in table_readings(sifted, tables, last=True)]
        readings = [*(reading for reading in last if len(reading.breeds) > 1), *readings]
    sure = [reading for reading in readings if not reading.doubt]
    sure = _compared(sure) if len(sure) > 1 else sure
    if len(sure) == 1:
        others = [reading for reading in readings if reading is not sure[0]]
        return _proposal(sifted, [sure[0], *others], sure[0], "")
    if sure:
        return _proposal(sifted, [*sure, *(r for r in readings if r not in sure)], None, WHICH)
    if readings:
        doubt = again(readings[0].doubt)
        ask = (
            tr("{doubt} Is this what is meant?", doubt=doubt)
            if len(readings) == 1
            else tr("{doubt} Which of these is meant?", doubt=doubt)
        )
        return _proposal(sifted, readings, None, ask)
    example = only_cameras(sifted.photos)
    question = tr(CAMERAS, example=example) if example else NOTHING
    return _proposal(sifted, _of_seasons(sifted, tables, together), None, question)


def _of_seasons(sifted: Sifted, tables: Sequence[Table], together: bool) -> list[Reading]:
    """The reading by folders that seem to tell when photos were taken, in words: spring, summer may be what is learned."""
    found = [_settled(r, sifted, tables, together) for r in folder_readings(sifted, "folder")]
    return [r for r in found if len(r.breeds) > 1 and not any(c.isdigit() for c in "".join(r.breeds))
            and all(words.is_date(breed) for breed in r.breeds)]  # fmt: skip


def _readings(sifted: Sifted, tables: Sequence[Table], labels: str, pattern: str) -> list[Reading]:
    if labels == "csv":
        return table_readings(sifted, tables, pattern)
    if labels == "name" or (labels == "auto" and pattern):
        return name_readings(sifted, pattern, asked=True)
    if labels != "auto":
        return folder_readings(sifted, labels)
    by_name = [*name_readings(sifted), *numbered_folders(sifted)]
    return [*folder_readings(sifted), *by_name, *table_readings(sifted, tables, last=False)]


def _proposal(sifted: Sifted, readings: Sequence[Reading], chosen: Reading | None, question: str) -> Proposal:
    notes = []
    if chosen:
        for group in chosen.alike:
            others = tr("“{name}”", name=group[1])
            for name in group[2:]:
                others = tr("{names} and “{name}”", names=others, name=name)
            notes.append(
                tr(
                    "{others} and “{name}” read alike: they are taken as one breed, “{name}”.",
                    others=others,
                    name=group[0],
                )
            )
    return Proposal(chosen, readings, question, sifted.left_out, sifted.splits, notes)


def _settled(reading: Reading, sifted: Sifted, tables: Sequence[Table], together: bool) -> Reading:
    """The reading with one spelling a breed, names for numbers where a list has them, and no breed of one photo."""
    of, alike = _spelled(dict(reading.of), together)
    if names := names_of(tables, of):
        of = {path: names[label] for path, label in of.items()}
        reading = replace(reading, doubt="")
    counts = Counter(of.values())
    single = {path: SINGLE for path, breed in of.items() if counts[breed] == 1}
    kept = {path: breed for path, breed in of.items() if path not in single}
    left_out = {**sifted.left_out, **reading.left_out, **single}
    if reading.labels == "csv":
        file = reading.pattern.rpartition(":")[0]
        left_out = {path: why for path, why in left_out.items() if why != NO_PHOTO or path.rpartition("/")[2] != file}
    return replace(reading, of=kept, left_out=left_out, alike=alike)


def _spelled(of: dict[str, str], together: bool) -> tuple[dict[str, str], list[tuple[str, ...]]]:
    """Labels with one spelling for those that read alike, the commonest; and the groups of such spellings.

    Spellings that differ in case alone are always one, since many disks take them for the same folder.
    """
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    bases = _bases(set(of.values())) if together else {}
    for label in of.values():
        groups[words.key(bases.get(label, label)) if together else label.strip().casefold()][label] += 1
    spelling: dict[str, str] = {}
    alike = []
    for found in groups.values():
        order = sorted(found.items(), key=lambda f: (f[0] in bases, -f[1], f[0].strip() != f[0]))
        names = [name for name, _ in order]
        spelling |= dict.fromkeys(names, names[0].strip())
        if len(names) > 1:
            alike.append(tuple(names))
    return {path: spelling[label] for path, label in of.items()}, alike


def _bases(labels: set[str]) -> dict[str, str]:
    """Labels that a file manager made of another one's name (Copy of Rex, beagle (1)), and numbered breeds: label -> it."""
    known_keys = {words.key(label) for label in labels}
    found = {}
    for label in labels:
        base = words.uncopied(label)
        if base == label and known.is_breed(label):
            base = words.without_number(label)
        if base != label and words.key(base) in known_keys:
            found[label] = base
    return found


def _distinct(readings: Sequence[Reading]) -> list[Reading]:
    """Readings that tell other photos apart than those before them; of equal ones the first, words before numbers."""
    kept: list[Reading] = []
    for reading in readings:
        same = next((k for k in kept if _agree(k.of, reading.of)), None)
        if same is None:
            kept.append(reading)
        elif _better(reading, same):
            kept[kept.index(same)] = reading
    return kept


def _better(new: Reading, old: Reading) -> bool:
    """Whether of two readings that agree the later one is taken: it has words for numbers, or no doubt, or far more."""
    if bool(new.doubt) != bool(old.doubt):
        return bool(old.doubt)
    if len(new.of) != len(old.of) and min(len(new.of), len(old.of)) < 0.9 * max(len(new.of), len(old.of)):
        return len(new.of) > len(old.of)
    letters = [sum(c.isalpha() for name in r.breeds for c in name) / len(r.breeds) for r in (new, old)]
    digits = [any(c.isdigit() for c in "".join(r.breeds)) for r in (new, old)]
    return digits[1] and not digits[0] and letters[0] > letters[1]


def _rivals(reading: Reading, folders: Reading) -> bool:
    """Whether a reading that is not by folders may be meant where folders tell breeds apart.

    A table of a few photos is of another half. File names tell many things beside a breed's folder: where a photo comes
    from (flickr_cat), ids, what the pet does. They rival it where they are words that repeat.
    """
    both = [path for path in reading.of if path in folders.of]
    if len(both) < 0.5 * min(len(reading.of), len(folders.of)):
        return len(reading.of) >= len(folders.of)
    if reading.labels != "name":
        return True
    names = [words.tokens(breed) for breed in reading.breeds]
    told = {words.key(breed) for breed in folders.breeds}
    return (
        len(reading.of) >= 0.9 * len(folders.of)
        and len(reading.of) >= 4 * len(reading.breeds)
        and all(any(len(word) > 2 or not word.isascii() for word in name) for name in names)
        and not any(c.isdigit() for breed in reading.breeds for c in breed)
        and not all(
            told & set(name) or any(t in words.key(breed) for t in told)
            for name, breed in zip(names, reading.breeds, strict=True)
        )
    )


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two readings tell the same photos apart, as far as both label them."""
    both = [path for path in one if path in other]
    if len(both) < 0.5 * min(len(one), len(other)) or not both:
        return False
    pairs = Counter((one[path], other[path]) for path in both)
    into: dict[str, int] = {}
    back: dict[str, int] = {}
    for (a, b), n in pairs.items():
        into[a], back[b] = max(into.get(a, 0), n), max(back.get(b, 0), n)
    # A few photos that lie in a wrong folder make no other reading.
    agreeing = min(sum(into.values()), sum(back.values()))
    return agreeing >= 0.97 * len(both) and len(into) == len(back)


def _compared(sure: list[Reading]) -> list[Reading]:
    """The readings that are left when known animals, and words, go before what may be anything."""
    folders = [r for r in sure if r.labels in ("folder", "parent")]
    if folders:
        sure = [r for r in sure if r in folders or _rivals(r, folders[0])]
    telling = [r for r in sure if not all(words.is_circumstance(breed) for breed in r.breeds)] or sure
    breeds = [r for r in telling if known.breeds(r.breeds) >= 0.5]
    if breeds:
        return breeds
    animals = [r for r in telling if known.known(r.breeds) >= 0.5]
    finer = [r for r in telling if r not in animals and len(r.breeds) > 2]
    return animals if animals and not finer else telling
