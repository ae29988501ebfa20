"""What goes into a reading of somebody's photos, and what comes out. Its sentences are English: `language.again` says them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lessonkit.language import translatable

KINDS = ("folder", "parent", "name", "csv")
"""How photos may be labelled: by the folder that they lie in, by one further out, by their file names, by a table."""

SINGLE = translatable("It is the only photo of its breed: one cannot both train on it and test with it.")
NO_FOLDER = translatable("It lies in no folder of a breed.")
CALLED = translatable("In a folder called “{folder}”, which tells no breed: give it another name if it is one.")
NO_MATCH = translatable("Its name does not say which breed it is.")
NOT_IN_TABLE = translatable("The table does not say which breed it is.")
TEST = translatable("In a folder of test photos that have no labels.")


@dataclass(frozen=True)
class Member:
    """A file of a zip or a folder, by its name and size alone.

    Attributes:
        path: relative posix path, one that any disk takes.
        size: bytes.
        same: equal for files of the same content; "" where that is not known.
    """

    path: str
    size: int = 0
    same: str = ""

    @cached_property
    def folders(self) -> tuple[str, ...]:
        return tuple(self.path.split("/")[:-1])

    @cached_property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @cached_property
    def stem(self) -> str:
        return self.name.rsplit(".", 1)[0]


@dataclass(frozen=True)
class Sifted:
    """The photos that may be labelled, and what is left out whatever labels them.

    Attributes:
        photos: in the order given.
        left_out: path -> why, in a sentence.
        folders: path -> the folders that a photo lies in, those passed over that only tell a half (train, valid).
        splits: path -> "train", "valid" or "test", for the photos that lie in such a folder.
    """

    photos: Sequence[Member]
    left_out: Mapping[str, str]
    folders: Mapping[str, tuple[str, ...]]
    splits: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """One way to label the photos.

    Attributes:
        labels: one of KINDS.
        pattern: of names, the RE2 pattern, searched in `images/PATH`; of a table, `FILE:COLUMN`; else "".
        said: how it labels, to come after “labelled”: “by the folder that each photo lies in”.
        of: path -> breed, for the photos that get one. No breed has a single photo.
        left_out: path -> why, for every file that is not taken; what no reading takes is among them.
        alike: spellings that are taken as one breed, each group with the name that it gets first.
        doubt: why it is not taken without an answer, in a sentence; "" where it may be.
    """

    labels: str
    pattern: str
    said: str
    of: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)
    alike: Sequence[tuple[str, ...]] = ()
    doubt: str = ""

    @cached_property
    def breeds(self) -> dict[str, int]:
        """breed -> photos, by name."""
        return dict(sorted(Counter(self.of.values()).items()))


@dataclass(frozen=True)
class Proposal:
    """How somebody's photos may be labelled.

    Attributes:
        chosen: the reading to take; None where an answer is needed.
        readings: all that may be meant, the likeliest first.
        question: what has to be answered, in a sentence or two; "" where nothing has.
        left_out: path -> why, for what no reading takes.
        splits: path -> "train", "valid" or "test", of photos that came in such folders.
        notes: what else the learner should know, a sentence each.
    """

    chosen: Reading | None
    readings: Sequence[Reading]
    question: str
    left_out: Mapping[str, str]
    splits: Mapping[str, str]
    notes: Sequence[str] = ()


def counted(reasons: Mapping[str, str]) -> dict[str, int]:
    """reason -> how many files, the commonest first."""
    return dict(Counter(reasons.values()).most_common())
