"""Pattern -> labels, and what did not match.

Patterns are RE2's, not `re`'s: a learner's `^(\\w+\\s?)*\\.jpg$` took `re` 13 s on one file name while it held
the interpreter, which stood still for everyone; RE2's time is linear in the text.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

import numpy as np
import re2

from lessonkit import config
from lessonkit.errors import PatternError
from lessonkit.language import decimal, tr, translatable
from lessonkit.photos.dataset import Dataset

DEFAULT_PATTERN = r"/([^/]+)_\d+.jpg$"
"""The lesson's own, unchanged."""
VALID_SHARE = 0.2  # as fastai's RandomSplitter
HELD_OUT = ("valid", "test")  # halves that photos come in which are not trained on
_WORD = re2.compile(r"^(?:[^\\]|\\[^w])*\\w")

# The ten folders of Imagewoof carry WordNet's ids: https://github.com/fastai/imagenette
WORDNET_BREEDS = {
    "n02086240": "Shih-Tzu", "n02087394": "Rhodesian ridgeback", "n02088364": "beagle",
    "n02089973": "English foxhound", "n02093754": "Border terrier", "n02096294": "Australian terrier",
    "n02099601": "golden retriever", "n02105641": "Old English sheepdog", "n02111889": "Samoyed",
    "n02115641": "dingo",
}  # fmt: skip

_NOT_IN_RE2 = (
    ("(?=", translatable("It looks ahead with (?=…)")), ("(?!", translatable("It looks ahead with (?!…)")),
    ("(?<=", translatable("It looks behind with (?<=…)")), ("(?<!", translatable("It looks behind with (?<!…)")),
    ("(?>", translatable("It has an atomic group, (?>…)")), ("(?#", translatable("It has a comment, (?#…)")), ("(?(", translatable("It has a condition, (?(…)")),
)  # fmt: skip


@dataclass(frozen=True)
class Labels:
    """What a pattern makes of a list of photos.

    Attributes:
        breeds: every label found, sorted.
        of: photo name -> its breed, for the photos that matched.
        unmatched: photos that got no label, in the order given.
        counts: breed -> photos, in the order of `breeds`.
    """

    breeds: list[str]
    of: dict[str, str]
    unmatched: list[str]
    counts: dict[str, int]


@dataclass(frozen=True)
class Match:
    """How a pattern reads one photo's name.

    Attributes:
        name: the photo, as given.
        text: what the pattern was searched in: `images/NAME`, so that the lesson's own pattern, made for
            paths, works unchanged.
        matched: whether the pattern was found and its first group holds something.
        label: the first group's text; "" when not matched.
        span: (start, end) of the whole match in `text`, in characters; None when not matched.
        groups: (start, end, text) of each group in `text`; None for a group that took no part.
    """

    name: str
    text: str
    matched: bool
    label: str
    span: tuple[int, int] | None
    groups: list[tuple[int, int, str] | None]


def check_pattern(pattern: str) -> None:
    """See that a pattern that somebody typed can label photos.

    Raises:
        PatternError: there is none, RE2 cannot read it (its message is in the sentence), it has no group, or it holds
            a character that nobody sees.
    """
    _compiled(pattern)
    _check_printable(pattern)


def label(names: Sequence[str], pattern: str, labelled_by: str = "pattern") -> Labels:
    """Label photos from their names.

    Args:
        names: photos as relative posix paths.
        pattern: an RE2 pattern, searched for in `images/NAME`. Its first group is the label, whether named or
            not; further groups change nothing. Unused where folders label the photos.
        labelled_by: "pattern", or "folder": the folder that a photo lies in names its breed (WordNet's ids of
            Imagewoof's breeds are put into words).

    Returns:
        the labels; kept for the next call with the same photos and pattern, so leave them as they are.

    Raises:
        PatternError: as `check_pattern`.
    """
    return _label(tuple(names), pattern if labelled_by == "pattern" else None)


def label_dataset(dataset: Dataset, pattern: str = "") -> Labels:
    """Label all photos of a dataset, by a pattern or, where that is "", in the dataset's own way.

    Returns:
        as `label`.

    Raises:
        PatternError: as `check_pattern`. LessonError: the dataset is not on this machine.
    """
    return label(dataset.names, pattern or dataset.pattern, "pattern" if pattern else dataset.labelled_by)


