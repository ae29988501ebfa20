"""How somebody wants their photos to be labelled, and what comes of it: a proposal, a question, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from lessonkit.errors import LessonError, PatternError
from lessonkit.language import again, tr, translatable
from lessonkit.photos import labels, manifest, pasted, sources
from lessonkit.photos.decoding import FORMATS_SAID
from lessonkit.photos.layouts import words
from lessonkit.photos.layouts.names import WORDS_FIRST, only_cameras
from lessonkit.photos.layouts.proposal import propose
from lessonkit.photos.layouts.reading import KINDS, Proposal
from lessonkit.photos.layouts.table import Table
from lessonkit.photos.sources import Files

FOR_DATED = r"_([^_/]+)\.\w+$"
_PACKED = (
    ".parquet",
    ".arrow",
    ".tfrecord",
    ".tfrec",
    ".tfrecords",
    ".h5",
    ".hdf5",
    ".npz",
    ".npy",
    ".pkl",
    ".mat",
    ".mdb",
)
"""An example for a learner whose photos are named by the day, then the breed."""


@dataclass(frozen=True)
class Wish:
    """How somebody wants their photos to be labelled.

    Attributes:
        labels: "auto", or one of `reading.KINDS`.
        pattern: of names, searched in `images/PATH`; of a table, `COLUMN` or `FILE:COLUMN`; "" to find one.
        table: a table that does not lie beside the photos; None to take those that do.
        together: spellings of a breed that read alike are one.
    """

    labels: str = "auto"
    pattern: str = ""
    table: Table | None = None
    together: bool = True

    def __post_init__(self) -> None:
        if self.labels not in ("auto", *KINDS):
            raise LessonError(
                tr("Photos cannot be labelled by “{how}”.", how=self.labels),
                tr("Choose one of {names}.", names=", ".join(("auto", *KINDS))),
            )


AS_IT_SHOWS = Wish()
_HOW = {
    "folder": translatable("By their folders"),
    "parent": translatable("By their outer folders"),
    "name": translatable("By their file names"),
    "csv": translatable("By a table"),
    "auto": translatable("By their file names"),
}


class AnswerNeeded(PatternError):
    """How the photos are labelled is not plain: the proposal has the readings that may be meant, and the question."""

    def __init__(self, proposal: Proposal):
        super().__init__(proposal.question, tr("Say how they are labelled."))
        self.proposal = proposal


def read(source: Path | BinaryIO, wish: Wish = AS_IT_SHOWS) -> Proposal:
    """How the photos of a zip or a folder may be labelled, by names and tables alone.

    Raises:
        LessonError: there are no photos there, it is no zip, or a hostile one.
        PatternError: the pattern is none.
    """
    with sources.opened(source) as files:
        return proposed(files, wish)


def proposed(files: Files, wish: Wish = AS_IT_SHOWS) -> Proposal:
    """As `read`, of files that are open."""
    pattern, said = wish.pattern, ()
    if wish.pattern and wish.labels in ("auto", "name") and wish.table is None:
        taken = pasted.meant(wish.pattern, [m.path for m in files.members if manifest.is_photo(m.path)])
        pattern, said = taken.pattern, taken.said
        labels.check_pattern(pattern)
    kind = "csv" if wish.table is not None and wish.labels == "auto" else wish.labels
    tables = files.tables() if wish.table is None else [wish.table]
    found = propose(files.members, tables, kind, pattern, wish.together)
    left_out = {**files.left_out, **found.left_out}
    if not any(manifest.is_photo(m.path) and m.path not in found.left_out for m in files.members):
        raise _no_photos(left_out)
    if found.chosen is None and not found.readings:
        _refuse_hopeless(files, found, wish)
    readings = [replace(r, left_out={**files.left_out, **r.left_out}) for r in found.readings]
    chosen = readings[found.readings.index(found.chosen)] if found.chosen else None
    notes = (
        *files.notes,
        *(
            tr("{change} The pattern is read as {pattern}", change=again(sentence), pattern=pattern)
            for sentence in said
        ),
        *found.notes,
    )
    return replace(found, chosen=chosen, readings=readings, left_out=left_out, notes=notes)


def _no_photos(left_out: Mapping[str, str]) -> LessonError:
    file, why = next(iter(left_out.items()), ("", ""))
    if archive := _archive(left_out):
        return LessonError(
            tr("There are no photos in it, but “{archive}”. {why}", archive=archive, why=again(left_out[archive])),
            tr("Then give what is in it."),
        )
    if packed := next((path for path in left_out if path.lower().endswith(_PACKED)), ""):
        return LessonError(
            tr("There are no photos in it, but “{file}”, a file that only programs read.", file=packed),
            tr(
                "If photos are packed in it, write them out with a program, a file for each, in a folder for each breed; zip "
                "these."
            ),
        )
    return LessonError(
        tr("There are no photos in it: {file}: {why}", file=file, why=again(why))
        if file
        else tr("There are no photos in it."),
        tr("Put photos into it: {formats} files.", formats=tr(FORMATS_SAID)),
    )


def _archive(left_out: Mapping[str, str]) -> str:
    """The first archive that was not opened; "" where there is none."""
    why = (sources.NO_ZIP, sources.TOO_DEEP, sources.OTHER_ARCHIVE)
    return next((path for path, reason in left_out.items() if reason in why), "")


def _refuse_hopeless(files: Files, found: Proposal, wish: Wish) -> None:
    """Raise the sentence where no answer would help: too few photos, or one breed alone."""
    photos = [m for m in files.members if manifest.is_photo(m.path) and m.path not in found.left_out]
    inner = photos[0].folders[-1] if photos[0].folders else ""
    if wish.labels == "auto" and not only_cameras(photos):
        named = set(labels.label([photo.path for photo in photos], WORDS_FIRST).of.values())
        if len({photo.folders for photo in photos}) == 1 and inner and not words.tells_nothing(inner):
            raise PatternError(
                tr(
                    "All photos lie in one folder, “{folder}”: if that is their breed, it is the only one, and there is "
                    "nothing to tell it from.",
                    folder=inner,
                ),
                tr("Give it together with a folder of another breed."),
            )
        if len(named) == 1 and len(photos) > 1 and not words.is_camera(next(iter(named))):
            raise PatternError(
                tr(
                    "By their file names all photos are of one breed, “{breed}”: there is nothing to tell apart.",
                    breed=named.pop(),
                ),
                tr("Give them together with photos of another breed."),
            )
    if len(photos) < 4:
        few = tr("There is one photo in it.")
        if len(photos) > 1:
            few = tr("No two breeds of two photos each can be made of the {photos} photos in it.", photos=len(photos))
        archive = _archive(files.left_out)
        raise PatternError(
            tr(
                "{few} Beside it lies “{archive}”. {why}",
                few=few,
                archive=archive,
                why=again(files.left_out[archive]),
            )
            if archive
            else few,
            tr("Give at least two breeds, and two photos of each; twenty or more of each are better."),
        )


def not_so(files: Files, wish: Wish) -> PatternError:
    """What to say where photos cannot be labelled in the way that somebody wishes."""
    photo = next((m.path for m in files.members if manifest.is_photo(m.path)), "")
    how = tr(_HOW["csv" if wish.table is not None else wish.labels])
    return PatternError(
        tr(
            "{how} with “{pattern}” no two breeds can be told apart that have two photos each, for instance of “{photo}”.",
            how=how,
            pattern=wish.pattern,
            photo=photo,
        )
        if wish.pattern
        else tr(
            "{how} no two breeds can be told apart that have two photos each, for instance of “{photo}”.",
            how=how,
            photo=photo,
        ),
        tr(
            "Put the photos of each breed, two at least, into a folder that is named after it; or say with a pattern where "
            "the breed stands in the photos' names: {pattern} reads rex out of 20240501_rex.jpg.",
            pattern=FOR_DATED,
        ),
    )
