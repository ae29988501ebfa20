"""JSON that lies on a disk, where somebody may have changed it by hand: checked as it is read, read when it changed."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Collection, Hashable, Iterable
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError, WrapValidator

from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.language import ENGLISH, Text, from_parts, parts, speaking, tr
from lessonkit.storage import read_bytes

log = logging.getLogger(__name__)
T = TypeVar("T")
# A file that was written so short a time ago may be written again without a change of its time, by a coarse clock.
FRESH_SECONDS = 0.05
OLD_SECONDS = 3600.0  # no clock of a file server is believed to be so wrong


def _said(value: Any, plain: Callable[[Any], str]) -> str:
    return from_parts(value) if isinstance(value, list) else plain(value)


Said = Annotated[str, WrapValidator(_said)]
"""A text in a JSON file, as `language.parts` has it or a plain string; once read it is English, for `language.again`."""


def read_json(path: Path, kind: type[T]) -> T:
    """What a JSON file holds, every field of it checked to be of the type that `kind` says.

    Args:
        kind: a dataclass, or a type such as `list[str]`. Numbers are no texts, and texts no numbers. A dataclass says
            what else it refuses in `__pydantic_config__`.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: the disk does not give it; it may the next time.
        DamagedFileError: it holds no JSON, or something else than `kind`.
        LessonError: as the dataclass's own checks raise it.
    """
    return check(read_bytes(path), kind, path)


def check(data: bytes, kind: type[T], path: Path) -> T:
    """What JSON of the file at `path`, or a part of it, holds, checked as `read_json` says. Raises DamagedFileError."""
    try:
        return _adapter(kind).validate_json(data, strict=True)
    except ValidationError as problem:
        raise damaged(path, _in_words(problem)) from None


def in_parts(value: Any) -> Any:
    """What JSON is made of, with the parts of each Text in it (`language.parts`)."""
    if isinstance(value, dict):
        return {key: in_parts(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [in_parts(one) for one in value]
    return parts(value) if isinstance(value, Text) else value


def damaged(path: Path, why: str) -> DamagedFileError:
    """The error for a file of the lesson that holds something else than the lesson wrote."""
    return DamagedFileError(
        tr("The file {file} in {folder} is damaged: {why}.", file=path.name, folder=str(path.parent), why=why),
        tr("Put back what it held before, or delete it."),
    )


@functools.cache
def _adapter(kind: Any) -> TypeAdapter:
    return TypeAdapter(kind)


def _in_words(problem: ValidationError) -> str:
    first = problem.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]


class Contents(NamedTuple, Generic[T]):
    """What `Watched.read_all` found: what was read of each file, and why another one could not be read."""

    found: dict[Path, T]
    unreadable: dict[Path, LessonError]


class Steady:
    """Tells whose marks can be relied on: those of files that changed long ago, or that were seen unchanged for a moment.

    A file's time is its server's, which may be minutes before or after this machine's: only the machine's own looks count.
    """

    def __init__(self) -> None:
        self._since: dict[Any, tuple[Any, float]] = {}

    def stays(self, key: Hashable, mark: Any, changed: int) -> bool:
        """Whether what is written from now on will change this mark.

        Args:
            key: of the file or folder.
            mark: what tells its states apart, its time (`changed`, nanoseconds since 1970) among it.
        """
        if time.time() - changed / 1e9 > OLD_SECONDS:
            return True
        now = time.monotonic()
        known, since = self._since.get(key, (None, now))
        if known != mark:
            self._since[key] = mark, now
            return False
        return now - since > FRESH_SECONDS

    def forget_all_but(self, keys: Collection[Any]) -> None:
        self._since = {key: seen for key, seen in self._since.items() if key in keys}


class Watched(Generic[T]):
    """What `read` makes of files, each read again only when it changed. Threads may share one.

    A file that changed is known by its time, its size and its number on the disk; that it is damaged is remembered too,
    that the disk did not give it is not. Why a file cannot be read is said in English: many may look, and `again` knows it.

    Args:
        read: makes something of a file. It may raise LessonError for one that is damaged.
    """

    def __init__(self, read: Callable[[Path], T]):
        self.read = read
        self._seen: dict[Path, tuple[tuple[int, int, int], T | LessonError]] = {}
        self._steady = Steady()
        self._refused: set[Path] = set()  # said in the log once

    def read_all(self, paths: Iterable[Path], keep: bool = False) -> Contents[T]:
        """What `read` makes of each file, without those that are gone.

        Args:
            keep: remember files that were read before, and are not among these.
        """
        kept, held = {}, Contents({}, {})
        for path in paths:
            try:
                stat = path.stat()
                mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                known = self._seen.get(path)
                steady = self._steady.stays(path, mark, stat.st_mtime_ns)  # as it is before it is read
                value = known[1] if known and known[0] == mark else self._read(path)
            except (FileNotFoundError, NotADirectoryError):
                continue  # deleted, or written again, since the folder was listed
            except OSError as problem:
                if path not in self._refused:
                    log.warning("%s cannot be read now: %s", path, problem)
                with speaking(ENGLISH):
                    why = tr(
                        "The file {file} cannot be read now ({why}).",
                        file=str(path),
                        why=problem.strerror or str(problem),
                    )
                    held.unreadable[path] = LessonError(why, tr("Try again."))
                continue
            if steady:
                kept[path] = known if known and known[0] == mark else (mark, value)
            if isinstance(value, LessonError):
                held.unreadable[path] = value
            else:
                held.found[path] = value
        if keep:
            seen = self._seen
            # as nearly always nothing is new, and then hundreds of files are not put together again
            kept = seen if all(seen.get(path) is one for path, one in kept.items()) else {**seen, **kept}
        else:
            self._steady.forget_all_but(held.found.keys() | held.unreadable.keys())
        self._seen, self._refused = kept, {path for path in held.unreadable if path not in kept}
        return held

    def _read(self, path: Path) -> T | LessonError:
        try:
            with speaking(ENGLISH):  # whoever reads of it next may speak another language
                return self.read(path)
        except LessonError as problem:
            log.warning("%s", problem)
            return problem.with_traceback(None)