@functools.lru_cache(maxsize=8)
def _label(names: tuple[str, ...], pattern: str | None) -> Labels:
    # Kept, because pages ask on each rerun: 22 ms for 7,390 names, 0.06 ms when asked again.
    of: dict[str, str] = {}
    if pattern is None:
        for name in names:
            folder = PurePosixPath(name).parent.name
            if folder:
                of[name] = WORDNET_BREEDS.get(folder, folder)
    else:
        # Over bytes: half the time, since google-re2 need not work out the characters' offsets.
        options = _compiled(pattern).options
        search = re2.compile(pattern.encode(), options).search
        for name in names:
            found = search(_text(name).encode(errors="replace"))
            if found is not None and (breed := cast(bytes, found.group(1))):
                of[name] = breed.decode(errors="replace")
    counts = dict(sorted(Counter(of.values()).items()))
    return Labels(list(counts), of, [n for n in names if n not in of], counts)


def require_trainable(labels: Labels) -> None:
    """See that a model can be trained on these labels and tested.

    Raises:
        PatternError: nothing matched, there is one breed, or a breed has a single photo (said which).
    """
    if not labels.of:
        names = decimal(len(labels.unmatched))
        raise PatternError(
            tr("None of the {names} file names match, for instance “{name}”.", names=names, name=labels.unmatched[0])
            if labels.unmatched
            else tr("None of the {names} file names match.", names=names),
            tr(
                "Compare the pattern with a file name bit by bit, or go back to the lesson's: {pattern}",
                pattern=DEFAULT_PATTERN,
            ),
        )
    if len(labels.breeds) == 1:
        raise PatternError(
            tr("Every photo gets the same label, “{label}”: there is nothing to tell apart.", label=labels.breeds[0]),
            tr("Let the group (…) hold the part of the name that differs from breed to breed."),
        )
    single = [breed for breed, n in labels.counts.items() if n == 1]
    if single:
        raise PatternError(
            _of_single_photos(single),
            tr(
                "If the label still holds the photo's number, keep \\d+ outside the group (…); "
                "otherwise add photos of that breed."
            ),
        )


def _of_single_photos(breeds: Sequence[str]) -> str:
    named = dict(zip(("first", "second", "third"), breeds, strict=False))
    if len(breeds) == 1:
        return tr("“{first}” has a single photo: one cannot both train on it and test with it.", **named)
    if len(breeds) == 2:
        return tr(
            "“{first}”, “{second}” have a single photo each: one cannot both train on it and test with it.", **named
        )
    if len(breeds) == 3:
        return tr(
            "“{first}”, “{second}”, “{third}” have a single photo each: one cannot both train on it and test with it.",
            **named,
        )
    return tr(
        "“{first}”, “{second}”, “{third}” and {more} more have a single photo each: one cannot both train on it and "
        "test with it.",
        **named,
        more=decimal(len(breeds) - 3),
    )


def matches(names: Iterable[str], pattern: str) -> list[Match]:
    """How the pattern reads each name, to highlight what the whole pattern and each group took.

    Raises:
        PatternError: as `check_pattern`.
    """
    check_pattern(pattern)
    compiled = _compiled(pattern)
    out = []
    for name in names:
        text = _text(name)
        found = compiled.search(text)
        if found is None:
            out.append(Match(name, text, False, "", None, []))
            continue
        groups = [
            None if found.start(i) < 0 else (found.start(i), found.end(i), found.group(i))
            for i in range(1, compiled.groups + 1)
        ]
        breed = found.group(1) or ""
        out.append(Match(name, text, bool(breed), breed, found.span(), groups))
    return out


def narrow(names: Sequence[str], pattern: str) -> str:
    """What \\w in a pattern misses in these names, in a sentence; "" where it misses nothing."""
    name = next((n for n in names if any(c.isalpha() for c in n if not c.isascii())), None)
    if name is None or not _WORD.search(pattern):
        return ""
    return tr(
        "“{name}” holds letters that \\w does not know: to it, letters are a to z and A to Z. "
        "For those of any language write [\\pL\\d_] instead.",
        name=name,
    )


def split(
    names: Sequence[str], labels: Labels, seed: int, share: float = 1.0, given: Mapping[str, str] | None = None
) -> tuple[list[str], list[str]]:
    """Hold out a fifth of the labelled photos at random, like fastai's `RandomSplitter`; train on `share` of the rest.

    The same names (in whatever order) and seed give the same split. The held-out photos are the same for every
    share, and a smaller share's photos are among a larger one's. Every breed keeps at least one photo to train
    on, so a breed that chance would hold out whole gives one back; photos without a label are in neither list.

    Args:
        share: part of the training photos to use, above 0 and at most 1.
        given: photo -> "train", "valid" or "test", the halves that the photos came in: those of the last two are held
            out instead of a fifth at random.

    Returns:
        (train, valid), each sorted.

    Raises:
        PatternError: of the halves that the photos came in, one has no photo with a label.
    """
    known = sorted(n for n in set(names) if n in labels.of)
    order = [known[i] for i in np.random.default_rng(seed).permutation(len(known))]
    held_out = max(1, int(VALID_SHARE * len(order))) if len(order) > 1 else 0
    valid, train = order[:held_out], order[held_out:]
    if given is not None:
        valid = [name for name in order if given.get(name) in HELD_OUT]
        train = [name for name in order if given.get(name) not in HELD_OUT]
        if not valid or not train:
            raise PatternError(
                tr("These photos did not come in two halves, one to train on and one to test with."),
                tr("Hold out a fifth of them at random."),
            )
    learned = {labels.of[n] for n in train}
    for name in list(valid):
        if labels.of[name] not in learned:
            learned.add(labels.of[name])
            valid.remove(name)
            train.append(name)
    if share < 1:
        keep = max(1, round(share * len(train)))
        of_breed: dict[str, list[str]] = defaultdict(list)
        for name in train:
            of_breed[labels.of[name]].append(name)
        train = sorted(set(train[:keep]) | {names_of[0] for names_of in of_breed.values()})
    return sorted(train), sorted(valid)


