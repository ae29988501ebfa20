"""All runs of this home, looked through for each page and four times a second by the engine: only what changed is read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.json_files import Steady, Watched
from lessonkit.run_folder import HISTORY, SPEC, STATUS, Run, read_history, read_spec, read_status
from lessonkit.spec import RunSpec
from lessonkit.status import Status

# Seconds after which each file's own time is looked at again. The lesson writes a file beside its place and moves it there,
# which changes the folder's time; an editor may write into the file itself, which does not.
LOOK_AT_FILES = 1.0


class Seen(Run):
    """A run as it was at one moment: its spec, its status and its finished epochs, read and checked."""

    def __init__(self, run_id: str, spec: RunSpec, status: Status, history: list[dict[str, float]]):
        super().__init__(run_id)
        self._spec, self._status, self._history = spec, status, history
        self._vocab: list[str] | None = None

    def exists(self) -> bool:
        return True

    def spec(self) -> RunSpec:
        return self._spec

    def status(self) -> Status:
        return copy(self._status)

    def history(self) -> list[dict[str, float]]:
        return list(self._history)

    def vocab(self) -> list[str]:
        if self._vocab is None:
            self._vocab = super().vocab()
        return list(self._vocab)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All runs of this home as they were at one moment: a page takes it once, and hands it on.

    Attributes:
        runs: the newest asked for first.
        unreadable: id -> why that run is left out: a file of it is damaged, or of a newer version of the lesson.
    """

    runs: tuple[Seen, ...] = ()
    unreadable: Mapping[str, LessonError] = field(default_factory=dict)

    def find(self, run_id: str) -> Seen | None:
        """The run of that id, which may come from a URL; None where there is none, or it cannot be read."""
        return next((run for run in self.runs if run.id == run_id), None)


def snapshot() -> Snapshot:
    """All runs as they are now; the same object as long as nothing changed. Of their files only what changed is read."""
    return _here().snapshot()


def specs() -> dict[str, RunSpec]:
    """Each run's spec by its id, of those that can be read, whatever their statuses are."""
    return {run_id: one.spec for run_id, one in _here().look().items() if isinstance(one.spec, RunSpec)}


def statuses() -> dict[str, Status]:
    """Each run's status by its id, of those that can be read: what the queue is looked at for. Leave them as they are."""
    return {run_id: one.status for run_id, one in _here().look().items() if isinstance(one.status, Status)}


def under_way() -> dict[str, RunSpec]:
    """The specs of the runs that are queued or running, by their ids; one whose status cannot be read may be so."""
    known = statuses()
    return {run_id: spec for run_id, spec in specs().items() if run_id not in known or not known[run_id].ended}


@dataclass(frozen=True, eq=False)
class _Folder:
    """What was found in a run's folder.

    Attributes:
        mark: the folder's time and number on the disk as it was read; None where they say nothing of what is in it: a
            run that is under way, or a folder that was changed a moment ago.
        spec, status, history: what was read of its files, or why it could not be; None for a file that is not there.
        seen: the run, where it can be read.
    """

    paths: tuple[Path, Path, Path]
    mark: tuple[int, int] | None
    spec: RunSpec | LessonError | None
    status: Status | LessonError | None
    history: list[dict[str, float]] | LessonError | None
    seen: Seen | None

    @property
    def read(self) -> tuple[Any, Any, Any]:
        return self.spec, self.status, self.history

    @property
    def problem(self) -> LessonError | None:
        return next((part for part in self.read if isinstance(part, LessonError)), None)


