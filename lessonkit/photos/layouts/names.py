"""Readings by file names: which of some patterns reads breeds, not days, cameras and numbers, out of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import re2

from lessonkit.language import decimal, tr, translatable
from lessonkit.photos import labels
from lessonkit.photos.labels import WORDNET_BREEDS
from lessonkit.photos.layouts import known, words
from lessonkit.photos.layouts.reading import NO_MATCH, TEST, Member, Reading, Sifted

BY_NAME = translatable("by the file names")
CAMERAS = translatable(
    "The photos' names only tell a camera, an app or a day, as in “{example}”: which breed is on them is not in there. Put "
    "the photos of each breed into a folder that is named after it, or give a table or a pattern."
)
WORDS_FIRST = r"/([^/\d]*[^/\d _.()#-])[ _.()#-]*\d[^/]*$"
"""The words before the first number: cat.0.jpg, beagle (3).jpg, Abyssinian_1_jpg.rf.6f2a….jpg."""
_WORDS = r"/([^/\d]*[^/\d _.()#-])[ _.()#-]*(?:\d[^/]*)?\.\w+$"
FOLDER_NUMBERED = r"/([^/\d]*[^/\d _.()#-])[ _.()#-]*\d+\)?/[^/]+$"
FOLDER_MAYBE_NUMBERED = r"/([^/\d]*[^/\d _.()#-])[ _.()#-]*(?:\d{1,3}\)?)?/[^/]+$"
COUNTERS = ("v", "ver", "no", "nr", "num", "n")  # before a number: rex_v2, rex no. 3
ARTICLES = words.word_set(
    "the my our this that his her their le la les un une der die das ein eine mein meine el los il lo"
)
NUMBERED = translatable("The names differ in numbers alone, and nothing says what these stand for.")
CAPTIONS = translatable("The names may be sentences about the photos, whose first word is no breed.")
FEW_EACH = 4  # photos of each first word of longer names: fewer, and it is asked whether they are breeds
PARTLY = 0.25  # of the folders are another one's name with a number, or the name itself: it is asked whether they are one breed
MOSTLY = 0.8  # of the photos that may have a label get one: a pattern that reads fewer is not taken without an answer

_SCREEN = re.compile(
    r"(?i)(?:^|/)(?:(?:screen[ _-]?(shot|capture|recording)|bildschirmfoto|snapchat-|(pexels|pixabay|shutterstock|istock)[-_])"
    r"[^/]*|[^/]*[-_](unsplash|pixabay|pexels)[^/]*)$"
)
"""Screenshots, and stock photos, whose words are the photographer's name."""
_ID = r"[0-9A-Za-z]*\d[0-9A-Za-z]*"
PATTERNS = (
    labels.DEFAULT_PATTERN,
    # Said in so many words: id=7,breed=pug.jpg
    r"(?i)/(?:[^/]*[,;&_ -])?(?:breed|class|label|species|kind)=([^/,;&=.]+)[^/]*$",
    # WordNet's id, then the breed: n02085620-Chihuahua_4.jpg; then ids alone.
    r"/n\d{8}[-_]([^/\d]*[^/\d _.()-])[ _.()-]*(?:n?\d[^/]*)?\.\w+$",
    r"/(n\d{8})_[^/]*$",
    WORDS_FIRST,
    # The number of the class first: 0_beagle_12.jpg
    r"/\d+[ _.-]+([^/\d]*[^/\d _.()#-])[ _.()#-]+\d[^/]*$",
    # A labelling tool's hash or number before the name: 3f2a9b1c-beagle_1.jpg
    r"/[0-9a-f]{8}-([^/\d]*[^/\d _.()-])[ _.()-]*\d[^/]*$",
    # The same where the first photo has no number: beagle.jpg, beagle (2).jpg
    r"/([^/\d]*[^/\d _.()-])[ _.()-]*(?:\d[^/]*)?\.\w+$",
    # The day, the camera or a number first: 20240501_rex.jpg, IMG_0001 rex.jpg
    r"/[^/]*\d[ _.()-]*([^/\d]*[^/\d _.()-])\.\w+$",
    # The same, and a number at the end: 2024-05-01 rex 2.jpg, 001_rex_17.jpg
    r"/[^/]*?\d[ _.()-]+([^/\d]*[^/\d _.()-])[ _.()-]*\d+\)?\.\w+$",
    # An id of letters and digits at the end: golden_retriever-a8f3c2.jpg
    rf"/([^/]+?)[_ .-]+{_ID}\.\w+$",
    r"/([^/]+?)[_ .-]+[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\.\w+$",
    # A hash behind a dot: dog.3fa1c2.jpg
    r"/([^/.]+)\.[^/]+\.\w+$",
    # In brackets, a number before them: IMG_0001 (rex).jpg
    r"/[^/(]*\d[^/(]*\(([^/\d)]*[^/\d )])\)\.\w+$",
    # Other words behind: rex-at-the-beach.jpg
    r"/([^/_ .-]+)[_ .-][^/]+$",
)


