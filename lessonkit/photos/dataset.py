"""A dataset as a value: what it is, where it lies, which photos it holds. Resolved once (`catalog.resolve`), handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lessonkit.errors import LessonError, PhotoError
from lessonkit.language import tr


@dataclass(frozen=True)
class Description:
    """What the lesson knows of a dataset, wherever its photos are.

    Attributes:
        name: as in a RunSpec, and its folder's name.
        title, about: for the learner: a name, and what it is in a sentence or two.
        photos, breeds: how many, of the whole dataset (a mirror may hold fewer; `drawn` may be set to others).
        bytes: size of its archive; 0 where nothing is downloaded.
        archive, url: the archive's file name and its home; "" where nothing is downloaded.
        labelled_by: "pattern" (the file names) or "folder".
        pattern: what labels it unless the learner types another; "" where folders do.
        licence: as a sentence.
        check: md5 of the archive's first MiB, from fastai's `download_checks.py`; "" where nothing is downloaded.
        inside: the folder of the unpacked archive that photos are named from; "" for its top.
        fastai: what fastai's `URLs` call its home; "" where it is none of fastai's.
        own: whether a learner made it of photos of their own.
    """

    name: str
    title: str
    about: str
    photos: int
    breeds: int
    bytes: int
    archive: str
    url: str
    labelled_by: str
    pattern: str
    licence: str
    check: str
    inside: str = ""
    fastai: str = ""
    own: bool = False


@dataclass(frozen=True)
class Photos:
    """The photos of a dataset that is on this machine, whole, as its marker says.

    Attributes:
        names: sorted posix paths, relative to the dataset's `photos_folder`.
        fingerprint: SHA-256 over their names, sizes and contents, 64 hexadecimal digits.
        listing: see `manifest.listing_hash`. bytes: that they take on the disk.
        planted: photos that carry a wrong label on purpose -> their true breed.
    """

    names: tuple[str, ...]
    fingerprint: str
    listing: str
    bytes: int
    planted: Mapping[str, str] = field(default_factory=dict)
    _known: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def __contains__(self, photo: object) -> bool:
        return photo in self._known


@dataclass(frozen=True)
class Dataset:
    """A dataset as it was when it was resolved.

    Attributes:
        description: what it is.
        folder: where it lies, or would lie.
        found: its photos; None where it is not on this machine, whole.
        damaged: why it is not known which photos are there, though some are: the list of them is damaged. None where it
            is known, or there are none. `catalog.recheck` reads them again.
    """

    description: Description
    folder: Path
    found: Photos | None = None
    damaged: LessonError | None = None

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def title(self) -> str:
        return self.description.title

    @property
    def pattern(self) -> str:
        """What labels it unless the learner types another; "" where folders do."""
        return self.description.pattern

    @property
    def labelled_by(self) -> str:
        """ "pattern" (the file names) or "folder"."""
        return self.description.labelled_by

    @property
    def photos_folder(self) -> Path:
        """The folder that the photos' names are relative to."""
        return self.folder / self.description.inside

    @property
    def shown_title(self) -> str:
        """Its title in the learner's language; one that somebody gave it stays as it is, be it called Train."""
        return self.title if self.description.own else tr(self.title)

    @property
    def present(self) -> bool:
        """Whether it is on this machine, whole."""
        return self.found is not None

    @property
    def photos(self) -> Photos:
        """Its photos. Raises LessonError where it is not on this machine."""
        if self.found is None:
            if self.damaged is not None:
                raise self.damaged.with_traceback(None)
            raise LessonError(
                tr("{dataset} is not on this machine yet.", dataset=self.shown_title),
                tr("Get it on the page “Get the data”."),
            )
        return self.found

    @property
    def names(self) -> tuple[str, ...]:
        """Its photos, as sorted posix paths relative to `photos_folder`. Raises LessonError as `photos`."""
        return self.photos.names

    @property
    def fingerprint(self) -> str:
        """Of its photos' names, sizes and contents, 64 hexadecimal digits. Raises LessonError as `photos`."""
        return self.photos.fingerprint

    def holds(self, fingerprint: str) -> bool:
        """Whether its photos are those of a spec: of that fingerprint, or any where that is "". False where it is not here."""
        return self.present and fingerprint in ("", self.fingerprint)

    def path(self, photo: str) -> Path:
        """The file of one of its photos.

        Raises:
            PhotoError: it has no such photo: a name from a URL may be anything, and must not become a path.
            LessonError: as `photos`.
        """
        if photo not in self.photos:
            raise PhotoError(
                tr("There is no photo “{photo}” in {dataset}.", photo=photo[:80], dataset=self.shown_title),
                tr("Choose one from the page."),
            )
        return self.photos_folder / photo