def _text(name: str) -> str:
    return f"images/{name}"


def _check_printable(pattern: str) -> None:
    """Raises PatternError for a character that nobody sees, such as a form feed or a zero-width joiner."""
    hidden = next((c for c in pattern if not c.isprintable()), "")
    if hidden:
        name, number = unicodedata.name(hidden, "").lower() or tr("a control character"), ord(hidden)
        code = f"{number:04X}"
        written = f"\\x{number:02X}" if number < 256 else f"\\x{{{number:X}}}"
        raise PatternError(
            tr("The pattern holds a character that nobody can see: {name}, U+{code}.", name=name, code=code),
            tr("Delete it. If the file names hold it too, write it as {written}.", written=written),
        )


@functools.lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:  # re2's pattern, whose type has no public name
    if not pattern or not pattern.strip():
        raise PatternError(
            tr("There is no pattern yet."), tr("Type one; the lesson's own is {pattern}", pattern=DEFAULT_PATTERN)
        )
    if len(pattern) > (longest := config.longest_pattern()):
        raise PatternError(
            tr("The pattern is {characters} characters long.", characters=decimal(len(pattern))),
            tr("Keep it under {most}; 20 usually do.", most=decimal(longest)),
        )
    options = re2.Options()
    options.log_errors = False  # else each key stroke of a half-typed pattern is a line in the server's log
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as problem:
        said = problem.args[0]
        raise _pattern_error(pattern, said.decode(errors="replace") if isinstance(said, bytes) else str(said)) from None
    except UnicodeEncodeError:
        raise PatternError(
            tr("The pattern holds a character that no file name can hold."), tr("Type it again.")
        ) from None
    if compiled.groups == 0:
        raise PatternError(
            tr("The pattern has no group, so nothing says which part of the name is the breed."),
            tr("Put round brackets about that part: ([^/]+) in the lesson's pattern."),
        )
    return compiled


def _pattern_error(pattern: str, message: str) -> PatternError:
    """RE2's message in a sentence, and what to do about it."""
    sentence = tr("This is not a pattern yet: RE2, which reads it, says “{message}”.", message=message[:200])
    for start, what in _NOT_IN_RE2:
        if start in message and start in pattern:
            return PatternError(
                tr(
                    "{what}, which RE2, the engine used here, leaves out so that no pattern can take forever "
                    "(it says “{message}”).",
                    what=tr(what),
                    message=message[:200],
                ),
                tr("Say what the name does hold instead: [^/]+ takes everything up to the next slash."),
            )
    ways = (
        ("missing )", translatable("A bracket is opened and not closed: add a ) or write \\( for the character itself.")),
        ("unexpected )", translatable("A bracket is closed that was not opened: take one ) away or write \\) for the character.")),
        ("missing ]", translatable("A [ is opened and not closed: add a ] or write \\[ for the character itself.")),
        ("no argument for repetition", translatable("*, + and ? repeat what stands before them: put something there.")),
        ("bad repetition", translatable("Two repetitions stand side by side: take one away.")),
        ("invalid repetition size", translatable("RE2 repeats up to 1,000 times: choose a smaller number, or * or +.")),
        ("trailing \\", translatable("A \\ needs a character after it, as in \\d for a digit.")),
        ("character class range", translatable("Inside [ ], give a range upwards, as in [a-z].")),
        ("invalid escape", translatable("RE2 knows no such \\…: \\d is a digit, \\w a letter, digit or _, \\. a dot "
                                        "(repeating an earlier group with \\1 is left out).")),
        ("pattern too large", translatable("The repetitions multiply into a pattern too large: use smaller numbers.")),
    )  # fmt: skip
    way = next((way for start, way in ways if start in message), "")
    return PatternError(sentence, tr(way) if way else tr("The lesson's own is {pattern}", pattern=DEFAULT_PATTERN))