def name_readings(sifted: Sifted, pattern: str = "", asked: bool = False) -> list[Reading]:
    """The readings by file names that may be meant, the likeliest first; none where names tell no breeds apart.

    Args:
        pattern: the one to read with; "" to find one.
        asked: names are to be read whatever they are.

    Raises:
        PatternError: the pattern is none.
    """
    if pattern:
        paths = [photo.path for photo in sifted.photos]
        inside = inside_of(paths, pattern)
        read = labels.label([path[len(inside) :] for path in paths], pattern).of
        of = {inside + name: breed for name, breed in read.items()}
        return [_reading(pattern, _telling(of) or of, sifted)]
    best: list[tuple[float, int, str, dict[str, str]]] = []
    names = [f"/{photo.name}".encode(errors="replace") for photo in sifted.photos]
    cleaned, sparser = _cleaned(sifted.photos, names)
    for order, candidate in enumerate([*cleaned, *PATTERNS]):
        of = _read(candidate, sifted.photos, names)
        score = _score(of, sifted)
        if score > 0:
            best.append((-score, order, candidate, of))
    if not best and asked:
        best = [(0.0, 0, WORDS_FIRST, _read(WORDS_FIRST, sifted.photos, names, bare=True))]
    best.sort(key=lambda b: b[:2])
    found: list[Reading] = []
    for score, _, candidate, of in best:
        if score > 0.9 * best[0][0] or (found and _same_or_worse(found[0].of, of)):
            continue
        found.append(_reading(candidate, of, sifted))
    if found and sparser and (of := _read(sparser, sifted.photos, names)) and _score(of, sifted) > 0:
        coarse = _reading(sparser, of, sifted)  # beagle_male, beagle_female: of one breed, or two kinds?
        found = [coarse] if known.breeds(coarse.breeds) >= 0.5 else [found[0], coarse]
    if found and (parts := _two_ways(found[0].of)):  # rex beach, rex sofa, tom beach, tom sofa
        patterns = [_one_of(part) for part in parts]
        ways = [_reading(way, of, sifted) for way in patterns if (of := _read(way, sifted.photos, names))]
        breeds = [way for way in ways if known.breeds(way.breeds) >= 0.5]
        return breeds or [*ways, found[0]]
    return _without_less_known(found)[:2]


def _two_ways(of: Mapping[str, str]) -> tuple[list[str], list[str]] | None:
    """The first words and the others of labels that are all of their combinations, two of each at least; else None."""
    pairs = {tuple(re.split(r"[ _.()-]+", label, maxsplit=1)) for label in set(of.values())}
    if not all(len(pair) == 2 and all(pair) for pair in pairs):
        return None
    first, second = ({pair[i] for pair in pairs} for i in (0, 1))
    several = min(len(first), len(second)) > 1 and len(pairs) == len(first) * len(second)
    return (sorted(first), sorted(second)) if several else None


def _one_of(names: Sequence[str]) -> str:
    """A pattern that reads which of some words a file's name holds."""
    return rf"/(?:[^/]*[\d _.()-])?({'|'.join(map(re.escape, names))})(?:[\d _.()-][^/]*)?\.\w+$"


def numbered_folders(sifted: Sifted) -> list[Reading]:
    """The reading by folders that are numbered breeds, beagle_1/photo.jpg and beagle_2/photo.jpg; none for others.

    The first may have no number: Rex/photo.jpg, Rex2/photo.jpg.
    """
    names = [f"/{photo.path}".encode(errors="replace") for photo in sifted.photos]
    of = _read(FOLDER_NUMBERED, sifted.photos, names)
    if of and len(of) < len(names):
        return _partly_numbered(sifted, names)
    folders: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for photo in sifted.photos:
        if photo.path in of:
            folders[of[photo.path]].add(photo.folders)
    several = [breed for breed, found in folders.items() if len(found) > 1]
    if len(several) < 2 or len(several) < len(folders) or any(map(words.is_part, (f"{breed} 1" for breed in several))):
        return []
    return [_reading(FOLDER_NUMBERED, of, sifted)]