class RunList:
    """The folders of runs of one home. Threads may share it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._specs, self._statuses, self._histories = Watched(read_spec), Watched(read_status), Watched(read_history)
        self._steady = Steady()
        self._known: dict[str, _Folder] = {}
        self._snapshot: tuple[dict[str, _Folder], Snapshot] = {}, Snapshot()
        self._due = 0.0

    def look(self) -> dict[str, _Folder]:
        """What is in each folder now, by its name. Leave it as it is."""
        now, known = time.monotonic(), self._known
        whole = now > self._due
        marks = dict(_folders(self.folder))
        stays = {} if whole else {n: known[n] for n, mark in marks.items() if n in known and known[n].mark == mark}
        found = {**stays, **self._read(marks.keys() - stays.keys(), marks, known, whole)}
        if whole:
            self._due = now + LOOK_AT_FILES
        if len(found) != len(known) or any(found[name] is not known.get(name) for name in found):
            self._known = known = found
        return known

    def snapshot(self) -> Snapshot:
        known = self.look()
        made_of, made = self._snapshot
        if made_of is not known:
            runs = sorted(
                (one.seen for one in known.values() if one.seen), key=lambda run: (-run.status().queued_at, run.id)
            )
            made = Snapshot(
                tuple(runs), {n: one.problem for n, one in known.items() if one.spec is not None and one.problem}
            )
            self._snapshot = known, made
        return made

    def _read(
        self, names: Iterable[str], marks: Mapping[str, tuple[int, int]], known: Mapping[str, _Folder], whole: bool
    ) -> dict[str, _Folder]:
        steady = {name for name in names if self._steady.stays(name, marks[name], marks[name][0])}
        if whole:
            self._steady.forget_all_but(marks)
        paths = {name: known[name].paths if name in known else self._paths(name) for name in names}
        if not paths and not whole:
            return {}
        specs = self._specs.read_all((three[0] for three in paths.values()), keep=not whole)
        statuses = self._statuses.read_all((three[1] for three in paths.values()), keep=not whole)
        histories = self._histories.read_all((three[2] for three in paths.values()), keep=not whole)
        found = {}
        for name, three in paths.items():
            spec = specs.found.get(three[0], specs.unreadable.get(three[0]))
            status = statuses.found.get(three[1], statuses.unreadable.get(three[1]))
            history = histories.found.get(three[2], histories.unreadable.get(three[2]))
            ended = isinstance(status, Status) and status.ended
            readable = not isinstance(spec, LessonError) and not isinstance(history, LessonError)
            mark = marks[name] if ended and readable and name in steady else None
            before = known.get(name)
            same = before is not None and all(a is b for a, b in zip(before.read, (spec, status, history), strict=True))
            if before is not None and same and before.mark == mark:
                found[name] = before
                continue
            seen = before.seen if before is not None and same else _seen(name, spec, status, history)
            found[name] = _Folder(three, mark, spec, status, history, seen)
        # What holds none of these files is no run's folder.
        return {name: one for name, one in found.items() if any(part is not None for part in one.read)}

    def _paths(self, name: str) -> tuple[Path, Path, Path]:
        folder = self.folder / name
        return folder / SPEC, folder / STATUS, folder / HISTORY


def _seen(name: str, spec: object, status: object, history: object) -> Seen | None:
    if not isinstance(spec, RunSpec) or isinstance(status, LessonError) or isinstance(history, LessonError):
        return None
    known = status if isinstance(status, Status) else Status()
    return Seen(name, spec, known, history if isinstance(history, list) else [])


def _folders(folder: Path) -> Iterable[tuple[str, tuple[int, int]]]:
    """Each folder's name with its time and its number on the disk."""
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except FileNotFoundError:
        return
    for entry in entries:
        try:
            # On Windows an entry tells a folder's time as it was some time ago.
            stat = os.stat(entry.path) if os.name == "nt" else entry.stat()
        except OSError:  # deleted since the folder was listed
            continue
        yield entry.name, (stat.st_mtime_ns, stat.st_ino)


_lists: dict[Path, RunList] = {}


def _here() -> RunList:
    """The list of this home's runs; of other homes, that an earlier test had, none is kept."""
    folder = config.runs_folder()
    found = _lists.get(folder)
    if found is None:
        _lists.clear()
        found = _lists[folder] = RunList(folder)
    return found