def _partly_numbered(sifted: Sifted, names: Sequence[bytes]) -> list[Reading]:
    """The reading by folders where some folders have another one's name with a number; None where these are few."""
    of = _read(FOLDER_MAYBE_NUMBERED, sifted.photos, names)
    folders: dict[str, set[str]] = defaultdict(set)
    for photo in sifted.photos:
        if photo.path in of:
            folders[of[photo.path]].add(photo.folders[-1])
    numbered = sum(len(found) for breed, found in folders.items() if len(found) > 1 and breed in found)
    if len(folders) < 2 or any(map(words.tells_nothing, folders)) or any(map(words.is_new_folder, folders)):
        return []
    if numbered < PARTLY * sum(map(len, folders.values())):
        return []
    return [_reading(FOLDER_MAYBE_NUMBERED, of, sifted)]


def _cleaned(photos: Sequence[Member], names: Sequence[bytes]) -> tuple[list[str], str]:
    """Patterns as WORDS_FIRST that leave out what stands beside a breed: (those without halves, cameras, copies, as in
    train_cat_001, rex_IMG_1234, beagle - Copy (2); the one without circumstances too, as in beagle_male_1, or "").
    """
    parts = [[word for word in re.split(r"[ _.()#-]+", label) if word]
             for label in set(_read(_WORDS, photos, names, bare=True).values())]  # fmt: skip
    parts = [part for part in parts if len(part) > 1]
    before = {part[0].lower() for part in parts if words.is_noise(part[0])}
    behind = {part[-1].lower() for part in parts if words.is_noise(part[-1])}
    if len(parts) > 1 and len({part[-1].lower() for part in parts}) == 1 and parts[0][-1].lower() in COUNTERS:
        behind.add(parts[0][-1].lower())
    how = {part[-1].lower() for part in parts if words.is_circumstance(part[-1])} - behind
    patterns = [_beside(before, behind, number) for number in (r"\d[^/]*$", r"(?:\d[^/]*)?\.\w+$")]
    return patterns if before or behind else [], _beside(before, behind | how, r"\d[^/]*$") if how else ""


def _beside(before: set[str], behind: set[str], number: str) -> str:
    of = "(?:(?:of|von|de|di)[ _.()#-]+)?"  # Copy of rex
    start = f"(?:(?:{'|'.join(map(re.escape, sorted(before)))})[ _.()#-]+{of})?" if before else ""
    end = f"(?:[ _.()#-]+(?:{'|'.join(map(re.escape, sorted(behind)))}))?" if behind else ""
    return rf"(?i)/{start}([^/\d]*?[^/\d _.()#-]){end}[ _.()#-]*{number}"


def inside_of(paths: Sequence[str], pattern: str) -> str:
    """The folders that all photos lie in, which a pattern does not see; "" where it reads nothing without them."""
    folders = [path.split("/")[:-1] for path in paths]
    common = 0
    while folders and all(len(f) > common and f[common] == folders[0][common] for f in folders):
        common += 1
    inside = "".join(f"{folder}/" for folder in folders[0][:common]) if folders else ""
    names = [path[len(inside) :] for path in paths]
    return inside if not inside or labels.label(names, pattern).of or not labels.label(paths, pattern).of else ""


def _read(pattern: str, photos: Sequence[Member], names: Sequence[bytes], bare: bool = False) -> dict[str, str]:
    """path -> what a pattern's group holds, for the names that match; not what only tells a camera, unless `bare`."""
    options = re2.Options()
    options.log_errors = False
    search = re2.compile(pattern.encode(), options).search
    of = {}
    for photo, name in zip(photos, names, strict=True):
        found = search(name)
        if found is not None and (label := cast(bytes, found.group(1)).decode(errors="replace")):
            of[photo.path] = WORDNET_BREEDS.get(label, label)
    return of if bare else _telling({path: label for path, label in of.items() if not _SCREEN.search(path)})


def _telling(of: Mapping[str, str]) -> dict[str, str]:
    """Labels without those that only tell a camera, an app or a day, unless none would be left."""
    alone = {label for label in set(of.values()) if words.is_camera(label) or words.is_noise(label)}
    telling = sum(1 for label in of.values() if label not in alone)
    vague = 2 * telling < len(of)  # most say nothing: then the vague ones do not either
    dropped = {label for label in alone if words.is_noise(label) or words.is_camera(label, alone=vague)}
    return {path: label for path, label in of.items() if label not in dropped}


def _score(of: Mapping[str, str], sifted: Sifted) -> float:
    """How well labels read from names tell breeds apart, 0 to 1; 0 for not at all."""
    counts = Counter(words.key(label) for label in of.values())
    several = {label for label, n in counts.items() if n > 1}
    if len(several) < 2:
        return 0.0
    labelled = sum(counts[label] for label in several)
    may = sum(1 for p in sifted.photos if sifted.splits.get(p.path) != "test" or p.path in of)
    singles = len(counts) - len(several)
    covered = labelled / max(1, may)
    # Labels that are nearly as many as photos are ids; and each that stands alone is a sign of one.
    spread = 1 - len(several) / labelled
    numbered = all(re.search(r"[\W_]\d+$", label) for label in of.values())
    numbered = numbered or all(re.match(r"\d+[\W_]", label) for label in of.values())
    ids = 0.05 * (numbered or any(re.search(r"\d{3}", label) for label in several)) + 0.3 * _ends_in_letters(
        of.values()
    )
    score = covered * min(1.0, 2 * spread) - 0.5 * singles / len(counts) - ids
    return max(0.0, score)


def _ends_in_letters(found: Iterable[str]) -> bool:
    """Whether many labels are a few words with a letter of a hash behind: cat.a, cat.b, dog.a, dog.f."""
    stems: dict[str, set[str]] = defaultdict(set)
    for label in set(found):
        if match := re.fullmatch(r"(.+)[ _.-]+([a-zA-Z]{1,2})", label):
            stems[match[1]].add(match[2])
    return len(stems) > 1 and sum(map(len, stems.values())) > 2 * len(stems)


def _same_or_worse(of: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether another reading tells the same photos apart, or some of the breeds by what tells them apart further."""
    pairs = {(words.key(of[path]), words.key(other[path])) for path in of if path in other}
    into, back = defaultdict(set), defaultdict(set)
    for one, two in pairs:
        into[one].add(two)
        back[two].add(one)
    return all(len(v) == 1 for v in into.values()) or all(len(v) == 1 for v in back.values())


def _without_less_known(found: list[Reading]) -> list[Reading]:
    """Without readings whose labels are no known animals, or tell how photos were taken, beside one whose labels are."""
    telling = [r for r in found if not all(map(words.is_circumstance, r.breeds))] or found
    animals = [r for r in telling if known.known(r.breeds) >= 0.5]
    return animals or telling


def _reading(pattern: str, of: Mapping[str, str], sifted: Sifted) -> Reading:
    left_out = {
        p.path: TEST if sifted.splits.get(p.path) == "test" else NO_MATCH for p in sifted.photos if p.path not in of
    }
    missed = sum(1 for why in left_out.values() if why == NO_MATCH)
    doubt = ""
    if missed > (1 - MOSTLY) * (missed + len(of)):
        doubt = tr(
            "{missed} of {names} names do not say which breed the photo shows.",
            missed=decimal(missed),
            names=decimal(len(sifted.photos)),
        )
    found = set(of.values())
    if len({words.key(re.sub(r"\d", "", label)) for label in found}) == 1 < len(found) and not all(
        re.fullmatch(r"n\d{8}", label) for label in found
    ):
        doubt = NUMBERED
    few = pattern == PATTERNS[-1] and len(of) < FEW_EACH * len(found) and known.known(found) < 0.5
    if few or any(label.lower() in ARTICLES for label in found):
        doubt = CAPTIONS
    return Reading("name", pattern, BY_NAME, dict(of), left_out, doubt=doubt)


def only_cameras(photos: Iterable[Member]) -> str:
    """An example of the names, where nearly all of them only tell a camera, an app or a day; else ""."""
    stems = [photo.stem for photo in photos]
    tell = [stem for stem in stems if not words.is_camera(re.sub(r"[\d_().:,-]+", " ", stem).strip())]
    dated = [stem for stem in stems if re.search(r"[^\W\d_]{2}|\d{8}", stem)]
    return stems[0] if 2 * len(dated) > len(stems) and len(tell) <= 0.1 * len(stems) else ""
